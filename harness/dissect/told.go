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

	datagrams map[*reading]int
	packets   map[place]int
	// step is the number of the step being told, in those of the steps that have
	// what it leaves out.
	step int
	in   []int
}

// A place is a packet of a datagram.
type place struct {
	reading *reading
	packet  int
}

// TreeAfter returns the step's tree without the QUIC datagrams and packets that
// an earlier step has in its own, and the numbers of those steps. A step that is
// no whole message keeps its packet, of which it is a frame. The tree is the
// caller's in the manner of [Step.Tree], and as long as the room of told says.
func (s *Step) TreeAfter(told *Told) (tree field.Tree, in []int) {
	switch {
	case told == nil:
		return s.Tree(), nil
	case s.over != nil:
		told.step, told.in = s.N, nil
		return s.over(told), told.in
	case s.tree != nil:
		return s.tree(told.Room), nil
	}
	return field.Tree{}, nil
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
	if t == nil {
		return false
	}
	if t.datagrams == nil {
		t.datagrams = map[*reading]int{}
	}
	return told(t, t.datagrams, r)
}

// packet says whether a packet was told already, and takes note of it.
func (t *Told) packet(at place) bool {
	if t == nil {
		return false
	}
	if t.packets == nil {
		t.packets = map[place]int{}
	}
	return told(t, t.packets, at)
}

func told[K comparable](t *Told, where map[K]int, what K) bool {
	step, known := where[what]
	switch {
	case !known:
		where[what] = t.step
	case step != t.step && !slices.Contains(t.in, step):
		t.in = append(t.in, step)
	}
	return known && step != t.step
}
