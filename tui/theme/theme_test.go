package theme

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestTwinsKeepTheLayout(t *testing.T) {
	for i := 0; i < len(twins); i += 2 {
		if w := ansi.StringWidth(twins[i]); w != 1 {
			t.Errorf("glyph %q takes %d cells, want 1", twins[i], w)
		}
		if twin := twins[i+1]; len(twin) != 1 || twin[0] <= ' ' || twin[0] > '~' {
			t.Errorf("the twin of %q is %q, want one printable ASCII character", twins[i], twin)
		}
	}
	if got, want := ASCII("╭─✓ Zürich ═▶│"), "+-+ Z?rich =>|"; got != want {
		t.Errorf("ASCII = %q, want %q", got, want)
	}
}

func TestLevelsDifferInASCII(t *testing.T) {
	seen := map[string]string{}
	for _, line := range []string{Clear, Protected, Secure, EarlyData} {
		twin := ASCII(line)
		if other, ok := seen[twin]; ok {
			t.Errorf("%s and %s are both %s", other, line, twin)
		}
		seen[twin] = line
	}
}

func TestUTF8(t *testing.T) {
	tests := []struct {
		name    string
		environ []string
		want    bool
	}{
		{"LANG says UTF-8", []string{"LANG=de_DE.UTF-8"}, true},
		{"in its other spelling", []string{"LANG=C.utf8"}, true},
		{"LC_ALL goes before LANG", []string{"LC_ALL=C", "LANG=en_US.UTF-8"}, false},
		{"LC_CTYPE goes before LANG", []string{"LC_CTYPE=en_US.UTF-8", "LANG=C"}, true},
		{"an empty variable is none", []string{"LC_ALL=", "LANG=en_US.UTF-8"}, true},
		{"no locale", nil, false},
		{"the kernel's console", []string{"TERM=linux", "LANG=en_US.UTF-8"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := UTF8(tt.environ); got != tt.want {
				t.Errorf("UTF8(%q) = %v, want %v", tt.environ, got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name, text string
		width      int
		want       []string
	}{
		{"at spaces", "tls: client didn't provide a certificate", 16, []string{"tls: client", "didn't provide a", "certificate"}},
		{"an option stays whole", "give it --client-cert and --client-key", 15, []string{"give it", "--client-cert", "and", "--client-key"}},
		{"a long word is broken", "abcdefghij k", 4, []string{"abcd", "efgh", "ij k"}},
		{"wide characters", "東京東京", 5, []string{"東京", "東京"}},
		{"no text is one empty row", "", 5, []string{""}},
		{"no width is no row", "text", 0, nil},
		{"not even one character fits", "東", 1, nil},
		{"control characters are escaped", "a\x1b[2J", 20, []string{`a\x1b[2J`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
				t.Errorf("Wrap(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
			}
		})
	}
}

func TestLineHasExactlyItsWidth(t *testing.T) {
	var l Line
	l.Add(Strong, "Zürich 東京").Add(Bad, " refused").Right(Dim, "1,512", 30)
	for width := range 40 {
		for _, selected := range []bool{false, true} {
			got := l.Render(Default(), width, selected)
			if w := ansi.StringWidth(got); w != width {
				t.Errorf("in %d cells it takes %d: %q", width, w, got)
			}
		}
	}
}

// TestSelectionWithoutColour holds a selected row to reverse video even where a
// theme has no colours.
func TestSelectionWithoutColour(t *testing.T) {
	var l Line
	l.Add(Bad, "refused")
	if got := l.Render(&Theme{}, 10, true); !strings.HasPrefix(got, "\x1b[7m") {
		t.Errorf("a selected row is %q, want reverse video", got)
	}
	if got := l.Render(&Theme{}, 10, false); got != "refused   " {
		t.Errorf("a row is %q", got)
	}
}
