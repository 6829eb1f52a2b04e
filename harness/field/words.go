package field

import (
	"encoding/hex"
	"strconv"
)

// Count writes how many things of a kind there are ("1 byte", "2 bytes").
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	var room [64]byte
	b := strconv.AppendInt(room[:0], int64(n), 10)
	b = append(b, ' ')
	b = append(b, noun...)
	return string(append(b, 's'))
}

// Hex writes bytes in hexadecimal: all of a few, the first of many.
func Hex(b []byte) string {
	const most, shown = 32, 16
	var room [2*most + 24]byte
	switch {
	case len(b) == 0:
		return "empty"
	case len(b) <= most:
		return string(hex.AppendEncode(room[:0], b))
	}
	out := hex.AppendEncode(room[:0], b[:shown])
	out = append(out, "… ("...)
	out = strconv.AppendInt(out, int64(len(b)), 10)
	return string(append(out, " bytes)"...))
}

// Coded writes a name and the bytes that stand for it ("TLS 1.3 (0x0304)").
func Coded(name string, code []byte) string {
	var room [96]byte
	b := append(room[:0], name...)
	b = append(b, " (0x"...)
	b = hex.AppendEncode(b, code)
	return string(append(b, ')'))
}

// BitPicture draws a run of size bits that starts at bit at of a field of width
// bits, counted from the highest, and holds value: "..11 ....".
func BitPicture(at, size int, value uint64, width int) string {
	var room [80]byte
	b := room[:0]
	for bit := range width {
		if bit > 0 && bit%4 == 0 {
			b = append(b, ' ')
		}
		switch {
		case bit < at || bit >= at+size:
			b = append(b, '.')
		case value>>(at+size-1-bit)&1 == 1:
			b = append(b, '1')
		default:
			b = append(b, '0')
		}
	}
	return string(b)
}
