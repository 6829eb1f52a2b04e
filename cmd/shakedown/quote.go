package main

import "strings"

// shellQuote writes a word as a shell takes it, so that a command that is
// shown can be pasted.
func shellQuote(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// shellWords writes words as they are typed behind a command, each with a blank in
// front of it.
func shellWords(words []string) string {
	var b strings.Builder
	for _, word := range words {
		b.WriteString(" " + shellQuote(word))
	}
	return b.String()
}
