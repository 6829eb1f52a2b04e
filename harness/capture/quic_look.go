package capture

import (
	"crypto/tls"

	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
)

// A look opens packets of one connection at a time, and keeps what it derives for
// that. It makes no steps: it costs as little as the question whether the connection
// was closed is worth.
type look struct {
	conn *quicConn
	// attempts are the Initial keys for each Destination Connection ID that the client
	// began with or was given by a Retry packet. Tried counts those that were derived.
	attempts []dissect.InitialKeys
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

// begin looks at another connection. Nothing stays of the one before but memory.
func (l *look) begin(c *quicConn) {
	clear(l.keys)
	*l = look{conn: c, keys: l.keys[:0], room: l.room[:0]}
}

// suiteKeys are what a secret gives in a cipher suite.
type suiteKeys struct {
	label      keylog.Label
	suite      uint16
	protection *quicwire.Protection
	// phases are those of 1-RTT packets, nil for others.
	phases *quicwire.KeyPhases
}

const (
	// maxFirst is how many datagrams the ClientHello is looked for in, maxAttempts
	// from how many Destination Connection IDs Initial keys are derived for that: a
	// client begins anew once, behind a Retry or a Version Negotiation packet.
	maxFirst    = 16
	maxAttempts = 2
)

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

// client reads one of them. One that no attempt's keys open begins another attempt.
func (l *look) client(u *unit, p *quicwire.Packet) {
	payload := l.openInitial(u, p)
	if payload == nil && l.tried < maxAttempts {
		l.tried++
		keys, err := dissect.DeriveInitial(p.Version, p.DestinationID)
		if err != nil {
			return
		}
		if payload = l.opened(keys.Client.Open(l.room[:0], p, -1)); payload != nil {
			l.attempts = append(l.attempts, keys)
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
		if payload := l.opened(l.attempts[i].Of(u.from()).Open(l.room[:0], p, -1)); payload != nil {
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
	secret := l.conn.reader.logs[u.side()].Secret(label, l.conn.random)
	for _, suite := range suitesOf(secret) {
		k, err := l.derive(label, suite, secret)
		if err != nil {
			return nil
		}
		if payload := l.opened(k.open(l, u, p)); payload != nil {
			return payload
		}
	}
	return nil
}

// derived returns all keys that were derived.
func (l *look) derived() dissect.Derived {
	d := dissect.Derived{Initial: l.attempts, Traffic: make([]*quicwire.Protection, len(l.keys))}
	for i := range l.keys {
		d.Traffic[i] = l.keys[i].protection
	}
	return d
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
func (l *look) derive(label keylog.Label, suite uint16, secret []byte) (*suiteKeys, error) {
	for i := range l.keys {
		if k := &l.keys[i]; k.label == label && k.suite == suite {
			return k, nil
		}
	}
	protection, err := quicwire.NewProtection(l.conn.version, suite, secret)
	if err != nil {
		return nil, err
	}
	k := suiteKeys{label: label, suite: suite, protection: protection}
	if label == keylog.ClientTraffic || label == keylog.ServerTraffic {
		k.phases = quicwire.NewKeyPhases(protection)
	}
	l.keys = append(l.keys, k)
	return &l.keys[len(l.keys)-1], nil
}

// open opens a packet. The first packets have low numbers, written out. The number
// of a 1-RTT packet is about that of its sender's datagrams so far.
func (k *suiteKeys) open(l *look, u *unit, p *quicwire.Packet) (quicwire.Opened, error) {
	if k.phases != nil {
		return k.phases.Open(l.room[:0], p, l.conn.sent[u.side()])
	}
	return k.protection.Open(l.room[:0], p, -1)
}

// opened returns the frames of a packet that was opened in the room, nil if it was
// not. They are valid until the next one is.
func (l *look) opened(o quicwire.Opened, err error) []byte {
	if err != nil {
		return nil
	}
	l.room = o.Bytes
	return o.Payload
}
