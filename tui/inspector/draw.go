package inspector

import (
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/tui/theme"
)

// View draws the headline, the visible fields, and the bytes of the selected one.
func (p *Pane) View() string {
	if p.step == nil {
		return p.Empty("No step is selected.", "Its fields are shown here.")
	}
	r := p.Rows()
	for _, l := range p.head {
		r.Add(l, false)
	}
	p.List.Visible(func(_, item, _ int) {
		r.Add(p.row(item), p.Focused && item == p.List.Selected())
	})
	if len(p.rows) == 0 {
		r.Text(theme.Dim, p.fieldless())
	}
	if h := p.bytesHeight(); h > 0 {
		r.To(p.Height - h)
		p.drawBytes(r)
	}
	return r.String()
}

// fieldless says why a step has no fields.
func (p *Pane) fieldless() string {
	switch s := p.step; {
	case s.Kind == dissect.KindLocal:
		return ""
	case s.Name == "FIN":
		return "A FIN ends one direction of the TCP connection (RFC 9293 3.6). The kernel sends it when the program closes its socket. " +
			"TLS does not protect it, so anybody on the path can forge one: that is why TLS says close_notify first (RFC 8446 6.1)."
	case s.Name == "RST":
		return "An RST ends the TCP connection at once, in both directions (RFC 9293 3.5.3). What was on its way and not yet read can be lost, an alert too. " +
			"The kernel sends it when a program closes its socket without having read everything."
	case s.Kind == dissect.KindTransport:
		return "This belongs to the transport: it has no bytes that could be taken apart."
	case s.Err != nil:
		return "Without its keys it cannot be taken apart."
	}
	return "It has no fields."
}

func (p *Pane) row(i int) theme.Line {
	row := p.rows[i]
	f := row.field
	var l theme.Line
	here := " "
	if i == p.List.Selected() && p.Focused {
		here = theme.Pointer
	}
	l.Add(theme.Accent, here).To(1 + row.depth*2)
	label := theme.Text
	switch {
	case len(f.Fields) == 0:
		l.Add(theme.Text, "  ")
	case row.open:
		l.Add(theme.Dim, theme.Open+" ")
		label = theme.Strong
	default:
		l.Add(theme.Dim, theme.Folded+" ")
		label = theme.Strong
	}
	if p.search.Has(i) {
		label = theme.Match
	}
	l.Cut(label, f.Label, p.column-l.Width()-1).To(p.column)
	if f.Bits != "" {
		l.Cut(theme.Dim, f.Bits+" ", p.Width-l.Width()-1)
	}
	l.Cut(theme.Text, f.Value, p.Width-l.Width()-1)
	// The section yields to the value, and the meaning to the section: the rows
	// about the selected field have all three.
	room, section := p.Width-1, ""
	if w := theme.Width(row.section); w > 0 && l.Width()+2+w <= room {
		room, section = room-w-2, row.section
	}
	if f.Meaning != "" && room-l.Width() > 12 {
		l.Add(theme.Text, "  ").Cut(theme.Dim, f.Meaning, room-l.Width())
	}
	return *l.Right(theme.Dim, section, p.Width-1)
}

// bytesOf returns the field's bytes, as far as its buffer has them.
func (p *Pane) bytesOf(f *field.Field) []byte {
	b, _ := p.tree.Buffer(f.Buffer)
	start, end := p.extent(f)
	return b.Bytes[start:end]
}
