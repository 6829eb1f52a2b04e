package report

import (
	"encoding/binary"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// An encoder appends JSON to a buffer, byte for byte what encoding/json and then
// escape make of the same values, in a tenth of the time: a timeline with its
// field trees is a hundred thousand bytes, and a capture has thousands of them.
type encoder struct {
	b []byte
	// indent is what each level is moved in by; empty writes one line.
	indent string
	depth  int
	// first says that nothing stands in the innermost list or object yet.
	first bool
	// shared has the texts of fields that are in many trees.
	shared *sharedTexts
	// sharedLists counts the lists of such fields.
	sharedLists int
}

// begin opens a list or an object; end closes it.
func (e *encoder) begin(bracket byte) {
	e.b = append(e.b, bracket)
	e.depth++
	e.first = true
}

func (e *encoder) end(bracket byte) {
	e.depth--
	if !e.first {
		e.line()
	}
	e.b = append(e.b, bracket)
	e.first = false
}

// next begins an element of a list, or a member.
func (e *encoder) next() {
	if !e.first {
		e.b = append(e.b, ',')
	}
	e.line()
	e.first = false
}

// line starts a new line, if there are lines.
func (e *encoder) line() {
	if e.indent == "" {
		return
	}
	e.b = append(e.b, '\n')
	for range e.depth {
		e.b = append(e.b, e.indent...)
	}
}

// key begins a member. Keys are words of the contract, which need no escaping.
func (e *encoder) key(name string) {
	if !e.first {
		e.b = append(e.b, ',')
	}
	e.line()
	e.first = false
	e.b = append(e.b, '"')
	e.b = append(e.b, name...)
	if e.indent == "" {
		e.b = append(e.b, '"', ':')
		return
	}
	e.b = append(e.b, '"', ':', ' ')
}

func (e *encoder) text(name, value string) {
	e.key(name)
	e.b = appendString(e.b, value)
}

// texts writes a list of texts.
func (e *encoder) texts(name string, values []string) {
	e.key(name)
	e.begin('[')
	for _, value := range values {
		e.next()
		e.b = appendString(e.b, value)
	}
	e.end(']')
}

func (e *encoder) number(name string, value int) {
	e.key(name)
	e.b = strconv.AppendInt(e.b, int64(value), 10)
}

// plainByte says which bytes stand in a string as they are.
var plainByte = func() (is [256]bool) {
	for c := 0x20; c < 0x7f; c++ {
		is[c] = c != '"' && c != '\\'
	}
	return is
}()

// highs are the high bits of eight bytes.
const highs = 0x8080808080808080

// unplain has the high bit of a byte set where plainByte does not hold for a byte in
// w: where none is set, all eight stand in a string as they are. A byte above such
// a one may be taken for one as well, which only means a closer look.
func unplain(w uint64) uint64 {
	const ones = 0x0101010101010101
	return ((w ^ 0x02*ones) - 0x21*ones) | // under 0x20, a quote, which 0x02 makes 0x20, and 0xff
		((w ^ '\\'*ones) - ones) | // a backslash
		(w + ones) // 0x7f, and over but for 0xff
}

// appendString appends s in quotes.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	b = appendText(b, s)
	return append(b, '"')
}

// appendText appends s with everything escaped that is not printable. Nearly always
// that is nothing: so eight bytes are looked at while they are copied, some of the
// last twice where they are no multiple of eight, and what turns out to need escapes
// is written again.
func appendText(b []byte, s string) []byte {
	start, n := len(b), len(s)
	if n > cap(b)-start {
		b = slices.Grow(b, n)
	}
	b = b[:start+n]
	to := b[start:]
	var bad uint64
	switch {
	case n > 16:
		for i := 0; i+8 <= len(s) && i+8 <= len(to); i += 8 {
			w := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
			bad |= unplain(w)
			binary.LittleEndian.PutUint64(to[i:i+8], w)
		}
		w := binary.LittleEndian.Uint64([]byte(s[n-8:]))
		bad |= unplain(w)
		binary.LittleEndian.PutUint64(to[n-8:], w)
	case n >= 8:
		first, last := binary.LittleEndian.Uint64([]byte(s[:8])), binary.LittleEndian.Uint64([]byte(s[n-8:]))
		bad = unplain(first) | unplain(last)
		binary.LittleEndian.PutUint64(to, first)
		binary.LittleEndian.PutUint64(to[n-8:], last)
	case n >= 4:
		first, last := binary.LittleEndian.Uint32([]byte(s[:4])), binary.LittleEndian.Uint32([]byte(s[n-4:]))
		bad = unplain(uint64(first) | uint64(last)<<32)
		binary.LittleEndian.PutUint32(to, first)
		binary.LittleEndian.PutUint32(to[n-4:], last)
	default:
		for i := range n {
			if !plainByte[s[i]] {
				bad = highs
			}
			to[i] = s[i]
		}
	}
	if bad&highs != 0 {
		return appendEscaped(b[:start], s)
	}
	return b
}

// appendEscaped is appendText of what may have something in it to be escaped.
func appendEscaped(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && unplain(binary.LittleEndian.Uint64([]byte(s[i:i+8])))&highs == 0 {
			i += 8
			continue
		}
		if plainByte[s[i]] {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && unicode.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			i += n
			continue
		}
		b = append(b, s[start:i]...)
		b = appendEscape(b, r)
		i += n
		start = i
	}
	return append(b, s[start:]...)
}

// appendOffset appends the decimal digits of an offset, which are few, in less
// time than strconv takes for any number.
func appendOffset(b []byte, n int) []byte {
	switch {
	case n < 0 || n > 9999:
		return strconv.AppendInt(b, int64(n), 10)
	case n > 999:
		return append(b, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	case n > 99:
		return append(b, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
	case n > 9:
		return append(b, byte('0'+n/10), byte('0'+n%10))
	}
	return append(b, byte('0'+n))
}

// appendEscape escapes a character as encoding/json does, and as escape does for
// those that encoding/json leaves.
func appendEscape(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	if r < 0x10000 {
		return appendUnit(b, r)
	}
	// A character above U+FFFF is a surrogate pair (RFC 8259 7).
	r -= 0x10000
	return appendUnit(appendUnit(b, 0xd800+(r>>10)), 0xdc00+(r&0x3ff))
}

// appendUnit appends \uXXXX.
func appendUnit(b []byte, u rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[u>>12&15], digits[u>>8&15], digits[u>>4&15], digits[u&15])
}
