package tui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/scroll"
	"shakedown/tui/theme"
)

// A helpDialog lists the keys of the pane that it was opened from, by group.
// What is typed filters them, by word or by key.
type helpDialog struct {
	pane.Base
	over  keymap.Focus
	input textinput.Model
	rows  []helpRow
}

// A helpRow is a heading or a binding.
type helpRow struct {
	heading string
	binding keymap.Binding
}

func newHelp(a *App) *helpDialog {
	h := &helpDialog{Base: pane.Base{Theme: a.theme, Keys: a.keys, On: keymap.OnHelp}, over: a.focus, input: newInput()}
	h.filter()
	return h
}

func (h *helpDialog) title() string       { return "keys in " + string(h.over) }
func (h *helpDialog) focus() keymap.Focus { return keymap.OnHelp }

func (h *helpDialog) size(width, height int) (int, int) {
	return min(width, 84), min(height, len(h.all())+3)
}

// all are the rows without a filter.
func (h *helpDialog) all() []helpRow { return h.matching("") }

func (h *helpDialog) matching(query string) []helpRow {
	var rows []helpRow
	var scope keymap.Scope
	for _, b := range h.Keys.Bindings(h.over) {
		if !matchesHelp(b, query) {
			continue
		}
		if b.Scope != scope {
			scope = b.Scope
			rows = append(rows, helpRow{heading: string(scope)})
		}
		rows = append(rows, helpRow{binding: b})
	}
	return rows
}

// matchesHelp says whether a binding has a query as its key, or in its words.
func matchesHelp(b keymap.Binding, query string) bool {
	if query == "" {
		return true
	}
	for _, k := range b.Keys {
		if k == query {
			return true
		}
	}
	words := strings.ToLower(string(b.Action) + " " + b.Label + " " + b.Help + " " + b.AllKeys())
	return len(query) > 1 && strings.Contains(words, strings.ToLower(query))
}

func (h *helpDialog) filter() {
	h.rows = h.matching(h.input.Value())
	h.List.SetItems(len(h.rows), scroll.One)
	h.List.Reset()
}

func (h *helpDialog) update(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch msg.String() {
	case "esc":
		if h.input.Value() == "" {
			return nil, true
		}
		h.input.Reset()
		h.filter()
		return nil, false
	case "enter":
		return nil, true
	case "?":
		if h.input.Value() == "" {
			return nil, true
		}
	case "up", "down", "pgup", "pgdown", "home", "end", "ctrl+u", "ctrl+d":
		h.Move(h.Action(msg))
		return nil, false
	}
	before := h.input.Value()
	h.input, _ = h.input.Update(msg)
	if h.input.Value() != before {
		h.filter()
	}
	return nil, false
}

func (h *helpDialog) lines(width, height int) []string {
	h.Width, h.Height = width, height
	h.List.SetHeight(height - 2)
	r := h.Rows()
	var l theme.Line
	l.Add(theme.Dim, " filter: ")
	typed(&l, h.input)
	if h.input.Value() == "" {
		l.Add(theme.Dim, " a word or a key")
	}
	r.Add(l, false)
	r.Add(theme.Line{}, false)
	if len(h.rows) == 0 {
		r.Text(theme.Text, "No key does that here. esc clears the filter.")
	}
	h.List.Visible(func(_, i, _ int) {
		var l theme.Line
		if row := h.rows[i]; row.heading != "" {
			l.Add(theme.Accent, " "+row.heading)
		} else {
			l.Add(theme.Text, "   ").Add(theme.Strong, row.binding.AllKeys()).To(18).Add(theme.Text, row.binding.Help)
		}
		r.Add(l, i == h.List.Selected() && i > 0)
	})
	return fill(h.Theme, strings.Split(r.String(), "\n"), width, height)
}
