package catalog

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/harness/outcome"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

var (
	tcp13  = outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	quic13 = outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}
)

func entries() []Entry {
	return []Entry{
		{ID: "healthy/mutual", Group: "healthy", Title: "Both sides present a certificate", Cells: []outcome.Cell{tcp13, quic13}},
		{ID: "trust/unknown-server-ca", Group: "trust", Title: "The client does not trust the CA", Cells: []outcome.Cell{tcp13}, Causes: []string{"server-untrusted-ca"}},
		{ID: "trust/unknown-client-ca", Group: "trust", Title: "The server does not trust the CA", Cells: []outcome.Cell{quic13}, Causes: []string{"client-untrusted-ca"}},
	}
}

func newPane() *Pane {
	p := New(theme.Default(), keymap.Default(), Scenarios, entries())
	p.SetFocus(true)
	p.SetSize(70, 20)
	p.SetCell(tcp13)
	return p
}

func selected(t *testing.T, p *Pane) string {
	t.Helper()
	e, ok := p.Selected()
	if !ok {
		return ""
	}
	return e.ID
}

func TestSearch(t *testing.T) {
	tests := []struct {
		query string
		found int
		first string
	}{
		{"", 3, "healthy/mutual"},
		{"trust", 2, "trust/unknown-server-ca"},
		{"CLIENT trust", 2, "trust/unknown-server-ca"}, // every word, anywhere
		{"client-untrusted", 1, "trust/unknown-client-ca"},
		{"quic", 2, "healthy/mutual"},
		{"no such thing", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			p := newPane()
			if n := p.Search(tt.query); n != tt.found {
				t.Errorf("%d found, want %d", n, tt.found)
			}
			if got := selected(t, p); got != tt.first {
				t.Errorf("%q is selected, want %q", got, tt.first)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	p := newPane()
	p.Update(tea.KeyPressMsg{Code: tea.KeyRight})
	p.Update(tea.KeyPressMsg{Code: tea.KeyRight})
	view := ansi.Strip(p.View())
	for _, want := range []string{"[trust]", "2 of 3", "unknown-server-ca", "unknown-client-ca"} {
		if !strings.Contains(view, want) {
			t.Errorf("it lacks %q:\n%s", want, view)
		}
	}
	if strings.Contains(view, "mutual") {
		t.Errorf("it shows another group:\n%s", view)
	}
	p.Search("mutual")
	if view := ansi.Strip(p.View()); !strings.Contains(view, `Nothing in trust matches "mutual".`) {
		t.Errorf("an empty group says\n%s", view)
	}
	p.Show("healthy/mutual")
	if got := selected(t, p); got != "healthy/mutual" {
		t.Errorf("%q is shown, want healthy/mutual", got)
	}
}

func TestView(t *testing.T) {
	for _, width := range []int{38, 58, 70, 160} {
		p := newPane()
		p.SetSize(width, 20)
		view := ansi.Strip(p.View())
		for i, row := range strings.Split(view, "\n") {
			if w := ansi.StringWidth(row); w != width {
				t.Errorf("row %d is %d cells wide, want %d", i, w, width)
			}
		}
		for _, want := range []string{"[all]", "3 of 3", "▸ mutual", "unknown-server-ca", "trust"} {
			if !strings.Contains(view, want) {
				t.Errorf("at %d cells it lacks %q:\n%s", width, want, view)
			}
		}
	}
	empty := New(theme.Default(), keymap.Default(), Scenarios, nil)
	empty.SetSize(70, 20)
	if view := ansi.Strip(empty.View()); !strings.Contains(view, "There are no scenarios here.") || !strings.Contains(view, "shakedown new") {
		t.Errorf("an empty catalogue says\n%s", view)
	}
}

func TestOpen(t *testing.T) {
	p := newPane()
	p.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	cmd := p.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	if cmd == nil {
		t.Fatal("enter does nothing")
	}
	if got := cmd(); got != (pane.Open{ID: "trust/unknown-server-ca"}) {
		t.Errorf("enter sends %v", got)
	}
}

// TestAbout says where the entry runs and what it shows.
func TestAbout(t *testing.T) {
	a := NewAbout(theme.Default(), keymap.Default(), Scenarios)
	a.SetSize(30, 16)
	a.SetEntry(entries()[2], true, tcp13)
	view := ansi.Strip(a.View())
	for _, want := range []string{"The server does not trust", "quic · TLS 1.3 ←", "client-untrusted-ca"} {
		if !strings.Contains(view, want) {
			t.Errorf("it lacks %q:\n%s", want, view)
		}
	}
	a.SetEntry(Entry{}, false, tcp13)
	if view := ansi.Strip(a.View()); !strings.Contains(view, "No scenario is selected.") {
		t.Errorf("without an entry it says\n%s", view)
	}
}
