package catalogue

import (
	"regexp"
	"strings"
	"testing"
)

func TestCodeIsTheSameInsideAndOutsideOfATable(t *testing.T) {
	for text, want := range map[string]string{
		`tls: client offered only unsupported versions: [303]`: "`tls: client offered only unsupported versions: [303]`",
		`*tls.finishedMsg`:             "`*tls.finishedMsg`",
		"a|b":                          "<code>a&#124;b</code>",
		"say `no` | <b>_now_</b>":      "<code>say &#96;no&#96; &#124; &lt;b&gt;&#95;now&#95;&lt;/b&gt;</code>",
		"two\nlines \x1b[31m":          "`two\\x0alines \\x1b[31m`",
		"right\u202eto left":           "`right\\u202eto left`",
		"":                             "<code></code>",
		strings.Repeat("x", longest+1): "`" + strings.Repeat("x", longest-1) + "…`",
	} {
		if got := code(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestProseMarksNothingUp(t *testing.T) {
	for text, want := range map[string]string{
		"*.example.test is for a.example.test":        `\*.example.test is for a.example.test`,
		"bad_certificate and _this_":                  `bad_certificate and \_this\_`,
		"line\n  breaks\n":                            "line breaks",
		"<script>a & b</script>":                      "&lt;script>a &amp; b&lt;/script>",
		"literal \\n, `code`, [a](b), a | b, ~~c~~":   "literal \\\\n, \\`code\\`, \\[a\\](b), a \\| b, \\~\\~c\\~\\~",
		"as spiffe://corp.test/api. It":               "as `spiffe://corp.test/api`. It",
		`not "https://server.test", or (http://a|b)`:  "not \"`https://server.test`\", or (`http://a`\\|b)",
		"somebody wrote http:// for https:// in ::1 ": "somebody wrote http:// for https:// in ::1",
	} {
		if got := prose(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// The anchors of GitHub.
func TestAnchor(t *testing.T) {
	for heading, want := range map[string]string{
		"trust/unknown-server-ca":                     "trustunknown-server-ca",
		"Keys, signatures and encodings":              "keys-signatures-and-encodings",
		"The alert bad_certificate (42)":              "the-alert-bad_certificate-42",
		"This side's own signer failed: a smart card": "this-sides-own-signer-failed-a-smart-card",
	} {
		if got := Anchor(heading); got != want {
			t.Errorf("%q: got %s, want %s", heading, got, want)
		}
	}
}

// spans are code, in which nothing is markup.
var spans = regexp.MustCompile("`[^`]*`")

// However hostile the text, it stays in its cell and on its line.
func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{"a|b", "`", "\n# heading", "<!--", "](x)", "https://a|b`", "\\|", "spiffe://\u202e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, written := range []string{code(text), prose(text)} {
			if strings.ContainsAny(written, "\n\r") {
				t.Errorf("%q is written over several lines: %q", text, written)
			}
			if bars := strings.Count(written, "|"); bars != strings.Count(written, `\|`) {
				t.Errorf("%q ends its cell: %q", text, written)
			}
			if strings.Contains(spans.ReplaceAllString(strings.ReplaceAll(written, "<code>", ""), ""), "<s") {
				t.Errorf("%q is markup: %q", text, written)
			}
		}
	})
}
