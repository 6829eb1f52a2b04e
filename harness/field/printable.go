package field

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns s with everything escaped that could drive a terminal or
// deceive a reader: control characters, bidirectional overrides and other
// format characters, and bytes that are no UTF-8. What is left is safe to print.
func Printable(s string) string {
	if harmless(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r < 0x80 && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case !unicode.IsPrint(r) && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// plain returns how many bytes s begins with that are printable ASCII: nearly always
// all of them.
func plain(s string) int {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return i
		}
	}
	return len(s)
}

// harmless says that s is UTF-8 with nothing in it that has to be escaped. Most of
// it is ASCII, which needs no table.
func harmless(s string) bool {
	for i := 0; i < len(s); {
		if s[i] >= 0x20 && s[i] <= 0x7e {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
			return false
		}
		i += n
	}
	return true
}

// Shorten returns s made printable and cut to at most limit runes, the last of
// which is then an ellipsis.
func Shorten(s string, limit int) string {
	switch n := plain(s); {
	case len(s) <= limit && harmless(s[n:]):
		return s // it has no more runes than bytes
	case 0 < limit && limit <= n && limit < len(s):
		return s[:limit-1] + "…"
	}
	s = Printable(s)
	cut, n := 0, 0
	for i := range s {
		switch {
		case n >= limit:
			return s[:cut] + "…"
		case n == limit-1:
			cut = i
		}
		n++
	}
	return s
}
