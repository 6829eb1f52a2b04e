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

// A place leads to a field: each stop is the label of a field anywhere below
// the one before. The first stop is a root of the tree where root is set.
type place struct {
	root  bool
	stops []stop
}

// A stop is the field of that label which has n others before it.
type stop struct {
	label string
	n     int
}

// to returns the place further down.
func (p place) to(labels ...string) place {
	stops := p.stops[:len(p.stops):len(p.stops)]
	for _, l := range labels {
		stops = append(stops, stop{label: l})
	}
	return place{root: p.root, stops: stops}
}

// nth returns the place of a field of that label, counted from 0.
func (p place) nth(label string, n int) place {
	return place{root: p.root, stops: append(p.stops[:len(p.stops):len(p.stops)], stop{label, n})}
}

// annotate returns fields with the notes before their meanings: what this
// connection has to do with a field is news, and what the field means in any
// connection explains it. What is changed is copied: a tree may be shared. A
// note whose field is not there is left out, as the field could not be read.
func annotate(fields []field.Field, notes []note) []field.Field {
	if len(notes) == 0 {
		return fields
	}
	e := edit{own: make([]*field.Field, 0, 32)}
	for _, n := range slices.Backward(notes) {
		if changed, ok := e.root(fields, n); ok {
			fields = changed
		}
	}
	return fields
}

// An edit remembers which lists of fields are copies of its own, by their first
// elements.
type edit struct{ own []*field.Field }

func (e *edit) root(fields []field.Field, n note) ([]field.Field, bool) {
	if len(n.at.stops) == 0 {
		return nil, false
	}
	skip := n.at.stops[0].n
	if !n.at.root {
		return e.put(fields, n.at.stops, &skip, n.text)
	}
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].Label == n.at.stops[0].label {
			return e.enter(fields, i, n.at.stops, n.text)
		}
	}
	return nil, false
}

// put looks for the first stop in fields and below them.
func (e *edit) put(fields []field.Field, stops []stop, skip *int, text string) ([]field.Field, bool) {
	for i := range fields {
		f := &fields[i]
		if f.Label == stops[0].label {
			if *skip > 0 {
				*skip--
				continue
			}
			return e.enter(fields, i, stops, text)
		}
		if len(f.Fields) == 0 {
			continue
		}
		if parts, ok := e.put(f.Fields, stops, skip, text); ok {
			fields = e.copy(fields)
			fields[i].Fields = parts
			return fields, true
		}
	}
	return nil, false
}

// enter goes on from the field that the first stop names.
func (e *edit) enter(fields []field.Field, i int, stops []stop, text string) ([]field.Field, bool) {
	if len(stops) == 1 {
		fields = e.copy(fields)
		fields[i].Meaning = sentences(text, fields[i].Meaning)
		return fields, true
	}
	skip := stops[1].n
	parts, ok := e.put(fields[i].Fields, stops[1:], &skip, text)
	if !ok {
		return nil, false
	}
	fields = e.copy(fields)
	fields[i].Fields = parts
	return fields, true
}

func (e *edit) copy(fields []field.Field) []field.Field {
	if slices.Contains(e.own, &fields[0]) {
		return fields
	}
	c := make([]field.Field, len(fields))
	copy(c, fields)
	e.own = append(e.own, &c[0])
	return c
}

// sentences puts one sentence behind another.
func sentences(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}
