package tlswire

import (
	"fmt"
	"slices"
	"strings"
)

// An entry is one line of a registry.
type entry struct {
	code uint16
	name string
}

// A registry is sorted by code: it needs no work at start-up.
type registry []entry

// name returns the name of code, or an empty string.
func (g registry) name(code uint16) string {
	for len(g) > 0 {
		switch middle := len(g) / 2; {
		case g[middle].code == code:
			return g[middle].name
		case g[middle].code < code:
			g = g[middle+1:]
		default:
			g = g[:middle]
		}
	}
	return ""
}

// code returns the code of name, in whatever case that is written.
func (g registry) code(name string) (uint16, bool) {
	for _, e := range g {
		if strings.EqualFold(e.name, name) {
			return e.code, true
		}
	}
	return 0, false
}

// names are all of its names, sorted.
func (g registry) names() []string {
	names := make([]string, 0, len(g))
	for _, e := range g {
		names = append(names, e.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// code8 and code16 write what no registry knows.
func code8(c uint8) string   { return fmt.Sprintf("0x%02x", c) }
func code16(c uint16) string { return fmt.Sprintf("0x%04x", c) }

// IsGREASE says whether code is one of the values that clients send to keep
// servers from choking on what they do not know (RFC 8701 2).
func IsGREASE(code uint16) bool {
	return code&0x0f0f == 0x0a0a && code>>8 == code&0xff
}

// named returns the name of code in g, "GREASE (0x…)" or the bare code.
func (g registry) named(code uint16) string {
	if name := g.name(code); name != "" {
		return name
	}
	if IsGREASE(code) {
		return "GREASE (" + code16(code) + ")"
	}
	return code16(code)
}

// grease8 writes an 8-bit code that no registry knows: RFC 8701 2 reserves
// 0x0b + 0x1f * n for PskKeyExchangeModes.
func grease8(code uint8) string {
	if code >= 0x0b && (code-0x0b)%0x1f == 0 {
		return "GREASE (" + code8(code) + ")"
	}
	return code8(code)
}
