package harness

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

var (
	tcp12 = outcome.Cell{Transport: outcome.TCP, TLS: "1.2"}
	tcp13 = outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	quic1 = outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}
)

func parse(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	sc, err := scenario.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

const (
	healthy = "title: a healthy pair\n"
	noCert  = `
title: the client has no certificate
client: {present: []}
expect: {outcome: refused, refused_by: server, at: Certificate, cause: client-no-cert}
`
)

// open opens a session over memory, to be used in a synctest bubble.
func open(t *testing.T, text string, cell outcome.Cell) *Session {
	t.Helper()
	s, err := OpenSession(context.Background(), parse(t, text), cell, Options{Carrier: Memory, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// at returns the name of the step under the cursor.
func at(s *Session) string {
	state := s.State()
	if state.Cursor < 0 {
		return ""
	}
	return state.Timeline.Steps[state.Cursor].Name
}

func TestSteppingMovesOverRecordsAndFlights(t *testing.T) {
	type move struct {
		command Command
		want    string // the step at the cursor afterwards
	}
	tests := []struct {
		name  string
		cell  outcome.Cell
		moves []move
	}{
		{"record by record", tcp13, []move{
			{"", "ClientHello"},
			{CommandStep, "ServerHello"},
			{CommandStep, "ChangeCipherSpec"},
			{CommandStep, "EncryptedExtensions"},
			{CommandStep, "CertificateRequest"},
			{CommandBack, "EncryptedExtensions"},
			{CommandBack, "ChangeCipherSpec"},
			{CommandForward, "EncryptedExtensions"},
			{CommandStep, "CertificateRequest"}, // recorded already: nothing is released
			{CommandStep, "Certificate"},
		}},
		{"flight by flight", tcp13, []move{
			{"", "ClientHello"},
			{CommandNext, "ServerHello"},
			{CommandNext, "ChangeCipherSpec"},
		}},
		{"flight by flight in TLS 1.2", tcp12, []move{
			{"", "ClientHello"},
			{CommandNext, "ServerHello"},
			{CommandNext, "Certificate"},
			{CommandNext, "ChangeCipherSpec"},
		}},
		{"to the end", tcp13, []move{{"", "ClientHello"}, {CommandContinue, "FIN"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, healthy, tt.cell)
				synctest.Wait()
				for i, m := range tt.moves {
					do(s, m.command)
					synctest.Wait()
					if got := at(s); got != m.want {
						t.Fatalf("move %d, %q: at %q, want %q", i, m.command, got, m.want)
					}
				}
			})
		})
	}
}

func TestTheCursorEndsAtTheRefusal(t *testing.T) {
	for cell, want := range map[outcome.Cell]string{tcp12: "alert handshake_failure", tcp13: "alert certificate_required", quic1: "CONNECTION_CLOSE"} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, noCert, cell)
			s.Finish()
			synctest.Wait()
			if got := at(s); got != want {
				t.Errorf("%s: at %q, want %q", cell, got, want)
			}
			s.Back()
			s.Forward()
			if got := at(s); got != want {
				t.Errorf("%s: back and forward lead to %q, want %q", cell, got, want)
			}
		})
	}
}

// steppable is what a session and a replay have in common.
type steppable interface {
	Step()
	Next()
	Continue()
	Finish()
	Back()
	Forward()
	Restart(outcome.Cell)
}

func do(s steppable, c Command) {
	switch c {
	case CommandStep:
		s.Step()
	case CommandNext:
		s.Next()
	case CommandContinue:
		s.Continue()
	case CommandFinish:
		s.Finish()
	case CommandBack:
		s.Back()
	case CommandForward:
		s.Forward()
	case CommandRestart:
		s.Restart(outcome.Cell{})
	}
}

