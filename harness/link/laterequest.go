package link

import (
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A lateRequest puts a request for a certificate in front of the first record
// that a server sends once the handshake is over.
type lateRequest struct {
	// open and seal are the server's keys in TLS 1.2, at their next records.
	open, seal *tlswire.Protection
	behind     bool // its ChangeCipherSpec was sent
	asked      bool
}

// before returns what is sent in place of a record, where the record is behind
// the handshake: then done is true.
func (l *lateRequest) before(c *Costume, record []byte) (made []byte, done bool, err error) {
	if c.rewriter.version == tlswire.VersionTLS13 {
		return l.before13(c, record)
	}
	rec, n, err := tlswire.ParseRecord(record)
	switch {
	case err != nil || n != len(record):
		return nil, false, nil // cut short
	case rec.Type == tlswire.ChangeCipherSpec:
		l.behind = true
		return nil, false, nil
	case !l.behind:
		return nil, false, nil
	}
	if l.open == nil { // its Finished, which stays as it is
		if err := l.keys12(c); err != nil {
			return nil, false, err
		}
		_, _, err = l.open.Open(rec)
		l.seal.Skip()
		return record, true, err
	}
	typ, content, err := l.open.Open(rec)
	if err != nil {
		return nil, false, err
	}
	if !l.asked {
		l.asked = true
		// "HelloRequest is a simple notification that the client should begin the
		// negotiation process anew" (RFC 5246 7.4.1.1). It is empty.
		if made, err = l.seal.Seal(tlswire.Handshake, tlswire.AppendHandshake(nil, tlswire.TypeHelloRequest, nil)); err != nil {
			return nil, false, err
		}
	}
	sealed, err := l.seal.Seal(typ, content)
	return append(made, sealed...), true, err
}

// keys12 finds the server's keys. It wants a cipher suite that can be sealed here.
func (l *lateRequest) keys12(c *Costume) (err error) {
	r := c.rewriter
	master := r.secret(outcome.Server, keylog.ClientRandom)
	if master == nil {
		return errNotYet
	}
	suite := r.server.transcript.Suite
	if _, l.open, err = tlswire.NewKeys12(suite, master, r.server.random, r.serverRandom); err != nil {
		return err
	}
	_, l.seal, err = tlswire.NewKeys12(suite, master, r.server.random, r.serverRandom)
	return err
}

// before13 asks with a CertificateRequest, which "a server MAY send at any time
// after the handshake has completed" to a client that has offered it
// (RFC 8446 4.6.2), and that a server with this quirk sends to any client.
func (l *lateRequest) before13(c *Costume, record []byte) (made []byte, done bool, err error) {
	if l.asked || c.out.level != underApplication {
		return nil, false, nil
	}
	if err := c.out.keys(); err != nil {
		return nil, false, err
	}
	l.asked = true
	if made, err = c.out.seal.Seal(tlswire.Handshake, tlswire.AppendHandshake(nil, tlswire.TypeCertificateRequest, lateBody)); err != nil {
		return nil, false, err
	}
	as, err := c.out.weave(record)
	return append(made, as.bytes...), true, err
}

// lateBody is a CertificateRequest with a context of one byte, which tells it from
// those of the handshake, and one extension, signature_algorithms (RFC 8446 4.3.2).
var lateBody = []byte{
	1, 0x2a,
	0, 8,
	0, 13, 0, 4, 0, 2, 0x04, 0x03, // ecdsa_secp256r1_sha256
}
