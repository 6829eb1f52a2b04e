package theme

import (
	"strings"
	"unicode/utf8"
)

// Glyphs, each one cell wide, each with an ASCII twin in twins.
const (
	Check     = "✓"
	Cross     = "✗"
	Here      = "▸"
	Pointer   = "›" // the selected row where Here would look like Folded
	Mark      = "•"
	Break     = "●"
	Folded    = "▸"
	Open      = "▾"
	Dot       = "·"
	Ellipsis  = "…"
	ToRight   = "→"
	ToLeft    = "←"
	Up        = "↑"
	Down      = "↓"
	HeadRight = "▶"
	HeadLeft  = "◀"
	Gate      = "┊"
	Lifeline  = "│"
	LifeEnd   = "╵"
	FromLeft  = "├"
	FromRight = "┤"
	Clear     = "─" // the line of what travels in the clear
	Protected = "═" // under handshake keys
	Secure    = "━" // under application keys
	EarlyData = "┄" // under early-data keys
	Thumb     = "┃"
	Lock      = "▣" // what no key opens
)

var twins = []string{
	Check, "+", Cross, "x", Here, ">", Mark, "*", Break, "@", Open, "v", Dot, "-", Ellipsis, "~",
	ToRight, ">", ToLeft, "<", Up, "^", Down, "v", HeadRight, ">", HeadLeft, "<", Gate, ":", LifeEnd, "'",
	Lifeline, "|", FromLeft, "|", FromRight, "|", Clear, "-", Protected, "=", Secure, "#", EarlyData, ".", Thumb, "#", Lock, "%",
	Pointer, ">", "╭", "+", "╮", "+", "╰", "+", "╯", "+", "×", "x", "≠", "!", "≥", ">", "–", "-", "—", "-", "‘", "'", "’", "'",
}

// ASCII replaces each glyph by its twin, and what else is not ASCII by a
// question mark, cell for cell: the layout stays.
func ASCII(s string) string {
	s = replacer.Replace(s)
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < utf8.RuneSelf
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		return '?'
	}, s)
}

var replacer = strings.NewReplacer(twins...)

// UTF8 says whether a terminal with these variables shows the glyphs: its
// locale is UTF-8, by the POSIX order of precedence, and it is not the kernel's
// console, whose font has few of them.
func UTF8(environ []string) bool {
	env := map[string]string{}
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	if env["TERM"] == "linux" {
		return false
	}
	for _, k := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env[k]); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
