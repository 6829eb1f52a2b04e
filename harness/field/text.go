package field

import "strings"

// texts puts short strings one behind the other, in blocks: a tree has dozens of
// them, and each would take an allocation. The zero value is ready.
type texts struct{ block strings.Builder }

// The size of a block, and of the largest text in it: a larger one is on its own.
const (
	textBlock   = 4096
	longestText = textBlock / 4
)

// text returns a copy of b. A block that is full is left to those who hold its texts.
func (t *texts) text(b []byte) string {
	if len(b) > longestText {
		return string(b)
	}
	if len(b) > t.block.Cap()-t.block.Len() {
		t.block.Reset()
		t.block.Grow(textBlock)
	}
	start := t.block.Len()
	t.block.Write(b)
	return t.block.String()[start:]
}
