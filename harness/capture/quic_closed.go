package capture

import (
	"crypto/tls"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
)

// silent looks once at each connection that has become silent, and hands on those
// that were closed. "After sending a CONNECTION_CLOSE frame, an endpoint
// immediately enters the closing state; after receiving a CONNECTION_CLOSE frame,
// endpoints enter the draining state" (RFC 9000 10.2): nothing but that frame is
// sent from then on, and what comes beside it was on its way.
//
// The frame is encrypted. Where the key log is not known, or comes behind the
// packets, only time tells.
func (g *grouping) silent() {
	for e := g.talking.Front(); e != nil; e = g.talking.Front() {
		c := e.Value.(*quicConn)
		if g.r.now.Sub(c.last) <= linger {
			return
		}
		g.rests(c)
		if c.closed() {
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
	// maxFirst is how many datagrams the ClientHello is looked for in, maxAttempts
	// from how many Destination Connection IDs Initial keys are derived for that: a
	// client begins anew once, behind a Retry or Version Negotiation packet.
	maxFirst    = 16
	maxAttempts = 2
)

// closed says that a side has closed the connection, as far as the key log lets
// that be seen.
func (c *quicConn) closed() bool {
	if c.reader.keys.Len() == 0 || !c.complete() {
		return false
	}
	l := look{conn: c, room: c.reader.quic.room}
	defer func() { c.reader.quic.room = l.room }()
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

// complete says that no packet is known to be missing of a connection that was
// recorded here: its note has their number. Between the same addresses the notes
// are given out in the order in which the connections began.
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

// A look is what one look at a connection knows of it.
type look struct {
	conn *quicConn
	// attempts are the Initial keys of the client and of the server, for each
	// Destination Connection ID that the client began with or was given by a Retry
	// packet. Tried counts those that were derived.
	attempts [][2]*quicwire.Protection
	tried    int
	// hello is the beginning of the ClientHello, read how many of the first
	// datagrams were read for it.
	hello quicwire.CryptoBuffer
	read  int
	// keys are those that were derived from secrets.
	keys []suiteKeys
	// room is where packets are opened.
	room []byte
}

// suiteKeys are what a secret gives in a cipher suite.
type suiteKeys struct {
	label keylog.Label
	suite uint16
	opener
}

// An opener removes packets' protection.
type opener interface {
	Open(dst []byte, p *quicwire.Packet, largest int64) (quicwire.Opened, error)
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

// meets reads the client's first Initial packets up to a ClientHello that the key
// log has secrets of, or all of them, and says whether there is one.
func (l *look) meets(all bool) bool {
	c := l.conn
	for ; l.read < min(len(c.units), maxFirst) && (all || !c.known); l.read++ {
		u := &c.units[l.read]
		for b := u.sent; len(b) > 0 && !u.server; {
			p, err := l.parse(u, b)
			if err != nil {
				break
			}
			b = b[len(p.Raw):]
			if p.Type == quicwire.Initial {
				l.client(u, &p)
			}
		}
	}
	return c.known
}

// client reads one of these packets. One that no attempt's keys open begins another
// attempt.
func (l *look) client(u *unit, p *quicwire.Packet) {
	payload := l.openInitial(u, p)
	if payload == nil && l.tried < maxAttempts {
		l.tried++
		client, server, err := quicwire.InitialProtection(p.Version, p.DestinationID)
		if err != nil {
			return
		}
		if payload = l.try(client, u, p); payload != nil {
			l.attempts = append(l.attempts, [2]*quicwire.Protection{client, server})
			l.hello = quicwire.CryptoBuffer{}
		}
	}
	for len(payload) > 0 && !l.conn.known {
		f, err := quicwire.ParseFrame(payload)
		if err != nil {
			return
		}
		payload = payload[len(f.Raw):]
		if f.Type == quicwire.FrameCrypto {
			l.crypto(f.Offset, f.Data)
		}
	}
}

// helloHead is how much of a ClientHello has its random at the end: behind the
// header of the message and legacy_version (RFC 8446 4 and 4.1.2).
const helloHead = 4 + 2 + len(keylog.Random{})

// crypto takes a piece of the ClientHello, which can come in any order.
func (l *look) crypto(offset uint64, data []byte) {
	if offset >= uint64(helloHead) || len(data) == 0 {
		return
	}
	_, _ = l.hello.Add(offset, data[:min(len(data), helloHead-int(offset))]) // it has room for that
	b := l.hello.Bytes()
	if len(b) < helloHead || tlswire.HandshakeType(b[0]) != tlswire.TypeClientHello {
		return
	}
	c := l.conn
	c.random = keylog.Random(b[helloHead-len(c.random):])
	c.known = c.reader.keys.Meet(c.random)
}

// parse reads the header of a datagram's next packet.
func (l *look) parse(u *unit, b []byte) (quicwire.Packet, error) {
	return quicwire.ParsePacket(b, int(l.conn.idLengths[1-u.side()]))
}

// open returns the frames of a packet, nil if it cannot be opened. They are valid
// until the next call.
func (l *look) open(u *unit, p *quicwire.Packet) []byte {
	switch p.Type {
	case quicwire.Initial:
		l.meets(true)
		return l.openInitial(u, p)
	case quicwire.Handshake:
		label := keylog.ClientHandshakeTraffic
		if u.server {
			label = keylog.ServerHandshakeTraffic
		}
		return l.openWith(label, u, p)
	case quicwire.OneRTT:
		label := keylog.ClientTraffic
		if u.server {
			label = keylog.ServerTraffic
		}
		return l.openWith(label, u, p)
	}
	return nil
}

// openInitial opens an Initial packet with the keys of the latest attempt that they
// fit.
func (l *look) openInitial(u *unit, p *quicwire.Packet) []byte {
	for i := len(l.attempts) - 1; i >= 0; i-- {
		if payload := l.try(l.attempts[i][u.side()], u, p); payload != nil {
			return payload
		}
	}
	return nil
}

// openWith opens a packet with the secret of its sender.
func (l *look) openWith(label keylog.Label, u *unit, p *quicwire.Packet) []byte {
	if !l.meets(false) {
		return nil
	}
	secret := l.conn.reader.quic.logs[u.side()].Secret(label, l.conn.random)
	for _, suite := range suitesOf(secret) {
		k, err := l.derive(label, suite, secret)
		if err != nil {
			return nil
		}
		if payload := l.try(k, u, p); payload != nil {
			return payload
		}
	}
	return nil
}

// suitesOf returns the cipher suites whose hash, and so whose secrets, have the
// length of that one. The ServerHello says which was chosen; so does the
// authentication tag.
func suitesOf(secret []byte) []uint16 {
	switch len(secret) {
	case 32:
		return []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_CHACHA20_POLY1305_SHA256}
	case 48:
		return []uint16{tls.TLS_AES_256_GCM_SHA384}
	}
	return nil
}

// derive returns the keys of a secret.
func (l *look) derive(label keylog.Label, suite uint16, secret []byte) (opener, error) {
	for _, k := range l.keys {
		if k.label == label && k.suite == suite {
			return k.opener, nil
		}
	}
	protection, err := quicwire.NewProtection(l.conn.version, suite, secret)
	if err != nil {
		return nil, err
	}
	k := suiteKeys{label, suite, protection}
	if label == keylog.ClientTraffic || label == keylog.ServerTraffic {
		k.opener = quicwire.NewKeyPhases(protection)
	}
	l.keys = append(l.keys, k)
	return k.opener, nil
}

// try opens a packet. The first packets have low numbers, written out. The number
// of a 1-RTT packet is about that of its sender's datagrams so far.
func (l *look) try(k opener, u *unit, p *quicwire.Packet) []byte {
	largest := int64(-1)
	if p.Type == quicwire.OneRTT {
		largest = l.conn.sent[u.side()]
	}
	o, err := k.Open(l.room[:0], p, largest)
	if err != nil {
		return nil
	}
	l.room = o.Bytes
	return o.Payload
}
