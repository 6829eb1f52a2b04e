package harness

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// replayed plays a scenario to its end, over memory, and replays the recording.
func replayed(t *testing.T, text string, cell outcome.Cell) *Replay {
	t.Helper()
	ready, err := newStage(parse(t, text), goldenNow, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlay(ready, cell, Options{Carrier: Memory})
	connections, err := p.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	result := p.result(connections, nil, 0)
	return NewReplay(Recording{ID: "failure.pcapng", Title: "a capture", Connections: connections, Result: &result})
}

// place is where the replay stands: "2 ServerHello" of connection 2, or only
// the step where there is one connection.
func place(s State) string {
	name := "nothing"
	if s.Cursor >= 0 {
		name = s.Timeline.Steps[s.Cursor].Name
	}
	if s.Connections > 1 {
		return fmt.Sprintf("%d %s", s.Connection, name)
	}
	return name
}

const failsTheSecondTime = `
title: the second time the client has no certificate
script: [{connect: {}}, {reload: {client: {present: []}}}, {connect: {}}]
expect: [{outcome: established}, {outcome: refused}]
`

func TestReplay(t *testing.T) {
	type move struct {
		command Command
		want    string
	}
	tests := []struct {
		name, text string
		cell       outcome.Cell
		moves      []move
	}{
		{"a healthy connection is read from its beginning", healthy, tcp13, []move{
			{"", "ClientHello"},
			{CommandStep, "ServerHello"},
			{CommandForward, "ChangeCipherSpec"},
			{CommandBack, "ServerHello"},
			{CommandBack, "ClientHello"},
			{CommandBack, "ClientHello"},
			{CommandFinish, "FIN"},
			{CommandStep, "FIN"},
		}},
		{"flight by flight", healthy, tcp12, []move{
			{CommandNext, "ServerHello"},
			{CommandNext, "Certificate"},
			{CommandNext, "ChangeCipherSpec"},
		}},
		{"a refused connection opens at the refusal", noCert, tcp13, []move{
			{"", "alert certificate_required"},
			{CommandStep, "late-error"},
			{CommandBack, "alert certificate_required"},
			{CommandRestart, "ClientHello"},
			{CommandContinue, "alert certificate_required"},
			{CommandContinue, "FIN"},
			{CommandRestart, "ClientHello"},
			{CommandFinish, "alert certificate_required"},
		}},
		{"and over QUIC", noCert, quic1, []move{{"", "CONNECTION_CLOSE"}}},
		{"from one connection to the next and back", failsTheSecondTime, tcp13, []move{
			{"", "2 alert certificate_required"},
			{CommandRestart, "1 ClientHello"},
			{CommandContinue, "1 FIN"},
			{CommandContinue, "2 ClientHello"},
			{CommandBack, "1 FIN"},
			{CommandStep, "2 ClientHello"},
			{CommandBack, "1 FIN"},
			{CommandNext, "2 ClientHello"},
			{CommandBack, "1 FIN"},
			{CommandForward, "2 ClientHello"},
			{CommandRestart, "1 ClientHello"},
			{CommandFinish, "2 alert certificate_required"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := replayed(t, tt.text, tt.cell)
			for i, m := range tt.moves {
				do(p, m.command)
				if got := place(p.State()); got != m.want {
					t.Fatalf("move %d, %q: at %q, want %q", i, m.command, got, m.want)
				}
			}
		})
	}
}

func TestReplayStopsAtBreakpoints(t *testing.T) {
	p := replayed(t, noCert, tcp13)
	p.SetBreakpoint(Breakpoint{Message: "Certificate", From: outcome.Client}, true)
	p.SetBreakpoint(Breakpoint{Message: BreakAlert}, true)
	p.Restart(outcome.Cell{})
	for _, want := range []string{"client Certificate", "alert"} {
		p.Continue()
		if got := p.State().StoppedBy; got != want {
			t.Errorf("stopped by %q, want %q", got, want)
		}
	}
	p.Restart(outcome.Cell{})
	p.SetBreakpoint(Breakpoint{Message: "Certificate", From: outcome.Client}, false)
	p.Continue()
	if s := p.State(); s.StoppedBy != "alert" || len(s.Breakpoints) != 1 {
		t.Errorf("stopped by %q with %v set, want the alert", s.StoppedBy, s.Breakpoints)
	}
	p.Restart(outcome.Cell{})
	p.Finish()
	if s := p.State(); s.StoppedBy != "" || place(s) != "alert certificate_required" {
		t.Errorf("finish stopped by %q at %q", s.StoppedBy, place(s))
	}
}

// A replay says what it is, how it ended, and why nothing of it can be changed.
func TestReplayState(t *testing.T) {
	p := replayed(t, noCert, tcp13)
	r := p.recording
	r.Numbers, r.Of, r.Notes = []int{3}, 12, []string{"1,460 bytes are missing"}
	p = NewReplay(r)
	s := p.State()
	if s.ID != "failure.pcapng" || s.Phase != PhaseEnded || s.Diagnosis == nil || s.Result == nil || len(s.Notes) != 1 {
		t.Errorf("%+v", s)
	}
	if s.Recording == nil || *s.Recording != (RecordingPlace{3, 12}) {
		t.Errorf("it is %v, want connection 3 of 12", s.Recording)
	}
	if s.Cell != tcp13 || len(s.Cells) != 1 {
		t.Errorf("it ran in %v of %v", s.Cell, s.Cells)
	}
	if why := s.Disabled[CommandSwitch]; !strings.Contains(why, "recording") {
		t.Errorf("switching is %q", why)
	}
	p.Restart(quic1)
	if s := p.State(); s.Cell != tcp13 || s.Disabled[CommandBack] == "" || s.Disabled[CommandStep] != "" {
		t.Errorf("at the first step: %v, %v", s.Cell, s.Disabled)
	}
	for range s.Timeline.Steps {
		p.Step()
	}
	for _, c := range []Command{CommandStep, CommandNext, CommandContinue, CommandFinish, CommandForward} {
		if why := p.State().Disabled[c]; !strings.Contains(why, "last step") {
			t.Errorf("%s at the last step: %q", c, why)
		}
	}
	select {
	case <-p.Changed():
	default:
		t.Error("no change was signalled")
	}
}

// A replay opens on the connection that was asked for, by its number in the file.
func TestReplayBegins(t *testing.T) {
	r := replayed(t, failsTheSecondTime, tcp13).recording
	r.Numbers, r.Of = []int{4, 9}, 12
	for begin, want := range map[int]string{4: "1 ClientHello", 9: "2 alert certificate_required", 0: "2 alert certificate_required", 5: "2 alert certificate_required"} {
		r.Begin = begin
		p := NewReplay(r)
		if got := place(p.State()); got != want {
			t.Errorf("asked for %d it opens at %q, want %q", begin, got, want)
		}
		if begin == 4 {
			p.Finish()
		}
		if s := p.State(); s.Recording.Number != 9 {
			t.Errorf("asked for %d it ends in connection %d, want 9", begin, s.Recording.Number)
		}
	}
}

// A connection without a single step is passed like any other.
func TestReplayOfNothing(t *testing.T) {
	empty := &Connection{Transcript: &transcript.Transcript{Transport: outcome.TCP}, Timeline: &dissect.Timeline{}}
	p := NewReplay(Recording{Connections: []*Connection{empty, empty}})
	for _, m := range []struct {
		command Command
		want    string
	}{{"", "1 nothing"}, {CommandBack, "1 nothing"}, {CommandStep, "2 nothing"}, {CommandStep, "2 nothing"}, {CommandBack, "1 nothing"}, {CommandContinue, "2 nothing"}, {CommandRestart, "1 nothing"}, {CommandFinish, "2 nothing"}} {
		do(p, m.command)
		if got := place(p.State()); got != m.want {
			t.Fatalf("%q: at %q, want %q", m.command, got, m.want)
		}
	}
}

// Where no key opens the alert, a replay opens at the record that probably is one.
func TestReplayOpensAtAProbableRefusal(t *testing.T) {
	full := replayed(t, noCert, tcp13)
	closed := asCaptured(full.connection().Transcript).WithoutKeys()
	c := &Connection{Transcript: closed, Timeline: dissect.Transcript(closed)}
	c.Diagnosis = diagnose.Diagnose(diagnose.Input{Timeline: c.Timeline, Client: closed.Client, Server: closed.Server})
	s := NewReplay(Recording{Connections: []*Connection{c}}).State()
	if s.Diagnosis.Outcome != diagnose.Unknown {
		t.Fatalf("the outcome is %q", s.Diagnosis.Outcome)
	}
	at := s.Timeline.Steps[s.Cursor]
	if at.From != outcome.Server || !at.Sealed() || !strings.Contains(at.Summary, "probably an alert") {
		t.Errorf("it opens at step %d of the %s, %s", at.N, at.From, at.Summary)
	}
	if s.Book == nil {
		t.Error("nothing is told of its steps")
	}
}
