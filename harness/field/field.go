// Package field holds field trees: what each byte of a buffer is, what it
// means, and which rule it obeys.
//
// For most uses, ask a parser (tlswire, quicwire, x509wire) for the [Tree] of
// a message and walk [Tree.Fields]. A tree is plain data; it may be shared
// between goroutines as long as nobody changes it.
package field

// A Field is one part of a buffer: a label, where it lies, its value, what it
// means here, and the section that defines it.
type Field struct {
	// Label is the name that the defining document gives the field
	// ("legacy_version", "cipher_suites").
	Label string `json:"label"`
	// Buffer names the buffer of the Tree that Start and End count in.
	Buffer string `json:"buffer"`
	// Start and End are byte offsets, half open: [Start, End).
	Start int `json:"start"`
	End   int `json:"end"`
	// Value is the field's content as a person writes it ("0x0303", "server.test").
	// It may hold text from the wire: escape it before it is shown.
	Value string `json:"value"`
	// Meaning is one sentence, or empty where the value says everything.
	Meaning string `json:"meaning"`
	// Section names the defining section ("RFC 8446 4.1.2").
	Section string `json:"section"`
	// Fields are the parts of this field, in wire order.
	Fields []Field `json:"fields,omitempty"`
}

// A Buffer is a run of bytes that fields refer to: the wire unit, the
// unprotected packet, the decrypted record, the reassembled message.
type Buffer struct {
	Name  string
	Bytes []byte
	// Parent names the buffer that this one was made from, empty for what came
	// off the wire. Ranges are the bytes of Parent that went into it.
	Parent string
	Ranges []Range
}

// A Range is a half-open run of byte offsets.
type Range struct{ Start, End int }

// A Tree is everything known about the bytes of one step.
type Tree struct {
	Buffers []Buffer
	Fields  []Field
}

// Buffer returns the buffer of that name, and whether there is one.
func (t Tree) Buffer(name string) (Buffer, bool) {
	for _, b := range t.Buffers {
		if b.Name == name {
			return b, true
		}
	}
	return Buffer{}, false
}
