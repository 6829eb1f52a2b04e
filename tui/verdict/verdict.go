// Package verdict is the pane that puts both sides' words next to each other,
// and says why the handshake ended as it did.
package verdict

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness"
	"shakedown/harness/field"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// A Pane shows the outcome of a connection.
type Pane struct {
	pane.Base
	state  harness.State
	items  []item
	search pane.Search
	titled bool
}

// An item is a statement, laid out.
type item struct {
	Statement
	lines []string
	gap   bool // an empty row above
	again bool // the same head as the item above: it is not repeated
}

// New returns an empty pane.
func New(t *theme.Theme, k *keymap.Map) *Pane {
	return &Pane{Base: pane.Base{Theme: t, Keys: k, On: keymap.OnSides}}
}

// SetSize lays the pane out.
func (p *Pane) SetSize(width, height int) {
	p.Width, p.Height = width, height
	p.List.SetHeight(height)
	p.build()
}

// SetState shows a session's state.
func (p *Pane) SetState(s harness.State) {
	if s.ID != p.state.ID || s.Cell != p.state.Cell || (s.Diagnosis == nil) != (p.state.Diagnosis == nil) {
		p.List.Reset()
	}
	p.state = s
	p.build()
}

// Shown returns the step that shows what is selected, 0 if none does.
func (p *Pane) Shown() int {
	if i := p.List.Selected(); i < len(p.items) {
		return p.items[i].Step
	}
	return 0
}

// Update moves the selection, and goes to the step that shows what is selected.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch a := p.Action(msg); a {
	case keymap.GoToStep:
		if n := p.Shown(); n > 0 {
			return pane.Send(pane.GoToStep{N: n})
		}
	case keymap.Left:
		p.section(-1)
	case keymap.Right:
		p.section(1)
	default:
		p.Move(a)
	}
	return nil
}

// section selects the first item of the section before or behind.
func (p *Pane) section(by int) {
	at := p.List.Selected()
	if at >= len(p.items) {
		return
	}
	want := p.items[at].Section + by
	for i, it := range p.items {
		if it.Section == want {
			p.List.Select(i)
			return
		}
	}
}

// Search looks for a query and returns how many items match.
func (p *Pane) Search(query string) int {
	p.search.Set(query, len(p.items), p.text, &p.List)
	return p.search.Found()
}

// Match selects the next or previous match.
func (p *Pane) Match(by int) { p.search.Step(by, &p.List) }

func (p *Pane) text(i int) string { return p.items[i].Head + " " + p.items[i].Text }

// Copy returns the selected statement, then all of them.
func (p *Pane) Copy() []pane.Clip {
	i := p.List.Selected()
	if i >= len(p.items) {
		return nil
	}
	var all strings.Builder
	for _, it := range p.items {
		fmt.Fprintf(&all, "%s: %s\n", it.Head, field.Printable(it.Text))
	}
	return []pane.Clip{
		{Label: p.items[i].Head + " as text", Ext: "txt", Text: field.Printable(p.items[i].Text)},
		{Label: "both sides and the diagnosis", Ext: "txt", Text: all.String()},
	}
}

// Titled says whether the session's title stands on the screen: then the pane
// does not repeat it as the cause.
func (p *Pane) Titled(on bool) {
	if p.titled != on {
		p.titled = on
		p.build()
	}
}

// column is where texts begin: behind the words on the left, or, in a narrow
// pane, below them.
func (p *Pane) column() int {
	if p.Width < 44 {
		return 2
	}
	return 10
}

func (p *Pane) build() {
	p.items = p.items[:0]
	if p.state.ID != "" || p.state.Timeline != nil || p.state.Err != nil {
		for _, s := range Statements(p.state) {
			if !p.titled || s.Text != p.state.Title {
				p.add(s)
			}
		}
	}
	p.List.SetItems(len(p.items), p.rows)
	p.search.Refresh(len(p.items), p.text)
}

func (p *Pane) rows(i int) int {
	it := p.items[i]
	n := len(it.lines)
	if it.gap {
		n++
	}
	if p.above(it) {
		n++
	}
	return n
}

// above says whether an item's word stands in a row of its own.
func (p *Pane) above(it item) bool { return p.column() == 2 && !it.again }

// add lays a statement out; a new section begins with an empty row.
func (p *Pane) add(s Statement) {
	it := item{Statement: s}
	shown := s.Text
	if s.Glyph != "" {
		shown = s.Glyph + " " + shown
	}
	if where := s.Where(); where != "" {
		shown += " (" + where + ")"
	}
	it.lines = theme.Wrap(shown, max(p.Width-p.column()-1, 8))
	if n := len(p.items); n > 0 {
		last := p.items[n-1]
		it.gap = last.Section != s.Section
		it.again = last.Head == s.Head && last.Section == s.Section
	}
	p.items = append(p.items, it)
}

// View draws the visible statements.
func (p *Pane) View() string {
	if len(p.items) == 0 {
		return p.Empty("Nothing has happened yet.", "s steps, c continues to a breakpoint, f runs to the end.")
	}
	r := p.Rows()
	p.List.Visible(func(_, i, sub int) {
		it := p.items[i]
		if it.gap {
			sub--
		}
		var l theme.Line
		if sub < 0 {
			r.Add(l, false)
			return
		}
		selected := p.Focused && i == p.List.Selected()
		here := " "
		if selected && sub == 0 {
			here = theme.Here
		}
		l.Add(theme.Accent, here)
		if sub == 0 && !it.again {
			head := theme.Dim
			if p.search.Has(i) {
				head = theme.Match
			}
			l.Add(head, it.Head)
		}
		if p.above(it) {
			if sub--; sub < 0 {
				r.Add(l, selected)
				return
			}
		}
		l.To(p.column()).Add(it.Role, it.lines[sub])
		r.Add(l, selected)
	})
	return r.String()
}
