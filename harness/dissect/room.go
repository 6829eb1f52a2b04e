package dissect

import "shakedown/harness/slab"

// A Room is memory that recordings are dissected in one after another, where
// nobody keeps what was made of one when the next is begun: a capture has
// thousands of connections, and each takes 25 KB of steps and opened packets.
// Reset takes everything back. The zero Room is ready; it is not safe for
// concurrent use.
type Room struct {
	steps    slab.Slab[Step]
	lists    slab.Slab[*Step]
	units    slab.Slab[int]
	readings slab.Slab[reading]
	packets  slab.Slab[packet]
	pieces   slab.Slab[piece]
	opened   slab.Slab[byte]
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
	r.steps.Clear(mostSteps)
	r.lists.Clear(4 * mostSteps)
	r.units.Clear(mostSteps)
	r.readings.Clear(mostSteps)
	r.packets.Clear(mostSteps)
	r.pieces.Clear(mostSteps)
	r.opened.Reset(mostOpened)
}
