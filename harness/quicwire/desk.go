package quicwire

import (
	"sync"

	"shakedown/harness/field"
)

// A desk is where the fields of one datagram, packet or list are put together.
// What is made there is its own; the desk is used again.
type desk struct {
	field.Builder
	// builder and trace are the ones in use, here so that they need no allocation.
	builder builder
	trace   trace
	ids     idTexts
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// newDesk returns a desk whose fields are made in room, which may be nil.
func newDesk(room *field.Room) *desk {
	d := desks.Get().(*desk)
	d.In(room)
	return d
}

// fields returns the fields that were put together, and gives the desk back.
func (d *desk) fields() []field.Field {
	fields := d.Take(0)
	d.free()
	return fields
}

// free gives the desk back.
func (d *desk) free() {
	d.In(nil)
	d.builder, d.trace = builder{}, trace{}
	desks.Put(d)
}

// A builder lays leaves side by side: each starts where the one before ended.
type builder struct {
	*desk
	// b are the bytes that are laid out, which start at base in buffer; at is how
	// far they are.
	b        []byte
	base, at int
	buffer   string
}

// leaves returns the desk's builder, to lay out b.
func (d *desk) leaves(b []byte, base int, buffer string) *builder {
	d.builder = builder{desk: d, b: b, base: base, buffer: buffer}
	return &d.builder
}

// idTexts are connection IDs as they are written. A connection has few of them, and
// each of its packets carries one or two.
type idTexts struct {
	known [4]struct{ id, text string }
	// next is the place of the next one.
	next int
}

// id writes a connection ID.
func (d *desk) id(id []byte) string {
	t := &d.ids
	for i := range t.known {
		if k := &t.known[i]; k.text != "" && k.id == string(id) {
			return k.text
		}
	}
	k := &t.known[t.next]
	k.id, k.text = d.Text(id), d.Hex(id)
	t.next = (t.next + 1) % len(t.known)
	return k.text
}
