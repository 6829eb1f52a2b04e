package inspector

import (
	"shakedown/harness/field"
	"shakedown/tui/keymap"
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
		if !f.Leaf() && (f.Buffer != buffer || f.Start <= at && at < f.End) {
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
	for _, o := range from.Origins {
		if into := at - place; o.Buffer == to.Name && into >= 0 && into < o.End-o.Start {
			return o.Start + into
		}
		place += o.End - o.Start
	}
	place = 0
	for _, o := range to.Origins {
		if o.Buffer == from.Name && o.Start <= at && at < o.End {
			return place + at - o.Start
		}
		place += o.End - o.Start
	}
	return 0
}
