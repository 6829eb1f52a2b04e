package link

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A StreamEnd is one side's TCP connection, tapped. It is the net.Conn that the
// endpoint uses.
type StreamEnd struct {
	net.Conn
	link *Link
	role outcome.Role

	// out keeps the order of what is written to Conn: the endpoint writes, the
	// gate releases, and what is late arrives. It is taken before link.mu, never
	// after it.
	out   sync.Mutex
	split splitter

	in  []byte // read from Conn and not yet handed out
	buf []byte
}

// Stream returns the tapped end of a side whose connection is conn. Closing it
// closes conn's sending direction; [StreamEnd.Discard] closes conn.
func (l *Link) Stream(role outcome.Role, conn net.Conn) *StreamEnd {
	e := &StreamEnd{Conn: conn, link: l, role: role}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out[role], l.conn[role], l.emit[role], l.finish[role] = &e.out, conn, e.move, e.finish
	return e
}

// Write records p and passes it to the gate. It returns without an error while
// the gate holds p, as a socket does whose peer does not read.
func (e *StreamEnd) Write(p []byte) (int, error) {
	n, err := e.write(p)
	if e.link.faulty() {
		e.link.flushAll()
	}
	return n, err
}

func (e *StreamEnd) write(p []byte) (int, error) {
	e.out.Lock()
	defer e.out.Unlock()
	if err := e.ended(); err != nil {
		return 0, err
	}
	units, whole := e.split.split(append([]byte(nil), p...))
	through := e.record(units)
	e.link.changed()
	if !through || len(whole) == 0 {
		return len(p), nil
	}
	// One write, as it was: the segments stay what they would be without a link.
	if _, err := e.Conn.Write(whole); err != nil {
		return 0, err
	}
	return len(p), nil
}

// record records the units of one write and says whether the caller is to move
// them itself. A gate that is closed takes them all.
func (e *StreamEnd) record(units [][]byte) (through bool) {
	l := e.link
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.since()
	for _, b := range units {
		u, faults := l.send(e.role, transcript.Data, b, at)
		through = l.pass(u, faults, e.move)
	}
	return through
}

// move writes what has passed the gate. Its caller holds e.out.
func (e *StreamEnd) move(b []byte) {
	_, _ = e.Conn.Write(b) // the endpoint that reads there reports what is wrong with it
}

// finish closes the direction of this side. Its caller holds e.out.
func (e *StreamEnd) finish([]byte) { _ = closeWrite(e.Conn) }

// Read hands out at most one unit at a time, so that what the side knew when it
// said something can be told from what merely waited in its buffer.
func (e *StreamEnd) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(e.in) == 0 {
		if err := e.fill(); err != nil {
			return 0, err
		}
	}
	e.link.mu.Lock()
	n := len(p)
	if arriving := e.link.end(e.role).arriving; len(arriving) > 0 {
		n = min(n, arriving[0].left)
	}
	n = copy(p[:n], e.in)
	e.link.received(e.role, n)
	e.link.mu.Unlock()
	e.in = e.in[n:]
	return n, nil
}

func (e *StreamEnd) fill() error {
	if e.buf == nil {
		e.buf = make([]byte, 4096)
	}
	for {
		if err := e.over(); err != nil {
			e.link.sawEnd(e.role)
			return err
		}
		e.wait(true)
		n, err := e.Conn.Read(e.buf)
		e.wait(false)
		e.in = e.buf[:n]
		if n > 0 {
			return nil
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && e.interrupted() {
			continue
		}
		if errors.Is(err, syscall.ECONNRESET) {
			e.link.recordReset(e.role.Peer())
		}
		e.link.sawEnd(e.role)
		return err
	}
}

// sawEnd records that a side has read the FIN or the RST that was delivered to
// it: what it says from now on comes after that.
func (l *Link) sawEnd(role outcome.Role) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.end(role)
	e.atEnd = true
	if len(e.arriving) > 0 && e.arriving[0].left == 0 {
		e.read(e.arriving[0].seq)
	}
}

func (e *StreamEnd) wait(waiting bool) {
	e.link.mu.Lock()
	e.link.end(e.role).waiting = waiting
	e.link.mu.Unlock()
	if waiting {
		e.link.changed()
	}
}

// ended returns why this side cannot write any more, nil if it can.
func (e *StreamEnd) ended() error {
	e.link.mu.Lock()
	defer e.link.mu.Unlock()
	switch side := e.link.end(e.role); {
	case side.finished:
		return net.ErrClosed
	case side.broken:
		return e.opError("write", os.NewSyscallError("write", syscall.EPIPE))
	}
	return nil
}

// CloseWrite ends this side's direction: a FIN, in its place behind everything
// that the gate still holds.
func (e *StreamEnd) CloseWrite() error {
	err := e.closeWrite()
	if e.link.faulty() {
		e.link.flushAll()
	}
	return err
}

func (e *StreamEnd) closeWrite() error {
	e.out.Lock()
	defer e.out.Unlock()
	through, cut := e.recordFIN()
	e.link.changed()
	if !through {
		return nil
	}
	if len(cut) > 0 {
		_, _ = e.Conn.Write(cut)
	}
	return closeWrite(e.Conn)
}

// recordFIN records the FIN and says whether the caller is to send it, after
// the cut record that is returned.
func (e *StreamEnd) recordFIN() (through bool, cut []byte) {
	l := e.link
	l.mu.Lock()
	defer l.mu.Unlock()
	side := l.end(e.role)
	if side.finished {
		return false, nil
	}
	side.finished = true
	if side.broken { // there is no connection any more that could be closed
		return false, nil
	}
	at := l.since()
	if rest := e.split.rest(); len(rest) > 0 { // a record that was cut short
		if u, faults := l.send(e.role, transcript.Data, rest, at); l.pass(u, faults, e.move) {
			cut = rest
		}
	}
	u, faults := l.send(e.role, transcript.FIN, nil, at)
	return l.pass(u, faults, e.finish), cut
}

// Close is CloseWrite: the endpoint's TLS stack closes its connection as soon as
// a handshake fails, and a real close could turn unread data into a reset
// before the alert is read.
func (e *StreamEnd) Close() error { return e.CloseWrite() }

// Drain reads until the peer has closed its direction or the connection ends,
// and forgets what it reads. It marks this side as one that waits for nothing.
func (e *StreamEnd) Drain() {
	var sink [1024]byte
	for {
		if _, err := e.Read(sink[:]); err != nil {
			break
		}
	}
	e.link.drained(e.role)
}

// Discard closes the connection itself, whatever is held.
func (e *StreamEnd) Discard() error { return e.Conn.Close() }

// recordReset records a RST that a side sent, once.
func (l *Link) recordReset(from outcome.Role) {
	l.mu.Lock()
	if !l.end(from).reset {
		l.end(from).reset = true
		u, _ := l.send(from, transcript.RST, nil, l.since())
		l.deliver(u, u.At)
	}
	l.mu.Unlock()
	l.changed()
}

// relayReset records the RST of a peer, in its place behind what the gate holds.
func (l *Link) relayReset(from outcome.Role, reset func()) {
	l.mu.Lock()
	through := false
	if !l.end(from).reset {
		l.end(from).reset = true
		u, faults := l.send(from, transcript.RST, nil, l.since())
		through = l.pass(u, faults, func([]byte) { reset() })
	}
	l.mu.Unlock()
	if through {
		reset()
	}
	l.flushAll()
}

// closeWrite closes the sending direction, where the connection has two.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}
