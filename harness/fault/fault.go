// Package fault describes what a link does to a connection on its way: which
// unit is meant ([On]), and what becomes of it ([Do]).
//
// It is plain data that a scenario states and a link carries out. A fault names
// a message rather than an offset: on TCP it acts on the TLS record that
// completes the message, on QUIC on the datagram that does.
package fault

import (
	"time"

	"shakedown/harness/outcome"
)

// A Fault is one thing that happens on the wire.
type Fault struct {
	On On
	Do Do
}

// On says which unit is meant. The zero On is the first unit of either side.
type On struct {
	// From is the side that sends it; empty means either.
	From outcome.Role
	// Message is the message that the unit completes, by the name that the
	// timeline gives it ("Certificate", "alert bad_certificate"); see [Messages].
	// Empty means any unit.
	Message string
	// Larger leaves only units of more bytes than that; 0 leaves all.
	Larger int
	// Nth is which of the units that fit is meant, from 1; 0 means the first,
	// [Every] means all of them.
	Nth int
}

// Every is the Nth of a fault that is repeated whenever its unit comes.
const Every = -1

// Do is what becomes of the unit. Several fields act together: first the bytes
// are changed, then something is put in front, then the unit is delivered, late
// or twice or never, then comes what follows it.
type Do struct {
	// Rewrite changes a handshake message, inside its protection.
	Rewrite *Rewrite
	// Corrupt flips one bit.
	Corrupt *Corrupt
	// Truncate cuts the unit to so many bytes; [Half] cuts it in the middle, 0
	// leaves it whole.
	Truncate int

	// Drop delivers nothing of it.
	Drop bool
	// Delay is how much later it arrives. TCP keeps its order, so what was sent
	// behind it waits too; a datagram is overtaken.
	Delay time.Duration
	// Duplicate delivers it twice.
	Duplicate bool
	// Reorder delivers it behind the next unit from the same side.
	Reorder bool
	// Split delivers it in pieces of so many bytes, each a segment of its own.
	Split int

	// Inject puts bytes in that nobody sent.
	Inject *Inject
	// Close and Reset end the connection towards those sides, behind the unit:
	// they see the end of the stream, or a reset.
	Close, Reset Sides
	// Blackhole swallows everything that those sides send, the unit included.
	Blackhole Sides
	// Throttle slows the sender down, from the unit on.
	Throttle *Throttle
	// Loss and Corruption are how likely it is, from the unit on, that a
	// datagram from the same side is lost, or has a bit flipped.
	Loss, Corruption Rate
}

// Half is a Truncate in the middle.
const Half = -1

// Corrupt says which bit is flipped.
type Corrupt struct {
	// Byte counts from 0 in a record's payload, or in a datagram; [Middle] is
	// the byte in the middle.
	Byte int
	// Bit counts from 0, the lowest.
	Bit int
}

// Middle is the Byte of a Corrupt that does not name one.
const Middle = -1

// Inject says what is put in, and where.
type Inject struct {
	// From is whose bytes they seem to be.
	From outcome.Role
	// Alert is the name of an alert, in a record without protection; Warning
	// gives it the level warning. Where it is empty Bytes are put in as they are.
	Alert   string
	Warning bool
	Bytes   []byte
	// Text says that Bytes were given as text, not in hexadecimal.
	Text bool
	// Before puts them in front of the unit.
	Before bool
}

// Throttle lets so many bytes pass, and waits that long before it lets the next
// pass.
type Throttle struct {
	Bytes int
	Every time.Duration
}

// A Rate is a probability in thousandths.
type Rate int

// Sides are one side, both, or none.
type Sides string

// The sides.
const (
	NoSide     Sides = ""
	TheClient  Sides = "client"
	TheServer  Sides = "server"
	BothOfThem Sides = "both"
)

// Has says whether a side is one of them.
func (s Sides) Has(r outcome.Role) bool { return s == BothOfThem || s == Sides(r) }

// Lasting says that the fault goes on behind the unit that it names.
func (d Do) Lasting() bool {
	return d.Blackhole != NoSide || d.Throttle != nil || d.Loss > 0 || d.Corruption > 0
}

// Random says that chance decides some of it, so that a seed is needed to
// repeat it.
func (d Do) Random() bool { return d.Loss > 0 || d.Corruption > 0 }
