package dissect

import "shakedown/harness/slab"

// A Room is memory that recordings are dissected in one after another, where
// nobody keeps what was made of one when the next is begun: a capture has
// thousands of connections, and each takes 30 KB of steps, packets and messages.
// Reset takes everything back. The zero Room is ready; it is not safe for
// concurrent use.
type Room struct {
	steps    slab.Slab[Step]
	lists    slab.Slab[*Step]
	units    slab.Slab[int]
	readings slab.Slab[reading]
	packets  slab.Slab[packet]
	pieces   slab.Slab[piece]
	// bytes are those of opened packets and CRYPTO streams.
	bytes slab.Slab[byte]
	// again says that the room was used before.
	again bool
}

// How much a Room holds on to, in steps and in bytes: what dozens of handshakes take.
const (
	mostSteps = 1 << 10
	mostBytes = 1 << 18
)

// usualStream is how many bytes of handshake messages a side sends at a level at most,
// in most handshakes.
const usualStream = 1 << 12

// stream returns memory for a CRYPTO stream, nil for none: a room that is not used
// again has no more than is needed.
func (r *Room) stream() []byte {
	if !r.again {
		return nil
	}
	return r.bytes.List(usualStream, 0)
}

// Reset takes back all that was made in r: no timeline and no step of it, nor
// anything that these hold, may be read any more.
func (r *Room) Reset() {
	r.steps.Clear(mostSteps)
	r.lists.Clear(4 * mostSteps)
	r.units.Clear(mostSteps)
	r.readings.Clear(mostSteps)
	r.packets.Clear(mostSteps)
	r.pieces.Clear(mostSteps)
	r.bytes.Reset(mostBytes)
	r.again = true
}
