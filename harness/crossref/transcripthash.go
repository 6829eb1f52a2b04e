package crossref

import (
	"crypto"
	"hash"
	"strings"

	"shakedown/harness/tlswire"
)

// suiteHash returns the hash of a cipher suite: in TLS 1.3 that of the whole key
// schedule, in TLS 1.2 that of the pseudorandom function, which is SHA-256 for
// suites that name an older one (RFC 5246 5). It is 0 for one that is not known.
func suiteHash(suite uint16, tls13 bool) crypto.Hash {
	name := tlswire.CipherSuiteName(suite)
	switch {
	case strings.HasSuffix(name, "_SHA384"):
		return crypto.SHA384
	case strings.HasSuffix(name, "_SHA256"), tls13 && strings.HasSuffix(name, "_SHA256_LEGACY"):
		return crypto.SHA256
	case !tls13 && (strings.HasSuffix(name, "_SHA") || strings.HasSuffix(name, "_MD5") ||
		strings.HasSuffix(name, "_CCM") || strings.HasSuffix(name, "_CCM_8")):
		return crypto.SHA256
	}
	return 0
}

// counts says that a message is part of the transcript.
//
// In TLS 1.3 it "is the concatenation of [...] each handshake message,
// including the handshake message header fields [...], but not including record
// layer headers" up to the client's Finished (RFC 8446 4.4.1), and tickets and
// key updates can come before that. In TLS 1.2 it is all messages "sent or
// received, starting at client hello", where HelloRequest does not count
// (RFC 5246 7.4.9 and 7.4.1.1).
func (m *message) counts(tls13 bool) bool {
	switch tlswire.HandshakeType(m.raw[0]) {
	case tlswire.TypeHelloRequest:
		return false
	case tlswire.TypeNewSessionTicket, tlswire.TypeKeyUpdate:
		return !tls13
	}
	return true
}

// digest returns the transcript hash over everything before the message of
// that index, nil where the cipher suite's hash is not known.
func (r *run) digest(index int) []byte {
	r.hashing.Do(r.runHash)
	if index >= len(r.digests) {
		return nil
	}
	return r.digests[index]
}

// runHash runs the transcript hash once over the run, and keeps what it is
// before each message that proves something.
//
// "when the server responds to a ClientHello with a HelloRetryRequest, the
// value of ClientHello1 is replaced with a special synthetic handshake message
// of handshake type message_hash containing Hash(ClientHello1)" (RFC 8446 4.4.1).
func (r *run) runHash() {
	tls13 := r.tls13()
	r.hash = suiteHash(r.suite(), tls13)
	if r.hash == 0 {
		return
	}
	r.digests = make([][]byte, len(r.messages))
	h := r.hash.New()
	for i, m := range r.messages {
		switch tlswire.HandshakeType(m.raw[0]) {
		case tlswire.TypeCertificateVerify, tlswire.TypeFinished:
			r.digests[i] = h.Sum(nil)
		}
		if m == r.retry && tls13 {
			h = messageHash(r.hash, h)
		}
		if m.counts(tls13) {
			h.Write(m.raw)
		}
	}
}

// messageHash returns a hash that has run over the synthetic message for what
// another one has run over.
func messageHash(id crypto.Hash, first hash.Hash) hash.Hash {
	h := id.New()
	h.Write([]byte{byte(tlswire.TypeMessageHash), 0, 0, byte(id.Size())})
	h.Write(first.Sum(nil))
	return h
}

// transcript returns all messages before the one of that index, one behind the
// other.
func (r *run) transcript(index int) []byte {
	var b []byte
	for _, m := range r.messages[:index] {
		if m.counts(false) {
			b = append(b, m.raw...)
		}
	}
	return b
}
