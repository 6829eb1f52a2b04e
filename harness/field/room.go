package field

// A Room is memory for trees that is used again and again, for those that are
// written out as soon as they are built: a tree of a hundred fields takes 14 KB, and
// a capture has dozens of trees in each of its connections. Builders cut their lists
// from it, and Reset takes all of these back; texts are never taken back. A nil Room
// makes lists and texts on their own; the zero Room is ready. A Room is not safe for
// concurrent use.
type Room struct {
	fields  stock[Field]
	buffers stock[Buffer]
	origins stock[Origin]
	texts   texts
}

// mostKept is how many fields a Room holds on to: those of any step that does not
// set out to be large. They take about a megabyte. Of buffers and origins it holds
// on to fewer.
const (
	mostKept      = 1 << 13
	mostOtherKept = 1 << 9
)

// Reset takes back all lists that were cut from r. Nobody may read them any more.
func (r *Room) Reset() {
	r.fields.reset(mostKept)
	r.buffers.reset(mostOtherKept)
	r.origins.reset(mostOtherKept)
}

// Tree returns an empty tree that so many fields and buffers can be appended to in
// the room.
func (r *Room) Tree(fields, buffers int) Tree {
	t := Tree{Fields: r.Empty(fields)}
	if r == nil {
		t.Buffers = make([]Buffer, 0, buffers)
	} else {
		t.Buffers = r.buffers.list(buffers, 4*buffers)[:0]
	}
	return t
}

// Keep returns a copy of list in the room.
func (r *Room) Keep(list ...Field) []Field {
	kept := r.list(len(list))
	copy(kept, list)
	return kept
}

// Empty returns an empty list that n fields can be appended to in the room.
func (r *Room) Empty(n int) []Field { return r.list(n)[:0] }

// Origins returns an empty list that n origins can be appended to in the room.
func (r *Room) Origins(n int) []Origin {
	if r == nil {
		return make([]Origin, 0, n)
	}
	return r.origins.list(n, 4*n)[:0]
}

// Text returns text as a string, which is valid for ever. Many of a room's texts are
// one block of memory: who holds one for long clones it, so as not to hold them all.
func (r *Room) Text(text []byte) string {
	if r == nil {
		return string(text)
	}
	return r.texts.text(text)
}

// Sentences returns one sentence behind another, of which either can be empty, as Text
// would.
func (r *Room) Sentences(first, second string) string {
	switch {
	case first == "" || second == "":
		return first + second
	case r == nil:
		return first + " " + second
	}
	return r.texts.sentences(first, second)
}

// list returns a list of n fields with anything in them: the caller sets each.
func (r *Room) list(n int) []Field {
	if r == nil {
		return make([]Field, n)
	}
	return r.fields.list(n, lastBlock)
}

// A stock is what a room's lists of one kind are cut from.
type stock[T any] struct {
	// block is the memory, free what is left of it.
	block, free []T
	// total is how much was asked for since reset.
	total int
}

// reset takes everything back, and makes room for as much as was asked for, within
// reason.
func (s *stock[T]) reset(most int) {
	if s.total > len(s.block) && len(s.block) < most {
		s.block = make([]T, min(s.total+s.total/2, most))
	}
	s.free, s.total = s.block, 0
}

// list returns a list of n, with anything in them. Where nothing is free it is cut
// from a new block of at least that size.
func (s *stock[T]) list(n, block int) []T {
	s.total += n
	if n > len(s.free) {
		s.free = make([]T, max(n, block))
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	return list
}
