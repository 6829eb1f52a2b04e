package field

// A Room is memory for lists of fields that is used again and again, for trees
// that are written out as soon as they are built: a tree of a hundred fields
// takes 14 KB, and a capture has dozens of trees in each of its connections.
// Builders cut their lists from it, and Reset takes all of these back. A nil Room
// makes lists that are never taken back; the zero Room is ready. A Room is not
// safe for concurrent use.
type Room struct {
	// block is what lists are cut from, free what is left of it.
	block, free []Field
	// total is how many fields were asked for since Reset.
	total int
}

// mostKept is how many fields a Room holds on to: those of any step that does not
// set out to be large. They take about a megabyte.
const mostKept = 1 << 13

// Reset takes back all lists that were cut from r. Nobody may read them any more.
func (r *Room) Reset() {
	if r.total > len(r.block) && len(r.block) < mostKept {
		r.block = make([]Field, min(r.total+r.total/2, mostKept))
	}
	r.free, r.total = r.block, 0
}

// Keep returns a copy of list in the room.
func (r *Room) Keep(list ...Field) []Field {
	kept := r.list(len(list))
	copy(kept, list)
	return kept
}

// Empty returns an empty list that n fields can be appended to in the room.
func (r *Room) Empty(n int) []Field { return r.list(n)[:0] }

// list returns a list of n fields with anything in them: the caller sets each.
func (r *Room) list(n int) []Field {
	if r == nil {
		return make([]Field, n)
	}
	r.total += n
	if n > len(r.free) {
		r.free = make([]Field, max(n, lastBlock))
	}
	list := r.free[:n:n]
	r.free = r.free[n:]
	return list
}
