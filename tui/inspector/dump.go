package inspector

import (
	"fmt"
	"strings"

	"shakedown/harness/crossref"
	"shakedown/harness/field"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// bytesHeight is how many rows the bytes have, none in a low pane. While the
// keys move over them they have most of it. It depends on the pane alone, so
// that moving the selection moves nothing else.
func (p *Pane) bytesHeight() int {
	switch {
	case p.step == nil || len(p.tree.Buffers) == 0:
		return 0
	case p.dump.entered:
		return max(p.Height-len(p.head)-max(p.Height/4, 3), min(p.Height, 4))
	case p.Height < 14:
		return 0
	}
	return min(p.Height*2/5, 14)
}

// meaningRows is how many of them say what the field means.
func (p *Pane) meaningRows() int {
	switch h := p.bytesHeight(); {
	case h < 5:
		return 0
	case h < 7, h < 10 && p.dump.entered:
		return 1
	case h < 11:
		return 2
	default:
		return 3
	}
}

// stripRows is whether there is a row that names the buffers.
func (p *Pane) stripRows() int {
	if len(p.tree.Buffers) > 1 && p.bytesHeight() > 3 {
		return 1
	}
	return 0
}

func (p *Pane) dumpRows() int {
	return max(p.bytesHeight()-1-p.meaningRows()-p.stripRows(), 1)
}

// drawBytes draws the selected field's place, what it means, and its bytes
// among those around it.
func (p *Pane) drawBytes(r *pane.Rows) {
	row, ok := p.selected()
	if !ok {
		return
	}
	p.rule(r, row.field)
	lines := p.meaning(row)
	if p.dump.whole == row.path {
		for _, s := range lines {
			r.Add(explained(s), false)
		}
		return
	}
	most := p.meaningRows()
	for i, s := range lines[:min(len(lines), most)] {
		if i == most-1 && len(lines) > most {
			s = theme.Shorten(s+" "+theme.Ellipsis, p.Width-2)
		}
		r.Add(explained(s), false)
	}
	r.To(p.Height - p.dumpRows() - p.stripRows())
	if p.stripRows() > 0 {
		r.Add(p.strip(), false)
	}
	start, stop := p.extent(row.field)
	if row.field.Buffer != p.dump.buffer {
		start, stop = 0, 0
	}
	n, all, top := perRow(p.Width), p.bytes(), p.window()
	for i := range p.dumpRows() {
		if at := (top + i) * n; at < len(all) {
			r.Add(p.dumpRow(all, at, start, stop, !row.field.Leaf()), false)
		}
	}
}

func explained(s string) theme.Line {
	var l theme.Line
	return *l.Add(theme.Text, " "+s)
}

// rule divides fields and bytes, and says where the field's bytes are.
func (p *Pane) rule(r *pane.Rows, f *field.Field) {
	var l theme.Line
	where := place(f)
	l.Add(theme.Dim, theme.Clear+theme.Clear+" ")
	if room := p.Width - 8 - theme.Width(where); room >= min(theme.Width(f.Label), 16) {
		l.Cut(theme.Text, f.Label, room).Add(theme.Dim, " "+theme.Dot+" ")
	}
	l.Cut(theme.Dim, where, p.Width-l.Width()-2).Add(theme.Dim, " ")
	if f.Section != "" && l.Width()+theme.Width(f.Section)+6 < p.Width {
		l.FillTo(theme.Dim, theme.Clear, p.Width-theme.Width(f.Section)-4).Add(theme.Dim, " "+f.Section+" ")
	}
	r.Add(*l.FillTo(theme.Dim, theme.Clear, p.Width), false)
}

// place says where a field's bytes are: "bytes 6–37 of message".
func place(f *field.Field) string {
	if f.End <= f.Start {
		return "no bytes of " + f.Buffer
	}
	return span(f.Start, f.End) + " of " + f.Buffer
}

func span(start, end int) string {
	if end-start == 1 {
		return "byte " + pane.Thousands(start)
	}
	return fmt.Sprintf("bytes %s–%s", pane.Thousands(start), pane.Thousands(end-1))
}

// meaning is what a field means, behind its value where the row has no room for
// all of that, over as many lines as it takes.
func (p *Pane) meaning(r row) []string {
	text := r.field.Meaning
	if theme.Width(r.field.Value) > p.Width-p.column-1 {
		text = strings.Trim(r.field.Value+" "+theme.Dot+" "+text, " "+theme.Dot)
	}
	if text == "" {
		return nil
	}
	return theme.Wrap(text, p.Width-2)
}

// strip names the step's buffers, and what the one that is shown was made of. What
// was sent and what arrived are two rows of buffers, of which it names one.
func (p *Pane) strip() theme.Line {
	var l theme.Line
	l.Add(theme.Text, " ")
	from, between := "", ""
	arrived := strings.HasPrefix(p.dump.buffer, crossref.Arrived)
	for _, b := range p.tree.Buffers {
		if strings.HasPrefix(b.Name, crossref.Arrived) != arrived {
			continue
		}
		if between != "" {
			l.Add(theme.Dim, between)
		}
		between = " " + theme.Pointer + " "
		if b.Name != p.dump.buffer {
			l.Add(theme.Dim, b.Name)
			continue
		}
		l.Add(theme.Accent, "["+b.Name+"]")
		from = madeOf(b)
	}
	if from != "" {
		l.Add(theme.Text, "  ").Cut(theme.Dim, from, p.Width-1-l.Width())
	}
	return l
}

// madeOf says which bytes went into a buffer: "bytes 5–36 of record".
func madeOf(b field.Buffer) string {
	var parts []string
	last := ""
	for _, o := range b.Origins {
		part := span(o.Start, o.End)
		if last == o.Buffer {
			parts[len(parts)-1] = strings.TrimSuffix(parts[len(parts)-1], " of "+last)
			part = strings.TrimPrefix(strings.TrimPrefix(part, "bytes "), "byte ")
		}
		parts, last = append(parts, part+" of "+o.Buffer), o.Buffer
	}
	return strings.Join(parts, ", ")
}

// dumpRow draws a row of bytes: offset, hex, and text where there is room for it.
func (p *Pane) dumpRow(all []byte, at, start, stop int, parent bool) theme.Line {
	n := perRow(p.Width)
	part := all[at:min(at+n, len(all))]
	role := func(i int) theme.Role {
		switch in := i >= start && i < stop; {
		case p.dump.entered && i == p.dump.at:
			return theme.Cursor
		case in && (parent || p.dump.entered):
			return theme.Strong
		case in:
			return theme.Marked
		}
		return theme.Dim
	}
	var hex, text theme.Line
	for i, c := range part {
		if i > 0 {
			between := role(at + i - 1)
			if between != role(at+i) || between == theme.Cursor {
				between = theme.Dim
			}
			gap := " "
			if i%4 == 0 {
				gap = "  "
			}
			hex.Add(between, gap)
		}
		hex.Add(role(at+i), fmt.Sprintf("%02x", c))
		if c < 0x20 || c > 0x7e {
			c = '.'
		}
		text.Add(role(at+i), string(rune(c)))
	}
	var l theme.Line
	l.Add(theme.Dim, fmt.Sprintf(" %05d ", at)).Append(hex).To(7 + n*3 + n/4 - 2)
	if l.Width()+1+n <= p.Width {
		l.Add(theme.Text, " ").Append(text)
	}
	return l
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
