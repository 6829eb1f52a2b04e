package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// captured is a recording as a capture near one of the sides has it, made at a
// time by which the healthy certificates are valid.
func captured(rec *transcript.Transcript, near outcome.Role) *transcript.Transcript {
	c := rec.Captured(near)
	c.Start = testClock
	c.Client.Settings.Address = "127.0.0.1:8443" // the packets say where they go
	return c
}

func oneSided(rec *transcript.Transcript, ours outcome.Role) *transcript.Transcript {
	c := rec.OnlyFrom(ours)
	c.Start = testClock
	return c
}

func diagnosed(rec *transcript.Transcript, also []Known) (Diagnosis, *dissect.Timeline) {
	t := dissect.Transcript(rec)
	return Diagnose(Input{Timeline: t, Client: rec.Client, Server: rec.Server, Also: also, Recorded: rec.Start}), t
}

// A view is what somebody may have of a connection.
type view struct {
	name string
	of   func(*transcript.Transcript) *transcript.Transcript
	// capture says that nobody recorded either side, keyed that all can be read.
	capture, keyed bool
}

var views = []view{
	{"wire+keys at client", func(r *transcript.Transcript) *transcript.Transcript { return captured(r, outcome.Client) }, true, true},
	{"wire+keys at server", func(r *transcript.Transcript) *transcript.Transcript { return captured(r, outcome.Server) }, true, true},
	{"wire, no keys", func(r *transcript.Transcript) *transcript.Transcript {
		return captured(r, outcome.Client).WithoutKeys()
	}, true, false},
	{"client+wire", func(r *transcript.Transcript) *transcript.Transcript { return oneSided(r, outcome.Client) }, false, true},
	{"server+wire", func(r *transcript.Transcript) *transcript.Transcript { return oneSided(r, outcome.Server) }, false, true},
}

// notOnTheWire are faults that leave nothing on the wire, or that look there like
// another one, with that one or nothing.
var notOnTheWire = map[string]string{
	"C11 self-signed, filtered":                        "client-ca-hint-mismatch", // a self-signed certificate is not from a listed CA either
	"C61 never asks":                                   "",                        // that it should is nobody's to see
	"C61 never asks, and the certificate would not do": "",
	"C62 requires any":                                 "", // the server can have that very certificate as a trust anchor
	"P08 h2 and http/1.1/tcp 1.2":                      "", // over TCP a server without ALPN does the same, and nothing is wrong
	"P08 h2 and http/1.1/tcp 1.3":                      "",
	"P11 the client is older/quic 1.3":                 "", // no packet is sent
}

// endsOnTheWire are faults whose end looks otherwise on the wire: a side that
// takes what it reads for no TLS says so in its own words only.
var endsOnTheWire = map[string]string{
	"W01 an HTTP server":               "broken",
	"W02 an SSH server":                "broken",
	"W05 an HTTP client":               "broken",
	"W06 a PROXY header":               "broken",
	"P11 the client is older/quic 1.3": "",
}

func lookUp(m map[string]string, fault string, cell outcome.Cell) (string, bool) {
	if v, ok := m[fault+"/"+cell.String()]; ok {
		return v, true
	}
	v, ok := m[fault]
	return v, ok
}

// TestAccuracyOnCaptures holds what can be said of a capture against what both
// sides' own words make certain, for every measured fault in every cell: nothing
// is called certain that is wrong, nothing healthy is called faulty, and where
// all can be read the true cause is among the candidates.
//
//	go test ./harness/diagnose -run TestAccuracyOnCaptures -v
func TestAccuracyOnCaptures(t *testing.T) {
	tally := map[string]*score{}
	for _, v := range views {
		tally[v.name] = &score{}
	}
	for _, fault := range measuredFaults() {
		for _, cell := range cells {
			if _, ok := fault.want[cell]; !ok {
				continue
			}
			s := newSetup(t, cell)
			fault.build(s)
			s.foreign()
			rec := s.record()
			// Nobody who has only a capture knows of files beside it.
			truth, _ := diagnosed(rec, s.also)
			for _, v := range views {
				got, timeline := diagnosed(v.of(rec), nil)
				t.Run(fault.name+"/"+cell.String()+"/"+v.name, func(t *testing.T) {
					tally[v.name].add(truth, got)
					v.hold(t, fault.name, cell, truth, got)
					wellSaid(t, got)
					if t.Failed() {
						t.Logf("truth %v\ngot   %v\n%s%s", said(truth), said(got), story(got), wireStory(timeline))
					}
				})
			}
		}
	}
	for _, v := range views {
		t.Logf("%-22s %s", v.name, tally[v.name])
	}
}

