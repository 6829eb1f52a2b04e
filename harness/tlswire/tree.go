package tlswire

import (
	"encoding/hex"
	"strings"

	"shakedown/harness/field"
)

// MessageFields returns the field tree of one handshake message, header
// included: a single field named for the message, in whose leaves every byte of
// raw is exactly once. Ranges count from the start of raw, which the fields call
// buffer. Version decides as in [ParseHandshake].
//
// What cannot be read is a leaf "unparsed", whose meaning says where and why
// reading stopped. A leaf "certificate" holds one certificate in DER.
func MessageFields(raw []byte, version uint16, buffer string) []field.Field {
	t := &tree{buffer: buffer}
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
)

// A tree collects fields while a reader walks.
type tree struct {
	buffer string
	stack  []frame
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
	t.stack = append(t.stack, frame{
		spec: s,
		Field: field.Field{
			Label: s.label, Buffer: t.buffer, Start: start,
			Meaning: s.meaning, Section: s.section,
		},
	})
}

// pop closes the innermost field at end and hands it to the field around it.
func (t *tree) pop(end int) {
	f := &t.stack[len(t.stack)-1]
	f.End = end
	if f.Value == "" && !f.spec.bare {
		f.Value = summary(f.parts)
	}
	t.stack = t.stack[:len(t.stack)-1]
	t.add(f.spec, f.Field, f.Value)
}

// leaf adds a field that has no parts.
func (t *tree) leaf(s *spec, start int, b []byte) {
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
	f := field.Field{Label: LabelUnparsed, Buffer: t.buffer, Start: start, End: end}
	f.Section = t.section(&spec{})
	if why != nil {
		f.Meaning = why.Error()
	}
	f.Value = size(make([]byte, end-start))
	t.add(&spec{}, f, LabelUnparsed)
}

// describe replaces the label and the meaning of the innermost field, where
// they are known only after a part of it was read.
func (t *tree) describe(label, meaning, section string) {
	f := &t.stack[len(t.stack)-1]
	f.Label, f.Meaning, f.Section = label, meaning, section
}

// set gives the innermost field a value other than those of its parts.
func (t *tree) set(value string) { t.stack[len(t.stack)-1].Value = value }

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
	if s.section != "" {
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
	return field.Shorten(strings.Join(parts, ", "), limit)
}
