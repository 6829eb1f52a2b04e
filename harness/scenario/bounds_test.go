package scenario

import (
	"fmt"
	"strings"
	"testing"
)

// A file that is far larger or deeper than any scenario costs a moment and is
// refused, whatever it is made of.
// huge are files that mean harm by their size, and what is said of each; nothing
// where they are read.
var huge = map[string]struct{ text, want string }{
	"over 1 MB":         {"title: " + strings.Repeat("x", maxBytes), "larger than"},
	"brackets":          {strings.Repeat("[", maxBytes), "too many"},
	"fewer brackets":    {strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested"},
	"braces":            {strings.Repeat("{a: ", 100), "nested"},
	"dashes":            {strings.Repeat("- ", 100) + "a", "nested"},
	"question marks":    {strings.Repeat("? ", 100) + "a", "nested"},
	"anchors":           {strings.Repeat("&a ", 100) + "a", "nested"},
	"keys":              {strings.Repeat("a: b\n", 100_000), "too many"},
	"stairs":            {stairs(200), "nested"},
	"many entities":     {"pki:\n" + entities(maxEntities+1), "more than 200 entities"},
	"aliases":           {laughs(9), "aliases expand"},
	"errors":            {"client: {trust: [" + strings.Repeat("serve, ", 6000) + "]}\n", "pki has no entity"},
	"one long scalar":   {"title: " + strings.Repeat("x", maxBytes-100), ""},
	"one long pattern":  {"expect: {client_error: \"/" + strings.Repeat("(a|", 300_000) + "/\"}", "too long"},
	"long key":          {strings.Repeat("x", 1<<19) + ": 1\n", "unknown key"},
	"long chain of ids": {"pki:\n" + chain(maxEntities), ""},
}

func TestHugeFilesAreRefused(t *testing.T) {
	for name, test := range huge {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("a.yaml", []byte(test.text))
			got := fmt.Sprint(err)
			if test.want == "" && err != nil || test.want != "" && !strings.Contains(got, test.want) {
				t.Errorf("got %.300s, want %q", got, test.want)
			}
			if len(got) > 64<<10 {
				t.Errorf("the error itself has %d bytes", len(got))
			}
		})
	}
}

// BenchmarkHuge shows that none of them takes long.
//
//	go test ./harness/scenario -run '^$' -bench Huge -benchtime 3x
func BenchmarkHuge(b *testing.B) {
	for name, test := range huge {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = Parse("a.yaml", []byte(test.text))
			}
		})
	}
}

func stairs(steps int) string {
	var b strings.Builder
	for i := range steps {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func entities(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  e%d: {ca: true}\n", i)
	}
	return b.String()
}

func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  e%d: {ca: true, issuer: %s}\n", i, map[bool]string{true: "server-root", false: fmt.Sprintf("e%d", i-1)}[i == 0])
	}
	return b.String()
}

// laughs is a list of lists of aliases, ten to a level.
func laughs(levels int) string {
	b := strings.Builder{}
	b.WriteString("a0: &a0 [x]\n")
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

// A file cut off anywhere is a file with an error, or a shorter scenario.
func TestTruncatedFiles(t *testing.T) {
	for i := range len(everything) {
		if sc, err := Parse("a.yaml", []byte(everything[:i])); (sc == nil) == (err == nil) {
			t.Fatalf("cut after %d bytes: got scenario %v and error %v", i, sc != nil, err)
		}
	}
}
