package tlswire

import (
	"encoding/hex"
	"fmt"
	"strings"

	"shakedown/harness/field"
)

// MessageFields returns the field tree of one handshake message, header
// included: a single field named for the message, in whose leaves every byte of
// raw is exactly once. Ranges count from the start of raw, which the fields call
// buffer. Version decides as in [ParseHandshake].
//
// What cannot be read is a leaf "unparsed", whose meaning says where and why
// reading stopped; a rule that was broken by bytes which could be read is an
// empty leaf "malformed".
func MessageFields(raw []byte, version uint16, buffer string) []field.Field {
	t := &tree{buffer: buffer, version: version}
	t.push(&spec{}, 0)
	parse(raw, version, t)
	return t.stack[0].Fields
}

// The labels that other packages look for in a tree.
const (
	// LabelCertificate is a leaf that holds one certificate in DER.
	LabelCertificate = "certificate"
	// LabelQUICTransportParameters is a leaf that holds QUIC's transport
	// parameters (RFC 9000 18).
	LabelQUICTransportParameters = "transport_parameters"
	// LabelUnparsed is a leaf that could not be read.
	LabelUnparsed = "unparsed"
	// LabelMalformed is an empty leaf that says which rule was broken.
	LabelMalformed = "malformed"
)

// maxFields is how many fields one tree may have. It is far above what the
// largest handshake message of a working peer needs, and keeps a hostile one
// from filling the memory.
const maxFields = 1 << 16

// A tree collects fields while a reader walks.
type tree struct {
	buffer  string
	version uint16
	stack   []frame
	// count is how many fields there are. Once there are maxFields, no more are
	// added, and skipped is how many pushes were not followed.
	count, skipped int
}

// A frame is a field whose parts are being read.
type frame struct {
	field.Field
	spec *spec
	// parts are the values of the parts, for the value of the whole.
	parts []string
}

// push opens a field that has parts.
func (t *tree) push(s *spec, start int) {
	if t.count >= maxFields {
		t.skipped++
		return
	}
	t.count++
	t.stack = append(t.stack, frame{
		spec: s,
		Field: field.Field{
			Label: s.label, Buffer: t.buffer, Start: start,
			Meaning: s.meaning, Section: t.section(s),
		},
	})
}

// pop closes the innermost field at end and hands it to the field around it. A
// structure that was not begun leaves nothing.
func (t *tree) pop(end int) {
	if t.skipped > 0 {
		t.skipped--
		return
	}
	t.fill(end)
	f := &t.stack[len(t.stack)-1]
	f.End = end
	if f.Value == "" && !f.spec.bare {
		f.Value = summary(f.parts)
	}
	t.stack = t.stack[:len(t.stack)-1]
	if f.Start < end || len(f.Fields) > 0 {
		t.add(f.spec, f.Field, f.Value)
	}
}

// fill covers what was not described because there are too many fields.
func (t *tree) fill(end int) {
	f := &t.stack[len(t.stack)-1]
	start := f.Start
	if n := len(f.Fields); n > 0 {
		start = f.Fields[n-1].End
	}
	if t.count >= maxFields && start < end {
		t.add(&spec{quiet: true}, field.Field{
			Label: "more", Buffer: t.buffer, Start: start, End: end,
			Value: fmt.Sprintf("%d bytes", end-start), Section: t.section(&spec{}),
			Meaning: "The message has more fields than are shown.",
		}, "")
	}
}

// leaf adds a field that has no parts.
func (t *tree) leaf(s *spec, start int, b []byte) {
	if t.count >= maxFields {
		return
	}
	t.count++
	text := s.text(b)
	f := field.Field{
		Label: s.label, Buffer: t.buffer, Start: start, End: start + len(b),
		Value: text, Meaning: s.say(b), Section: t.section(s),
	}
	if s.coded && !strings.Contains(text, "0x") {
		f.Value += " (0x" + hex.EncodeToString(b) + ")"
	}
	t.add(s, f, text)
}

// unparsed adds a leaf for what could not be read.
func (t *tree) unparsed(start, end int, why *SyntaxError) {
	if t.count >= maxFields {
		return
	}
	t.count++
	f := field.Field{
		Label: LabelUnparsed, Buffer: t.buffer, Start: start, End: end,
		Value: fmt.Sprintf("%d bytes", end-start), Section: t.section(&spec{}),
	}
	if start == end {
		f.Label, f.Value = LabelMalformed, why.Field
	}
	if why != nil {
		f.Meaning = why.Error()
	}
	t.add(&spec{}, f, f.Label)
}

// describe replaces the label and the meaning of the innermost field, where
// they are known only after a part of it was read.
func (t *tree) describe(label, meaning, section string) {
	if t.skipped > 0 {
		return
	}
	f := &t.stack[len(t.stack)-1]
	f.Label, f.Meaning, f.Section = label, meaning, section
}

// set gives the innermost field a value other than those of its parts.
func (t *tree) set(value string) {
	if t.skipped == 0 {
		t.stack[len(t.stack)-1].Value = value
	}
}

// add appends f to the innermost field, and text to that field's value.
func (t *tree) add(s *spec, f field.Field, text string) {
	top := &t.stack[len(t.stack)-1]
	top.Fields = append(top.Fields, f)
	if !s.quiet && text != "" {
		top.parts = append(top.parts, text)
	}
}

// section returns the section of s, or else that of the field around it.
func (t *tree) section(s *spec) string {
	switch {
	case s.section12 != "" && t.version != 0 && t.version <= VersionTLS12:
		return s.section12
	case s.section != "" || len(t.stack) == 0:
		return s.section
	}
	return t.stack[len(t.stack)-1].Section
}

// summary writes the values of a field's parts as one value.
func summary(parts []string) string {
	const limit = 120
	if len(parts) == 0 {
		return "empty"
	}
	n, size := 0, 0
	for n < len(parts) && size <= limit {
		size += len(parts[n]) + 2
		n++
	}
	text := strings.Join(parts[:n], ", ")
	if n < len(parts) {
		text += ", …"
	}
	return field.Shorten(text, limit)
}
