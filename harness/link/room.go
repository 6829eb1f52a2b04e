package link

import (
	"fmt"
	"slices"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// What quic-go puts into a datagram with handshake messages. It looks for no
// larger path, so that none is longer than its first ones.
const (
	usualDatagram = 1280
	// leastBeside and mostBeside are what takes room beside the messages: a header
	// with connection IDs of any length, a packet number, the tag, the heads of a few
	// CRYPTO frames, an ACK frame.
	leastBeside, mostBeside = 28, 112
	// leastPacket is what must be left for another packet in the same datagram.
	leastPacket = 128
	// mostAside is how much of a hello is sent behind its end: quic-go cuts the
	// server name in two.
	mostAside = 160
)

// spareRoom is what a datagram can need beyond what is counted: numbers that take
// a byte more behind a longer message, and a message that was sent a little
// shorter than the longest of its kind.
const spareRoom = 32

// A Passage is a handshake message that a link which rewrites has handed on.
type Passage struct {
	From outcome.Role
	Name string
	// Sent is the message, Arrives what came in its place: with what was put in
	// front of it, twice, or nothing.
	Sent, Arrives []byte
	// Rewrites are the indices of the faults that say so.
	Rewrites []int
}

// An OverlongError says that a rewrite needs more room than a datagram has that
// arrives.
type OverlongError struct {
	// Rewrite is the index of the fault that is to blame, -1 if none is.
	Rewrite int
	// Message is the one that grows most, from Sent bytes to Arrives, both at their
	// longest.
	Message       string
	Sent, Arrives int
	// Datagram is how long the datagram can get that it ends in.
	Datagram int
}

func (e *OverlongError) Error() string {
	return fmt.Sprintf("up to %s bytes arrive then in place of the %s of the %s, the datagram that they end in can get %s long, and no more than %s arrive",
		field.Thousands(e.Arrives), field.Thousands(e.Sent), e.Message, field.Thousands(e.Datagram), field.Thousands(maxDatagram))
}

// Passages returns the handshake messages that a link which rewrites has handed on
// so far, in the order in which they travelled.
func (l *Link) Passages() []Passage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.passages)
}

// Fit says whether what is rewritten on QUIC arrives, however the sender cuts its
// messages: where they end in its datagrams is decided by connection IDs, clocks
// and signatures, and is another place in another run. The same messages fit each
// time, or never. The error is an [OverlongError].
func Fit(passages []Passage) error {
	for len(passages) > 0 {
		n := 1
		for n < len(passages) && passages[n].From == passages[0].From {
			n++
		}
		if err := newFlight(passages[:n]).fit(); err != nil {
			return err
		}
		passages = passages[n:]
	}
	return nil
}

// A flight is what one side sends before the other answers, as far as it counts
// for room.
type flight struct {
	messages []Passage
	// ends are where the messages end in it, growth what each of them has more when
	// it arrives.
	ends, growth []int
}

func newFlight(messages []Passage) flight {
	f := flight{messages: messages}
	end := 0
	for _, m := range messages {
		sent := longest(m.Sent)
		end += sent
		f.ends, f.growth = append(f.ends, end), append(f.growth, longest(m.Arrives)-sent)
	}
	return f
}

// fit looks at the datagram in which each longer message ends: there is all that
// it has more.
func (f flight) fit() error {
	for i := range f.messages {
		if f.growth[i] <= 0 {
			continue
		}
		more, most := 0, i
		for j := range f.messages[:i+1] {
			if f.growth[j] > 0 && f.ends[i]-f.ends[j] < usualDatagram {
				if more += f.growth[j]; f.growth[j] > f.growth[most] {
					most = j
				}
			}
		}
		if datagram := f.sent(i) + more + spareRoom; datagram > maxDatagram {
			return f.overlong(most, datagram)
		}
	}
	return nil
}

func (f flight) overlong(i, datagram int) error {
	sent := longest(f.messages[i].Sent)
	e := &OverlongError{Rewrite: -1, Message: f.messages[i].Name, Sent: sent, Arrives: sent + f.growth[i], Datagram: datagram}
	for _, m := range f.messages[:i+1] {
		if len(m.Rewrites) > 0 { // what was only signed again is longer because of what was before it
			e.Rewrite = m.Rewrites[len(m.Rewrites)-1]
		}
	}
	return e
}

// sent returns how long the datagram can have been in which a message ends. A
// client pads those of its hello with PADDING, which makes way. All others can be
// full, of what is not known beforehand; only where a server's flight has begun long
// before can it be said how little is left for the last one.
func (f flight) sent(i int) int {
	end, total := f.ends[i], f.ends[len(f.ends)-1]
	switch first, last := f.messages[0], f.messages[len(f.messages)-1]; {
	case first.Name == "ClientHello":
		return fullest(max(end-mostAside, 1), total, 0)
	case first.From == outcome.Server && last.Name == "Finished" && end > usualDatagram-leastBeside:
		return fullest(end, total, leastPacket)
	}
	return usualDatagram
}

// fullest returns the most bytes of the datagram that has that byte of a flight,
// whose first datagram may have stayed that short.
func fullest(end, total, short int) int {
	const most, least = usualDatagram - leastBeside, usualDatagram - mostBeside
	before := (end - 1) / most // so many datagrams are full at least
	start := max(before*least-short, end-most, 0)
	return min(total-start+mostBeside, usualDatagram)
}
