package capture

import (
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
)

// silent looks once at each connection that has become silent, and hands on those
// that were closed. "After sending a CONNECTION_CLOSE frame, an endpoint
// immediately enters the closing state", in which it sends nothing but that frame
// again; "After receiving a CONNECTION_CLOSE frame, endpoints enter the draining
// state", and then "MUST NOT send any packets" (RFC 9000 10.2): what still comes
// was on its way.
//
// The frame is encrypted. Where its secrets are not known, or only from a key log
// behind the packets, nothing but time tells.
func (g *grouping) silent() {
	for e := g.talking.Front(); e != nil; e = g.talking.Front() {
		c := e.Value.(*quicConn)
		if g.r.now.Sub(c.last) <= linger {
			return
		}
		g.rests(c)
		if g.look.closed(c) {
			c.left = true
			c.end("")
		}
	}
}

// speaks takes note that a connection is to be looked at when it is silent.
func (g *grouping) speaks(c *quicConn) {
	if c.talks == nil {
		c.talks = g.talking.PushBack(c)
		return
	}
	g.talking.MoveToBack(c.talks)
}

// rests takes note that a connection is not to be looked at.
func (g *grouping) rests(c *quicConn) {
	if c.talks != nil {
		g.talking.Remove(c.talks)
		c.talks = nil
	}
}

const (
	// maxLast is how many of the last datagrams of each side are opened, among the
	// last maxBack: a capture with several queues mixes packets up a little.
	maxLast = 2
	maxBack = 64
)

// closed says that a side has closed the connection, as far as that can be seen.
func (l *look) closed(c *quicConn) bool {
	l.begin(c)
	if c.reader.keys.Len() == 0 || !c.complete() {
		return false
	}
	var looked [2]int
	units := c.units[max(0, len(c.units)-maxBack):]
	for i := len(units) - 1; i >= 0; i-- {
		u := &units[i]
		n := &looked[u.side()]
		if *n == maxLast {
			continue
		}
		*n++
		if l.closes(u) {
			return true
		}
	}
	return false
}

// complete says that no packet is known to be still to come. Of a connection that
// shakedown has recorded the note has their number; and between the same addresses
// notes are given out in the order in which the connections began.
func (c *quicConn) complete() bool {
	note := c.reader.notes.next(noteKey{outcome.QUIC, c.began(), c.server})
	if note == nil {
		return true
	}
	for _, before := range c.reader.quic.paths[c.keys[0]] {
		if before == c {
			break
		}
		if !before.over {
			return false
		}
	}
	return c.packets >= note.packets()
}

// closes says that a datagram holds a CONNECTION_CLOSE frame.
func (l *look) closes(u *unit) bool {
	for b := u.sent; len(b) > 0; {
		p, err := l.parse(u, b)
		if err != nil {
			break
		}
		b = b[len(p.Raw):]
		payload := l.open(u, &p)
		for len(payload) > 0 {
			f, err := quicwire.ParseFrame(payload)
			if err != nil {
				break
			}
			payload = payload[len(f.Raw):]
			if f.Type != quicwire.FrameConnectionClose && f.Type != quicwire.FrameApplicationClose {
				continue
			}
			if p.Type != quicwire.Initial || l.counts() {
				return true
			}
		}
	}
	return false
}

// counts says that an Initial packet counts that closes the connection. Anybody on
// the path can make one, and has the word until "a client MUST discard Initial keys
// when it first sends a Handshake packet and a server MUST discard Initial keys when
// it first successfully processes a Handshake packet" (RFC 9001 4.9.1). And where
// there is anything that secrets would open, these can still come.
func (l *look) counts() bool {
	if len(l.conn.units) > maxFirst {
		return false
	}
	known := l.conn.known // all was read to open that packet
	for i := range l.conn.units {
		u := &l.conn.units[i]
		for b := u.sent; len(b) > 0 && !quicwire.ZeroFill(b); {
			p, err := l.parse(u, b)
			if err != nil {
				break
			}
			b = b[len(p.Raw):]
			switch p.Type {
			case quicwire.Handshake, quicwire.OneRTT:
				if !u.server || !known {
					return false
				}
			case quicwire.ZeroRTT:
				if !known {
					return false
				}
			}
		}
	}
	return true
}