func TestContinueStopsAtBreakpointsAndFinishDoesNot(t *testing.T) {
	for _, cell := range []outcome.Cell{tcp12, tcp13, quic1} {
		t.Run(cell.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, noCert, cell)
				s.SetBreakpoint(Breakpoint{Message: "Certificate", From: outcome.Client}, true)
				s.SetBreakpoint(Breakpoint{Message: BreakAlert}, true)
				synctest.Wait()
				for _, want := range []string{"client Certificate", "alert"} {
					s.Continue()
					synctest.Wait()
					state := s.State()
					if state.Phase != PhaseHeld || state.StoppedBy != want {
						t.Fatalf("stopped by %q in phase %s, want %q", state.StoppedBy, state.Phase, want)
					}
					if !holds(state, want) {
						t.Fatalf("the unit at the gate does not hold what %q stops at: %v", want, names(state))
					}
				}
				s.Continue()
				synctest.Wait()
				if state := s.State(); state.Phase != PhaseEnded || state.Diagnosis.Outcome != diagnose.Refused {
					t.Fatalf("phase %s, diagnosis %+v; want it ended and refused", state.Phase, state.Diagnosis)
				}
				s.Restart(outcome.Cell{})
				synctest.Wait()
				s.Finish()
				synctest.Wait()
				if state := s.State(); state.Phase != PhaseEnded {
					t.Fatalf("finish stopped in phase %s by %q", state.Phase, state.StoppedBy)
				}
			})
		})
	}
}

func holds(state State, want string) bool {
	for _, step := range state.HeldSteps {
		if want == "alert" && (step.Alert != nil || step.Close != nil) || string(step.From)+" "+step.Name == want {
			return true
		}
	}
	return false
}

func names(state State) (list []string) {
	for _, step := range state.HeldSteps {
		list = append(list, step.Name)
	}
	return list
}

// A person may look at a held datagram for half an hour: the deadline does not
// count, and neither stack gives up.
func TestAQUICHandshakeHeldForHalfAnHourStillEndsAsItShould(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want diagnose.Kind
	}{
		"healthy": {healthy, diagnose.Established},
		"refused": {noCert, diagnose.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, tt.text, quic1)
				for flight := 0; ; flight++ {
					synctest.Wait()
					state := s.State()
					if state.Phase == PhaseEnded {
						break
					}
					if flight > 12 {
						t.Fatalf("no end after %d flights", flight)
					}
					time.Sleep(30 * time.Minute)
					s.Next()
				}
				state := s.State()
				if state.Err != nil || state.Diagnosis == nil || state.Diagnosis.Outcome != tt.want {
					t.Fatalf("ended with %v, %+v; want %s", state.Err, state.Diagnosis, tt.want)
				}
				checkFolded(t, state.Timeline)
			})
		})
	}
}

// checkFolded checks that what piled up while the gate held is folded: at most
// one step for each side between two steps that say something.
func checkFolded(t *testing.T, timeline *dissect.Timeline) {
	t.Helper()
	dropped, run := 0, map[outcome.Role]bool{}
	for _, step := range timeline.Steps {
		if !slices.Contains(step.Marks, transcript.Dropped) {
			clear(run)
			continue
		}
		if run[step.From] {
			t.Errorf("step %d is the second one of dropped datagrams of the %s in a row", step.N, step.From)
		}
		run[step.From] = true
		dropped += len(step.Units)
	}
	if dropped < 20 {
		t.Errorf("%d datagrams were dropped in hours, want dozens", dropped)
	}
}

func TestADeadlineCountsOnlyTimeInWhichNothingIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		d := newDeadline(10*time.Second, cancel)
		time.Sleep(6 * time.Second)
		d.hold(true)
		time.Sleep(time.Hour)
		d.hold(false)
		time.Sleep(3 * time.Second)
		if ctx.Err() != nil {
			t.Fatal("ended after 9 s that count")
		}
		time.Sleep(2 * time.Second)
		if err := context.Cause(ctx); err != (TimeoutError{Limit: 10 * time.Second, Held: true}) || err.Error() != "no end after 10s in which nothing was held" {
			t.Fatalf("after 11 s that count: %v, want a TimeoutError", err)
		}
	})
}

func TestADeadlineThatNobodyHeldSpeaksOfNoHolding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		newDeadline(10*time.Second, cancel)
		<-ctx.Done()
		if err := context.Cause(ctx); err.Error() != "no end after 10s" {
			t.Errorf("got %q", err)
		}
	})
}

func TestASessionLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, cell := range []outcome.Cell{tcp12, tcp13, quic1} {
		for _, steps := range []int{0, 1, 4} {
			s, err := OpenSession(context.Background(), parse(t, noCert), cell, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range steps {
				s.Settle(context.Background(), time.Second)
				s.Step()
			}
			s.Close()
		}
	}
}
