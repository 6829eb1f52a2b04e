package tuitest

import (
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A Message stands in a hand-made step where a real one has its parsed message,
// and carries its field tree. [Tree] finds it.
type Message struct{ Fields field.Tree }

// Tree returns a step's field tree: for [tui.Options], so that hand-made and
// real steps both show theirs.
func Tree(s *dissect.Step) field.Tree {
	if m, ok := s.Message.(*Message); ok {
		return m.Fields
	}
	return s.Tree()
}

// A writer writes a play step by step.
type writer struct {
	steps  []*dissect.Step
	flight int
	last   outcome.Role
	unit   int
	at     time.Duration
}

// send adds a message in a unit of its own.
func (w *writer) send(from outcome.Role, level dissect.Level, name string, bytes int, summary string, tree field.Tree) *dissect.Step {
	return w.add(from, level, dissect.KindHandshake, name, bytes, summary, tree, true)
}

// also adds a message to the unit before.
func (w *writer) also(from outcome.Role, level dissect.Level, name string, bytes int, summary string, tree field.Tree) *dissect.Step {
	return w.add(from, level, dissect.KindHandshake, name, bytes, summary, tree, false)
}

func (w *writer) add(from outcome.Role, level dissect.Level, kind dissect.Kind, name string, bytes int, summary string, tree field.Tree, fresh bool) *dissect.Step {
	if from != w.last {
		w.flight++
		w.last = from
	}
	if fresh {
		w.unit++
	}
	w.at += 180 * time.Microsecond
	overhead := 5
	if level == dissect.Handshake || level == dissect.Application {
		overhead = 22
	}
	s := &dissect.Step{
		N: len(w.steps) + 1, At: w.at, From: from, Level: level, Flight: w.flight, Kind: kind,
		Name: name, Bytes: bytes, WireBytes: bytes + overhead, Summary: summary,
		Unit: w.unit - 1, Units: []int{w.unit - 1}, Message: &Message{tree},
	}
	w.steps = append(w.steps, s)
	return s
}

// fact adds what happened inside a side.
func (w *writer) fact(side outcome.Role, kind transcript.FactKind, text string) {
	w.at += 40 * time.Microsecond
	w.steps = append(w.steps, &dissect.Step{
		N: len(w.steps) + 1, At: w.at, From: side, Flight: max(w.flight, 1), Kind: dissect.KindLocal, Name: string(kind),
		Summary: text, Unit: -1, Fact: &transcript.Fact{Side: side, Kind: kind, Text: text, At: w.at},
	})
}

// alert adds a TLS alert.
func (w *writer) alert(from outcome.Role, level dissect.Level, code uint8, name string) {
	tree := newTree("alert").
		leaf("level", []byte{2}, "2", "fatal: the connection ends here", "RFC 8446 6").
		leaf("description", []byte{code}, "", name, "RFC 8446 6.2").tree("alert", "RFC 8446 6")
	s := w.add(from, level, dissect.KindAlert, "alert "+name, 2, "fatal", tree, true)
	s.Alert = &dissect.Alert{Level: 2, Code: code}
}

// A treeWriter writes a field tree over made-up bytes.
type treeWriter struct {
	buffer string
	bytes  []byte
	fields []field.Field
}

func newTree(buffer string) *treeWriter { return &treeWriter{buffer: buffer} }

func (t *treeWriter) leaf(label string, b []byte, value, meaning, section string) *treeWriter {
	t.fields = append(t.fields, field.Field{
		Label: label, Buffer: t.buffer, Start: len(t.bytes), End: len(t.bytes) + len(b),
		Value: value, Meaning: meaning, Section: section,
	})
	t.bytes = append(t.bytes, b...)
	return t
}

// group adds fields that are parts of one.
func (t *treeWriter) group(label, value, meaning, section string, parts func(*treeWriter)) *treeWriter {
	inner := &treeWriter{buffer: t.buffer, bytes: t.bytes}
	parts(inner)
	t.fields = append(t.fields, field.Field{
		Label: label, Buffer: t.buffer, Start: len(t.bytes), End: len(inner.bytes),
		Value: value, Meaning: meaning, Section: section, Fields: inner.fields,
	})
	t.bytes = inner.bytes
	return t
}

// tree returns everything written so far under one root.
func (t *treeWriter) tree(root, section string) field.Tree {
	return field.Tree{
		Buffers: []field.Buffer{{Name: t.buffer, Bytes: t.bytes}},
		Fields: []field.Field{{
			Label: root, Buffer: t.buffer, Start: 0, End: len(t.bytes), Section: section, Fields: t.fields,
		}},
	}
}

// bytes returns n bytes that look like any others and are always the same.
func bytes(seed byte, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}
