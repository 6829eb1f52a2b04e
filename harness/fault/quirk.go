package fault

// Quirks are what a side's own stack does otherwise than Go's. Unlike a [Fault]
// they are no doing of the path: what is recorded is what such a stack sends.
type Quirks struct {
	// Rewrites are the messages that are other ones: On names the message, Do
	// has a Rewrite and nothing else.
	Rewrites []Fault
	// LateRequest has a server ask for a certificate once the handshake is over:
	// with a HelloRequest in TLS 1.2 (RFC 5246 7.4.1.1), with a CertificateRequest
	// in TLS 1.3 (RFC 8446 4.6.2).
	LateRequest bool
}

// Any says that there is a quirk at all.
func (q Quirks) Any() bool { return len(q.Rewrites) > 0 || q.LateRequest }
