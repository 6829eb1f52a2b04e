package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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

// general are causes that hold as well where the true one holds: they say less,
// and nothing wrong.
var general = map[string][]string{
	"client-picks-old":           {"client-expired"},
	"client-not-reloaded":        {"client-expired"},
	"server-not-reloaded":        {"server-expired"},
	"server-cross-sign-old-root": {"server-root-expired", "server-untrusted-ca"},
	"server-mitm":                {"server-untrusted-ca"},
	"no-sni-default-cert":        {"server-ip-no-ip-san"},
	"getcertificate-skipped":     {"server-ip-no-ip-san"},
	"server-key-type-mismatch":   {"server-key-mismatch"},
	"servername-empty":           {"client-gone"}, // all that the server sees
	"policy-verifypeer":          {"policy-refused"},
	"policy-verifyconnection":    {"policy-refused"},
	"client-revoked":             {"policy-refused"},
	"client-staple-missing":      {"policy-refused"},
	"crl-stale":                  {"policy-refused"},
}

// sameOnTheWire are causes that leave nothing on the wire, or look there like
// others: what only a side's own files, clock or application know. Nil: nothing
// shows at all.
var sameOnTheWire = map[string][]string{
	// The client has a certificate and sends none: which, only it knows.
	"client-ca-hint-mismatch":     {"client-no-cert"},
	"client-missing-intermediate": {"client-no-cert"},
	"client-self-signed":          {"client-no-cert"},
	"client-key-unsupported":      {"client-no-cert"},
	"client-sigalg-mismatch":      {"client-no-cert"},
	// What the client trusts, and what its application demands, nobody sees.
	"client-trust-empty":      {"server-untrusted-ca"},
	"client-trust-wrong-file": {"server-untrusted-ca"},
	"bundle-partly-read":      {"server-untrusted-ca", "client-no-cert"},
	"server-pin":              {"server-untrusted-ca"},
	"server-revoked":          {"server-untrusted-ca"},
	"server-staple-missing":   {"server-untrusted-ca"},
	"ocsp-stale":              {"server-untrusted-ca"},
	"ocsp-unknown":            {"server-untrusted-ca"},
	"ocsp-untrusted":          {"server-untrusted-ca"},
	"policy-refused":          {"server-uri-san-only"},
	// The server has not sent its certificate by then.
	"server-p224":   {"curve-mismatch"},
	"server-rsa512": {"curve-mismatch"},
	// These succeed, and whether they should only the configuration says.
	"server-never-asks":        nil,
	"server-requires-any":      nil,
	"server-request-only":      nil,
	"alpn-h2-vs-http11":        nil,
	"resumed-old-identity":     nil,
	"policy-skipped-on-resume": nil,
	"app-close":                nil, // over TCP, with close_notify
}

// closed are causes of which nothing can be told without keys: what happens inside
// the connection once the handshake is over is application data, and where ECH is
// refused both sides refuse, so that who did it first is a race.
var closed = []string{"renegotiation", "post-handshake-auth", "ech-rejected"}

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
				c.Transcript.Start = rightClock(c)
				each(fmt.Sprintf("%s/%s/%d", sc.ID, cell, i+1), c)
			}
		}
	}
}

// rightClock is the recorder's: that of the side that nobody says is wrong.
func rightClock(c *Connection) time.Time {
	for _, cause := range c.Diagnosis.Causes {
		if strings.HasPrefix(cause.ID, "server-clock-") {
			return c.Transcript.Client.Settings.Clock
		}
	}
	return c.Transcript.Server.Settings.Clock
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
			t.Run(name+"/"+v.name, func(t *testing.T) { v.hold(t, c.Diagnosis, got) })
		}
	})
	t.Log(table.String())
}

// hold asserts what a view owes.
func (v view) hold(t *testing.T, truth, got diagnose.Diagnosis) {
	t.Helper()
	isTrue := func(id string) bool {
		return slices.ContainsFunc(truth.Causes, func(c diagnose.Cause) bool { return c.ID == id || slices.Contains(general[c.ID], id) })
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
	if v.keyed && len(truth.Causes) > 0 && !slices.ContainsFunc(got.Causes, func(c diagnose.Cause) bool { return isTrue(c.ID) || alike(truth, c.ID) }) && !(hidden(truth) && len(got.Causes) == 0) {
		t.Errorf("%s is not among the candidates %v", truth.Causes[0].ID, got.Causes)
	}
	if !v.keyed && len(truth.Causes) > 0 && slices.Contains(closed, truth.Causes[0].ID) {
		return
	}
	if l := got.Likely; !v.keyed && got.Outcome == diagnose.Unknown {
		// To who has no keys, a server that says goodbye at once is one that refuses.
		goodbye := len(truth.Causes) > 0 && truth.Causes[0].ID == "app-close"
		if l != nil && !goodbye && (l.Outcome != truth.Outcome || l.RefusedBy != truth.RefusedBy) {
			t.Errorf("likely is %s %s, and it was %s %s", l.Outcome, l.RefusedBy, truth.Outcome, truth.RefusedBy)
		}
		if len(got.Missing) == 0 {
			t.Errorf("the outcome is not shown, and nothing is said to be missing")
		}
		return
	}
	if got.Outcome == diagnose.Broken && truth.RefusedBy != "" && truth.Alert == nil {
		return // a refusal without an alert is an end like any other
	}
	// Without its own words, or without keys, nobody can say what a side had read
	// when it ended for a reason of its own.
	at := got.At == truth.At || got.At == "" && (!v.keyed || len(got.Causes) > 0 && !got.Causes[0].Certain)
	if got.Outcome != truth.Outcome || got.RefusedBy != truth.RefusedBy || !at || alertName(got) != alertName(truth) {
		t.Errorf("got %s, want %s", brief(got), brief(truth))
	}
	if slices.ContainsFunc(got.Causes, func(c diagnose.Cause) bool { return !c.Certain }) && len(got.Missing) == 0 {
		t.Errorf("the causes are uncertain, and nothing is said to be missing")
	}
}

// alike says that the true cause and that one are the same on the wire.
func alike(truth diagnose.Diagnosis, id string) bool {
	return slices.Contains(sameOnTheWire[truth.Causes[0].ID], id)
}

// hidden says that nothing on the wire shows the true cause.
func hidden(truth diagnose.Diagnosis) bool {
	same, listed := sameOnTheWire[truth.Causes[0].ID]
	return listed && same == nil
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
