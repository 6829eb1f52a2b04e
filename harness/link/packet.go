package link

import (
	"net"
	"sync"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A PacketEnd is one side's UDP socket, tapped. It is the net.PacketConn that
// the endpoint uses.
type PacketEnd struct {
	net.PacketConn
	link *Link
	role outcome.Role
	out  sync.Mutex // keeps the order of what is written
	to   net.Addr   // where its last datagram went
}

// Packet returns the tapped end of a side whose socket is conn.
func (l *Link) Packet(role outcome.Role, conn net.PacketConn) *PacketEnd {
	e := &PacketEnd{PacketConn: conn, link: l, role: role}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out[role], l.emit[role], l.packet[role] = &e.out, e.forge, e
	return e
}

// WriteTo records a datagram and passes it to the gate.
func (e *PacketEnd) WriteTo(p []byte, to net.Addr) (int, error) {
	n, err := e.writeTo(p, to)
	if e.link.faulty() {
		e.link.flushAll()
	}
	return n, err
}

func (e *PacketEnd) writeTo(p []byte, to net.Addr) (int, error) {
	e.out.Lock()
	defer e.out.Unlock()
	through, sent := e.record(append([]byte(nil), p...), to)
	e.link.changed()
	if !through {
		return len(p), nil
	}
	return e.PacketConn.WriteTo(sent, to)
}

func (e *PacketEnd) record(b []byte, to net.Addr) (through bool, sent []byte) {
	l := e.link
	l.mu.Lock()
	defer l.mu.Unlock()
	e.to = to
	u, faults := l.send(e.role, transcript.Data, b, l.since())
	return l.pass(u, faults, func(b []byte) { e.move(b, to) }), b
}

// move writes what has passed the gate. Its caller holds e.out.
func (e *PacketEnd) move(b []byte, to net.Addr) {
	_, _ = e.PacketConn.WriteTo(b, to) // lost datagrams are the transport's business
}

// forge writes a datagram that this side did not send. Its caller holds e.out.
func (e *PacketEnd) forge(b []byte) {
	e.link.mu.Lock()
	to, peer := e.to, e.link.packet[e.role.Peer()]
	e.link.mu.Unlock()
	if to == nil && peer != nil {
		to = peer.LocalAddr()
	}
	if to != nil {
		e.move(b, to)
	}
}

// ReadFrom reads one datagram and records that it has arrived.
func (e *PacketEnd) ReadFrom(p []byte) (int, net.Addr, error) {
	e.wait(true)
	n, from, err := e.PacketConn.ReadFrom(p)
	e.link.mu.Lock()
	e.link.end(e.role).waiting = false
	if err == nil {
		e.link.receivedDatagram(e.role)
	}
	e.link.mu.Unlock()
	return n, from, err
}

func (e *PacketEnd) wait(waiting bool) {
	e.link.mu.Lock()
	e.link.end(e.role).waiting = waiting
	e.link.mu.Unlock()
}

// Close ends this side: it reads no more. What the gate still holds of it can
// be released afterwards, as a datagram in flight arrives although its sender
// has gone. [PacketEnd.Discard] closes the socket.
func (e *PacketEnd) Close() error {
	e.link.mu.Lock()
	e.link.end(e.role).closed = true
	if e.link.weaver != nil {
		e.link.giveUp(e.role) // who would have logged the key has ended
	}
	e.link.mu.Unlock()
	e.link.changed()
	return nil
}

// Discard closes the socket, whatever is held.
func (e *PacketEnd) Discard() error { return e.PacketConn.Close() }

// SetReadBuffer and SetWriteBuffer exist so that quic-go finds them; without
// them it complains on the log, which is the terminal.
func (e *PacketEnd) SetReadBuffer(n int) error {
	if c, ok := e.PacketConn.(interface{ SetReadBuffer(int) error }); ok {
		return c.SetReadBuffer(n)
	}
	return nil
}

// SetWriteBuffer is SetReadBuffer's twin.
func (e *PacketEnd) SetWriteBuffer(n int) error {
	if c, ok := e.PacketConn.(interface{ SetWriteBuffer(int) error }); ok {
		return c.SetWriteBuffer(n)
	}
	return nil
}
