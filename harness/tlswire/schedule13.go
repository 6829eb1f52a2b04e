package tlswire

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
)

// A Transcript13 is the handshake messages of one TLS 1.3 connection as one side
// has seen them, whole, with their headers, in order: what CertificateVerify and
// Finished cover (RFC 8446 4.4.1).
type Transcript13 struct {
	Suite    uint16
	Messages [][]byte
}

// Add appends a message.
func (t *Transcript13) Add(message []byte) {
	t.Messages = append(t.Messages, append([]byte(nil), message...))
}

// Hash returns the transcript hash.
//
// "When the server responds to a ClientHello with a HelloRetryRequest, the value
// of ClientHello1 is replaced with a special synthetic handshake message of
// handshake type "message_hash" containing Hash(ClientHello1)." (RFC 8446 4.4.1)
func (t *Transcript13) Hash() ([]byte, error) {
	s, err := findSuite13(t.Suite)
	if err != nil {
		return nil, err
	}
	h := s.hash()
	for i, m := range t.Messages {
		if i == 0 && len(t.Messages) > 1 && isHelloRetry(t.Messages[1]) {
			first := s.hash()
			first.Write(m)
			h.Write([]byte{byte(TypeMessageHash), 0, 0, byte(s.hashLen)})
			h.Write(first.Sum(nil))
			continue
		}
		h.Write(m)
	}
	return h.Sum(nil), nil
}

// isHelloRetry says that a message is a HelloRetryRequest.
func isHelloRetry(m []byte) bool {
	const random = headerLen + 2
	return len(m) >= random+32 && m[0] == byte(TypeServerHello) && [32]byte(m[random:]) == helloRetryRandom
}

// VerifyData returns what a Finished holds that is sent under that handshake
// traffic secret, over the transcript before it (RFC 8446 4.4.4).
//
//	finished_key = HKDF-Expand-Label(BaseKey, "finished", "", Hash.length)
//	verify_data  = HMAC(finished_key, Transcript-Hash(...))
func (t *Transcript13) VerifyData(secret []byte) ([]byte, error) {
	s, err := findSuite13(t.Suite)
	if err != nil {
		return nil, err
	}
	if len(secret) != s.hashLen {
		return nil, fmt.Errorf("the traffic secret has %d bytes, want %d for %s", len(secret), s.hashLen, CipherSuiteName(s.id))
	}
	var key [sha512.Size384]byte
	expandLabel(hmac.New(s.hash, secret), "finished", key[:s.hashLen])
	sum, err := t.Hash()
	if err != nil {
		return nil, err
	}
	mac := hmac.New(s.hash, key[:s.hashLen])
	mac.Write(sum)
	return mac.Sum(nil), nil
}

// The contexts of the two sides' signatures (RFC 8446 4.4.3).
const (
	ServerSignatureContext = "TLS 1.3, server CertificateVerify"
	ClientSignatureContext = "TLS 1.3, client CertificateVerify"
)

// SignedContent returns what a CertificateVerify signs, over the transcript
// before it: 64 spaces, the context, a zero byte, and the transcript hash.
func (t *Transcript13) SignedContent(context string) ([]byte, error) {
	sum, err := t.Hash()
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 64+len(context)+1+len(sum))
	for range 64 {
		b = append(b, ' ')
	}
	b = append(append(b, context...), 0)
	return append(b, sum...), nil
}

// AppendHandshake appends a handshake message with that body.
func AppendHandshake(b []byte, typ HandshakeType, body []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(body))|uint32(typ)<<24)
	return append(b, body...)
}

func findSuite13(suite uint16) (*suite13, error) {
	for i := range suites13 {
		if suites13[i].id == suite {
			return &suites13[i], nil
		}
	}
	return nil, fmt.Errorf("%s is no cipher suite of TLS 1.3", CipherSuiteName(suite))
}
