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
	// Bits says which bits of its bytes a field stands for, as a picture of them
	// ("..11 ...."). It is set on the parts of a byte that holds several values:
	// these parts share the byte's range, and the byte is the leaf. Other fields
	// have no Bits.
	Bits string `json:"bits,omitempty"`
	// Fields are the parts of this field, in wire order.
	Fields []Field `json:"fields,omitempty"`
	// Shared says that Fields are parts of other trees as well, as they stand: the
	// same certificate comes in one connection after the other. Nobody may change
	// them, and they stay as they are.
	Shared bool `json:"-"`
}

// Leaf says that f's bytes are in no smaller field: f has no parts, or its parts
// are bits.
func (f *Field) Leaf() bool { return len(f.Fields) == 0 || f.Fields[0].Bits != "" }

// A Buffer is a run of bytes that fields refer to: the wire unit, the
// unprotected packet, the decrypted record, the reassembled message, the
// decompressed certificate.
type Buffer struct {
	Name  string
	Bytes []byte
	// Origins say which bytes went into this buffer, in its order: what a
	// message was spread over has several. What came off the wire has none.
	Origins []Origin
}

// An Origin is a half-open run of bytes of another buffer of the same Tree.
type Origin struct {
	Buffer     string
	Start, End int
}

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
