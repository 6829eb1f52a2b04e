package tlswire

import (
	"strings"
	"sync"

	"shakedown/harness/field"
)

// MessageFields returns the field tree of one handshake message, header
// included: a single field named for the message, in whose leaves every byte of
// raw is exactly once. Ranges count from the start of raw, which the fields call
// buffer. Version decides as in [ParseHandshake].
//
// What cannot be read is a leaf "unparsed", whose meaning says where and why
// reading stopped; a rule that was broken by bytes which could be read is an
// empty leaf "malformed". The fields are made in room, which may be nil.
func MessageFields(raw []byte, version uint16, buffer string, room *field.Room) []field.Field {
	t := newTree(buffer, version)
	t.In(room)
	parse(raw, version, t)
	return t.done()
}

// The labels that other packages look for in a tree.
const (
	// LabelCertificate is a leaf that holds one certificate in DER.
	LabelCertificate = "certificate"
	// LabelName is a leaf that holds a distinguished name in DER.
	LabelName = "name"
	// LabelOCSPResponse is a leaf that holds an OCSP response in DER.
	LabelOCSPResponse = "OCSPResponse"
	// LabelSCT is a leaf that holds one signed certificate timestamp.
	LabelSCT = "SignedCertificateTimestamp"
	// LabelCompressed is a leaf that holds a compressed certificate message.
	LabelCompressed = "compressed_data"
	// LabelFilter is an entry of oid_filters; LabelFilterOID and LabelFilterValues
	// are leaves in it that hold the identifier of a certificate extension, and its
	// value, in DER.
	LabelFilter       = "OIDFilter"
	LabelFilterOID    = "extension_oid"
	LabelFilterValues = "extension_values"
	// LabelPublicKeyInfo is a leaf that holds a SubjectPublicKeyInfo in DER.
	LabelPublicKeyInfo = "SubjectPublicKeyInfo"
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
	field.Builder
	buffer  string
	version uint16
	stack   []frame
	// texts are the values of parts, for the value of the whole, those of all
	// open fields one behind the other.
	texts []string
	// count is how many fields there are. Once there are maxFields, no more are
	// added, and skipped is how many pushes were not followed.
	count, skipped int
}

// A frame is a field whose parts are being read.
type frame struct {
	spec                           *spec
	start                          int
	label, value, meaning, section string
	// parts and texts are where the field's parts and their values begin.
	parts, texts int
}

// trees keeps the room that a tree needs while it grows. What it returns is its
// own.
var trees = sync.Pool{New: func() any { return new(tree) }}

func newTree(buffer string, version uint16) *tree {
	t := trees.Get().(*tree)
	t.buffer, t.version = buffer, version
	t.count, t.skipped = 0, 0
	return t
}

// done returns all fields and gives up the tree.
func (t *tree) done() []field.Field {
	fields := t.Take(0)
	t.In(nil)
	trees.Put(t)
	return fields
}

// push opens a field that has parts.
func (t *tree) push(s *spec, start int) {
	if t.count >= maxFields {
		t.skipped++
		return
	}
	t.count++
	t.stack = append(t.stack, frame{
		spec: s, start: start, label: s.label, meaning: s.meaning, section: t.section(s),
		parts: t.Mark(), texts: len(t.texts),
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
	texts := t.texts[f.texts:]
	if f.value == "" && !f.spec.bare {
		f.value = t.summary(texts)
	}
	clear(texts)
	t.texts = t.texts[:f.texts]
	parts := t.Take(f.parts)
	t.stack = t.stack[:len(t.stack)-1]
	if f.start < end || len(parts) > 0 {
		t.Add(field.Field{
			Label: f.label, Buffer: t.buffer, Start: f.start, End: end,
			Value: f.value, Meaning: f.meaning, Section: f.section, Fields: parts,
		})
		t.say(f.spec, f.value)
	}
}

// fill covers what was not described because there are too many fields.
func (t *tree) fill(end int) {
	if t.count < maxFields {
		return
	}
	f := &t.stack[len(t.stack)-1]
	start := f.start
	if last := t.Last(f.parts); last != nil {
		start = last.End
	}
	if start < end {
		t.Add(field.Field{
			Label: "more", Buffer: t.buffer, Start: start, End: end,
			Value: field.Count(end-start, "byte"), Section: f.section,
			Meaning: "The message has more fields than are shown.",
		})
	}
}

// leaf adds a field that has no parts.
func (t *tree) leaf(s *spec, start int, b []byte) {
	if t.count >= maxFields {
		return
	}
	t.count++
	text := t.text(s, b)
	value := text
	if s.coded && !strings.Contains(text, "0x") {
		value = coded(text, b)
	}
	f := t.New()
	f.Label, f.Buffer, f.Start, f.End = s.label, t.buffer, start, start+len(b)
	f.Value, f.Meaning, f.Section = value, s.say(b), t.section(s)
	t.say(s, text)
}

// text returns a field's value as it stands in a summary: hexadecimal, or what its
// spec writes.
func (t *tree) text(s *spec, b []byte) string {
	if s.value == nil {
		return t.Hex(b)
	}
	return s.value(b)
}

// unparsed adds a leaf for what could not be read.
func (t *tree) unparsed(start, end int, why *SyntaxError) {
	if t.count >= maxFields {
		return
	}
	t.count++
	f := field.Field{
		Label: LabelUnparsed, Buffer: t.buffer, Start: start, End: end,
		Value: field.Count(end-start, "byte"), Section: t.section(&unparsedSpec),
	}
	if start == end {
		f.Label, f.Value = LabelMalformed, why.Field
	}
	if why != nil {
		f.Meaning = why.Error()
	}
	t.Add(f)
	t.say(&unparsedSpec, f.Label)
}

var unparsedSpec spec

// describe replaces the label and the meaning of the innermost field, where
// they are known only after a part of it was read.
func (t *tree) describe(label, meaning, section string) {
	if t.skipped > 0 {
		return
	}
	f := &t.stack[len(t.stack)-1]
	f.label, f.meaning, f.section = label, meaning, section
}

// set gives the innermost field a value other than those of its parts.
func (t *tree) set(value string) {
	if t.skipped == 0 {
		t.stack[len(t.stack)-1].value = value
	}
}

// say lets the value of a part stand in that of the field around it.
func (t *tree) say(s *spec, text string) {
	if !s.quiet && text != "" && len(t.stack) > 0 {
		t.texts = append(t.texts, text)
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
	return t.stack[len(t.stack)-1].section
}

// summary writes the values of a field's parts as one value.
func (t *tree) summary(parts []string) string {
	const limit = 120
	switch len(parts) {
	case 0:
		return "empty"
	case 1:
		return field.Shorten(parts[0], limit)
	}
	var room [2 * limit]byte
	text := room[:0]
	for i, part := range parts {
		if i > 0 {
			text = append(text, ", "...)
		}
		if len(text) > limit {
			return field.Shorten(t.Text(append(text, "…"...)), limit)
		}
		text = append(text, part...)
	}
	return field.Shorten(t.Text(text), limit)
}
