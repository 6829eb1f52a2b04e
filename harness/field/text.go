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

// text returns a copy of b.
func (t *texts) text(b []byte) string {
	if !t.takes(len(b)) {
		return string(b)
	}
	start := t.block.Len()
	t.block.Write(b)
	return t.block.String()[start:]
}

// sentences returns two sentences, one behind the other.
func (t *texts) sentences(first, second string) string {
	if !t.takes(len(first) + len(" ") + len(second)) {
		return first + " " + second
	}
	start := t.block.Len()
	t.block.WriteString(first)
	t.block.WriteByte(' ')
	t.block.WriteString(second)
	return t.block.String()[start:]
}

// takes says that a text of n bytes belongs into a block, and sees to it that there is
// one. A block that is full is left to those who hold its texts.
func (t *texts) takes(n int) bool {
	if n > longestText {
		return false
	}
	if n > t.block.Cap()-t.block.Len() {
		t.block.Reset()
		t.block.Grow(textBlock)
	}
	return true
}
