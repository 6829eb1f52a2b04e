package dissect

import (
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

const (
	// overhead12 is the least that protection adds in TLS 1.2: a tag.
	overhead12 = 16
	// finished12 is the size of a Finished of TLS 1.2, its shortest protected message.
	finished12 = handshakeHeader + 12
)

// opaque says of a record in a recording that begins behind the hellos that it
// is protected, although its type does not say so: TLS 1.2 shows the true type
// of what it protects, and whether a ChangeCipherSpec came before is not known.
// What cannot be what its type says, and is long enough for ciphertext, is taken
// for it, so that ciphertext is never read as alerts and messages.
func (s *stream) opaque(dir *direction, r *record) bool {
	if s.d.settled.clientHello >= 0 || len(dir.message) > 0 {
		return false
	}
	switch r.Type {
	case tlswire.AlertType:
		return len(r.Payload) >= alertSize+overhead12
	case tlswire.Handshake:
		return len(r.Payload) >= finished12+overhead12 && !opensMessage(dir.from, r.Payload)
	case tlswire.ChangeCipherSpec, tlswire.ApplicationData:
	}
	return false
}

// opensMessage says that bytes begin like a handshake message that the side
// sends in the clear. Only a hello, a Certificate and what carries other long
// lists may go on in the next record.
func opensMessage(from outcome.Role, b []byte) bool {
	if len(b) < handshakeHeader {
		return false
	}
	whole := handshakeHeader+(int(b[1])<<16|int(b[2])<<8|int(b[3])) <= len(b)
	client := from == outcome.Client
	switch tlswire.HandshakeType(b[0]) {
	case tlswire.TypeClientHello:
		return client
	case tlswire.TypeCertificate:
		return whole || b[1] < 4 // up to 256 KB
	case tlswire.TypeClientKeyExchange, tlswire.TypeCertificateVerify:
		return client && whole
	case tlswire.TypeServerHello, tlswire.TypeServerKeyExchange, tlswire.TypeCertificateRequest, tlswire.TypeServerHelloDone,
		tlswire.TypeNewSessionTicket, tlswire.TypeCertificateStatus:
		return !client && whole
	}
	return false
}
