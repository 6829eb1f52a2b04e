package harness

import (
	"bytes"
	"slices"
	"testing"
)

// needles are many byte strings that are looked for at once: one by one it takes
// minutes.
type needles map[[8]byte][]needle

type needle struct {
	bytes []byte
	says  string
}

func newNeedles() needles { return needles{} }

func (n needles) add(b []byte, says string) {
	start := [8]byte(b)
	n[start] = append(n[start], needle{b, says})
}

// in says which of them are in haystack.
func (n needles) in(haystack []byte) (found []string) {
	for i := 0; i+8 <= len(haystack); i++ {
		for _, want := range n[[8]byte(haystack[i:])] {
			if bytes.HasPrefix(haystack[i:], want.bytes) {
				found = append(found, want.says)
			}
		}
	}
	return found
}

func TestNeedlesAreFound(t *testing.T) {
	n := newNeedles()
	n.add([]byte("0123456789"), "digits")
	n.add([]byte("01234567ab"), "letters")
	if got := n.in([]byte("x01234567ab0123456789")); !slices.Equal(got, []string{"letters", "digits"}) {
		t.Errorf("found %q", got)
	}
	if got := n.in([]byte("0123456")); got != nil {
		t.Errorf("found %q", got)
	}
}
