package outcome

// A Failure is an error as one side reported it, with what its type said. Text
// is evidence for people; decisions are taken on the typed parts.
type Failure struct {
	// Text is the error's own text, verbatim. It can hold text from the peer:
	// escape it before it is shown.
	Text string `json:"text"`
	// Op is what the side was doing.
	Op Op `json:"op"`
	// Local is set if this side decided, and names the alert it sent or would
	// have sent. Peer is set if the other side's alert ended the connection.
	// At most one of them is set.
	Local *LocalAlert `json:"local,omitempty"`
	Peer  *PeerAlert  `json:"peer,omitempty"`
	// Verify is set if this side's verification of the peer's certificate failed.
	Verify *VerifyFailure `json:"verify,omitempty"`
	// Callback is set if the error is that of the application's own callback.
	Callback Callback `json:"callback,omitempty"`
	// Close is set on QUIC where a CONNECTION_CLOSE ended it, whoever sent it.
	Close *Close `json:"close,omitempty"`
	// NoVersion is set if the two sides have no version of QUIC in common, so that
	// no connection ever began (RFC 9000 6.2).
	NoVersion bool `json:"no_version,omitempty"`
	// Transport says how the transport itself ended, where it did.
	Transport TransportEnd `json:"transport,omitempty"`
	// Load says which file did not load and what it really is (OpLoad).
	Load *LoadFailure `json:"load,omitempty"`
	// RecordHeader holds the first bytes received where they were no TLS record.
	RecordHeader []byte `json:"record_header,omitempty"`
}

// A LoadFailure is a file that does not load.
type LoadFailure struct {
	// File is the file as the person named it, Role what it was given as:
	// "certificate", "key" or "trust".
	File string `json:"file"`
	Role string `json:"role"`
	// Cause is the catalogue's id.
	Cause string `json:"cause"`
	// Detail says what the file really is, Command makes of it what the
	// program needs. Either may be empty.
	Detail  string `json:"detail,omitempty"`
	Command string `json:"command,omitempty"`
}

// An Op is what a side was doing when it failed.
type Op string

// The operations.
const (
	OpLoad      Op = "load"
	OpDial      Op = "dial"
	OpHandshake Op = "handshake"
	OpRead      Op = "read"
	OpWrite     Op = "write"
)

// A LocalAlert is the alert that this side chose. HasCode is false where this
// side decided and the stack does not say (or did not send) an alert.
type LocalAlert struct {
	Code    uint8 `json:"code"`
	HasCode bool  `json:"has_code"`
}

// A PeerAlert is the alert that the other side sent.
type PeerAlert struct {
	Code uint8 `json:"code"`
}

// A Close is a QUIC CONNECTION_CLOSE (RFC 9000 19.19) as an endpoint reports it.
type Close struct {
	// Remote says that the other side sent it.
	Remote bool `json:"remote"`
	// Application says that it is the application's close (frame type 0x1d).
	Application bool   `json:"application"`
	Code        uint64 `json:"code"`
	Reason      string `json:"reason,omitempty"`
}

// A TransportEnd is how a transport ended under a side.
type TransportEnd string

// The ways a transport ends.
const (
	EOF      TransportEnd = "eof"      // the peer closed its direction
	Reset    TransportEnd = "reset"    // RST
	Timeout  TransportEnd = "timeout"  // a deadline or an idle timeout
	Canceled TransportEnd = "canceled" // the run was ended from outside
	Refused  TransportEnd = "refused"  // nobody listens
)

// A VerifyFailure is why a certificate did not verify, from the verifier's
// typed error.
type VerifyFailure struct {
	Kind VerifyKind `json:"kind"`
	// Certificate is the DER certificate that the verifier's error names, where it names one.
	Certificate []byte `json:"certificate,omitempty"`
	// Host is the name that was looked for (Kind Hostname).
	Host string `json:"host,omitempty"`
	// Detail is the verifier's text without its prefixes.
	Detail string `json:"detail,omitempty"`
}

// A VerifyKind is a class of verification failure.
type VerifyKind string

// The kinds, after the error types of crypto/x509.
const (
	UnknownAuthority VerifyKind = "unknown-authority"
	Expired          VerifyKind = "expired" // also not yet valid: crypto/x509 has one reason for both
	Hostname         VerifyKind = "hostname"
	IncompatibleEKU  VerifyKind = "incompatible-usage"
	NameConstraint   VerifyKind = "name-constraint"
	PathLength       VerifyKind = "path-length"
	InvalidPolicy    VerifyKind = "certificate-policy"
	CriticalExt      VerifyKind = "critical-extension"
	NotAuthorized    VerifyKind = "not-a-ca"
	BadSignature     VerifyKind = "bad-signature" // CertificateVerify or ServerKeyExchange
	Unparseable      VerifyKind = "unparseable"
	NoCertificate    VerifyKind = "no-certificate"
	OtherVerify      VerifyKind = "other"
)

// The kinds that an application's own check above TLS finds.
const (
	RuleRefused     VerifyKind = "rule"     // a rule of its own, in words alone
	KeyNotPinned    VerifyKind = "pin"      // another key than the one it has pinned
	OtherIdentity   VerifyKind = "identity" // another identity than the one it looks for
	Revoked         VerifyKind = "revoked"
	StaleCRL        VerifyKind = "stale-crl"
	StaleOCSP       VerifyKind = "stale-ocsp"
	NoStatus        VerifyKind = "no-status"        // nobody says whether it was revoked
	UnknownStatus   VerifyKind = "unknown-status"   // the OCSP responder does not know the certificate
	UntrustedStatus VerifyKind = "untrusted-status" // whoever says so is not entitled to
)
