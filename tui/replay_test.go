package tui_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
	"shakedown/scenarios"
	"shakedown/tui"
	"shakedown/tui/tuitest"
)

// TestAReplayShowsWhatTheSessionShowed plays every built-in scenario to its end,
// live and as the recording of it: the panes are the same, to the last cell.
func TestAReplayShowsWhatTheSessionShowed(t *testing.T) {
	list, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	for i, sc := range list {
		if testing.Short() && i%6 != 0 {
			continue // as the race detector runs
		}
		for _, cell := range sc.Cells {
			t.Run(sc.ID+"/"+cell.String(), func(t *testing.T) {
				if cell.Transport == outcome.QUIC && strings.HasSuffix(sc.ID, "-chain-over-16k") {
					t.Skip("it sends more datagrams than a stack does before it waits for its timers, which stand still here")
				}
				if len(sc.Server.GODEBUG)+len(sc.Client.GODEBUG) > 0 {
					t.Skip("a side is a process of its own, to which time does not stand still")
				}
				synctest.Test(t, func(t *testing.T) {
					session, err := harness.OpenSession(context.Background(), sc, cell, harness.Options{Carrier: harness.Memory})
					if err != nil {
						t.Fatal(err)
					}
					live := tuitest.NewTerminal(tui.Options{Debugger: session}, 120, 60, true)
					defer live.Close()
					press(t, live, "f")
					if len(sc.Wire) > 0 { // what is late or lost takes its time, which is the bubble's
						time.Sleep(time.Minute)
						synctest.Wait()
					}
					press(t, live, "1")
					state := session.State()
					if state.Diagnosis == nil {
						t.Fatalf("it has not ended:\n%s", live.Frame())
					}
					if len(state.Timeline.Steps) == 0 {
						return // an empty pane says that it can be run again, where it can
					}
					recorded := tuitest.NewTerminal(tui.Options{Debugger: replayOf(state)}, 120, 60, true)
					defer recorded.Close()
					if state.Diagnosis.Outcome == diagnose.Established {
						press(t, recorded, "f") // it is read from its beginning
					}
					if diff := cmp.Diff(panes(live), panes(recorded)); diff != "" {
						t.Errorf("the panes differ (-session +replay):\n%s", diff)
					}
					if frame := recorded.Frame(); !strings.Contains(frame, "recording") || sc.Timeout == 0 && strings.Contains(frame, "held") {
						t.Errorf("it does not say that it is a recording:\n%s", frame)
					}
				})
			})
		}
	}
}

// replayOf is the recording of the connection that a session ended with.
func replayOf(s harness.State) *harness.Replay {
	return harness.NewReplay(harness.Recording{
		ID: s.ID, Title: s.Title, About: s.About, Result: s.Result, Notes: s.Notes,
		Connections: []*harness.Connection{{
			Transcript: &transcript.Transcript{Transport: s.Cell.Transport, Client: s.Client, Server: s.Server},
			Timeline:   s.Timeline, Diagnosis: *s.Diagnosis, Book: s.Book,
		}},
	})
}

// panes are what stands between header and footer.
func panes(term *tuitest.Terminal) []string {
	lines := strings.Split(term.Frame(), "\n")
	return lines[2 : len(lines)-1]
}

func press(t *testing.T, term *tuitest.Terminal, keys ...string) {
	t.Helper()
	if err := term.Press(keys...); err != nil {
		t.Fatal(err)
	}
}
