package tlswire

import (
	"encoding/binary"

	"shakedown/harness/field"
)

// A spec says how one field of the wire format is described to a person, and
// the least length that its vector may have.
type spec struct {
	// label is the field's name in the defining document, section where that is.
	label   string
	section string
	// section12 is where TLS 1.2 defines it, if that is somewhere else.
	section12 string
	// meaning is one sentence, or empty where the value says everything.
	meaning string
	// value writes the field's bytes for a person; nil means hexadecimal.
	value func([]byte) string
	// explain replaces meaning where what to say depends on the bytes. It may
	// return an empty string, and then meaning holds.
	explain func([]byte) string
	// coded adds the bytes in hexadecimal behind a value that is a name.
	coded bool
	// quiet keeps the field out of the value of the field around it.
	quiet bool
	// least is the fewest bytes that the vector may hold.
	least int
	// piecemeal lets the elements of the vector be read as far as they go, where
	// its length says more than there is.
	piecemeal bool
	// bare keeps the field from taking the values of its parts as its own.
	bare bool
}

// say returns the field's meaning for these bytes.
func (s *spec) say(b []byte) string {
	if s.explain != nil {
		if m := s.explain(b); m != "" {
			return m
		}
	}
	return s.meaning
}

// hexText writes b in hexadecimal, cut where nobody would read on.
func hexText(b []byte) string { return field.Hex(b) }

// number writes up to eight bytes as a decimal number.
func number(b []byte) string { return field.Decimal(value(b)) }

// value reads up to eight bytes as a number in network order.
func value(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

// name8 and name16 write a number of a registry as its name.
func name8(name func(uint8) string) func([]byte) string {
	return func(b []byte) string { return name(b[0]) }
}

func name16(name func(uint16) string) func([]byte) string {
	return func(b []byte) string { return name(binary.BigEndian.Uint16(b)) }
}

// printable writes bytes that hold text.
func printable(b []byte) string { return field.Shorten(string(b), 256) }

// count writes how many things of a kind there are.
func count(n int, thing string) string { return field.Count(n, thing) }

// size writes only how many bytes there are.
func size(b []byte) string { return field.Count(len(b), "byte") }
