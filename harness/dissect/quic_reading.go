package dissect

import (
	"slices"

	"shakedown/harness/quicwire"
	"shakedown/harness/transcript"
)

// A reading is what is made of one datagram.
type reading struct {
	from     *sender
	unit     int
	datagram []byte
	packets  []packet
	// arena holds the opened packets.
	arena []byte
	// steps are those of this pass over the datagram, shown counts those of all
	// passes that still stand.
	steps []*Step
	shown int
	// content says that there is something that can be sent twice, fresh that
	// some of it had not been sent before.
	content, fresh bool
	// partial says that its one step tells of a part of a message.
	partial bool
	// unread counts the packets that no key opened.
	unread  int
	telling telling
	// close is the CONNECTION_CLOSE at the highest level so far, closed says that
	// it has a step.
	close  *closing
	closed bool
}

// A packet is one packet of a datagram, and what was in it once it was opened.
type packet struct {
	quicwire.Packet
	// at is where it starts in the datagram.
	at     int
	opened quicwire.Opened
	// stale says that it belongs to an attempt that the client has given up.
	stale bool
}

// A telling frame is the one that a datagram with no news is named after.
type telling struct {
	rank   int
	frame  quicwire.Frame
	packet int
}

// What most datagrams have: a server puts an Initial, a Handshake and a 1-RTT
// packet into one.
const (
	coalesced  = 3
	usualSteps = 4
)

// reading returns the reading of a datagram, before its first packet.
func (q *datagrams) reading(u *transcript.Unit) *reading {
	room := q.d.room
	r := &room.readings.List(1, 1)[0]
	r.from, r.unit, r.datagram = q.sender(u.From), u.Index, u.Sent
	r.packets = room.packets.List(coalesced, 1)[:0]
	r.arena = room.bytes.List(len(u.Sent), 1)[:0]
	r.steps = room.lists.List(usualSteps, 1)[:0]
	return r
}

// finish adds what only the end of the datagram tells: its CONNECTION_CLOSE, the
// step of a datagram that has none, and whether all of it is a repetition.
func (r *reading) finish(q *datagrams, u *transcript.Unit) {
	if r.close != nil && !r.closed {
		r.steps = append(r.steps, q.closeStep(r))
	}
	if r.shown += len(r.steps); r.shown == 0 {
		r.steps = append(r.steps, q.quiet(r))
		r.shown++
	}
	if !r.content || r.fresh || r.unread > 0 {
		return
	}
	for _, s := range r.steps {
		s.Marks = append(s.Marks, transcript.Retransmission)
	}
	if u != nil && !slices.Contains(u.Marks, transcript.Retransmission) {
		u.Marks = append(u.Marks, transcript.Retransmission)
	}
}
