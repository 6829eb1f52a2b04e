package tlswire

// A ClientHello opens the handshake: what the client offers (RFC 8446 4.1.2,
// RFC 5246 7.4.1.2).
//
// An extension that was absent leaves its fields nil, one that was present but
// empty leaves them empty.
type ClientHello struct {
	// Version is legacy_version; what the client really offers is in
	// SupportedVersions if that extension is there.
	Version            uint16
	Random             [32]byte
	SessionID          []byte
	CipherSuites       []uint16
	CompressionMethods []byte
	// Extensions are all extensions in wire order, also those below.
	Extensions []Extension

	ServerName             string
	ALPN                   []string
	SupportedVersions      []uint16
	SupportedGroups        []uint16
	PointFormats           []uint8
	KeyShares              []KeyShare
	SignatureSchemes       []SignatureScheme
	SignatureSchemesCert   []SignatureScheme
	CertificateAuthorities [][]byte // DER Names
	PSKModes               []uint8
	PSKIdentities          [][]byte
	PSKBinders             [][]byte
	EarlyData              bool
	Cookie                 []byte
	// SessionTicket is the ticket of RFC 5077; empty but not nil asks for one.
	SessionTicket           []byte
	StatusRequest           bool
	SCT                     bool
	ExtendedMasterSecret    bool
	PostHandshakeAuth       bool
	RenegotiationInfo       []byte
	RecordSizeLimit         uint16
	CompressionAlgorithms   []uint16 // compress_certificate
	QUICTransportParameters []byte
}

// Type returns TypeClientHello.
func (*ClientHello) Type() HandshakeType { return TypeClientHello }

// Name returns "ClientHello".
func (*ClientHello) Name() string { return "ClientHello" }

// Offers says whether the client offers version: in supported_versions, or
// without that extension by a legacy_version that is at least as high.
func (m *ClientHello) Offers(version uint16) bool {
	if m.SupportedVersions == nil {
		return version <= m.Version && version < VersionTLS13
	}
	for _, v := range m.SupportedVersions {
		if v == version {
			return true
		}
	}
	return false
}

func (m *ClientHello) read(r *reader) {
	m.Version = r.uint16(&clientVersionSpec)
	if b, ok := r.take(len(m.Random), &clientRandomSpec); ok {
		copy(m.Random[:], b)
	}
	m.SessionID = r.opaque(1, &clientSessionIDSpec, &contentSpec)
	m.CipherSuites = r.uint16s(2, &cipherSuitesSpec, &cipherSuiteSpec)
	m.CompressionMethods = r.uint8s(1, &compressionMethodsSpec, &compressionMethodSpec)
	// RFC 5246 7.4.1.2: "The presence of extensions can be detected by
	// determining whether there are bytes following the compression_methods at
	// the end of the ClientHello."
	if r.more() {
		m.Extensions = r.extensions(&extensionsSpec, m)
	}
}

func (m *ClientHello) readExtension(r *reader, kind uint16) {
	switch kind {
	case ExtServerName:
		m.ServerName = r.serverNames()
	case ExtALPN:
		m.ALPN = r.protocols()
	case ExtSupportedVersions:
		m.SupportedVersions = r.uint16s(1, &versionsSpec, &versionSpec)
	case ExtSupportedGroups:
		m.SupportedGroups = r.uint16s(2, &groupsSpec, &groupSpec)
	case ExtECPointFormats:
		m.PointFormats = r.uint8s(1, &pointFormatsSpec, &pointFormatSpec)
	case ExtKeyShare:
		m.KeyShares = r.keyShares()
	case ExtSignatureAlgorithms:
		m.SignatureSchemes = r.signatureSchemes()
	case ExtSignatureAlgorithmsCert:
		m.SignatureSchemesCert = r.signatureSchemes()
	case ExtCertificateAuthorities:
		m.CertificateAuthorities = r.authorities(&authoritiesSpec)
	case ExtPSKKeyExchangeModes:
		m.PSKModes = r.uint8s(1, &pskModesSpec, &pskModeSpec)
	case ExtPreSharedKey:
		m.PSKIdentities, m.PSKBinders = r.offeredPSKs()
	case ExtEarlyData:
		m.EarlyData = true
	case ExtCookie:
		m.Cookie = r.opaque(2, &cookieSpec, &contentSpec)
	case ExtSessionTicket:
		m.SessionTicket = r.rest(&sessionTicketSpec)
	case ExtStatusRequest:
		m.StatusRequest = true
		r.statusRequest()
	case ExtSCT:
		m.SCT = true
	case ExtExtendedMasterSecret:
		m.ExtendedMasterSecret = true
	case ExtPostHandshakeAuth:
		m.PostHandshakeAuth = true
	case ExtRenegotiationInfo:
		m.RenegotiationInfo = r.opaque(1, &renegotiatedSpec, &contentSpec)
	case ExtRecordSizeLimit:
		m.RecordSizeLimit = r.uint16(&recordSizeLimitSpec)
	case ExtCompressCertificate:
		m.CompressionAlgorithms = r.uint16s(1, &certificateCompressionsSpec, &certificateCompressionSpec)
	case ExtQUICTransportParameters:
		m.QUICTransportParameters = r.rest(&quicParametersSpec)
	default:
		r.otherExtension(kind)
	}
}

var (
	clientVersionSpec = spec{
		label: "legacy_version", section: "RFC 8446 4.1.2", section12: "RFC 5246 7.4.1.2", value: name16(VersionName), explain: explainVersion, coded: true,
		meaning: "Frozen at TLS 1.2 by clients that know TLS 1.3: what they really offer is in supported_versions.",
	}
	clientRandomSpec = spec{
		label: "random", section: "RFC 8446 4.1.2", section12: "RFC 5246 7.4.1.2",
		meaning: "Names this handshake: each line of a key log (SSLKEYLOGFILE) repeats it to say which connection its secret belongs to.",
	}
	clientSessionIDSpec = spec{
		label: "legacy_session_id", section: "RFC 8446 4.1.2", section12: "RFC 5246 7.4.1.2",
		meaning: "In TLS 1.2 the session to resume; in TLS 1.3 random filler that makes the handshake look like TLS 1.2 to middleboxes, and always empty on QUIC.",
	}
	cipherSuitesSpec = spec{
		label: "cipher_suites", section: "RFC 8446 4.1.2", section12: "RFC 5246 7.4.1.2", least: 2,
		meaning: "What the client offers, most wanted first; if the server supports none of them it answers handshake_failure.",
	}
	cipherSuiteSpec = spec{
		label: "cipher_suite", value: name16(CipherSuiteName), explain: explainCipherSuite, coded: true,
	}
	compressionMethodsSpec = spec{
		label: "legacy_compression_methods", section: "RFC 8446 4.1.2", section12: "RFC 5246 7.4.1.2", least: 1,
		meaning: "Only \"null\": compression inside TLS was removed, and TLS 1.3 refuses anything else with illegal_parameter.",
	}
	compressionMethodSpec = spec{label: "compression_method", value: name8(compressionMethodName)}
)

// compressionMethodName names a method of RFC 3749.
func compressionMethodName(m uint8) string {
	switch m {
	case 0:
		return "null"
	case 1:
		return "DEFLATE"
	case 64:
		return "LZS"
	}
	return code8(m)
}
