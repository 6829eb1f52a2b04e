package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A view is what somebody may have of a connection that we have all of.
type view struct {
	name string
	of   func(*transcript.Transcript) *transcript.Transcript
	// capture says that no side's own words are in it, keyed that all of it can be read.
	capture, keyed bool
}

var views = []view{
	{"wire+keys", asCaptured, true, true},
	{"wire, no keys", func(t *transcript.Transcript) *transcript.Transcript { return asCaptured(t).WithoutKeys() }, true, false},
	{"client+wire", func(t *transcript.Transcript) *transcript.Transcript { return t.OnlyFrom(outcome.Client) }, false, true},
	{"server+wire", func(t *transcript.Transcript) *transcript.Transcript { return t.OnlyFrom(outcome.Server) }, false, true},
}

// asCaptured is a recording as a capture has it, whose packets say where they go.
func asCaptured(t *transcript.Transcript) *transcript.Transcript {
	c := t.Captured(outcome.Client)
	c.Client.Settings.Address = "127.0.0.1:8443"
	return c
}

// sameOnTheWire are scenarios whose cause leaves nothing on the wire, or looks
// there like another one.
var sameOnTheWire = map[string][]string{
	// The client has a certificate and sends none: which, only it knows.
	"trust/unknown-client-ca-filtered":           {"client-ca-hint-mismatch", "client-no-cert"},
	"trust/client-missing-intermediate-filtered": {"client-missing-intermediate", "client-no-cert"},
}

// played plays every built-in scenario in every cell, but those in which the path
// does something: what was sent and what arrived are two things there, and a
// capture has one of them.
func played(t *testing.T, each func(name string, c *Connection)) {
	t.Helper()
	for _, sc := range append(builtIn(t), parse(t, resumption)) {
		if len(sc.Wire) > 0 {
			continue
		}
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range connections {
				c.Transcript.Start = c.Transcript.Server.Settings.Clock // the recorder's clock is right
				each(fmt.Sprintf("%s/%s/%d", sc.ID, cell, i+1), c)
			}
		}
	}
}

// What is said of a capture is held against what both sides' own words make
// certain, over every built-in scenario in every cell: nothing is certain that
// is wrong, nothing healthy is called faulty, and where all can be read the end
// is the same and the true cause among the candidates. The table is printed:
//
//	go test ./harness -run TestAccuracyOnCaptures -v
func TestAccuracyOnCaptures(t *testing.T) {
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-52s %-44s", "scenario, cell, connection", "both sides + wire")
	for _, v := range views {
		fmt.Fprintf(&table, " %-45s", v.name)
	}
	played(t, func(name string, c *Connection) {
		fmt.Fprintf(&table, "\n%-52s %-44s", name, brief(c.Diagnosis))
		for _, v := range views {
			rec := v.of(c.Transcript)
			timeline := dissect.Transcript(rec)
			got := diagnose.Diagnose(diagnose.Input{Timeline: timeline, Client: rec.Client, Server: rec.Server, Recorded: rec.Start})
			fmt.Fprintf(&table, " %-45s", brief(got))
			t.Run(name+"/"+v.name, func(t *testing.T) { v.hold(t, name, c.Diagnosis, got) })
		}
	})
	t.Log(table.String())
}

// hold asserts what a view owes.
func (v view) hold(t *testing.T, name string, truth, got diagnose.Diagnosis) {
	t.Helper()
	isTrue := func(id string) bool {
		return slices.ContainsFunc(truth.Causes, func(c diagnose.Cause) bool { return c.ID == id })
	}
	for _, c := range got.Causes {
		if len(truth.Causes) == 0 {
			t.Errorf("nothing is wrong, and it is said to be %s", c.ID)
		}
		if c.Certain && !isTrue(c.ID) {
			t.Errorf("%s is certain, and wrong", c.ID)
		}
	}
	if !v.capture || truth.Outcome == diagnose.Unloadable { // then there is no packet
		return
	}
	if v.keyed && len(truth.Causes) > 0 && !slices.ContainsFunc(got.Causes, func(c diagnose.Cause) bool { return isTrue(c.ID) || alike(name, c.ID) }) {
		t.Errorf("%s is not among the candidates %v", truth.Causes[0].ID, got.Causes)
	}
	if l := got.Likely; !v.keyed && got.Outcome == diagnose.Unknown {
		if l != nil && (l.Outcome != truth.Outcome || l.RefusedBy != truth.RefusedBy) {
			t.Errorf("likely is %s %s, and it was %s %s", l.Outcome, l.RefusedBy, truth.Outcome, truth.RefusedBy)
		}
		if len(got.Missing) == 0 {
			t.Errorf("the outcome is not shown, and nothing is said to be missing")
		}
		return
	}
	if got.Outcome != truth.Outcome || got.RefusedBy != truth.RefusedBy || got.At != truth.At || alertName(got) != alertName(truth) {
		t.Errorf("got %s, want %s", brief(got), brief(truth))
	}
	if slices.ContainsFunc(got.Causes, func(c diagnose.Cause) bool { return !c.Certain }) && len(got.Missing) == 0 {
		t.Errorf("the causes are uncertain, and nothing is said to be missing")
	}
}

// alike says that the scenario's cause and that one are the same on the wire.
func alike(name, id string) bool {
	for scenario, same := range sameOnTheWire {
		if strings.HasPrefix(name, scenario+"/") && slices.Contains(same, id) {
			return true
		}
	}
	return false
}

// brief is a diagnosis in a cell of the table: "refused client Certificate 42: server-expired? +3".
func brief(d diagnose.Diagnosis) string {
	s := string(d.Outcome)
	switch {
	case d.Outcome == diagnose.Unknown && d.Likely != nil:
		s = strings.TrimSpace(fmt.Sprintf("? %s %s", d.Likely.Outcome, d.Likely.RefusedBy))
	case d.Outcome == diagnose.Unknown:
		s = "?"
	case d.RefusedBy != "":
		s = string(d.RefusedBy)
		if d.Alert != nil {
			s += fmt.Sprintf(" %d", d.Alert.Code)
		}
	}
	if len(d.Causes) > 0 {
		s += ": " + d.Causes[0].ID
		if !d.Causes[0].Certain {
			s += "?"
		}
	}
	if n := len(d.Causes) - 1; n > 0 {
		s += fmt.Sprintf(" +%d", n)
	}
	return s
}
