package pki

import (
	"fmt"

	"shakedown/harness/nearest"
)

// suggest returns ` (did you mean "…"?)` with the known word that is nearest to
// what was written, or nothing where none is near.
func suggest(word string, known []string) string {
	best := nearest.Word(word, known)
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}
