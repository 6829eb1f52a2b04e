// Package pane holds what all panes of the terminal UI share: size, focus, keys
// and the selection that the moving keys move.
//
// A pane embeds [Base], fills Base.List with its rows, and draws the visible
// ones. The App decides its size, its focus, and which messages it sees.
package pane

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"shakedown/tui/keymap"
	"shakedown/tui/scroll"
	"shakedown/tui/theme"
)

// Base is the common part of a pane.
type Base struct {
	Theme *theme.Theme
	Keys  *keymap.Map
	// On is the focus whose keys the pane answers to.
	On            keymap.Focus
	Width, Height int
	Focused       bool
	List          scroll.List
}

// SetFocus says whether the pane has the keys.
func (b *Base) SetFocus(on bool) { b.Focused = on }

// Focus returns the focus whose keys the pane answers to.
func (b *Base) Focus() keymap.Focus { return b.On }

// ShortHelp returns the footer's keys.
func (b *Base) ShortHelp() []key.Binding {
	var short []key.Binding
	for _, k := range b.Keys.Footer(b.On) {
		short = append(short, k.Bubble())
	}
	return short
}

// FullHelp returns all keys, a column for each scope.
func (b *Base) FullHelp() [][]key.Binding {
	var full [][]key.Binding
	var scope keymap.Scope
	for _, k := range b.Keys.Bindings(b.On) {
		if k.Scope != scope || full == nil {
			full, scope = append(full, nil), k.Scope
		}
		full[len(full)-1] = append(full[len(full)-1], k.Bubble())
	}
	return full
}

// Action returns what a message means here: the action of a key press, or nothing.
func (b *Base) Action(msg tea.Msg) keymap.Action {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return b.Keys.Action(b.On, k.String())
	}
	return ""
}

// Move moves the selection if the action is a movement up or down, and says
// whether it was.
func (b *Base) Move(a keymap.Action) bool {
	page := max(b.List.Height()-1, 1)
	switch a {
	case keymap.Up:
		b.List.Move(-1)
	case keymap.Down:
		b.List.Move(1)
	case keymap.Top:
		b.List.Select(0)
	case keymap.Bottom:
		b.List.Select(b.List.Len() - 1)
	case keymap.PageUp:
		b.List.Scroll(-page)
	case keymap.PageDown:
		b.List.Scroll(page)
	case keymap.HalfUp:
		b.List.Scroll(-max(page/2, 1))
	case keymap.HalfDown:
		b.List.Scroll(max(page/2, 1))
	default:
		return false
	}
	return true
}

// Window returns the first visible row, the number of visible rows, and the
// number of all: for a scroll bar.
func (b *Base) Window() (top, visible, total int) { return b.List.Window() }

// Click selects what is at row y of the pane.
func (b *Base) Click(y int) {
	if i, ok := b.List.At(y); ok {
		b.List.Select(i)
	}
}

// Rows is a pane's content while it is drawn: exactly Height rows of Width cells.
type Rows struct {
	base  *Base
	lines []string
}

// Rows returns an empty content.
func (b *Base) Rows() *Rows {
	return &Rows{base: b, lines: make([]string, 0, b.Height)}
}

// Add appends a row; rows that do not fit are left out.
func (r *Rows) Add(l theme.Line, selected bool) {
	if len(r.lines) < r.base.Height {
		r.lines = append(r.lines, l.Render(r.base.Theme, r.base.Width, selected))
	}
}

// Text appends rows of wrapped text, a space from the border.
func (r *Rows) Text(role theme.Role, text string) {
	for _, s := range theme.Wrap(text, max(r.base.Width-2, 1)) {
		var l theme.Line
		r.Add(*l.Add(role, " "+s), false)
	}
}

// Len returns the number of rows so far.
func (r *Rows) Len() int { return len(r.lines) }

// To appends empty rows until there are n.
func (r *Rows) To(n int) {
	for len(r.lines) < min(n, r.base.Height) {
		r.Add(theme.Line{}, false)
	}
}

// String returns the rows, filled up to the pane's height.
func (r *Rows) String() string {
	if r.base.Height <= 0 || r.base.Width <= 0 {
		return ""
	}
	r.To(r.base.Height)
	return strings.Join(r.lines, "\n")
}

// Empty returns the content of a pane that has nothing to show: what is missing
// and what to do next.
func (b *Base) Empty(what, next string) string {
	r := b.Rows()
	r.To(1)
	r.Text(theme.Text, what)
	r.Text(theme.Dim, next)
	return r.String()
}
