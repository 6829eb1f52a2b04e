package dissect

import (
	"shakedown/harness/field"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// handshakeStep reads one whole handshake message, header included, and takes
// note of what it settles. units are the units that it was spread over, the
// last of which completed it. The step's tree is that of the message alone;
// the carrier puts its own buffers before it.
func (d *Dissector) handshakeStep(from outcome.Role, level Level, raw []byte, units []int) *Step {
	s := d.readMessage(from, level, raw, units)
	d.settle(s)
	return s
}

// readMessage reads a message without believing it.
func (d *Dissector) readMessage(from outcome.Role, level Level, raw []byte, units []int) *Step {
	version := d.messageVersion()
	s := d.newStep(from, KindHandshake, "", units)
	s.Level = level
	s.Bytes = len(raw)
	s.tree = func() field.Tree {
		return field.Tree{
			Buffers: []field.Buffer{{Name: messageBuffer, Bytes: raw}},
			Fields:  messageFields(raw, version),
		}
	}
	msg, err := tlswire.ParseHandshake(raw, version)
	if err != nil {
		s.Name = tlswire.HandshakeType(raw[0]).String()
		s.Err = err
		s.Summary = field.Printable(err.Error())
		return s
	}
	s.Message = msg
	s.Name = msg.Name()
	s.Summary = d.summarise(msg)
	return s
}

// messageVersion is the version whose layout the messages have, 0 until it is known.
func (d *Dissector) messageVersion() uint16 {
	if d.t.Transport == outcome.QUIC {
		return versionTLS13 // RFC 9001 4.2: QUIC has no older TLS
	}
	return d.settled.version
}

const (
	versionTLS12 = 0x0303
	versionTLS13 = 0x0304
)

// settle takes note of what a message settles for the connection.
func (d *Dissector) settle(s *Step) {
	switch msg := s.Message.(type) {
	case *tlswire.ClientHello:
		// The second ClientHello that a HelloRetryRequest asks for has the
		// random of the first (RFC 8446 4.1.2). One without is a new handshake.
		if !d.settled.retried {
			d.settled.clientRandom = keylog.Random(msg.Random)
			d.settled.clientHello = s.Unit
		}
	case *tlswire.ServerHello:
		d.settled.version = msg.NegotiatedVersion()
		d.settled.cipherSuite = msg.CipherSuite
		if msg.IsHelloRetryRequest() {
			d.settled.retried = true
			return
		}
		d.settled.retried = false
		d.settled.serverRandom = msg.Random
		d.settled.serverHello = s.Unit
		if msg.KeyShare != nil {
			d.settled.group = msg.KeyShare.Group
		}
		if msg.ALPN != "" {
			d.settled.alpn = msg.ALPN
		}
	case *tlswire.ServerKeyExchange:
		d.settled.group = msg.Group
	case *tlswire.EncryptedExtensions:
		d.settled.alpn = msg.ALPN
	}
}

// secrets returns the secrets of that label that could protect what the side
// sends, the likeliest first. The sender's own log comes first: when the path
// was tampered with, the two ends can hold different secrets.
func (d *Dissector) secrets(from outcome.Role, label keylog.Label) [][]byte {
	var found [][]byte
	for _, log := range []*keylog.Log{d.t.Keys(from), d.t.Keys(from.Peer())} {
		if secret := log.Secret(label, d.settled.clientRandom); secret != nil {
			found = append(found, secret)
		}
	}
	return found
}

// secret returns the likeliest of those secrets, nil if there is none.
func (d *Dissector) secret(from outcome.Role, label keylog.Label) []byte {
	if found := d.secrets(from, label); len(found) > 0 {
		return found[0]
	}
	return nil
}
