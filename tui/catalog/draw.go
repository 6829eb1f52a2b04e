package catalog

import (
	"fmt"

	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// noteLines wraps what is to be said of the whole list, over a fourth of the
// pane at most.
func (p *Pane) noteLines() []string {
	var lines []string
	for _, n := range p.listing.Notes {
		for i, s := range theme.Wrap(n, p.Width-4) {
			if i == 0 {
				lines = append(lines, theme.Mark+" "+s)
			} else {
				lines = append(lines, "  "+s)
			}
		}
	}
	if most := p.Height / 4; len(lines) > most {
		lines = lines[:most]
		if most > 0 {
			lines[most-1] = theme.Shorten(lines[most-1]+" "+theme.Ellipsis, p.Width-2)
		}
	}
	return lines
}

// View draws the groups and the visible entries.
func (p *Pane) View() string {
	r := p.Rows()
	r.Add(p.tabs(), false)
	r.Add(p.titles(), false)
	if len(p.shown) == 0 {
		return p.nothing(r)
	}
	column := p.column()
	p.List.Visible(func(_, item, sub int) {
		e := p.entries[p.shown[item]]
		switch last := p.rows(item) - 1; sub {
		case last:
			selected := item == p.List.Selected()
			r.Add(p.entry(e, column, selected), selected && p.Focused)
		case last - 1:
			var l theme.Line
			r.Add(*l.Add(theme.Dim, " "+e.Group), false)
		default:
			r.Add(theme.Line{}, false)
		}
	})
	return p.noted(r)
}

// noted adds the notes at the bottom.
func (p *Pane) noted(r *pane.Rows) string {
	r.To(p.Height - len(p.notes))
	for _, s := range p.notes {
		var l theme.Line
		r.Add(*l.Add(theme.Dim, " "+s), false)
	}
	return r.String()
}

// nothing says why the list is empty and what to do about it.
func (p *Pane) nothing(r *pane.Rows) string {
	switch {
	case len(p.entries) == 0:
		r.Text(theme.Text, p.listing.None)
		r.Text(theme.Dim, p.listing.Next)
	case p.group > 0:
		r.Text(theme.Text, fmt.Sprintf("Nothing in %s matches %q.", p.groups[p.group], p.query))
		r.Text(theme.Dim, "esc clears the search, ← and → change the group.")
	default:
		r.Text(theme.Text, fmt.Sprintf("Nothing matches %q.", p.query))
		r.Text(theme.Dim, "esc clears the search. It looks in "+p.listing.Looks+".")
	}
	return p.noted(r)
}

// tabs is the row of groups, moved so that the chosen one is visible.
func (p *Pane) tabs() theme.Line {
	var l theme.Line
	first := 0
	for width := 0; first < p.group; first++ {
		width = 0
		for _, g := range p.groups[first : p.group+1] {
			width += theme.Width(g) + 2
		}
		if width+4 <= p.Width {
			break
		}
	}
	if first > 0 {
		l.Add(theme.Dim, theme.ToLeft)
	}
	for i := first; i < len(p.groups); i++ {
		name := p.groups[i]
		if l.Width()+theme.Width(name)+4 > p.Width {
			l.Add(theme.Dim, " "+theme.ToRight)
			break
		}
		if i == p.group {
			l.Add(theme.Accent, "["+name+"]")
		} else {
			l.Add(theme.Dim, " "+name+" ")
		}
	}
	l.Right(theme.Dim, fmt.Sprintf("%s of %s ", pane.Thousands(len(p.shown)), pane.Thousands(len(p.entries))), p.Width)
	return l
}

// column is where the titles begin: the same in every group, so that changing
// the group moves nothing sideways.
func (p *Pane) column() int {
	return min(p.longest+5, p.Width/2)
}

func (p *Pane) entry(e Entry, column int, selected bool) theme.Line {
	var l theme.Line
	here, name, title := " ", theme.Text, theme.Dim
	if selected {
		here, name, title = theme.Here, theme.Strong, theme.Text
	}
	if p.cell.Transport != "" && len(e.Cells) > 0 && !e.Has(p.cell) {
		name = theme.Dim
	}
	l.Add(theme.Accent, " "+here+" ")
	if len(p.columns) > 0 {
		return *p.cells(&l, e, name, title)
	}
	if p.Width < 48 {
		return *l.Cut(name, e.name(), p.Width-l.Width()-1)
	}
	l.Cut(name, e.name(), column-l.Width()-1).To(column)
	l.Cut(title, e.Title, p.Width-column-1)
	return l
}

// titles is the row of the columns' titles, empty where there are none.
func (p *Pane) titles() theme.Line {
	var l theme.Line
	l.To(3)
	for i, m := range p.columns {
		c := p.listing.Columns[m.index]
		at := p.begin(&l, i)
		if c.Right {
			l.To(at + m.width - theme.Width(c.Title))
		}
		l.Cut(theme.Dim, c.Title, m.width).To(at + m.width)
	}
	return l
}

// cells adds an entry's columns.
func (p *Pane) cells(l *theme.Line, e Entry, name, other theme.Role) *theme.Line {
	for i, m := range p.columns {
		c, at, text := p.listing.Columns[m.index], p.begin(l, i), ""
		if m.index < len(e.Columns) {
			text = e.Columns[m.index]
		}
		role := other
		switch {
		case c.Verdict:
			text, role = verdict(e.Verdict, text)
		case c.Right:
			role = name
			l.To(at + m.width - theme.Width(text))
		}
		l.Cut(role, text, at+m.width-l.Width()).To(at + m.width)
	}
	return l
}

// begin leaves the space before a column, and returns where it begins.
func (p *Pane) begin(l *theme.Line, i int) int {
	if i > 0 {
		l.To(l.Width() + between)
	}
	return l.Width()
}

// verdict puts a glyph before how an entry ended.
func verdict(v Verdict, text string) (string, theme.Role) {
	switch v {
	case Succeeded:
		return theme.Check + " " + text, theme.Good
	case Failed:
		return theme.Cross + " " + text, theme.Bad
	case Suspect:
		return theme.Mark + " " + text, theme.Warn
	}
	return theme.Dot + " " + text, theme.Dim
}
