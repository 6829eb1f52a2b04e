package outcome

import "time"

// Settings are what one side was configured with, as plain data. Private keys
// are no part of it, only their public halves.
type Settings struct {
	Role Role `json:"role"`
	// Known is false for a peer whose configuration nobody told us.
	Known bool `json:"known"`
	// Credentials are what the side could present, in its order of preference.
	Credentials []Credential `json:"credentials,omitempty"`
	// Trust are the DER trust anchors for the peer's chain. TrustSource says
	// where they came from ("ca.pem", or the entities' names), for remedies.
	Trust       [][]byte `json:"trust,omitempty"`
	TrustSource string   `json:"trust_source,omitempty"`
	// SystemTrust says that no trust anchors were given and the stack falls
	// back to the system's.
	SystemTrust bool `json:"system_trust,omitempty"`
	// ClientAuth is what a server demands of a client.
	ClientAuth ClientAuth `json:"client_auth,omitempty"`
	// ServerName is the name that a client asks for and verifies against.
	ServerName string `json:"server_name,omitempty"`
	// MinVersion and MaxVersion are TLS versions (0x0303, 0x0304), 0 for the stack's default.
	MinVersion   uint16   `json:"min_version,omitempty"`
	MaxVersion   uint16   `json:"max_version,omitempty"`
	CipherSuites []uint16 `json:"cipher_suites,omitempty"`
	Groups       []uint16 `json:"groups,omitempty"`
	ALPN         []string `json:"alpn,omitempty"`
	// Tickets says that session tickets are issued (server) or kept (client).
	Tickets bool `json:"tickets,omitempty"`
	// Clock is this side's time when the connection began.
	Clock time.Time `json:"clock"`
	// VerifyNone says that this side does not verify its peer at all.
	VerifyNone bool `json:"verify_none,omitempty"`
	// SendForced says that a client presents its certificate without asking
	// whether the server would accept it.
	SendForced bool `json:"send_forced,omitempty"`
	// Answer is what a server's GetCertificate callback answers with, nil where
	// there is no such callback.
	Answer *Credential `json:"answer,omitempty"`
	// OnDisk is the chain that the certificate file holds by now, nil where it is
	// what the running program presents.
	OnDisk [][]byte `json:"on_disk,omitempty"`
	// Rules are what the application demands above TLS.
	Rules []Rule `json:"rules,omitempty"`
	// Revocation is how the application looks for revoked certificates: "crl",
	// "ocsp" (stapled), or empty for not at all.
	Revocation string `json:"revocation,omitempty"`
	// CRLs are the certificate revocation lists that it looks into, in DER.
	CRLs [][]byte `json:"crls,omitempty"`
	// ECH is the public name of the configuration with which a client encrypts
	// its ClientHello, empty for none.
	ECH string `json:"ech,omitempty"`
	// QUICVersions are those that the side speaks, nil for the stack's own.
	QUICVersions []uint32 `json:"quic_versions,omitempty"`
	// GODEBUG are settings of Go's that the side's process started with, beyond
	// those of everybody else.
	GODEBUG []string `json:"godebug,omitempty"`
	// CertificateFile, KeyFile and TrustFile are the person's own files, for remedies.
	CertificateFile string `json:"certificate_file,omitempty"`
	KeyFile         string `json:"key_file,omitempty"`
	TrustFile       string `json:"trust_file,omitempty"`
	// Address is where a client connects to, as the person named it
	// ("server.example:443"), for remedies; empty on a pair of our own.
	Address string `json:"address,omitempty"`
	// Skipped are certificates in the person's files that the program loses
	// without a word.
	Skipped []SkippedBlock `json:"skipped,omitempty"`
}

// A SkippedBlock is a certificate that stands in a file and is not read.
type SkippedBlock struct {
	// File is the file as the person named it, Role what it was given as:
	// "certificate" or "trust".
	File string `json:"file"`
	Role string `json:"role"`
	// Line is where the block begins, counted from 1.
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	// Raw is the certificate in DER, nil where it cannot be read at all.
	Raw []byte `json:"raw,omitempty"`
	// Command makes a file of which nothing is lost; empty where none can.
	Command string `json:"command,omitempty"`
}

// A Credential is a certificate chain that a side holds a key for.
type Credential struct {
	// Chain are DER certificates in the order in which they are sent.
	Chain [][]byte `json:"chain"`
	// PublicKey is the PKIX public half of the key that signs. It is the
	// key's own, whatever Chain[0] says.
	PublicKey []byte `json:"public_key,omitempty"`
	// Source says where it came from: a file's name, or an entity's.
	Source string `json:"source,omitempty"`
}

// ClientAuth is what a server demands of a client's certificate.
type ClientAuth string

// The modes, named as in the scenario file.
const (
	AuthNone          ClientAuth = "none"
	AuthRequest       ClientAuth = "request"
	AuthRequireAny    ClientAuth = "require-any"
	AuthVerifyIfGiven ClientAuth = "verify-if-given"
	AuthRequire       ClientAuth = "require"
)
