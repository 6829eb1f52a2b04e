package link

import (
	"slices"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A gate is an asynchronous queue of units. Endpoints never block in a write
// that is held: blocking there would hold tls.Conn's lock, and its Close waits
// for that lock.
type gate struct {
	closed bool
	queue  []queued
	moving bool // a unit that has left the queue is on its way
}

// A queued unit waits for its release. move makes bytes of it reach the other
// side, faults are those that it sets off.
type queued struct {
	unit   int
	move   func([]byte)
	faults []int
	// spared says that chance leaves it alone.
	spared bool
	// rest is what is still to be rewritten of a unit whose other part has gone on.
	rest []byte
}

// pass takes a unit that was sent and either queues it or returns true, in which
// case the caller moves it itself once the lock is released. Of a link that has
// faults the caller flushes both directions instead. The caller holds l.mu.
func (l *Link) pass(u *transcript.Unit, faults []int, move func([]byte)) bool {
	q := queued{unit: u.Index, move: move, faults: faults, spared: l.goodbye}
	switch {
	case l.gate.closed && l.noise:
		return l.passNoise(u, q)
	case !l.gate.closed:
		return l.goOn(u, q, u.At)
	}
	l.gate.queue = append(l.gate.queue, q)
	u.Marks = append(u.Marks, transcript.Held)
	if len(l.gate.queue) == 1 && l.options.Holding != nil {
		l.options.Holding(true)
	}
	return false
}

// isNoise says that a datagram carries nothing that the other side has not been
// sent before: retransmissions, probes and pure acknowledgements. A held QUIC
// handshake makes dozens of them a minute.
func isNoise(u *transcript.Unit, steps []*dissect.Step) bool {
	if u.Kind != transcript.Data || len(steps) == 0 {
		return false
	}
	if slices.Contains(u.Marks, transcript.Retransmission) {
		return true
	}
	for _, s := range steps {
		if s.Kind != dissect.KindQUICFrame || (s.Name != "ACK" && s.Name != "PING" && s.Name != "PADDING") {
			return false
		}
	}
	return true
}

// goOn sends a unit on that the gate does not hold, and says whether the caller
// is to move it itself.
func (l *Link) goOn(u *transcript.Unit, q queued, at time.Duration) bool {
	if l.faulty() {
		l.travel(q)
		return false
	}
	l.deliver(u, at)
	return true
}

// passNoise drops noise while the gate holds anything, and else lets it through.
// Releasing the retransmissions that piled up would teach the congestion
// controller a round-trip time as long as the hold.
func (l *Link) passNoise(u *transcript.Unit, q queued) bool {
	if len(l.gate.queue) > 0 {
		u.Marks = append(u.Marks, transcript.Dropped)
		return false
	}
	return l.goOn(u, q, u.At)
}

// Release lets the first unit at the gate go, and says whether there was one.
func (l *Link) Release() bool {
	l.mu.Lock()
	if len(l.gate.queue) == 0 {
		l.mu.Unlock()
		return false
	}
	head := l.gate.queue[0]
	l.gate.queue = l.gate.queue[1:]
	u := &l.transcript.Units[head.unit]
	u.Marks = slices.DeleteFunc(u.Marks, func(m transcript.Mark) bool { return m == transcript.Held })
	bytes, out := u.Sent, l.out[u.From]
	through := l.goOn(u, head, l.since())
	if len(l.gate.queue) == 0 {
		if l.options.Holding != nil {
			l.options.Holding(false)
		}
	}
	l.gate.moving = true
	l.mu.Unlock()
	if through {
		out.Lock()
		head.move(bytes)
		out.Unlock()
	} else {
		l.flushAll()
	}
	l.mu.Lock()
	l.gate.moving = false
	l.empty.Broadcast()
	l.mu.Unlock()
	l.changed()
	return true
}

// Open lets everything go, now and from now on.
func (l *Link) Open() {
	for l.Release() {
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.gate.queue) == 0 {
		l.gate.closed = false
	}
}

// A Head is the first unit at the gate.
type Head struct {
	Unit  int
	From  outcome.Role
	Steps []*dissect.Step // that it completes
}

// Head returns the first unit at the gate, and whether there is one.
func (l *Link) Head() (Head, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.gate.queue) == 0 {
		return Head{}, false
	}
	h := Head{Unit: l.gate.queue[0].unit}
	h.From = l.transcript.Units[h.Unit].From
	for _, s := range l.dissector.Timeline().Steps {
		if s.Unit == h.Unit {
			h.Steps = append(h.Steps, s)
		}
	}
	return h, true
}
