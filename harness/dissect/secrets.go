package dissect

import (
	"bytes"
	"slices"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// secrets returns the secrets of that label that could protect what the side
// sends, the likeliest first. The sender's own log comes first: when the path
// was tampered with, the two ends can hold different secrets. Each end files
// them under the ClientHello.random that it has seen.
func (d *Dissector) secrets(from outcome.Role, label keylog.Label) [][]byte {
	found := make([][]byte, 0, 2)
	add := func(secret []byte) {
		for _, known := range found {
			if bytes.Equal(known, secret) {
				return
			}
		}
		if secret != nil {
			found = append(found, secret)
		}
	}
	for _, owner := range [2]outcome.Role{from, from.Peer()} {
		log := d.t.Keys(owner)
		add(log.Secret(label, d.settled.clientRandom))
		if own := d.seen(owner, d.settled.clientHello, d.settled.clientRandom); own != d.settled.clientRandom {
			add(log.Secret(label, own))
		}
	}
	if d.helloChanged() {
		for _, secret := range d.t.Keys(from).Labelled(label, maxUnfiled) {
			add(secret)
		}
	}
	return found
}

// helloChanged says that the ClientHello arrived as another one than was sent, so
// that the server's secrets can be filed under a random that only an open packet
// would show.
func (d *Dissector) helloChanged() bool {
	if d.t.Transport != outcome.QUIC {
		return false // there the random is read from what arrived
	}
	for i := 0; i <= d.settled.clientHello; i++ {
		if u := d.unit(i); u != nil && u.From == outcome.Client && slices.Contains(u.Marks, transcript.Rewritten) {
			return true
		}
	}
	return false
}

// maxUnfiled bounds how many secrets are tried that are filed under another random.
const maxUnfiled = 8

// masters returns the master secrets of all connections in the key logs. A
// resumed session of TLS 1.2 has the master secret of the session before it
// (RFC 5246 8.1), and crypto/tls logs a master secret only where it is made: so
// the one that counts is filed under the ClientHello.random of an earlier connection.
func (d *Dissector) masters() [][]byte {
	var found [][]byte
	for _, log := range []*keylog.Log{&d.t.ClientKeys, &d.t.ServerKeys} {
		for _, master := range log.Masters(maxMasters - len(found)) {
			if !slices.ContainsFunc(found, func(known []byte) bool { return bytes.Equal(known, master) }) {
				found = append(found, master)
			}
		}
	}
	return found
}

// master returns the master secret of another connection that has opened a record
// of this one.
func (d *Dissector) master() *Resumed {
	s, ok := d.carrier.(*stream)
	if !ok {
		return nil
	}
	for _, dir := range []*direction{s.client, s.server} {
		if k := &dir.keys; k.guessed && k.proven {
			return &Resumed{Random: d.settled.clientRandom, Master: k.masters[0]}
		}
	}
	return nil
}

// maxMasters bounds how many master secrets are tried.
const maxMasters = 256

// seen returns the random of a hello as one side has seen it: as it was
// delivered to the side that did not send it. unit is the hello's.
func (d *Dissector) seen(side outcome.Role, unit int, sent keylog.Random) keylog.Random {
	u := d.unit(unit)
	if u == nil || u.From == side {
		return sent
	}
	if len(u.Deliveries) == 0 || u.Deliveries[0].Bytes == nil {
		return sent
	}
	rec, _, err := tlswire.ParseRecord(u.Deliveries[0].Bytes)
	// The random is behind the message's header and its legacy_version.
	if err != nil || rec.Type != tlswire.Handshake || len(rec.Payload) < handshakeHeader+2+len(sent) {
		return sent
	}
	return keylog.Random(rec.Payload[handshakeHeader+2:])
}

// logged says that a side's own log has a handshake secret of this connection.
func (d *Dissector) logged(side outcome.Role) bool {
	log, random := d.t.Keys(side), d.seen(side, d.settled.clientHello, d.settled.clientRandom)
	return log.Secret(keylog.ClientHandshakeTraffic, random) != nil || log.Secret(keylog.ServerHandshakeTraffic, random) != nil
}
