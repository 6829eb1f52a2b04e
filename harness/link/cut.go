package link

import (
	"net"
	"os"
	"syscall"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// inject puts bytes on a path that nobody sent. The caller holds l.mu.
func (l *Link) inject(in *fault.Inject) {
	b := in.Bytes
	if in.Alert != "" {
		code, _ := tlswire.AlertCode(in.Alert)
		b = []byte{byte(tlswire.AlertType), 3, 3, 0, 2, 2, code}
		if in.Warning {
			b[5] = 1
		}
	}
	l.insert(in.From, transcript.Data, b, l.emit[in.From])
}

// endStreams ends the connection towards the sides that a fault says. The caller
// holds l.mu.
func (l *Link) endStreams(do fault.Do) {
	for _, to := range []outcome.Role{outcome.Client, outcome.Server} {
		from := to.Peer()
		if l.path(from).ended {
			continue
		}
		switch {
		case do.Reset.Has(to):
			l.end(from).reset = true
			l.insert(from, transcript.RST, nil, func([]byte) { l.breakOff(to) })
		case do.Close.Has(to):
			l.insert(from, transcript.FIN, nil, l.finish[from])
		default:
			continue
		}
		l.path(from).ended = true
	}
}

// insert records a unit that the link itself makes up, and sends it along the
// path of the side whose it seems to be. That side has sent nothing: it is as
// far as it was.
func (l *Link) insert(from outcome.Role, kind transcript.UnitKind, b []byte, move func([]byte)) {
	before := l.end(from).lastSeen
	u, _ := l.send(from, kind, b, l.since(), transcript.Injected)
	l.end(from).lastSeen = before
	l.depart(&voyage{unit: u.Index, from: from, move: move, own: true})
}

// breakOff lets a side see that its connection was reset, once it has read what
// arrived before. A real reset would close the peer's socket as well.
func (l *Link) breakOff(to outcome.Role) {
	l.mu.Lock()
	l.end(to).broken = true
	conn := l.conn[to]
	l.mu.Unlock()
	if conn != nil {
		_ = conn.SetReadDeadline(longAgo)
	}
}

// longAgo is a deadline that is over.
var longAgo = time.Unix(1, 0)

// TimeIsUp notes that the deadline has come: nothing arrives any more, and what
// a side says from now on comes after all that was sent.
func (l *Link) TimeIsUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expired = true
	l.client.lastSeen, l.server.lastSeen = l.seq, l.seq
}

// Expire ends the waiting of both sides of a TCP connection: their reads fail as
// those of a connection whose deadline has come. The client's is the first to
// come, so that a recording is the same each time.
func (l *Link) Expire() { l.expire(outcome.Client) }

// expire lets the deadline of one side come, and that of the server after the
// client has ended.
func (l *Link) expire(role outcome.Role) {
	l.mu.Lock()
	ended := role == outcome.Client && l.client.done()
	conn := l.conn[role]
	if !ended {
		l.end(role).expired = true
	}
	l.mu.Unlock()
	switch {
	case ended:
		l.expire(outcome.Server)
	case conn != nil:
		_ = conn.SetReadDeadline(longAgo)
	}
}

// drained is called when a side will read no more.
func (l *Link) drained(role outcome.Role) {
	l.mu.Lock()
	l.end(role).closed = true
	next := l.expired && l.client.done() && !l.server.expired
	l.mu.Unlock()
	if next {
		l.expire(outcome.Server)
	}
	l.changed()
}

// done says that a side neither reads nor writes any more.
func (e *end) done() bool { return e.closed && (e.finished || e.broken) }

// over returns the error with which a side's reads end from now on, nil while
// there is or can be something to read.
func (e *StreamEnd) over() error {
	l := e.link
	l.mu.Lock()
	defer l.mu.Unlock()
	side := l.end(e.role)
	switch {
	case side.expired:
		return e.opError("read", os.ErrDeadlineExceeded)
	case !side.broken:
		return nil
	}
	for _, a := range side.arriving {
		if a.left > 0 { // it came before the reset, and is still to be read
			_ = e.Conn.SetReadDeadline(time.Time{})
			return nil
		}
	}
	return e.opError("read", os.NewSyscallError("read", syscall.ECONNRESET))
}

// interrupted says that a side's read was woken to be told how it ends.
func (e *StreamEnd) interrupted() bool {
	e.link.mu.Lock()
	defer e.link.mu.Unlock()
	side := e.link.end(e.role)
	return side.expired || side.broken
}

// opError is the error of a socket whose operation fails like that.
func (e *StreamEnd) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: e.LocalAddr(), Addr: e.RemoteAddr(), Err: err}
}

// stuck says that nothing can happen any more on a TCP connection: each side
// that has not ended waits for bytes, and none are under way. Only a deadline
// ends that. The caller holds l.mu.
func (l *Link) stuck() bool {
	if l.transcript.Transport != outcome.TCP || l.expired || len(l.gate.queue) > 0 || l.gate.moving ||
		len(l.up.waiting) > 0 || len(l.down.waiting) > 0 {
		return false
	}
	live := false
	for _, e := range []*end{&l.client, &l.server} {
		if e.done() {
			continue
		}
		if !e.waiting || len(e.arriving) > 0 || e.atEnd {
			return false
		}
		live = true
	}
	return live
}
