package link

import (
	"strings"

	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
	"shakedown/harness/x509wire"
)

// longest returns how long handshake messages can be in another run of the same
// thing: what is left to chance in them is counted at its longest, so that it is
// the same number each time.
func longest(messages []byte) int {
	length := len(messages)
	for len(messages) > 0 {
		n, known := tlswire.HandshakeLen(messages)
		if !known || n > len(messages) {
			return length
		}
		length += slack(messages[:n])
		messages = messages[n:]
	}
	return length
}

// slack is how much longer one message can be.
func slack(message []byte) int {
	parsed, _ := tlswire.ParseHandshake(message, tlswire.VersionTLS13)
	more := 0
	switch m := parsed.(type) {
	case *tlswire.ClientHello:
		more += parameterSlack(m.QUICTransportParameters)
	case *tlswire.EncryptedExtensions:
		more += parameterSlack(m.QUICTransportParameters)
	case *tlswire.Certificate:
		for _, entry := range m.Entries {
			c, _ := x509wire.Parse(entry.Data)
			if strings.HasPrefix(c.SignatureAlgorithm, "ECDSA") {
				more += signatureSlack(len(c.Signature))
			}
		}
	case *tlswire.CertificateVerify:
		if strings.HasPrefix(m.Scheme.String(), "ecdsa") {
			more += signatureSlack(len(m.Signature))
		}
	}
	return more
}

// longestSignatures are the lengths of ECDSA signatures at their longest, with
// P-224, P-256, P-384 and P-521. Their two numbers are written without leading
// zeros (RFC 3279 2.2.3), so that one in four has that length, and hardly one in
// a thousand is more than two bytes shorter.
var longestSignatures = []int{64, 72, 104, 139}

func signatureSlack(n int) int {
	for _, most := range longestSignatures {
		if n <= most {
			if most-n > 6 {
				break // it is of another kind
			}
			return most - n
		}
	}
	return 0
}

// The parts of QUIC's transport parameters that quic-go makes as long as chance
// will have it: the connection ID that the client has begun with (RFC 9000 7.2),
// and a parameter that nobody knows (RFC 9000 18.1).
const (
	longestConnectionID = 20
	longestReserved     = 15
)

func parameterSlack(b []byte) int {
	parameters, _ := quicwire.ParseTransportParameters(b)
	more := 0
	for _, p := range parameters.Sent {
		switch {
		case p.ID == quicwire.OriginalDestinationConnectionID:
			more += max(longestConnectionID-len(p.Value), 0)
		case p.ID%31 == 27:
			more += max(longestReserved-len(p.Value), 0)
			if p.ID < 64 { // most of them take two bytes
				more++
			}
		}
	}
	return more
}
