package harness

import (
	"strings"
	"testing"

	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// cutViews are what somebody may have of a recording, to be cut short.
var cutViews = map[string]func(*transcript.Transcript) *transcript.Transcript{
	"both sides":           func(t *transcript.Transcript) *transcript.Transcript { c := *t; return &c },
	"both sides, no keys":  (*transcript.Transcript).WithoutKeys,
	"the client":           func(t *transcript.Transcript) *transcript.Transcript { return t.OnlyFrom(outcome.Client) },
	"the server":           func(t *transcript.Transcript) *transcript.Transcript { return t.OnlyFrom(outcome.Server) },
	"a capture, with keys": func(t *transcript.Transcript) *transcript.Transcript { return t.Captured(outcome.Client) },
	"a capture":            func(t *transcript.Transcript) *transcript.Transcript { return t.Captured(outcome.Client).WithoutKeys() },
}

// cut is a view of a connection of which only the first n units were recorded,
// diagnosed.
func cut(c *Connection, s *stage, view func(*transcript.Transcript) *transcript.Transcript, n int) (d diagnose.Diagnosis, whole bool) {
	rec := view(c.Transcript)
	if rec.Start.IsZero() {
		rec.Start = c.Transcript.Start
	}
	whole = n >= len(rec.Units)
	rec.Units = rec.Units[:min(n, len(rec.Units))]
	timeline := dissect.Transcript(rec)
	return diagnose.Diagnose(diagnose.Input{
		Timeline: timeline, Client: rec.Client, Server: rec.Server, Recorded: rec.Start, Signatures: s.signatures,
		Book: crossref.New(crossref.Input{Timeline: timeline, Transcript: rec, Signatures: s.signatures}),
	}), whole
}

// A recording that ends anywhere is diagnosed without a panic, and where nothing is
// wrong nothing is said to be wrong for certain.
func TestRecordingsThatEndAnywhere(t *testing.T) {
	for i, sc := range builtIn(t) {
		if i%6 != 0 && !strings.HasPrefix(sc.ID, "healthy/") && !strings.HasPrefix(sc.ID, "resumption/") {
			continue
		}
		s, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			for i, c := range playedAsExpected(t, s, cell) {
				cause := sc.Expect[i].In(cell).Cause
				for name, view := range cutViews {
					for n, whole := 0, false; !whole; n++ {
						var d diagnose.Diagnosis
						d, whole = cut(c, s, view, n)
						for _, named := range d.Causes {
							if cause != nil && (*cause == "" || *cause == "none") && named.Certain {
								t.Errorf("%s %s, connection %d, %s, the first %d units: %s is certain: %v", sc.ID, cell, i+1, name, n, named.ID, named.Evidence)
							}
						}
					}
				}
			}
		}
	}
}

// TLS inside of TLS is certain once the server has not answered in kind, and until
// then it can be what both sides want.
func TestTLSInTLSWithoutAnAnswer(t *testing.T) {
	for _, sc := range builtIn(t) {
		if sc.ID == "wire/tls-in-tls" {
			tlsInTLSIsCertain(t, sc)
			return
		}
	}
	t.Fatal("there is no scenario of TLS inside of TLS")
}

func tlsInTLSIsCertain(t *testing.T, sc *scenario.Scenario) {
	s, err := newStage(sc, goldenNow, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range sc.Cells {
		c := playedAsExpected(t, s, cell)[0]
		var certain []bool
		for n, whole := 0, false; !whole; n++ {
			var d diagnose.Diagnosis
			d, whole = cut(c, s, cutViews["a capture, with keys"], n)
			if at := standsAt(d, "tls-in-tls"); at >= 0 {
				certain = append(certain, d.Causes[at].Certain)
			}
		}
		if len(certain) < 2 || certain[0] || !certain[len(certain)-1] {
			t.Errorf("%s: as the recording goes on it is certain: %v", cell, certain)
		}
	}
}
