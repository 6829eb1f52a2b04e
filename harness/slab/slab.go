// Package slab has memory that lists are cut from, and that is taken back all at
// once: what is made of one connection is done with when the next one is begun.
package slab

// A Slab is memory for lists of one type. It grows to what is asked for between two
// times that it is taken back. The zero Slab is empty and ready; it is not safe for
// concurrent use.
type Slab[T any] struct {
	// block is what lists are cut from, free what is left of it.
	block, free []T
	// total is how much was asked for since all was taken back.
	total int
}

// List returns a list of n. Its elements are zero, or, after Reset, what was in them
// before. Where nothing is free it is cut from new memory for at least that many.
func (s *Slab[T]) List(n, atLeast int) []T {
	s.total += n
	if n > len(s.free) {
		s.free = make([]T, max(n, atLeast))
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	return list
}

// Kept is how many elements the slab holds on to.
func (s *Slab[T]) Kept() int { return len(s.block) }

// Reset takes all lists back: nobody may use them any more. If they did not fit, the
// slab is larger from now on, but for no more than that many elements.
func (s *Slab[T]) Reset(most int) {
	if s.total > len(s.block) && len(s.block) < most {
		s.block = make([]T, min(s.total+s.total/2, most))
	}
	s.free, s.total = s.block, 0
}

// Clear is Reset that leaves nothing in the lists to come.
func (s *Slab[T]) Clear(most int) {
	clear(s.block[:min(s.total, len(s.block))])
	s.Reset(most)
}
