package crossref

import (
	"slices"

	"shakedown/harness/field"
)

// A note is a sentence for the meaning of one field.
type note struct {
	at   place
	text string
}

// A written is what is told of a step in the places that it is about, and what was
// proven of it.
type written struct {
	notes  []note
	proofs []Proof
	// room is where the sentences are made while they are written, nil for anywhere.
	room *field.Room
}

// maxNotes bounds what is added to one step: a peer can list thousands of names.
const maxNotes = 256

// note adds a sentence to the meaning of a field.
func (t *written) note(p place, format string, args ...any) {
	if len(t.notes) < maxNotes {
		t.notes = append(t.notes, note{p, sentence(t.room, format, args...)})
	}
}

// prove adds a proof, and its sentence to the meaning of a field.
func (t *written) prove(p place, proof Proof) {
	t.proofs = append(t.proofs, proof)
	t.note(p, "%s", proof.Text)
}

// A place leads to a field: each stop is a field anywhere below the one before, or
// one of its parts. The first stop is a root of the tree where root is set.
type place struct {
	root bool
	// way has the stops in its first n elements: a page has dozens of places, which
	// take no memory of their own so.
	way [mostStops]stop
	n   int
}

// mostStops is how many stops a place has at most.
const mostStops = 5

// A stop is the field of that label which has n others before it.
type stop struct {
	label string
	n     int32
	// part says that it is a part of the field before, and not of a part of it: what
	// is known to stand there need not be looked for everywhere.
	part bool
}

// stops returns the stops of the place.
func (p *place) stops() []stop { return p.way[:p.n] }

// to returns the place further down.
func (p place) to(labels ...string) place {
	for _, l := range labels {
		p.add(stop{label: l})
	}
	return p
}

// part is to where each is a part of the one before.
func (p place) part(labels ...string) place {
	for _, l := range labels {
		p.add(stop{label: l, part: true})
	}
	return p
}

// nth returns the place of a field of that label, counted from 0.
func (p place) nth(label string, n int) place {
	p.add(stop{label: label, n: int32(n)})
	return p
}

// add goes one stop further. Beyond mostStops there is no place.
func (p *place) add(s stop) {
	if p.n == mostStops {
		*p = place{}
		return
	}
	p.way[p.n] = s
	p.n++
}

// annotate returns fields with the notes before their meanings: what this
// connection has to do with a field is news, and what the field means in any
// connection explains it. The tree is the caller's own, and is changed where it
// stands, which spares a copy of half of it; only what it shares with the trees of
// other connections is replaced. A note whose field is not there is left out, as
// the field could not be read.
func annotate(fields []field.Field, notes []note, known *editions, room *field.Room) []field.Field {
	e := edit{known: known, room: room}
	for i := range slices.Backward(notes) {
		if changed, ok := e.root(fields, &notes[i]); ok {
			fields = changed
		}
	}
	return fields
}

// An edit puts sentences into a tree.
type edit struct {
	// known has the shared parts of trees as they are with a sentence in them.
	known *editions
	// room is where texts of a tree that is shared with nobody are made.
	room *field.Room
}

func (e edit) root(fields []field.Field, n *note) ([]field.Field, bool) {
	stops := n.at.stops()
	if len(stops) == 0 {
		return nil, false
	}
	skip := int(stops[0].n)
	if !n.at.root {
		return e.put(fields, stops, &skip, n.text, false)
	}
	i := lastRoot(fields, stops[0].label)
	if i < 0 {
		return nil, false
	}
	return e.enter(fields, i, stops, n.text, false)
}

// lastRoot returns the index of the last root of that label, negative if there is none.
func lastRoot(fields []field.Field, label string) int {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].Label == label {
			return i
		}
	}
	return -1
}

// put looks for the first stop in fields and below them. shared says that others
// hold fields too.
func (e edit) put(fields []field.Field, stops []stop, skip *int, text string, shared bool) ([]field.Field, bool) {
	for i := range fields {
		f := &fields[i]
		if f.Label == stops[0].label {
			if *skip > 0 {
				*skip--
				continue
			}
			return e.enter(fields, i, stops, text, shared)
		}
		if stops[0].part || len(f.Fields) == 0 {
			continue
		}
		if parts, ok := e.parts(f, stops, skip, text, shared); ok {
			fields = ours(fields, shared)
			fields[i].Fields = parts
			return fields, true
		}
	}
	return nil, false
}

// enter goes on from the field that the first stop names.
func (e edit) enter(fields []field.Field, i int, stops []stop, text string, shared bool) ([]field.Field, bool) {
	if len(stops) == 1 {
		fields = ours(fields, shared)
		if shared {
			fields[i].Meaning = sentences(text, fields[i].Meaning)
		} else {
			fields[i].Meaning = e.room.Sentences(text, fields[i].Meaning)
		}
		return fields, true
	}
	skip := int(stops[1].n)
	parts, ok := e.parts(&fields[i], stops[1:], &skip, text, shared)
	if !ok {
		return nil, false
	}
	fields = ours(fields, shared)
	fields[i].Fields = parts
	return fields, true
}

// parts looks for the first stop in the parts of a field. Where these are shared,
// so is what comes of them.
func (e edit) parts(f *field.Field, stops []stop, skip *int, text string, shared bool) ([]field.Field, bool) {
	if f.Shared && len(f.Fields) > 0 {
		return e.known.edit(f.Fields, stops, skip, text)
	}
	return e.put(f.Fields, stops, skip, text, shared)
}

// ours returns fields where they are ours, and else a copy.
func ours(fields []field.Field, shared bool) []field.Field {
	if shared {
		return slices.Clone(fields)
	}
	return fields
}

// sentences puts one sentence behind another.
func sentences(first, second string) string { return (*field.Room)(nil).Sentences(first, second) }
