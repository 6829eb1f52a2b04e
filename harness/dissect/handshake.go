package dissect

import (
	"bytes"

	"shakedown/harness/field"
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
	s.Bytes, s.Raw = len(raw), raw
	s.tree = func(room *field.Room) field.Tree { return messageTree(room, raw, version) }
	read, err := d.read(raw, version)
	if err != nil {
		s.Name = "handshake message"
		if read.message != nil {
			s.Name = read.message.Name()
		}
		s.Err = err
		s.Summary = field.Printable(err.Error())
		return s
	}
	s.Message, s.Name, s.Summary = read.message, read.message.Name(), read.summary
	if compressed, ok := read.message.(*tlswire.CompressedCertificate); ok {
		s.decompress(compressed)
	}
	return s
}

// decompress puts the Certificate in the place of the CompressedCertificate that
// it came in (RFC 8879 4): who reads the chain need not know how it was sent.
func (s *Step) decompress(m *tlswire.CompressedCertificate) {
	body, err := m.Decompress()
	if err == nil {
		var inner *tlswire.Certificate
		if inner, err = tlswire.ParseCertificateBody(body); err == nil {
			s.Message = inner
			s.Summary = join(certificateSummary(inner), s.Summary)
			return
		}
	}
	s.Err = err
	s.Summary = join(field.Printable(err.Error()), s.Summary)
}

// messageVersion is the version whose layout the messages have, 0 until it is known.
func (d *Dissector) messageVersion() uint16 {
	if d.t.Transport == outcome.QUIC {
		return tlswire.VersionTLS13 // RFC 9001 4.2: QUIC has no older TLS
	}
	return d.settled.version
}

// settle takes note of what a message settles for the connection.
func (d *Dissector) settle(s *Step) {
	switch msg := s.Message.(type) {
	case *tlswire.ClientHello:
		// The second ClientHello that a HelloRetryRequest asks for has the
		// random of the first (RFC 8446 4.1.2). One without is a new handshake.
		if !d.settled.retried {
			d.settled.clientRandom = msg.Random
			d.settled.clientHello = s.Unit
			d.settled.sessionID = msg.SessionID
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
		d.settled.resumed = d.resumes(msg)
		_, d.settled.encryptThenMAC = tlswire.FindExtension(msg.Extensions, tlswire.ExtEncryptThenMAC)
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

// resumes says whether a ServerHello accepts to resume a session. In TLS 1.2 it
// repeats the session identifier that the client has offered (RFC 5246
// 7.4.1.3); in TLS 1.3 every ServerHello does, and one that resumes selects a
// pre-shared key.
func (d *Dissector) resumes(m *tlswire.ServerHello) bool {
	if m.SelectedVersion != 0 {
		return m.SelectedPSK != nil
	}
	return len(m.SessionID) > 0 && bytes.Equal(m.SessionID, d.settled.sessionID)
}
