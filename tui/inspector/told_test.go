package inspector

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// TestTold shows what was proven of a step, and what is said of it, as far as
// there is room.
func TestTold(t *testing.T) {
	step := &dissect.Step{N: 6, From: outcome.Server, Kind: dissect.KindHandshake, Name: "Certificate", Level: dissect.Handshake, Summary: "3 certificates"}
	holds3 := []crossref.Proof{
		{Of: "certificate 1", Result: crossref.Verified, Brief: "verifies with the key of certificate 2"},
		{Of: "certificate 2", Result: crossref.Verified, Brief: "verifies with the key of certificate 3"},
		{Of: "certificate 3", Result: crossref.Verified, Brief: "verifies with its own key"},
	}
	broken := append([]crossref.Proof(nil), holds3...)
	broken[1].Result, broken[1].Brief = crossref.Failed, "does not verify with the key of certificate 3"
	tests := []struct {
		name          string
		width, height int
		told          Told
		want, never   []string
	}{
		{"one", 60, 24, Told{Checks: []crossref.Proof{{Of: "Finished", Result: crossref.Verified, Brief: "matches the server's handshake secret"}}}, []string{"✓ matches the server's handshake secret"}, []string{"Finished matches"}},
		{"one over two rows", 34, 24, Told{Checks: []crossref.Proof{{Result: crossref.Failed, Brief: "does not verify with the key in step 11"}}}, []string{"✗ does not verify with the key", "step 11"}, []string{"…"}},
		{"not checked", 60, 24, Told{Checks: []crossref.Proof{{Result: crossref.NotChecked, Brief: "not checked: no secret in the key log"}}}, []string{"· not checked: no secret in the key log"}, []string{"✓", "✗"}},
		{"a chain with room", 60, 24, Told{Checks: holds3}, []string{"✓ certificate 1 verifies with the key of certificate 2", "✓ certificate 3 verifies with its own key"}, []string{"signatures"}},
		{"a chain without", 60, 12, Told{Checks: holds3}, []string{"✓ 3 signatures verify"}, []string{"certificate 1"}},
		{"what failed first", 60, 20, Told{Checks: broken}, []string{"✗ certificate 2 does not verify with the key", "✓ 2 signatures verify"}, []string{"certificate 1"}},
		{"sentences", 60, 24, Told{Says: []string{"It answers step 5.", strings.Repeat("A long story. ", 20)}}, []string{"It answers step 5."}, []string{"A long story"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := New(theme.Default(), keymap.Default())
			p.SetSize(tt.width, tt.height)
			p.SetStep(step, field.Tree{}, tt.told)
			view := ansi.Strip(p.View())
			for _, w := range tt.want {
				if !strings.Contains(view, w) {
					t.Errorf("it lacks %q:\n%s", w, view)
				}
			}
			for _, w := range tt.never {
				if strings.Contains(view, w) {
					t.Errorf("it has %q:\n%s", w, view)
				}
			}
			if strings.Contains(view, "as it was sent") {
				t.Errorf("nothing else has arrived:\n%s", view)
			}
			for i, row := range strings.Split(view, "\n") {
				if w := ansi.StringWidth(row); w != tt.width {
					t.Errorf("row %d is %d cells wide, want %d", i, w, tt.width)
				}
			}
		})
	}
}

// TestToldOfWhatWasSent: the checks of a message that was changed on the path are
// about what was sent, and say so.
func TestToldOfWhatWasSent(t *testing.T) {
	step := &dissect.Step{
		N: 6, From: outcome.Server, Kind: dissect.KindHandshake, Name: "Certificate", Level: dissect.Handshake, Summary: "1 certificate",
		Marks: []transcript.Mark{transcript.Rewritten},
	}
	p := New(theme.Default(), keymap.Default())
	p.SetSize(70, 24)
	p.SetStep(step, field.Tree{}, Told{Checks: []crossref.Proof{{Of: "certificate 1", Result: crossref.Verified, Brief: "verifies with the client's trust anchor"}}})
	if view := ansi.Strip(p.View()); !strings.Contains(view, "✓ as it was sent: verifies with the client's trust anchor") {
		t.Errorf("it does not say what was checked:\n%s", view)
	}
}
