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
// no whole message keeps its packet, of which it is a frame.
func (s *Step) TreeAfter(told *Told) (tree field.Tree, in []int) {
	if s.over == nil || told == nil {
		return s.Tree(), nil
	}
	told.step, told.in = s.N, nil
	return s.over(told), told.in
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
