package timeline_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
	"shakedown/tui/timeline"
)

// TestLadder draws one step of each kind. The line tells the level, the gate
// and the cross where it ends, the side whose fact it is.
func TestLadder(t *testing.T) {
	c, s := outcome.Client, outcome.Server
	steps := []*dissect.Step{
		{From: c, Level: dissect.Plaintext, Kind: dissect.KindHandshake, Name: "ClientHello", Bytes: 1512},
		{From: s, Level: dissect.Initial, Kind: dissect.KindHandshake, Name: "ServerHello", Bytes: 90},
		{From: c, Level: dissect.Early, Kind: dissect.KindApplicationData, Name: "application data", Bytes: 5},
		{From: s, Level: dissect.Handshake, Kind: dissect.KindHandshake, Name: "Certificate", Bytes: 1034},
		{From: c, Kind: dissect.KindLocal, Name: "note", Summary: "chain refused", Fact: &transcript.Fact{Kind: transcript.HandshakeFailed}},
		{From: s, Kind: dissect.KindLocal, Name: "note", Summary: "handshake complete", Fact: &transcript.Fact{Kind: transcript.HandshakeComplete}},
		{From: c, Level: dissect.Handshake, Kind: dissect.KindHandshake, Name: "Finished", Bytes: 36, Marks: []transcript.Mark{transcript.Dropped}},
		{From: s, Level: dissect.Application, Kind: dissect.KindAlert, Name: "alert unknown_ca", Bytes: 2, Alert: &dissect.Alert{Level: 2, Code: 48}, Held: true},
	}
	for i, step := range steps {
		step.N = i + 1
	}
	p := timeline.New(theme.Default(), keymap.Default())
	p.SetSize(54, 12)
	p.SetState(harness.State{
		Timeline: &dissect.Timeline{Steps: steps}, Cursor: 7, Phase: harness.PhaseHeld,
		Breakpoints: []harness.Breakpoint{{Message: "Certificate", From: s}},
		Diagnosis:   &diagnose.Diagnosis{Happening: diagnose.Happening{Outcome: diagnose.Refused, RefusedBy: c, At: "Certificate"}},
	})
	want := strings.TrimPrefix(`
      client                              server bytes
  1   ├── ClientHello ────────────────────────▶│ 1,512
  2   │◀──────────────────────── ServerHello ──┤    90
  3   ├┄┄ application data ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▶│     5
  4 ● ✗◀════════════════════════ Certificate ══┤ 1,034
  5   │ ✗ chain refused                        │
  6   │                   handshake complete ✓ │
  7   ├══ Finished · dropped ═✗                │    36
  8▸  │                ┊━ ✗ alert unknown_ca ━━┤     2
      │                                        │
      │                                        │
      │                                        │`, "\n")
	var got []string
	for _, line := range strings.Split(ansi.Strip(p.View()), "\n") {
		got = append(got, strings.TrimRight(line, " "))
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
		t.Errorf("the ladder differs (-want +got):\n%s", diff)
	}
}

// TestShortWords says in the ladder what there is room for: a short fact on the
// arrow, whole parts of a longer one below it, and of a side's error the part
// that its place does not tell.
func TestShortWords(t *testing.T) {
	c, s := outcome.Client, outcome.Server
	steps := []*dissect.Step{
		{From: c, Level: dissect.Plaintext, Kind: dissect.KindHandshake, Name: "ClientHello", Bytes: 123456, Summary: "server.test · TLS 1.3 · X25519MLKEM768 · ALPN h2"},
		{From: c, Level: dissect.Handshake, Kind: dissect.KindHandshake, Name: "Certificate", Bytes: 8, Summary: "empty"},
		{From: s, Level: dissect.Handshake, Kind: dissect.KindHandshake, Name: "Certificate", Bytes: 12345, Summary: "one part that is far too long for the ladder"},
		{From: c, Kind: dissect.KindLocal, Summary: "server certificate verified for server.test", Fact: &transcript.Fact{Kind: transcript.ChainVerified}},
		{From: c, Kind: dissect.KindLocal, Summary: "tls: failed to verify certificate: x509: certificate signed by unknown authority", Fact: &transcript.Fact{Kind: transcript.HandshakeFailed}},
	}
	p := timeline.New(theme.Default(), keymap.Default())
	p.SetSize(54, 24)
	p.SetState(harness.State{Timeline: &dissect.Timeline{Steps: steps}, Cursor: 0, Phase: harness.PhaseHeld})
	view := ansi.Strip(p.View())
	for _, want := range []string{
		"├── ClientHello ────────────────────────▶│  123k",
		"│   server.test · TLS 1.3                │",
		"├══ Certificate · empty ════════════════▶│     8",
		"══ Certificate ══┤ 12345",
		"│ one part that is far too long for t…   │",
		"│ ✓ certificate verified for server.test │",
		"│ ✗ certificate signed by unknown        │\n",
		"│   authority                            │",
	} {
		want = strings.TrimSuffix(want, "\n")
		if !strings.Contains(view, want) {
			t.Errorf("the ladder lacks %q:\n%s", want, view)
		}
	}
}

// TestNotes says below a young ladder what was made to fit, where it is asked to.
func TestNotes(t *testing.T) {
	p := timeline.New(theme.Default(), keymap.Default())
	p.SetSize(54, 24)
	state := harness.State{
		Phase: harness.PhaseHeld, Notes: []string{"the client trusts what the server presents"},
		Timeline: &dissect.Timeline{Steps: []*dissect.Step{{From: outcome.Client, Kind: dissect.KindHandshake, Name: "ClientHello", Held: true}}},
	}
	p.SetState(state)
	if strings.Contains(p.View(), "the client trusts") {
		t.Error("it shows notes that another pane has")
	}
	p.ShowNotes(true)
	if !strings.Contains(p.View(), "• the client trusts what the server presents") {
		t.Errorf("it lacks the note:\n%s", ansi.Strip(p.View()))
	}
	p.SetSize(54, 3)
	if strings.Contains(p.View(), "the client trusts") {
		t.Error("a note takes the ladder's room")
	}
}

func TestFlights(t *testing.T) {
	var steps []*dissect.Step
	for i, flight := range []int{1, 2, 2, 2, 3, 3} {
		steps = append(steps, &dissect.Step{N: i + 1, Flight: flight, Kind: dissect.KindHandshake, From: outcome.Client})
	}
	p := timeline.New(theme.Default(), keymap.Default())
	p.SetSize(60, 20)
	p.SetState(harness.State{Timeline: &dissect.Timeline{Steps: steps}, Cursor: 3})
	for _, tt := range []struct {
		key  string
		want int
	}{{"left", 2}, {"left", 1}, {"left", 1}, {"right", 2}, {"right", 5}, {"right", 5}, {"left", 2}} {
		p.Update(press(tt.key))
		if got := p.Step().N; got != tt.want {
			t.Errorf("after %s step %d is selected, want %d", tt.key, got, tt.want)
		}
	}
}
