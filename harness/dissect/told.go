package dissect

import (
	"slices"

	"shakedown/harness/field"
)

// A Told remembers, while the steps of a connection are told one after another,
// whose datagrams and packets have been told. Several steps come in one QUIC
// packet, and its fields are the same in each. The zero Told has heard nothing;
// a nil one forgets at once.
type Told struct {
	// Room is what trees are made in, nil for trees that stay.
	Room *field.Room

	// units has the datagrams by their unit's index.
	units []toldUnit
	// step is the number of the step being told, in those of the steps that have
	// what it leaves out.
	step int
	in   []int
	// numbers is what is left of the block that packets' numbers are cut from.
	numbers []int
}

// A handshake has about so many datagrams and packets.
const (
	usualUnits   = 24
	usualPackets = 32
)

// A toldUnit has the number of the step that a datagram was told with, and those of
// its packets, 0 for none.
type toldUnit struct {
	datagram int
	packets  []int
}

// A place is a packet of a datagram.
type place struct {
	reading *reading
	packet  int
}

// TreeAfter returns the step's tree without the QUIC datagrams and packets that
// an earlier step has in its own, and the numbers of those steps. A step that is
// no whole message keeps its packet, of which it is a frame. Both are the caller's
// in the manner of [Step.Tree], and as long as the room of told says: with a room
// until its next step is told.
func (s *Step) TreeAfter(told *Told) (tree field.Tree, in []int) {
	switch {
	case told == nil:
		return s.Tree(), nil
	case s.inPackets():
		told.begin(s.N)
		return s.over(told), told.in
	case s.tree != nil:
		return s.tree(told.Room), nil
	}
	return field.Tree{}, nil
}

// begin begins with a step. What was said of another step is the caller's, unless there
// is a room.
func (t *Told) begin(step int) {
	t.step = step
	if t.Room == nil {
		t.in = nil
	}
	t.in = t.in[:0]
}

// room is what the step being told is made in, which may be nil.
func (t *Told) room() *field.Room {
	if t == nil {
		return nil
	}
	return t.Room
}

// datagram says whether a datagram was told already, and takes note of it.
func (t *Told) datagram(r *reading) bool {
	return t != nil && t.told(&t.unit(r).datagram)
}

// packet says whether a packet was told already, and takes note of it.
func (t *Told) packet(at place) bool {
	if t == nil {
		return false
	}
	u := t.unit(at.reading)
	if u.packets == nil {
		n := len(at.reading.packets)
		if n > len(t.numbers) {
			t.numbers = make([]int, max(n, usualPackets))
		}
		u.packets, t.numbers = t.numbers[:n:n], t.numbers[n:]
	}
	return t.told(&u.packets[at.packet])
}

// unit returns what was told of a datagram.
func (t *Told) unit(r *reading) *toldUnit {
	if r.unit >= len(t.units) {
		if t.units == nil {
			t.units = make([]toldUnit, 0, usualUnits)
		}
		t.units = append(t.units, make([]toldUnit, r.unit+1-len(t.units))...)
	}
	return &t.units[r.unit]
}

// told says whether something was told with another step than the one being told,
// and takes note of the first. in is where that stands.
func (t *Told) told(in *int) bool {
	switch {
	case *in == 0:
		*in = t.step
	case *in != t.step:
		if !slices.Contains(t.in, *in) {
			t.in = append(t.in, *in)
		}
		return true
	}
	return false
}
