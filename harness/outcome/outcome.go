// Package outcome describes the two sides of a handshake as plain data: what
// each was configured with ([Settings]) and what became of it ([Outcome]).
//
// It knows nothing of sockets or of TLS stacks. The endpoints fill it in, a
// capture file can hold it, and the diagnosis reads it.
package outcome

// A Role is one side of a connection.
type Role string

// The two sides.
const (
	Client Role = "client"
	Server Role = "server"
)

// Peer returns the other side.
func (r Role) Peer() Role {
	if r == Client {
		return Server
	}
	return Client
}

// A Transport is what carries the handshake.
type Transport string

// The transports.
const (
	TCP  Transport = "tcp"
	QUIC Transport = "quic"
)

// A Cell is one combination of transport and TLS version. QUIC is TLS 1.3 only
// (RFC 9001 4.2).
type Cell struct {
	Transport Transport `json:"transport"`
	TLS       string    `json:"tls"` // "1.2" or "1.3"
}

// String returns the cell as a person writes it: "tcp 1.2".
func (c Cell) String() string { return string(c.Transport) + " " + c.TLS }

// An Outcome is what one side says became of its connection.
type Outcome struct {
	Role Role `json:"role"`
	// Known is false for a peer that is not ours, whose view nobody recorded.
	Known bool `json:"known"`
	// Complete says that this side's handshake function returned without an
	// error. In TLS 1.3 and QUIC a client is complete before the server has
	// judged its certificate.
	Complete bool `json:"complete"`
	// Handshake is the error of the handshake itself, nil if there was none.
	Handshake *Failure `json:"handshake,omitempty"`
	// Late is the error of the first read after a handshake that succeeded.
	Late *Failure `json:"late,omitempty"`
	// Unloadable is the error that kept this side from being configured at all.
	Unloadable *Failure `json:"unloadable,omitempty"`
	// PeerCertificates are the DER certificates that this side received and
	// kept, leaf first.
	PeerCertificates [][]byte `json:"peer_certificates,omitempty"`
	// VerifiedChains are the chains that this side built, each leaf first and
	// ending in the trust anchor.
	VerifiedChains [][][]byte `json:"verified_chains,omitempty"`
	Negotiated     Negotiated `json:"negotiated"`
	// Rejected says, for each of this side's own credentials that a
	// CertificateRequest was matched against, why it was not sent (the words of
	// tls.CertificateRequestInfo.SupportsCertificate); an empty string means
	// that the credential was acceptable. Nil if nothing was asked.
	Rejected []string `json:"rejected,omitempty"`
}

// Failure returns the handshake error, else the late one, else nil.
func (o Outcome) Failure() *Failure {
	if o.Handshake != nil {
		return o.Handshake
	}
	return o.Late
}

// Negotiated is what both sides settled on, as far as this side got.
type Negotiated struct {
	Version     uint16 `json:"version,omitempty"`
	CipherSuite uint16 `json:"cipher_suite,omitempty"`
	Group       uint16 `json:"group,omitempty"`
	ALPN        string `json:"alpn,omitempty"`
	Resumed     bool   `json:"resumed,omitempty"`
	// HelloRetry says that the handshake needed a HelloRetryRequest.
	HelloRetry bool `json:"hello_retry,omitempty"`
}
