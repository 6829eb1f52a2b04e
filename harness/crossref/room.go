package crossref

import (
	"slices"

	"shakedown/harness/slab"
)

// A Room is memory that Books are made in one after another, where nobody asks one any
// more when the next is made: a capture has thousands of connections, and each takes
// 8 KB of pages and notes. [New] takes everything back. The zero Room is ready; neither
// it nor a Book that is made in it is safe for concurrent use.
type Room struct {
	pages    slab.Slab[page]
	messages slab.Slab[message]
	notes    slab.Slab[note]
}

// mostKept is how many things of a kind a Room holds on to: those of dozens of
// handshakes.
const mostKept = 1 << 10

// reset takes back all that was made in r.
func (r *Room) reset() {
	if r != nil {
		r.pages.Clear(mostKept)
		r.messages.Clear(mostKept)
		r.notes.Clear(mostKept)
	}
}

// newPages returns n empty pages.
func (r *Room) newPages(n int) []page {
	if r == nil {
		return make([]page, n)
	}
	return r.pages.List(n, 0)
}

// newMessages returns an empty list that n messages can be appended to.
func (r *Room) newMessages(n int) []message {
	if r == nil {
		return make([]message, 0, n)
	}
	return r.messages.List(n, 0)[:0]
}

// keep returns a copy of notes.
func (r *Room) keep(notes []note) []note {
	if r == nil {
		return slices.Clone(notes)
	}
	kept := r.notes.List(len(notes), 0)
	copy(kept, notes)
	return kept
}
