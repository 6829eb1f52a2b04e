package outcome

// A FactKind is a class of local fact: something that happens inside one side,
// which the wire cannot show.
type FactKind string

// The kinds of fact.
const (
	HandshakeComplete FactKind = "handshake-complete"
	HandshakeFailed   FactKind = "handshake-failed"   // the text is the error
	ChainVerified     FactKind = "chain-verified"     // this side accepted the peer's chain
	CertificateChoice FactKind = "certificate-choice" // what a client answers a CertificateRequest with, and why
	LateError         FactKind = "late-error"         // the first read after the handshake failed
	Accepted          FactKind = "accepted"           // the client read the server's first byte
	Waiting           FactKind = "waiting"            // the deadline came; the text says what the side was waiting for
	Unreachable       FactKind = "port-unreachable"   // the peer's machine answered a datagram with ICMP
	Note              FactKind = "note"
)
