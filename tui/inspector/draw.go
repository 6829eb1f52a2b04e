package inspector

import (
	"fmt"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/tui/pane"
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
		p.bytes(r, h)
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

// bytesHeight is how many rows the bytes have: a third of the pane, up to nine,
// none in a low one. It depends on the pane alone, so that moving the selection
// moves nothing else.
func (p *Pane) bytesHeight() int {
	if p.Height < 14 || p.step == nil || p.step.Kind == dissect.KindLocal {
		return 0
	}
	return min(p.Height/3, 9)
}

// bytes draws the selected field's place, its meaning in full, and its bytes.
func (p *Pane) bytes(r *pane.Rows, height int) {
	row, ok := p.selected()
	if !ok {
		return
	}
	f := row.field
	var l theme.Line
	place := fmt.Sprintf("bytes %s to %s of %s", pane.Thousands(f.Start), pane.Thousands(max(f.End-1, f.Start)), f.Buffer)
	if f.End <= f.Start {
		place = "no bytes of " + f.Buffer
	}
	l.Add(theme.Dim, theme.Clear+theme.Clear+" ").Cut(theme.Text, f.Label, p.Width/3).Add(theme.Dim, " "+theme.Dot+" ")
	l.Cut(theme.Dim, place, p.Width-l.Width()-2).Add(theme.Dim, " ")
	if f.Section != "" && l.Width()+theme.Width(f.Section)+6 < p.Width {
		l.FillTo(theme.Dim, theme.Clear, p.Width-theme.Width(f.Section)-4).Add(theme.Dim, " "+f.Section+" ")
	}
	r.Add(*l.FillTo(theme.Dim, theme.Clear, p.Width), false)
	text := f.Value
	if f.Meaning != "" {
		text = f.Meaning
	}
	lines := theme.Wrap(text, p.Width-2)
	if text == "" {
		lines = nil
	}
	for i, s := range lines[:min(len(lines), 2)] {
		if i == 1 && len(lines) > 2 {
			s = theme.Shorten(s+" "+theme.Ellipsis, p.Width-2)
		}
		var l theme.Line
		r.Add(*l.Add(theme.Text, " "+s), false)
	}
	buffer := p.bytesOf(f)
	rows := height - 1 - min(len(lines), 2)
	for i, s := range dump(buffer, f.Start, p.Width, rows) {
		var l theme.Line
		if i == rows-1 && (i+1)*perRow(p.Width) < len(buffer) {
			more := len(buffer) - i*perRow(p.Width)
			r.Add(*l.Add(theme.Dim, fmt.Sprintf(" %s %s more bytes; Y copies all of them", theme.Ellipsis, pane.Thousands(more))), false)
			return
		}
		r.Add(*l.Add(theme.Dim, s[:7]).Add(theme.Text, s[7:]), false)
	}
}

// bytesOf returns the field's bytes, as far as its buffer has them.
func (p *Pane) bytesOf(f *field.Field) []byte {
	b, ok := p.tree.Buffer(f.Buffer)
	if !ok {
		return nil
	}
	start := min(max(f.Start, 0), len(b.Bytes))
	end := min(max(f.End, start), len(b.Bytes))
	return b.Bytes[start:end]
}

// perRow is how many bytes a row of the dump has room for.
func perRow(width int) int {
	switch {
	case width >= 76:
		return 16
	case width >= 58:
		return 12
	}
	return 8
}

// dump returns bytes as rows of offset, hex, and text where it is printable.
func dump(b []byte, offset, width, most int) []string {
	n := perRow(width)
	var rows []string
	for at := 0; at < len(b) && len(rows) < most; at += n {
		part := b[at:min(at+n, len(b))]
		var hex, text strings.Builder
		for i, c := range part {
			if i > 0 && i%4 == 0 {
				hex.WriteByte(' ')
			}
			fmt.Fprintf(&hex, "%02x ", c)
			if c < 0x20 || c > 0x7e {
				c = '.'
			}
			text.WriteByte(c)
		}
		row := fmt.Sprintf(" %05d %-*s", offset+at, n*3+n/4-1, hex.String())
		if len(row)+1+n <= width { // the text only where there is room for all of it
			row += " " + text.String()
		}
		rows = append(rows, row)
	}
	return rows
}
