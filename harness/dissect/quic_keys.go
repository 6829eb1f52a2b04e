package dissect

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"shakedown/harness/keylog"
	"shakedown/harness/quicwire"
)

// errNoKey says that a packet's key is not in any log.
var errNoKey = errors.New("no key")

// senderKeys are what opens one side's packets beyond the Initial ones. Each is
// a list because the two ends can have logged different secrets.
type senderKeys struct {
	early, handshake []secretKeys
	application      []secretPhases
}

type secretKeys struct {
	secret []byte
	*quicwire.Protection
}

type secretPhases struct {
	secret []byte
	*quicwire.KeyPhases
}

// spaceOf returns the packet number space and the level of a packet type.
func spaceOf(t quicwire.PacketType) (space int, level Level) {
	switch t {
	case quicwire.Initial:
		return initialSpace, Initial
	case quicwire.Handshake:
		return handshakeSpace, Handshake
	case quicwire.ZeroRTT:
		return applicationSpace, Early
	}
	return applicationSpace, Application
}

// open removes the protection of a packet and takes note of what it says of
// itself: packet number, version, connection IDs.
func (q *datagrams) open(r *reading, i int) error {
	p := &r.packets[i]
	space, _ := spaceOf(p.Type)
	largest := r.from.largest[space]
	var err error
	switch p.Type {
	case quicwire.Initial:
		err = q.openInitial(r, p, largest)
	case quicwire.Handshake:
		err = q.openHandshake(r, p, largest)
	case quicwire.ZeroRTT:
		err = q.openEarly(r, p, largest)
	case quicwire.OneRTT:
		err = q.openApplication(r, p, largest)
	}
	if err != nil {
		return err
	}
	r.arena = r.arena[:len(r.arena)+len(p.opened.Bytes)]
	r.from.largest[space] = max(largest, int64(p.opened.Number))
	if p.LongHeader() && !p.stale {
		q.version = p.Version
		r.from.issued(len(p.SourceID))
	}
	return nil
}

// free returns the part of the arena that a packet can be opened into.
func (r *reading) free() []byte { return r.arena[len(r.arena):] }

// idLength returns the likeliest length of the connection IDs that this side
// chose.
func (s *sender) idLength() int {
	if len(s.idLengths) == 0 {
		return 0
	}
	return s.idLengths[0]
}

// issued takes note that this side chose a connection ID of that length.
func (s *sender) issued(length int) {
	if len(s.idLengths) > 0 && s.idLengths[0] == length {
		return
	}
	s.idLengths = slices.DeleteFunc(s.idLengths, func(l int) bool { return l == length })
	s.idLengths = slices.Insert(s.idLengths, 0, length)
}

// openHandshake opens a Handshake packet.
func (q *datagrams) openHandshake(r *reading, p *packet, largest int64) error {
	label := keylog.ClientHandshakeTraffic
	if r.from == q.server {
		label = keylog.ServerHandshakeTraffic
	}
	return q.openWith(&r.from.keys.handshake, label, r, p, largest)
}

// openEarly opens a 0-RTT packet. crypto/tls never logs this secret.
func (q *datagrams) openEarly(r *reading, p *packet, largest int64) error {
	return q.openWith(&r.from.keys.early, keylog.ClientEarlyTraffic, r, p, largest)
}

// openWith opens a packet with the first key that fits: those that were derived
// before, then those that the logs have grown by.
func (q *datagrams) openWith(keys *[]secretKeys, label keylog.Label, r *reading, p *packet, largest int64) (err error) {
	for i := range *keys {
		if p.opened, err = (*keys)[i].Open(r.free(), &p.Packet, largest); err == nil {
			return nil
		}
	}
	for _, secret := range q.d.secrets(r.from.role, label) {
		if slices.ContainsFunc(*keys, func(k secretKeys) bool { return bytes.Equal(k.secret, secret) }) {
			continue
		}
		protection, failed := q.protection(p.Version, secret)
		if failed != nil {
			return failed
		}
		*keys = append(*keys, secretKeys{secret, protection})
		if p.opened, err = protection.Open(r.free(), &p.Packet, largest); err == nil {
			return nil
		}
	}
	return q.why(err, label)
}

// openApplication opens a 1-RTT packet, whose header says neither its version
// nor how long its connection ID is.
func (q *datagrams) openApplication(r *reading, p *packet, largest int64) (err error) {
	label := keylog.ClientTraffic
	if r.from == q.server {
		label = keylog.ServerTraffic
	}
	keys := &r.from.keys.application
	for i := range *keys {
		if err = q.openShort((*keys)[i].KeyPhases, r, p, largest); err == nil {
			return nil
		}
	}
	for _, secret := range q.d.secrets(r.from.role, label) {
		if slices.ContainsFunc(*keys, func(k secretPhases) bool { return bytes.Equal(k.secret, secret) }) {
			continue
		}
		protection, failed := q.protection(q.version, secret)
		if failed != nil {
			return failed
		}
		phases := quicwire.NewKeyPhases(protection)
		*keys = append(*keys, secretPhases{secret, phases})
		if err = q.openShort(phases, r, p, largest); err == nil {
			return nil
		}
	}
	return q.why(err, label)
}

// openShort tries each length of connection ID that the receiver has chosen.
func (q *datagrams) openShort(keys *quicwire.KeyPhases, r *reading, p *packet, largest int64) error {
	err := error(quicwire.ErrAuthentication)
	for _, length := range q.sender(r.from.role.Peer()).idLengths {
		if length != len(p.DestinationID) {
			other, failed := quicwire.ParsePacket(p.Raw, length)
			if failed != nil {
				continue
			}
			p.Packet = other
		}
		if p.opened, err = keys.Open(r.free(), &p.Packet, largest); err == nil {
			return nil
		}
	}
	return err
}

// protection derives the keys of a secret, in the cipher suite that the
// ServerHello chose.
func (q *datagrams) protection(v quicwire.Version, secret []byte) (*quicwire.Protection, error) {
	if q.d.settled.cipherSuite == 0 {
		return nil, fmt.Errorf("%w: the ServerHello, which chooses the cipher suite, was not seen", errNoKey)
	}
	return q.d.derived.traffic(v, q.d.settled.cipherSuite, secret)
}

// why returns the error of the last key that was tried, or says which secret is
// missing if none was.
func (q *datagrams) why(err error, label keylog.Label) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: the key logs have no %s for this connection", errNoKey, label)
}
