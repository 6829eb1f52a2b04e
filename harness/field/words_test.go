package field

import (
	"bytes"
	"testing"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Count(0, "byte"), "0 bytes"},
		{Count(1, "byte"), "1 byte"},
		{Count(1499, "byte"), "1499 bytes"},
		{Count(1500, "byte"), "1500 bytes"},
		{Thousands(0), "0"},
		{Thousands(999), "999"},
		{Thousands(-999), "-999"},
		{Thousands(-1452), "-1,452"},
		{Thousands(12345678), "12,345,678"},
		{Decimal(0), "0"},
		{Decimal(1499), "1499"},
		{Decimal(1500), "1500"},
		{Decimal(1<<64 - 1), "18446744073709551615"},
		{BitPicture(2, 2, 3, 8), "..11 ...."},
		{BitPicture(7, 1, 0, 8), ".... ...0"},
		{BitPicture(0, 8, 0xa5, 8), "1010 0101"},
		{BitPicture(6, 3, 5, 16), ".... ..10 1... ...."},
		{Count(1200, "certificate"), "1200 certificates"},
		{Hex(nil), "empty"},
		{Hex([]byte{0x16, 0x03}), "1603"},
		{Hex(bytes.Repeat([]byte{0xab}, 33)), "abababababababababababababababab… (33 bytes)"},
		{Coded("TLS 1.3", []byte{3, 4}), "TLS 1.3 (0x0304)"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// TestBuilder builds a tree of fields of fields, and looks whether a list that
// was taken stays as it is.
func TestBuilder(t *testing.T) {
	var b Builder
	var lists [][]Field
	for n := range 50 {
		mark := b.Mark()
		for i := range n {
			inner := b.Mark()
			b.Add(Field{Label: "part", Start: n, End: i})
			*b.New() = Field{Label: "part", Start: n, End: i + 1}
			whole := Field{Label: "whole", Start: n, Fields: b.Take(inner)}
			b.Add(whole)
		}
		if last := b.Last(mark); (last == nil) != (n == 0) {
			t.Fatalf("the last of %d fields is %v", n, last)
		}
		lists = append(lists, b.Take(mark))
	}
	for n, list := range lists {
		if len(list) != n || cap(list) != n {
			t.Fatalf("list %d has %d fields and room for %d", n, len(list), cap(list))
		}
		for i, f := range list {
			if f.Start != n || len(f.Fields) != 2 || f.Fields[0].Start != n || f.Fields[1].End != i+1 {
				t.Fatalf("field %d of list %d is %v", i, n, f)
			}
		}
	}
}
