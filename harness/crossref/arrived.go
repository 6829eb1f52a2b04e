package crossref

import (
	"bytes"
	"fmt"
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
)

// Arrived begins the labels of the roots, and the names of the buffers, that show
// what reached the other side where that is not what was sent.
const Arrived = "arrived "

// withArrival adds to a step's tree the trees of what reached the other side in
// its place. Nothing is added where that is what was sent, or where nothing came.
func (b *Book) withArrival(tree field.Tree, step *dissect.Step) field.Tree {
	steps := b.arrivals(step)
	if len(steps) == 0 {
		return tree
	}
	tree.Buffers, tree.Fields = slices.Clone(tree.Buffers), slices.Clone(tree.Fields)
	for i, s := range steps {
		prefix := Arrived
		if i > 0 {
			prefix += fmt.Sprintf("(%d) ", i+1)
		}
		there := s.Tree()
		for _, f := range there.Fields {
			if sent, ok := root(tree.Fields, f.Label); ok {
				f = compared(f, sent)
			}
			f.Label = prefix + f.Label
			tree.Fields = append(tree.Fields, rebuffered(f, prefix))
		}
		for _, buffer := range there.Buffers {
			buffer.Name = prefix + buffer.Name
			buffer.Origins = slices.Clone(buffer.Origins)
			for i := range buffer.Origins {
				buffer.Origins[i].Buffer = prefix + buffer.Origins[i].Buffer
			}
			tree.Buffers = append(tree.Buffers, buffer)
		}
	}
	return tree
}

// arrivals are the steps that the other side saw where this one was sent, nil
// where it saw the same.
func (b *Book) arrivals(step *dissect.Step) []*dissect.Step {
	units := b.in.Transcript.Units
	if step.Unit < 0 || step.Unit >= len(units) || step.Kind == dissect.KindLocal {
		return nil
	}
	if u := units[step.Unit]; len(u.Deliveries) == 0 || u.Deliveries[0].Bytes == nil || !b.altered() {
		return nil
	}
	seen := b.view(step.From.Peer())
	var all, alike []*dissect.Step
	for _, s := range seen.timeline.Steps {
		if s.Unit < 0 || s.Kind == dissect.KindLocal || s.From != step.From || seen.units[s.Unit] != step.Unit {
			continue
		}
		all = append(all, s)
		if s.Name == step.Name {
			alike = append(alike, s)
		}
	}
	switch {
	case len(alike) == 0:
		return all
	case len(alike) == 1 && sameContent(alike[0], step):
		return nil
	}
	return alike
}

// sameContent says that two steps of one name hold the same, however it was
// protected on its way.
func sameContent(a, b *dissect.Step) bool {
	switch {
	case a.Raw != nil || b.Raw != nil:
		return bytes.Equal(a.Raw, b.Raw)
	case a.Alert != nil && b.Alert != nil:
		return *a.Alert == *b.Alert
	}
	return a.Err == nil && b.Err == nil && a.Bytes == b.Bytes && a.Summary == b.Summary
}

// root returns the root of that label.
func root(fields []field.Field, label string) (field.Field, bool) {
	i := slices.IndexFunc(fields, func(f field.Field) bool { return f.Label == label })
	if i < 0 {
		return field.Field{}, false
	}
	return fields[i], true
}

// rebuffered returns a copy of a field in the buffers with that prefix.
func rebuffered(f field.Field, prefix string) field.Field {
	f.Buffer = prefix + f.Buffer
	f.Fields, f.Shared = slices.Clone(f.Fields), false
	for i := range f.Fields {
		f.Fields[i] = rebuffered(f.Fields[i], prefix)
	}
	return f
}

// compared returns a copy of a field as it arrived, whose leaves say what was
// sent in their place. Parts are told apart by their labels: the second of a
// label is compared with the second.
func compared(arrived, sent field.Field) field.Field {
	if arrived.Leaf() || sent.Leaf() {
		if arrived.Value != sent.Value {
			arrived.Meaning = join("sent as "+orNothing(sent.Value), arrived.Meaning)
		}
		return arrived
	}
	twins := make(map[string][]field.Field, len(sent.Fields))
	for _, f := range sent.Fields {
		twins[f.Label] = append(twins[f.Label], f)
	}
	arrived.Fields = slices.Clone(arrived.Fields)
	for i, part := range arrived.Fields {
		if left := twins[part.Label]; len(left) > 0 {
			arrived.Fields[i], twins[part.Label] = compared(part, left[0]), left[1:]
		}
	}
	return arrived
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// join puts two sentences together, of which the second can be empty.
func join(first, second string) string {
	if second == "" {
		return first
	}
	return first + "; " + second
}
