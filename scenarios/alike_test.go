package scenarios_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/scenario"
)

// Two faults with the same cause, at the same message and with the same words on
// both sides, in every cell that both have, are one fault shown twice, unless
// about says what the difference between the two teaches: then it names the other
// one. What the two sides say is taken from real runs, so that no difference is
// only one between two expectations.
func TestScenariosThatLookAlikeSayWhatIsDifferent(t *testing.T) {
	all := load(t)
	shown := appearances(t, all)
	ties := newTies(len(all))
	var alike [][2]int
	for i := range all {
		for j := range i {
			if !shown[i].like(shown[j]) {
				continue
			}
			alike = append(alike, [2]int{j, i})
			if names(all[i], all[j]) || names(all[j], all[i]) {
				ties.tie(i, j)
			}
		}
	}
	for _, pair := range alike {
		if ties.of(pair[0]) != ties.of(pair[1]) {
			t.Errorf("%s and %s look alike in every cell that both have, and neither text says what is different:\n%v", all[pair[0]].ID, all[pair[1]].ID, shown[pair[0]])
		}
	}
	if len(alike) == 0 {
		t.Error("no two scenarios look alike, though many are variants of each other: the comparison is broken")
	}
}

// An appearance is what a person sees of a scenario, cell by cell. The text of a
// cell is empty where nothing goes wrong in it.
type appearance map[string]string

// like says that two faults look the same in all cells that both have.
func (a appearance) like(b appearance) bool {
	common := 0
	for cell, looks := range a {
		other, both := b[cell]
		if both && looks != other {
			return false
		}
		if both && looks != "" {
			common++
		}
	}
	return common > 0
}

// appearances plays all scenarios and returns how each looks.
func appearances(t *testing.T, all []*scenario.Scenario) []appearance {
	t.Helper()
	report, err := harness.RunSuite(context.Background(), all, harness.SuiteOptions{Options: harness.Options{Carrier: harness.Memory}})
	if err != nil {
		t.Fatal(err)
	}
	shown := make([]appearance, len(all))
	for i, sc := range all {
		shown[i] = appearance{}
		for _, r := range report.Results {
			if r.Scenario == sc.ID {
				shown[i][r.Transport+" "+r.TLS] = looks(r)
			}
		}
	}
	return shown
}

// looks is one cell: cause, message and both sides' words of each connect.
func looks(r harness.Result) string {
	var list []string
	faulty := false
	for _, c := range r.Connections {
		faulty = faulty || c.Cause != ""
		list = append(list, strings.Join([]string{
			c.Cause, "at " + c.At,
			steady(c.Client.HandshakeError), steady(c.Client.LateError),
			steady(c.Server.HandshakeError), steady(c.Server.LateError),
		}, " · "))
	}
	if !faulty {
		return ""
	}
	return strings.Join(list, " | ")
}

// drawn are the parts of an error that differ from run to run. Which of its
// limits quic-go meets first depends on how busy the machine is.
var drawn = regexp.MustCompile(`\d+-\d\d-\d\dT[\d:]+Z|\(serial [0-9a-f]+\)|127\.0\.0\.1:\d+|sha256/[A-Za-z0-9+/=]+` +
	`|timeout: no recent network activity|timeout: handshake did not complete in time|no end after \S+`)

func steady(text string) string { return drawn.ReplaceAllString(text, "…") }

func names(sc, other *scenario.Scenario) bool {
	return slices.Contains(strings.FieldsFunc(sc.About, notInID), other.ID)
}

// notInID says that a rune ends the id of a scenario within a text.
func notInID(r rune) bool {
	return r != '/' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
}

// Ties are sets of scenarios whose texts name each other, directly or over others.
type ties []int

func newTies(n int) ties {
	t := make(ties, n)
	for i := range t {
		t[i] = i
	}
	return t
}

func (t ties) of(i int) int {
	for t[i] != i {
		i = t[i]
	}
	return i
}

func (t ties) tie(i, j int) { t[t.of(i)] = t.of(j) }
