package inspector

import (
	"fmt"
	"strings"

	"shakedown/harness/field"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// A dump is the part of the pane that shows the bytes of one buffer, those of
// the selected field marked, and what the field means.
type dump struct {
	// entered says that the keys move over the bytes, one of which is at.
	entered bool
	at      int
	// buffer is the name of the buffer that is shown.
	buffer string
	// from is the first byte that was shown after the last movement. A window of
	// another size shows what it needs to, and remembers nothing of it.
	from int
	// whole is the path of the field whose meaning is shown to its end.
	whole string
}

// InBytes says whether the keys move over the bytes instead of the fields.
func (p *Pane) InBytes(on bool) {
	if p.dump.entered == on {
		return
	}
	p.dump.entered, p.On = on, keymap.OnStep
	if on {
		p.On = keymap.OnBytes
	}
	p.build()
}

// HasBytes says whether the step has any bytes to move over.
func (p *Pane) HasBytes() bool { return len(p.bytes()) > 0 }

// bytes are those of the buffer that is shown.
func (p *Pane) bytes() []byte {
	b, _ := p.tree.Buffer(p.dump.buffer)
	return b.Bytes
}

// follow shows the selected field's bytes.
func (p *Pane) follow() {
	r, ok := p.selected()
	if !ok {
		p.dump.buffer, p.dump.at, p.dump.from = "", 0, 0
		return
	}
	if p.dump.buffer != r.field.Buffer {
		p.dump.buffer, p.dump.from = r.field.Buffer, 0
	}
	if r.path != p.dump.whole {
		p.dump.whole = ""
	}
	if start, end := p.extent(r.field); !p.dump.entered || p.dump.at < start || p.dump.at >= end {
		p.dump.at = start
	}
	p.settle()
}

// settle remembers where the window stands.
func (p *Pane) settle() { p.dump.from = p.window() * perRow(p.Width) }

// extent is where a field's bytes are, as far as its buffer has them.
func (p *Pane) extent(f *field.Field) (start, end int) {
	b, _ := p.tree.Buffer(f.Buffer)
	start = min(max(f.Start, 0), len(b.Bytes))
	return start, min(max(f.End, start), len(b.Bytes))
}

// window returns the first row of bytes to show: where it was, or no farther
// from there than it takes to show the byte that is moved over, or the selected
// field from its beginning on.
func (p *Pane) window() int {
	n, rows := perRow(p.Width), p.dumpRows()
	top := p.dump.from / n
	switch first, last := p.marked(); {
	case p.dump.entered:
		at := p.dump.at / n
		top = max(min(top, at), at-rows+1)
	case first/n < top || last/n >= top+rows:
		top = first / n
		if rows > 3 {
			top-- // what stands before it says where it is
		}
	}
	most := (len(p.bytes())+n-1)/n - rows
	return max(min(top, most), 0)
}

// marked are the first and the last byte of the selected field.
func (p *Pane) marked() (first, last int) {
	r, ok := p.selected()
	if !ok || r.field.Buffer != p.dump.buffer {
		return 0, 0
	}
	start, end := p.extent(r.field)
	return start, max(end-1, start)
}

// moveBytes moves over the bytes and selects the field that holds the one that
// is reached. It says whether the action was a movement.
func (p *Pane) moveBytes(a keymap.Action) bool {
	n, page := perRow(p.Width), perRow(p.Width)*max(p.dumpRows()-1, 1)
	by, known := map[keymap.Action]int{
		keymap.Left: -1, keymap.Right: 1, keymap.Up: -n, keymap.Down: n,
		keymap.PageUp: -page, keymap.PageDown: page, keymap.HalfUp: -max(page/2/n, 1) * n, keymap.HalfDown: max(page/2/n, 1) * n,
		keymap.Top: -len(p.bytes()), keymap.Bottom: len(p.bytes()),
	}[a]
	if !known {
		return false
	}
	to := p.dump.at + by
	if (a == keymap.Up || a == keymap.Down) && (to < 0 || to >= len(p.bytes())) {
		return true // a column is kept
	}
	p.dump.at = max(min(to, len(p.bytes())-1), 0)
	p.selectByte()
	return true
}

// selectByte selects the smallest field that holds the byte.
func (p *Pane) selectByte() {
	path := p.holder(p.tree.Fields, "", p.dump.buffer, p.dump.at)
	p.choose(path)
	p.settle()
}

// holder unfolds the way to the smallest field that holds a byte, and returns
// that field's path, empty if none holds it.
func (p *Pane) holder(fields []field.Field, path, buffer string, at int) string {
	found := ""
	for i := range fields {
		f := &fields[i]
		here := child(path, f, i)
		deeper := ""
		if f.Buffer != buffer || f.Start <= at && at < f.End {
			deeper = p.holder(f.Fields, here, buffer, at)
		}
		switch {
		case deeper != "":
			p.folded[here] = false
			found = deeper
		case f.Buffer == buffer && f.Start <= at && at < f.End:
			found = here
		}
	}
	return found
}

// choose selects the field of that path, which is unfolded.
func (p *Pane) choose(path string) {
	p.build()
	for i, r := range p.rows {
		if r.path == path {
			p.List.Select(i)
		}
	}
}

// switchBuffer shows the next (1) or previous (-1) of the step's buffers: the
// same byte there if it went into it, else the first.
func (p *Pane) switchBuffer(by int) {
	all := p.tree.Buffers
	for i, b := range all {
		if b.Name != p.dump.buffer || i+by < 0 || i+by >= len(all) {
			continue
		}
		to := all[i+by]
		p.dump.at = passage(b, to, p.dump.at)
		p.dump.buffer, p.dump.from = to.Name, 0
		if p.dump.entered {
			p.selectByte()
		} else {
			p.choose(p.outermost(p.tree.Fields, "", to.Name))
		}
		return
	}
}

// outermost unfolds the way to the first field of a buffer.
func (p *Pane) outermost(fields []field.Field, path, buffer string) string {
	for i := range fields {
		here := child(path, &fields[i], i)
		if fields[i].Buffer == buffer {
			return here
		}
		if deeper := p.outermost(fields[i].Fields, here, buffer); deeper != "" {
			p.folded[here] = false
			return deeper
		}
	}
	return ""
}

// passage returns where a byte of one buffer is in another that was made of it,
// or that it was made of; 0 if it did not go from one to the other.
func passage(from, to field.Buffer, at int) int {
	place := 0
	for _, o := range origins(from) {
		if n := o.End - o.Start; o.Buffer == to.Name && place <= at && at < place+n {
			return o.Start + at - place
		} else {
			place += n
		}
	}
	place = 0
	for _, o := range origins(to) {
		if o.Buffer == from.Name && o.Start <= at && at < o.End {
			return place + at - o.Start
		}
		place += o.End - o.Start
	}
	return 0
}

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
	end := p.Height
	lines := p.meaning(row)
	if p.dump.whole == row.path {
		for _, s := range lines {
			r.Add(*new(theme.Line).Add(theme.Text, " "+s), false)
		}
		return
	}
	most := p.meaningRows()
	for i, s := range lines[:min(len(lines), most)] {
		if i == most-1 && len(lines) > most {
			s = theme.Shorten(s+" "+theme.Ellipsis, p.Width-2)
		}
		r.Add(*new(theme.Line).Add(theme.Text, " "+s), false)
	}
	r.To(end - p.dumpRows() - p.stripRows())
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
			r.Add(p.dumpRow(all, at, start, stop, len(row.field.Fields) > 0), false)
		}
	}
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

// strip names the step's buffers, and what the one that is shown was made of.
func (p *Pane) strip() theme.Line {
	var l theme.Line
	l.Add(theme.Text, " ")
	from := ""
	for i, b := range p.tree.Buffers {
		if i > 0 {
			l.Add(theme.Dim, " "+theme.Pointer+" ")
		}
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
	for _, o := range origins(b) {
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
			hex.Add(between, strings.Repeat(" ", 1+b2i(i%4 == 0)))
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

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
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
