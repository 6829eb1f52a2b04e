package field

import (
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
)

// Count writes how many things of a kind there are ("1 byte", "2 bytes").
func Count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "byte" && n >= 0 && n < knownCounts:
		return knownNumbers().counts[n]
	}
	var room [64]byte
	return string(AppendCount(room[:0], n, noun))
}

// AppendCount appends what [Count] writes.
func AppendCount(b []byte, n int, noun string) []byte {
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(append(b, ' '), noun...)
	if n != 1 {
		b = append(b, 's')
	}
	return b
}

// Thousands writes a number for people, with commas ("1,452").
func Thousands(n int) string {
	s := strconv.Itoa(n)
	sign := len(s) - len(strings.TrimPrefix(s, "-"))
	for i := len(s) - 3; i > sign; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// knownCounts is up to where knownNumbers go: the size of a datagram.
const knownCounts = 1500

// knownNumbers are the texts "0" to "1499", and "0 bytes" to "1499 bytes", made once: a
// tree has such a value in every third field.
var knownNumbers = sync.OnceValue(func() *numbers {
	const bytes = " bytes"
	var list numbers
	var ends [knownCounts]int
	room := make([]byte, 0, knownCounts*len("1000 bytes"))
	for n := range ends {
		room = strconv.AppendInt(room, int64(n), 10)
		room = append(room, bytes...)
		ends[n] = len(room)
	}
	all, start := string(room), 0
	for n, end := range ends {
		list.decimals[n], list.counts[n] = all[start:end-len(bytes)], all[start:end]
		start = end
	}
	return &list
})

// numbers are small numbers as they are written, alone and of bytes.
type numbers struct{ decimals, counts [knownCounts]string }

// Decimal writes a number in decimal.
func Decimal(n uint64) string {
	if n >= knownCounts {
		return strconv.FormatUint(n, 10)
	}
	return knownNumbers().decimals[n]
}

// Hex writes bytes in hexadecimal: all of a few, the first of many.
func Hex(b []byte) string {
	var room [hexRoom]byte
	return string(AppendHex(room[:0], b))
}

// AppendHex appends what [Hex] writes.
func AppendHex(b, bytes []byte) []byte {
	switch {
	case len(bytes) == 0:
		return append(b, "empty"...)
	case len(bytes) <= mostHex:
		return hex.AppendEncode(b, bytes)
	}
	b = hex.AppendEncode(b, bytes[:shownHex])
	b = append(b, "… ("...)
	b = strconv.AppendInt(b, int64(len(bytes)), 10)
	return append(b, " bytes)"...)
}

// How many bytes Hex writes all of, how many it shows of more, and what the text
// takes at most.
const (
	mostHex  = 32
	shownHex = 16
	hexRoom  = 2*mostHex + 24
)

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
	if width == 8 && at >= 0 && size >= 0 && at+size <= 8 && value < 1<<size {
		return bytePictures()[at][size][value]
	}
	return drawBits(at, size, value, width)
}

// bytePictures are the pictures of the runs of bits in a byte, by where a run
// starts, how long it is and what it holds: 1,004 of them, made once, as every
// QUIC packet has six.
var bytePictures = sync.OnceValue(func() *[9][9][]string {
	var all [9][9][]string
	for at := range 9 {
		for size := range 9 - at {
			for value := range uint64(1) << size {
				all[at][size] = append(all[at][size], drawBits(at, size, value, 8))
			}
		}
	}
	return &all
})

func drawBits(at, size int, value uint64, width int) string {
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
