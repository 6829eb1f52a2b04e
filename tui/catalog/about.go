package catalog

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness/causes"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/scroll"
	"shakedown/tui/theme"
)

// An About is the pane that says what an entry shows.
type About struct {
	pane.Base
	listing Listing
	entry   Entry
	known   bool
	cell    outcome.Cell
	lines   []theme.Line
}

// NewAbout returns an empty pane.
func NewAbout(t *theme.Theme, k *keymap.Map, l Listing) *About {
	return &About{Base: pane.Base{Theme: t, Keys: k, On: l.Beside}, listing: l}
}

// SetEntry shows an entry and the cell that it would be opened in.
func (a *About) SetEntry(e Entry, known bool, cell outcome.Cell) {
	if e.ID != a.entry.ID {
		a.List.Reset()
	}
	a.entry, a.known, a.cell = e, known, cell
	a.build()
}

// SetSize lays the text out.
func (a *About) SetSize(width, height int) {
	a.Width, a.Height = width, height
	a.List.SetHeight(height)
	a.build()
}

// Update scrolls, or asks to open the entry.
func (a *About) Update(msg tea.Msg) tea.Cmd {
	switch action := a.Action(msg); action {
	case keymap.Open:
		if a.known {
			return pane.Send(pane.Open{ID: a.entry.ID})
		}
	default:
		a.Move(action)
	}
	return nil
}

// Copy returns the text.
func (a *About) Copy() []pane.Clip {
	if !a.known {
		return nil
	}
	return []pane.Clip{{Label: "title and text", Ext: "txt", Text: a.entry.text()}}
}

// text is everything that is said of an entry.
func (e Entry) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", field.Printable(e.ID), field.Printable(e.Title))
	for _, f := range e.Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Label, field.Printable(f.Text))
	}
	b.WriteString(e.About)
	return b.String()
}

func (a *About) build() {
	a.lines = a.lines[:0]
	if !a.known {
		a.List.SetItems(0, scroll.One)
		return
	}
	e := a.entry
	a.text(theme.Strong, e.Title)
	a.lines = append(a.lines, theme.Line{})
	a.facts()
	for _, paragraph := range strings.Split(strings.TrimSpace(e.About), "\n\n") {
		if paragraph == "" {
			continue
		}
		a.text(theme.Text, strings.Join(strings.Fields(paragraph), " "))
		a.lines = append(a.lines, theme.Line{})
	}
	a.cells()
	for i, id := range e.Causes {
		var l theme.Line
		head := ""
		if i == 0 {
			head = "shows"
			if len(a.listing.Columns) > 0 {
				head = "cause"
			}
		}
		a.lines = append(a.lines, *l.Add(theme.Dim, " "+head).To(10).Add(theme.Text, id))
		if c, ok := causes.Lookup(id); ok {
			for _, s := range theme.Wrap(c.Title, a.Width-11) {
				var l theme.Line
				a.lines = append(a.lines, *l.To(10).Add(theme.Dim, s))
			}
		}
	}
	a.List.SetItems(len(a.lines), scroll.One)
}

// facts says line by line what is known of the entry.
func (a *About) facts() {
	for _, f := range a.entry.Facts {
		for i, s := range theme.Wrap(f.Text, a.Width-11) {
			var l theme.Line
			if i == 0 {
				l.Add(theme.Dim, " "+f.Label)
			}
			a.lines = append(a.lines, *l.To(10).Add(theme.Text, s))
		}
	}
	if len(a.entry.Facts) > 0 && len(a.entry.About)+len(a.entry.Causes) > 0 {
		a.lines = append(a.lines, theme.Line{})
	}
}

// cells lists where the entry runs, the cell that it would open in marked.
func (a *About) cells() {
	for i, c := range a.entry.Cells {
		var l theme.Line
		head := ""
		if i == 0 {
			head = "runs in"
		}
		l.Add(theme.Dim, " "+head).To(10)
		if c == a.entry.Nearest(a.cell) {
			l.Add(theme.Strong, pane.Cell(c)).Add(theme.Accent, " "+theme.ToLeft)
			if l.Width()+6 <= a.Width {
				l.Add(theme.Accent, " enter")
			}
		} else {
			l.Add(theme.Text, pane.Cell(c))
		}
		a.lines = append(a.lines, l)
	}
	if len(a.entry.Cells) > 0 && len(a.entry.Causes) > 0 {
		a.lines = append(a.lines, theme.Line{})
	}
}

func (a *About) text(r theme.Role, s string) {
	for _, s := range theme.Wrap(s, a.Width-2) {
		var l theme.Line
		a.lines = append(a.lines, *l.Add(r, " "+s))
	}
}

// View draws the visible rows.
func (a *About) View() string {
	if !a.known {
		return a.Empty("No "+a.listing.One+" is selected.", "Choose one in the list; "+a.listing.Opens+".")
	}
	r := a.Rows()
	a.List.Visible(func(_, item, _ int) {
		r.Add(a.lines[item], a.Focused && item == a.List.Selected() && len(a.lines) > a.Height)
	})
	return r.String()
}
