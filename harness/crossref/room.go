package crossref

import "slices"

// A Room is memory that Books are made in one after another, where nobody asks one any
// more when the next is made: a capture has thousands of connections, and each takes
// 8 KB of pages and notes. [New] takes everything back. The zero Room is ready; neither
// it nor a Book that is made in it is safe for concurrent use.
type Room struct {
	pages    store[page]
	messages store[message]
	notes    store[note]
}

// mostKept is how many things of a kind a Room holds on to: those of dozens of
// handshakes.
const mostKept = 1 << 10

// reset takes back all that was made in r.
func (r *Room) reset() {
	if r != nil {
		r.pages.reset(mostKept)
		r.messages.reset(mostKept)
		r.notes.reset(mostKept)
	}
}

// newPages returns n empty pages.
func (r *Room) newPages(n int) []page {
	if r == nil {
		return make([]page, n)
	}
	return r.pages.list(n)
}

// newMessages returns an empty list that n messages can be appended to.
func (r *Room) newMessages(n int) []message {
	if r == nil {
		return make([]message, 0, n)
	}
	return r.messages.list(n)[:0]
}

// keep returns a copy of notes.
func (r *Room) keep(notes []note) []note {
	if r == nil {
		return slices.Clone(notes)
	}
	kept := r.notes.list(len(notes))
	copy(kept, notes)
	return kept
}

// A store is memory for things of one type, that is cut into lists.
type store[T any] struct {
	block []T
	// total is how many things were asked for since reset.
	total int
}

// list returns a list of n zero things.
func (s *store[T]) list(n int) []T {
	from := s.total
	if s.total += n; s.total > len(s.block) {
		return make([]T, n)
	}
	return s.block[from:s.total:s.total]
}

// reset takes back all lists. If the block was too small for them, the next one is
// larger, up to most things.
func (s *store[T]) reset(most int) {
	if s.total > len(s.block) && len(s.block) < most {
		s.block = make([]T, min(s.total+s.total/2, most))
	} else {
		clear(s.block[:min(s.total, len(s.block))])
	}
	s.total = 0
}
