package explain

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// hostile are texts of 8 KB that are made to be slow to read, or to bring
// something to a terminal.
var hostile = map[string]string{
	"one letter":        strings.Repeat("a", 8<<10),
	"digits":            strings.Repeat("42 ", 8<<10/3),
	"braces":            strings.Repeat("{", 8<<10),
	"objects":           `{"a":` + strings.Repeat(`[`, 4<<10) + strings.Repeat(`]`, 4<<10) + `}`,
	"objects in texts":  `{"a":"{\"b\":\"` + strings.Repeat(`\n{`, 2<<10) + `\"}"}`,
	"escapes":           strings.Repeat(`\u003e`, 8<<10/6),
	"colours":           strings.Repeat("\x1b[", 8<<10/2),
	"written colours":   strings.Repeat(`\x1b[`, 8<<10/5),
	"colons":            strings.Repeat("tls: ", 8<<10/5),
	"short lines":       strings.Repeat("tls\n", 8<<10/4),
	"the same error":    strings.Repeat("remote error: tls: bad certificate ", 8<<10/36),
	"many errors":       strings.Repeat("remote error: tls: bad certificate\n", 8<<10/36),
	"both sides":        strings.Repeat("client: remote error: tls: bad certificate\nserver: x509: certificate signed by unknown authority\n", 8<<10/100),
	"names":             "x509: certificate is valid for " + strings.Repeat("a.test, ", 1<<10) + "b.test, not c.test",
	"a long name":       "x509: certificate is valid for a.test, not " + strings.Repeat("c", 8<<10),
	"a name in escapes": `x509: certificate is valid for a.test, not c\u007f\u0085` + "\u0085\v\fd@test",
	"a long URL":        "x509: certificate is valid for a.test, not https://" + strings.Repeat("c", 8<<10),
	"a URL in names":    "x509: certificate is valid for https://" + strings.Repeat("c", 8<<10) + ", not c.test",
	"a deleted name":    `x509: certificate is valid for a.test, not https://c\u007f.test`,
	"a direction":       "x509: certificate is valid for a.test, not https://c\u202e\u2066.test\x9b31m",
	"a cut line":        "certificate signed by unknown authorit",
	"both, long":        "client: x509: certificate is valid for a.test, not https://" + strings.Repeat("c", 4<<10) + "\nserver: remote error: tls: bad certificate",
	"a number in space": `"` + strings.Repeat(" ", 4<<10) + `42"`,
	"a wildcard":        "x509: certificate is valid for *." + strings.Repeat("c", 4<<10) + ", not a.b." + strings.Repeat("c", 4<<10),
	"an id":             strings.Repeat("c", 8<<10),
	"dates":             strings.Repeat("current time 2026 is after ", 8<<10/27),
	"numbers":           strings.Repeat("0x12a", 8<<10/5),
	"cut":               strings.Repeat("certificate signed by unknown authorit", 8<<10/38),
}

func TestHostileTextIsSafeToShow(t *testing.T) {
	for name, text := range hostile {
		for _, from := range []string{"", "client", "server"} {
			e, _ := ExplainFrom(from, text)
			out, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			var all any
			_ = json.Unmarshal(out, &all)
			each(all, func(s string) {
				if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) }); i >= 0 {
					t.Errorf("%s: %q has a control character", name, s[max(0, i-20):])
				}
				if len(s) > 2<<10 {
					t.Errorf("%s: a text of %d bytes: %.100s", name, len(s), s)
				}
			})
		}
	}
}

func each(v any, f func(string)) {
	switch v := v.(type) {
	case string:
		f(v)
	case []any:
		for _, e := range v {
			each(e, f)
		}
	case map[string]any:
		for _, e := range v {
			each(e, f)
		}
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, text := range hostile {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Explain(text)
			}
		})
	}
}
