package explain

import (
	"strconv"
	"strings"
	"unicode"
)

// A line is one line of a paste, made comparable.
type line struct {
	// text is what was pasted, without colours; words is it in lower case, with
	// quotes, escapes and runs of space evened out.
	text, words string
	// role is the side that the line is labelled with ("server: …"), from the one
	// whose log the whole paste is said to be from.
	role, from role
}

func newLine(text string) line {
	text = strings.TrimSpace(plain(text))
	l := line{text: text, words: normal(text)}
	if m := label().FindStringSubmatch(l.words); m != nil {
		l.role = role(m[1])
	}
	return l
}

// label is how people and tools mark whose log a line is: "client: …",
// "[server] …", and docker compose "server-1  | …".
var label = pattern(`^\W*(client|server)(?:[-_]\d+)? ?(?:'s (?:log|error|side))? ?[\]|:>]`)

// plain drops terminal escape sequences, also where a logger has written them
// out, and other control and format characters.
func plain(s string) string {
	s = writtenEscape().ReplaceAllString(s, "")
	var b strings.Builder
	escape := false
	for _, r := range s {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			// A sequence ends with its first letter (ECMA-48 5.4).
			escape = !unicode.IsLetter(r)
		case unicode.IsControl(r) && !unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// writtenEscape is a colour as journald, syslog, JSON and terminals write it out.
var writtenEscape = pattern(`(?:\\u001[bB]|\\x1[bB]|\\033|#033|\^\[)\[[0-9;]*[A-Za-z]`)

// evened are the characters that mean the same to us, and what loggers escape.
var evened = strings.NewReplacer(`\\\"`, `"`, `\"`, `"`, `\'`, `'`, `\n`, " ", `\t`, " ", `\r`, " ",
	"“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "&quot;", `"`, "‘", "'", "’", "'", "ʼ", "'", "´", "'", "`", "'", "&#39;", "'", "&amp;", "&", "–", "-", "—", "-", "‑", "-", "…", "...")

// unicodeEscape is one printable character as JSON writes it ("\u003e").
var unicodeEscape = pattern(`\\u00(?:[2-6][0-9a-fA-F]|7[0-9a-eA-E])`)

// normal makes texts comparable that loggers have quoted, escaped or coloured.
func normal(text string) string {
	text = unicodeEscape().ReplaceAllStringFunc(plain(text), func(s string) string {
		n, err := strconv.ParseUint(s[2:], 16, 8)
		if err != nil {
			return s
		}
		return string(rune(n))
	})
	text = evened.Replace(strings.ToLower(text))
	return strings.Join(strings.Fields(strings.Trim(text, `"' `)), " ")
}
