package dissect

// A Room is memory that recordings are dissected in one after another, where
// nobody keeps what was made of one when the next is begun: a capture has
// thousands of connections, and each takes 25 KB of steps and opened packets.
// Reset takes everything back. The zero Room is ready; it is not safe for
// concurrent use.
type Room struct {
	steps    store[Step]
	lists    store[*Step]
	units    store[int]
	readings store[reading]
	packets  store[packet]
	pieces   store[piece]
	opened   store[byte]
}

// How much a Room holds on to, in steps and in bytes of opened packets: what
// hundreds of handshakes take.
const (
	mostSteps  = 1 << 10
	mostOpened = 1 << 18
)

// Reset takes back all that was made in r: no timeline and no step of it, nor
// anything that these hold, may be read any more.
func (r *Room) Reset() {
	r.steps.reset(mostSteps)
	r.lists.reset(4 * mostSteps)
	r.units.reset(mostSteps)
	r.readings.reset(mostSteps)
	r.packets.reset(mostSteps)
	r.pieces.reset(mostSteps)
	r.opened.reset(mostOpened)
}

// A store is memory for things of one type, that is cut into lists.
type store[T any] struct {
	// block is what lists are cut from, free what is left of it.
	block, free []T
	// total is how many things were asked for since reset.
	total int
}

// list returns a list of n zero things. Where more memory is needed, it is for
// atLeast of them.
func (s *store[T]) list(n, atLeast int) []T {
	s.total += n
	if n > len(s.free) {
		s.free = make([]T, max(n, atLeast))
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	return list
}

// reset takes back all lists. If the block was too small for them, the next one
// is larger, up to most things.
func (s *store[T]) reset(most int) {
	if s.total > len(s.block) && len(s.block) < most {
		s.block = make([]T, min(s.total+s.total/2, most))
	} else {
		clear(s.block[:min(s.total, len(s.block))])
	}
	s.free, s.total = s.block, 0
}
