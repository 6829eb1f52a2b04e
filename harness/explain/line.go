package explain

import (
	"strings"
	"unicode"
)

// A line is a pasted text, made comparable.
type line struct {
	// text is what was pasted, trimmed; words is it in lower case, with quotes,
	// escapes and runs of space evened out.
	text, words string
	// reporter is the side whose log it looks like, locality who decided.
	reporter string
	locality Decider
}

func readLine(text string) line {
	text = strings.TrimSpace(text)
	l := line{text: text, words: normal(text)}
	l.reporter = reporterOf(l.words)
	l.locality = localityOf(l.words)
	return l
}

// normal makes texts comparable that loggers have quoted, escaped or coloured.
func normal(text string) string {
	text = stripEscapes(text)
	text = strings.NewReplacer(`\"`, `"`, `\n`, " ", `\t`, " ", "“", `"`, "”", `"`, "‘", "'", "’", "'", "`", "'").Replace(text)
	return strings.Join(strings.Fields(strings.Trim(strings.ToLower(text), `"' `)), " ")
}

// stripEscapes drops terminal escape sequences and other control characters.
func stripEscapes(s string) string {
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

// has says that the line contains all of the texts, each from the start of a word.
func (l line) has(texts ...string) bool {
	for _, t := range texts {
		if !containsWords(l.words, t) {
			return false
		}
	}
	return true
}

// containsWords looks for text where it starts a word. A short text must be the
// whole word: "EOF" is in "geofence" as well.
func containsWords(s, text string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], text)
		if i < 0 {
			return false
		}
		start := from + i
		end := start + len(text)
		startsWord := start == 0 || !letter(s[start-1]) || !letter(text[0])
		endsWord := len(text) > 3 || end == len(s) || !letter(s[end])
		if startsWord && endsWord {
			return true
		}
		from = start + 1
	}
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' }

// reporters are texts that tell whose log a line is from.
var reporters = []struct{ text, role string }{
	{"http: tls handshake error from", "server"},
	{"client didn't provide a certificate", "server"},
	{"client certificate", "server"},
	{"client offered only", "server"},
	{"client requested unsupported", "server"},
	{"client did not request an application protocol", "server"},
	{"peer did not return a certificate", "server"},
	{"tlsclienterror", "server"},
	{"no client certificate ca names sent", "client"},
	{"no required ssl certificate was sent", "server"},
	{"while ssl handshaking, client:", "server"},
	{"while reading client request headers", "server"},
	{"certificate_required", "client"},
	{"certificate required", "client"},
	{"server certificate", "client"},
	{"certificate from server", "client"},
	{"curl: (", "client"},
	{"s_client", "client"},
	{"unable to connect to the server", "client"},
	{"authentication handshake failed", "client"},
	{"error reading server preface", "client"},
	{"dial tcp", "client"},
	{`get "https:`, "client"},
	{`post "https:`, "client"},
	{"server gave http response", "client"},
}

func reporterOf(words string) string {
	for _, r := range reporters {
		if strings.Contains(words, r.text) {
			return r.role
		}
	}
	return ""
}

// localities are texts that tell who decided. What a stack reports of an alert
// that it received says "remote" (Go, quic-go) or "alert" (OpenSSL).
var localities = []struct {
	text string
	by   Decider
}{
	{"remote error:", OtherSide},
	{"(remote)", OtherSide},
	{"local error:", ThisSide},
	{"(local)", ThisSide},
	{"sslv3 alert", OtherSide},
	{"tlsv1 alert", OtherSide},
	{"tlsv13 alert", OtherSide},
	{"ssl alert number", OtherSide},
	{"tlsv1 unrecognized name", OtherSide},
	{"fatal alert has been received", OtherSide},
	{"received fatal alert", OtherSide},
	{"failed to verify certificate", ThisSide},
	{"certificate verify failed", ThisSide},
	{"x509: ", ThisSide},
}

func localityOf(words string) Decider {
	for _, l := range localities {
		if strings.Contains(words, l.text) {
			return l.by
		}
	}
	return NotSaid
}

// byLocality is the last resort: the line says nothing that is known but who
// decided.
func byLocality(l line) (Explanation, bool) {
	switch l.locality {
	case OtherSide:
		return Explanation{Means: "The other side ended the handshake; its own log says why.", Reporter: l.reporter, Decided: OtherSide}, true
	case ThisSide:
		return Explanation{Means: "The side that wrote this line ended the handshake; the text behind the prefix is its reason.", Reporter: l.reporter, Decided: ThisSide}, true
	case Nobody, NotSaid:
	}
	return Explanation{}, false
}
