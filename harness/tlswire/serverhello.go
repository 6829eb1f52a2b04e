package tlswire

import "bytes"

// A ServerHello is what the server has chosen (RFC 8446 4.1.3, RFC 5246
// 7.4.1.3), or a HelloRetryRequest, which asks for another ClientHello
// (RFC 8446 4.1.4).
type ServerHello struct {
	// Version is legacy_version; see NegotiatedVersion.
	Version           uint16
	Random            [32]byte
	SessionID         []byte
	CipherSuite       uint16
	CompressionMethod uint8
	// Extensions are all extensions in wire order, also those below.
	Extensions []Extension

	// SelectedVersion is from supported_versions, 0 without that extension.
	SelectedVersion uint16
	// KeyShare is the server's share, nil if there is none.
	KeyShare *KeyShare
	// SelectedGroup is the group that a HelloRetryRequest asks for.
	SelectedGroup uint16
	// SelectedPSK is the index of the pre-shared key that was accepted.
	SelectedPSK *uint16
	// ALPN is the protocol chosen in TLS 1.2; TLS 1.3 has it in EncryptedExtensions.
	ALPN                 string
	Cookie               []byte
	PointFormats         []uint8
	ExtendedMasterSecret bool
	SessionTicket        bool
	StatusRequest        bool
	RenegotiationInfo    []byte
}

// helloRetryRandom is the random that makes a ServerHello a HelloRetryRequest:
// the SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3).
var helloRetryRandom = [32]byte{
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
}

// IsHelloRetryRequest says whether the message is a HelloRetryRequest.
func (m *ServerHello) IsHelloRetryRequest() bool { return m.Random == helloRetryRandom }

// NegotiatedVersion returns the version that the server has chosen.
//
// RFC 8446 4.2.1: "If this extension is present, clients MUST ignore the
// ServerHello.legacy_version value and MUST use only the supported_versions
// extension to determine the selected version."
func (m *ServerHello) NegotiatedVersion() uint16 {
	if m.SelectedVersion != 0 {
		return m.SelectedVersion
	}
	return m.Version
}

// Type returns TypeServerHello.
func (*ServerHello) Type() HandshakeType { return TypeServerHello }

// Name returns "ServerHello", or "HelloRetryRequest" for one.
func (m *ServerHello) Name() string {
	if m.IsHelloRetryRequest() {
		return "HelloRetryRequest"
	}
	return "ServerHello"
}

func (m *ServerHello) read(r *reader) {
	m.Version = r.uint16(&serverVersionSpec)
	r.serverRandom(&m.Random)
	m.SessionID = r.opaque(1, &serverSessionIDSpec, &contentSpec)
	m.CipherSuite = r.uint16(&chosenSuiteSpec)
	m.CompressionMethod = r.uint8(&chosenCompressionSpec)
	if r.more() {
		m.Extensions = r.extensions(&extensionsSpec, m)
	}
}

// serverRandom reads the random, and the sentinel that it ends in from a server
// that has chosen less than it could.
//
// RFC 8446 4.1.3: "TLS 1.3 servers which negotiate TLS 1.2 or below in response
// to a ClientHello MUST set the last 8 bytes of their Random value specially".
func (r *reader) serverRandom(random *[32]byte) {
	b := r.left()
	if len(b) < len(random) || !isSentinel(b[24:32]) {
		if b, ok := r.take(len(random), &serverRandomSpec); ok {
			copy(random[:], b)
		}
		return
	}
	copy(random[:], b)
	r.group(&serverRandomSpec)
	r.take(24, &randomBytesSpec)
	r.take(8, &sentinelSpec)
	r.endGroup()
}

// isSentinel says that the end of a ServerHello's random tells of a downgrade.
func isSentinel(b []byte) bool { return string(b) == "DOWNGRD\x01" || string(b) == "DOWNGRD\x00" }

