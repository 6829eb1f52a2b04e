package catalogue

import "testing"

// What the document says of another stack, explain says too: a person who pastes
// the text comes to the same cause.
func TestExplainKnowsWhatOtherStacksSay(t *testing.T) {
	for _, f := range foreignTexts {
		for _, cause := range f.causes {
			if !f.recognised(cause) {
				t.Errorf("explain %q does not name %s, for which %s says it in a %s's log", f.text, cause, f.stack, f.role)
			}
		}
	}
}
