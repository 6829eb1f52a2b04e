package field

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	leaf := func(label string, start, end int, parts ...Field) Field {
		return Field{Label: label, Buffer: "record", Start: start, End: end, Section: "RFC 8446 5.1", Fields: parts}
	}
	bits := func(label, picture string) Field {
		f := leaf(label, 0, 1)
		f.Bits = picture
		return f
	}
	record := []Buffer{{Name: "record", Bytes: make([]byte, 3)}}
	from := func(o ...Origin) []Buffer {
		return append(record, Buffer{Name: "plaintext", Origins: o})
	}
	nameless := leaf("", 0, 3)
	tests := []struct {
		name    string
		buffers []Buffer
		fields  []Field
		want    string // empty for a tree that holds
	}{
		{"one leaf", record, []Field{leaf("all", 0, 3)}, ""},
		{"two leaves and an empty one", record, []Field{leaf("a", 0, 1), leaf("none", 1, 1), leaf("b", 1, 3)}, ""},
		{"parts", record, []Field{leaf("all", 0, 3, leaf("a", 0, 2), leaf("b", 2, 3))}, ""},
		{"bits", record, []Field{leaf("flags", 0, 1, bits("high", "11.. ...."), bits("low", "..01 0101")), leaf("rest", 1, 3)}, ""},
		{"a byte in no leaf", record, []Field{leaf("a", 0, 2)}, "end at byte 2 of 3"},
		{"a byte in two leaves", record, []Field{leaf("a", 0, 2), leaf("b", 1, 3)}, `leaf "b" starts at byte 1`},
		{"a part outside", record, []Field{leaf("all", 0, 2, leaf("a", 0, 3))}, "outside"},
		{"no such buffer", nil, []Field{leaf("all", 0, 3)}, "not there"},
		{"a field without a name", record, []Field{nameless}, "label"},
		{"a bit in two parts", record, []Field{leaf("flags", 0, 1, bits("high", "11.. ...."), bits("low", ".011 0101")), leaf("rest", 1, 3)}, "in two parts"},
		{"a bit in no part", record, []Field{leaf("flags", 0, 1, bits("high", "11.. ...."), bits("low", ".... 0101")), leaf("rest", 1, 3)}, "in no part"},
		{"too few bits", record, []Field{leaf("flags", 0, 1, bits("high", "11..")), leaf("rest", 1, 3)}, "picture"},
		{"bits of no byte", record, []Field{bits("high", "11.. ....")}, "not in a byte"},
		{"an origin", from(Origin{"record", 1, 3}), []Field{leaf("all", 0, 3)}, ""},
		{"an origin that is too long", from(Origin{"record", 1, 4}), []Field{leaf("all", 0, 3)}, "made of bytes"},
		{"an origin that is not there", from(Origin{"packet", 0, 1}), []Field{leaf("all", 0, 3)}, "made of bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Tree{Buffers: tt.buffers, Fields: tt.fields}.Check()
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