func (m *ServerHello) readExtension(r *reader, kind uint16) {
	switch kind {
	case ExtSupportedVersions:
		m.SelectedVersion = r.uint16(&selectedVersionSpec)
	case ExtKeyShare:
		if m.IsHelloRetryRequest() {
			m.SelectedGroup = r.uint16(&retryGroupSpec)
			return
		}
		share := r.keyShare()
		m.KeyShare = &share
	case ExtPreSharedKey:
		index := r.uint16(&selectedIdentitySpec)
		m.SelectedPSK = &index
	case ExtALPN:
		m.ALPN = r.protocol()
	case ExtCookie:
		m.Cookie = r.opaque(2, &cookieSpec, &contentSpec)
	case ExtECPointFormats:
		m.PointFormats = r.uint8s(1, &pointFormatsSpec, &pointFormatSpec)
	case ExtExtendedMasterSecret:
		m.ExtendedMasterSecret = true
	case ExtSessionTicket:
		m.SessionTicket = true
	case ExtStatusRequest:
		m.StatusRequest = true
	case ExtSCT:
		r.timestamps()
	case ExtEncryptedClientHello:
		r.optional(encryptedHello)
	case ExtRenegotiationInfo:
		m.RenegotiationInfo = r.opaque(1, &renegotiatedSpec, &contentSpec)
	default:
		r.otherExtension(kind)
	}
}

var (
	serverVersionSpec = spec{
		label: "legacy_version", section: "RFC 8446 4.1.3", section12: "RFC 5246 7.4.1.3", value: name16(VersionName), explain: explainVersion, coded: true,
		meaning: "The version of the connection only if there is no supported_versions extension; in TLS 1.3 it stays at TLS 1.2.",
	}
	serverRandomSpec = spec{
		label: "random", section: "RFC 8446 4.1.3", section12: "RFC 5246 7.4.1.3", explain: explainServerRandom,
		meaning: "The server's half of the randomness in this handshake.",
	}
	randomBytesSpec = spec{label: "random_bytes", section: "RFC 8446 4.1.3", section12: "RFC 5246 7.4.1.3"}
	sentinelSpec    = spec{label: "downgrade_sentinel", section: "RFC 8446 4.1.3", value: sentinelName, explain: explainSentinel}

	serverSessionIDSpec = spec{
		label: "legacy_session_id_echo", section: "RFC 8446 4.1.3", section12: "RFC 5246 7.4.1.3",
		meaning: "In TLS 1.3 a repetition of the client's session id; in TLS 1.2 the same id as the client's means that the session is resumed, and no certificate is sent again.",
	}
	chosenSuiteSpec = spec{
		label: "cipher_suite", section: "RFC 8446 4.1.3", section12: "RFC 5246 7.4.1.3", value: name16(CipherSuiteName), coded: true,
		meaning: "The one cipher suite that the server has chosen from the client's offer.",
	}
	chosenCompressionSpec = spec{
		label: "legacy_compression_method", section: "RFC 8446 4.1.3", section12: "RFC 5246 7.4.1.3", value: name8(compressionMethodName), quiet: true,
	}
	selectedVersionSpec = spec{
		label: "selected_version", section: "RFC 8446 4.2.1", value: name16(VersionName), coded: true,
		meaning: "The version of this connection.",
	}
)

// explainServerRandom tells the random that makes a ServerHello something else.
func explainServerRandom(b []byte) string {
	if bytes.Equal(b, helloRetryRandom[:]) {
		return "The fixed value that makes this ServerHello a HelloRetryRequest: the server wants another ClientHello."
	}
	return ""
}

// explainSentinel says what the last eight bytes tell.
func explainSentinel(b []byte) string {
	if b[7] == 1 {
		return "The downgrade mark of TLS 1.2: the server speaks TLS 1.3 as well, and a client that offered TLS 1.3 must abort with illegal_parameter."
	}
	return "The downgrade mark of TLS 1.1 and below: the server speaks a newer version, and a client that offered one must abort with illegal_parameter."
}

func sentinelName(b []byte) string {
	if b[7] == 1 {
		return "DOWNGRD 01"
	}
	return "DOWNGRD 00"
}
