package harness

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"shakedown/harness/scenario"
)

// Each fault of the wire comes out the same, however often it is run, on real
// sockets and in memory.
func TestFaultsOfTheWireRepeat(t *testing.T) {
	for _, sc := range builtIn(t) {
		if len(sc.Wire) == 0 {
			continue
		}
		t.Run(sc.ID, func(t *testing.T) {
			t.Parallel()
			times := 20
			if sc.Timeout > 0 { // each sits its time-out out
				times = 2
			}
			for i := range times {
				carrier := []Carrier{Loopback, Memory}[i%2]
				report, err := RunSuite(context.Background(), []*scenario.Scenario{sc}, SuiteOptions{Options: Options{Carrier: carrier}})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range report.Results {
					if r.Status != Passed {
						t.Fatalf("run %d, %s %s over %s: %s %s %+v", i+1, r.Transport, r.TLS, carrier, r.Status, r.Reason, r.Mismatches)
					}
				}
			}
		})
	}
}

// A silence over TCP is not sat out.
func TestASilenceEndsAtOnce(t *testing.T) {
	sc := parse(t, "matrix: {transport: [tcp]}\nwire: [{on: {from: server, message: ServerHello}, do: blackhole}]\nexpect: {outcome: timeout}\n")
	report, err := RunSuite(context.Background(), []*scenario.Scenario{sc}, SuiteOptions{Options: Options{Timeout: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Status != Passed || !strings.HasSuffix(r.Client.HandshakeError, "i/o timeout") || !strings.HasSuffix(r.Server.HandshakeError, "i/o timeout") {
			t.Errorf("%s %s: %s, %s and %s", r.Transport, r.TLS, r.Status, r.Client.HandshakeError, r.Server.HandshakeError)
		}
	}
}

// A fault that does not find its message is told: else the scenario would pass
// without showing what it is about.
func TestAFaultThatNeverCameFailsTheRun(t *testing.T) {
	sc := parse(t, "wire: [{on: {from: client, message: alert unknown_ca}, do: drop}]\n")
	report, err := RunSuite(context.Background(), []*scenario.Scenario{sc}, SuiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Status != Failed || len(r.Mismatches) != 1 || r.Mismatches[0].Field != "wire" || r.Mismatches[0].Want != "the client's alert unknown_ca is dropped" {
			t.Errorf("%s %s: %s %+v", r.Transport, r.TLS, r.Status, r.Mismatches)
		}
	}
}

// What was left to chance is repeated with the seed that the result names.
func TestTheSeedIsNamed(t *testing.T) {
	text := "matrix: {transport: [quic]}\nwire: [{on: {from: client}, do: {loss: 1%}}]\n"
	report, err := RunSuite(context.Background(), []*scenario.Scenario{parse(t, text), parse(t, "seed: 7\n"+text)}, SuiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	drawn, stated := report.Results[0].Reason, report.Results[1].Reason
	if !strings.HasPrefix(drawn, "what was left to chance is repeated with seed: ") || drawn == stated {
		t.Errorf("a drawn seed is named %q", drawn)
	}
	if !strings.HasSuffix(stated, "seed: 7") {
		t.Errorf("a stated seed is named %q", stated)
	}
}

// Both what was sent and what arrived are in the result's steps.
func TestStepsTellWhatArrived(t *testing.T) {
	sc := parse(t, `
matrix: {transport: [tcp], tls: ["1.3"]}
wire:
  - {on: {from: client, message: ClientHello}, do: {split: 700}}
  - {on: {from: client, message: Finished}, do: {delay: 1ms, duplicate: true}}
  - {on: {from: server, message: application data}, do: drop}
`)
	report, err := RunSuite(context.Background(), []*scenario.Scenario{sc}, SuiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]StepResult{}
	for _, s := range report.Results[0].Steps {
		if s.Name == "Finished" && s.From == "server" {
			continue
		}
		told[s.Name] = s
	}
	for name, want := range map[string]struct{ summary, mark string }{
		"ClientHello": {"on the path: in pieces of 700 bytes", ""},
		"Finished":    {"on the path: 1ms late; delivered twice", "duplicated"},
	} {
		s := told[name]
		if !strings.HasSuffix(s.Summary, want.summary) || want.mark != "" && !slices.Contains(s.Marks, want.mark) {
			t.Errorf("%s: %q %q, want %q %q", name, s.Summary, s.Marks, want.summary, want.mark)
		}
	}
}

// Stepping through a fault tells the same as running it.
func TestASessionStepsThroughFaults(t *testing.T) {
	for _, id := range []string{"wire/record-lost", "wire/cut-mid-flight", "wire/blackhole", "wire/reset-hides-alert", "wire/forged-alert", "quic/client-flight-lost"} {
		i := slices.IndexFunc(builtIn(t), func(sc *scenario.Scenario) bool { return sc.ID == id })
		sc := builtIn(t)[i]
		for _, cell := range sc.Cells {
			t.Run(id+"/"+cell.String(), func(t *testing.T) {
				t.Parallel()
				s, err := OpenSession(context.Background(), sc, cell, Options{Timeout: time.Minute})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				s.Finish()
				for s.State().Result == nil {
					<-s.Changed()
				}
				r := s.State().Result
				if r.Status != Passed {
					text, _ := json.Marshal(r.Mismatches)
					t.Errorf("%s: %s", r.Status, text)
				}
				if notes := s.State().Notes; len(notes) == 0 || !strings.HasPrefix(notes[0], "on the wire: ") {
					t.Errorf("the notes say %q", notes)
				}
			})
		}
	}
}

// Protection that is undone and done again, with nothing changed, gives the bytes
// that were sent, and every scenario ends as it does without.
func TestProtectingAgainChangesNothing(t *testing.T) {
	for _, sc := range append(sampled(t), parse(t, resumption)) {
		if len(sc.Wire) > 0 {
			continue
		}
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			p := newPlay(ready, cell, Options{Carrier: Memory, Timeout: 5 * time.Second})
			p.reprotect = true
			connections, err := p.run(context.Background())
			if r := p.result(connections, err, 0); r.Status != Passed {
				t.Errorf("%s %s: %s %s %+v", sc.ID, cell, r.Status, r.Reason, r.Mismatches)
			}
			for _, c := range connections {
				for _, u := range c.Transcript.Units {
					for _, d := range u.Deliveries {
						if d.Bytes != nil {
							t.Errorf("%s %s: unit %d arrives as other bytes: %s", sc.ID, cell, u.Index, d.Why)
						}
					}
				}
			}
		}
	}
}