// hold asserts what a view owes.
func (v view) hold(t *testing.T, fault string, cell outcome.Cell, truth, got Diagnosis) {
	t.Helper()
	cause, exempt := lookUp(notOnTheWire, fault, cell)
	if !exempt && len(truth.Causes) > 0 {
		cause = truth.Causes[0].ID
	}
	for _, c := range got.Causes {
		if c.Certain && (len(truth.Causes) == 0 || !has(truth.Causes, c.ID)) {
			t.Errorf("%s is certain and wrong", c.ID)
		}
		if len(truth.Causes) == 0 {
			t.Errorf("a healthy connection has the cause %s", c.ID)
		}
	}
	if !v.capture {
		return
	}
	if truth.Outcome != Unloadable && cause != "" && v.keyed && !has(got.Causes, cause) {
		t.Errorf("the cause %s is not among the candidates", cause)
	}
	h := happenedIn(got)
	if !v.keyed && got.Outcome == Unknown {
		if l := got.Likely; l != nil && (l.Outcome != truth.Outcome || l.RefusedBy != truth.RefusedBy || l.At != "" && l.At != "Certificate") {
			t.Errorf("got likely %+v, want %+v", l, truth.Happening)
		}
		if len(got.Missing) == 0 {
			t.Errorf("nothing is said to be missing")
		}
		return
	}
	want := happenedIn(truth)
	if other, ok := lookUp(endsOnTheWire, fault, cell); ok {
		want = other
	}
	if h != want {
		t.Errorf("got %q, want %q", h, want)
	}
	if slices.ContainsFunc(got.Causes, func(c Cause) bool { return !c.Certain }) && len(got.Missing) == 0 {
		t.Errorf("the causes are uncertain and nothing is said to be missing")
	}
}

// happenedIn writes what happened, without why.
func happenedIn(d Diagnosis) string { return said(d).happened }

// A score counts what a view came to.
type score struct {
	total, ends, likely, certain, first, among, none, wrong, candidates int
}

func (s *score) add(truth, got Diagnosis) {
	s.total++
	switch {
	case happenedIn(truth) == happenedIn(got):
		s.ends++
	case got.Outcome == Unknown && got.Likely != nil && got.Likely.Outcome == truth.Outcome:
		s.likely++
	}
	if len(truth.Causes) == 0 {
		if len(got.Causes) == 0 {
			s.none++
		}
		return
	}
	s.candidates += len(got.Causes)
	at := slices.IndexFunc(got.Causes, func(c Cause) bool { return c.ID == truth.Causes[0].ID })
	switch {
	case at == 0 && got.Causes[0].Certain:
		s.certain++
	case at == 0:
		s.first++
	case at > 0:
		s.among++
	case len(got.Causes) > 0 && got.Causes[0].Certain:
		s.wrong++
	}
}

func (s *score) String() string {
	return fmt.Sprintf("%3d runs: end shown as it was %3d, likely as it was %3d; cause certain %3d, first of several %3d, among them %3d (%d candidates in all); nothing found where nothing was wrong %2d; certain and wrong %d",
		s.total, s.ends, s.likely, s.certain, s.first, s.among, s.candidates, s.none, s.wrong)
}

// wireStory is a timeline as a failed test shows it.
func wireStory(timeline *dissect.Timeline) string {
	var b strings.Builder
	for _, s := range timeline.Steps {
		fmt.Fprintf(&b, "%3d %-6s %-11s %-20s %4d %s\n", s.N, s.From, s.Level, s.Name, s.Bytes, s.Summary)
	}
	return b.String()
}
