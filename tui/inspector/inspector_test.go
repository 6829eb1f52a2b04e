package inspector

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

func open(s *dissect.Step, tree field.Tree) *Pane {
	p := New(theme.Default(), keymap.Default())
	p.SetFocus(true)
	p.SetSize(60, 24)
	p.SetStep(s, tree, Told{})
	return p
}

// alert is an alert in its record.
func alert() (*dissect.Step, field.Tree) {
	step := &dissect.Step{
		N: 3, From: outcome.Server, Level: dissect.Application, Kind: dissect.KindAlert, Name: "alert certificate_required",
		Summary: "fatal certificate_required (116)", Bytes: 2, WireBytes: 24, Held: true, Alert: &dissect.Alert{Level: 2, Code: 116},
	}
	return step, field.Tree{
		Buffers: []field.Buffer{{Name: "record", Bytes: []byte{23, 3, 3, 0, 19}}, {Name: "alert", Bytes: []byte{2, 116}}},
		Fields: []field.Field{
			{Label: "TLSCiphertext", Buffer: "record", End: 5, Value: "application_data", Section: "RFC 8446 5.2", Fields: []field.Field{{Label: "opaque_type", Buffer: "record", End: 1, Value: "23"}}},
			{Label: "alert certificate_required", Buffer: "alert", End: 2, Section: "RFC 8446 6", Fields: []field.Field{
				{Label: "level", Buffer: "alert", End: 1, Value: "fatal (2)", Meaning: "The connection ends here."},
				{Label: "description", Buffer: "alert", Start: 1, End: 2, Value: "certificate_required (116)"},
			}},
		},
	}
}

func holds(t *testing.T, view string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(view, w) {
			t.Errorf("it lacks %q:\n%s", w, view)
		}
	}
}

func TestStep(t *testing.T) {
	p := open(alert())
	view := ansi.Strip(p.View())
	holds(t, view,
		" alert certificate_required", "2 bytes", "server → client · application keys · 24 on the wire",
		"held at the gate: the client has not seen a byte of it", " fatal (116)",
		"▸ TLSCiphertext", "▾ alert certificate_requ…", "level", "fatal (2)", "00000 02 74")
	if strings.Contains(view, "opaque_type") {
		t.Errorf("the record is unfolded:\n%s", view)
	}
	p.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	holds(t, ansi.Strip(p.View()), "byte 0 of alert", " The connection ends here.", "00000 02 74")
	for i, row := range strings.Split(ansi.Strip(p.View()), "\n") {
		if w := ansi.StringWidth(row); w != 60 {
			t.Errorf("row %d is %d cells wide, want 60", i, w)
		}
	}
}

// TestFolding folds and unfolds; what was chosen holds for the next step too.
func TestFolding(t *testing.T) {
	step, tree := alert()
	p := open(step, tree)
	press := func(code rune) { p.Update(tea.KeyPressMsg{Code: code}) }
	press(tea.KeyUp)
	press(tea.KeyRight)
	holds(t, ansi.Strip(p.View()), "opaque_type")
	next := *step
	next.N = 4
	p.SetStep(&next, tree, Told{})
	holds(t, ansi.Strip(p.View()), "opaque_type")
	press(tea.KeyLeft) // folds the alert
	if strings.Contains(ansi.Strip(p.View()), "description") {
		t.Errorf("the alert is unfolded:\n%s", ansi.Strip(p.View()))
	}
	if n := p.Search("116"); n != 1 {
		t.Errorf("%d fields match, want 1", n)
	}
	holds(t, ansi.Strip(p.View()), "description")
}

// TestWithoutFields says why a step has no fields, in words that fit it.
func TestWithoutFields(t *testing.T) {
	tests := []struct {
		step *dissect.Step
		want string
	}{
		{&dissect.Step{Kind: dissect.KindTransport, Name: "FIN"}, "A FIN ends one direction"},
		{&dissect.Step{Kind: dissect.KindTransport, Name: "RST"}, "An RST ends the TCP connection at once"},
		{&dissect.Step{Kind: dissect.KindTransport, Name: "bytes"}, "belongs to the transport"},
		{&dissect.Step{Kind: dissect.KindApplicationData, Name: "application data", Err: errors.New("no key")}, "Without its keys"},
		{&dissect.Step{Kind: dissect.KindHandshake, Name: "HelloRequest"}, "It has no fields."},
		{&dissect.Step{Kind: dissect.KindLocal, Name: "handshake-complete", From: outcome.Client, Fact: &transcript.Fact{}}, "What the client itself reports"},
	}
	for _, tt := range tests {
		t.Run(tt.step.Name, func(t *testing.T) {
			view := ansi.Strip(open(tt.step, field.Tree{}).View())
			holds(t, view, tt.want)
			if tt.step.Kind == dissect.KindTransport && strings.Contains(view, "in the clear") {
				t.Errorf("it speaks of keys:\n%s", view)
			}
		})
	}
	holds(t, ansi.Strip(open(nil, field.Tree{}).View()), "No step is selected.")
}

// TestOutsideOfItsBuffer draws a tree whose ranges lie.
func TestOutsideOfItsBuffer(t *testing.T) {
	step, _ := alert()
	for _, r := range [][2]int{{-5, 3}, {1, 900}, {900, 901}, {3, 1}} {
		tree := field.Tree{
			Buffers: []field.Buffer{{Name: "b", Bytes: []byte{1, 2}}},
			Fields:  []field.Field{{Label: fmt.Sprint(r), Buffer: "b", Start: r[0], End: r[1]}},
		}
		holds(t, ansi.Strip(open(step, tree).View()), fmt.Sprint(r))
	}
}
