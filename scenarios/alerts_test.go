package scenarios_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/tlswire"
)

// measuredAlerts are the alerts of the table of measured faults, by row: in TLS 1.2,
// in TLS 1.3 over TCP, and over QUIC. "none" stands where no alert is sent, "-"
// where the row has no such cell.
const measuredAlerts = `
C01 C02 C03 C04: 40 116 116
C05: 80 116 116
C06 C07: - 116 -
C08: - 121 121
C09: 40 - -
C10 C11 C12 C13 C14 C15 C16 C17 C18: 48 48 48
C20 C21 C22 C23 C24 C25 C26: 45 45 45
C30 C31 C32 C33 C34 C35 C36 C37: 42 42 42
C40 C41: 51 51 51
C42: 51 47 47
C43 C44: 50 50 50
C45: 80 80 -
C46 S29: none none none
C50: 80 80 80
C51: 80 none 80
C52: - 40 40
C60 C61 C62 C63 C64 C65: none none none
S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S25 S26: 42 42 42
S27: 47 51 51
S28: 50 50 50
P01: 112 112 112
P02 P03: 80 80 80
P04: 40 80 80
P05: - 40 40
P06: 40 40 40
P07: 120 120 120
P08: none none 120
P09 P10: - - 120
P11: 70 70 none
P12 P13 P17 P18: 40 - -
P14: 40 40 40
P15: - 40 40
P16: - none none
P19 P20: 100 50 -
P21: none none -
W01 W02 W03 W04 W05 W06 W07 W08 W09 W11 W13 W14 W15: none none none
W10: - none -
W12: 20 20 none
Q01 Q02 Q03 Q04: - - none
`

// The scenarios of a row expect the alerts that were measured. (P20 was measured
// against a server that does not ask a client which cannot answer; here it does.)
func TestExpectedAlertsAreThoseMeasured(t *testing.T) {
	all := map[string]*scenario.Scenario{}
	for _, sc := range load(t) {
		all[sc.ID] = sc
	}
	shownBy := map[string][]string{}
	for line := range strings.Lines(strings.TrimSpace(rows)) {
		row, shows, _ := strings.Cut(strings.TrimSpace(line), " ")
		shownBy[row] = strings.Fields(shows)
	}
	checked := 0
	for line := range strings.Lines(strings.TrimSpace(measuredAlerts)) {
		names, alerts, _ := strings.Cut(strings.TrimSpace(line), ": ")
		want := strings.Fields(alerts)
		for row := range strings.FieldsSeq(names) {
			for _, id := range shownBy[row] {
				for _, cell := range all[id].Cells {
					got := lastAlert(all[id], cell)
					checked++
					if w := want[column(cell)]; w != got {
						t.Errorf("%s: %s expects the alert %s in %s, and %s was measured", row, id, got, cell, w)
					}
				}
			}
		}
	}
	if checked < 300 {
		t.Errorf("only %d cells were checked", checked)
	}
}

// column is the place of a cell's alert in measuredAlerts.
func column(cell outcome.Cell) int {
	return slices.Index([]outcome.Cell{{Transport: outcome.TCP, TLS: "1.2"}, {Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.QUIC, TLS: "1.3"}}, cell)
}

// lastAlert is the alert that a scenario expects in the end, by its number, or none.
func lastAlert(sc *scenario.Scenario, cell outcome.Cell) string {
	code, ok := tlswire.AlertCode(*sc.Expect[len(sc.Expect)-1].In(cell).Alert)
	if !ok {
		return "none"
	}
	return strconv.Itoa(int(code))
}
