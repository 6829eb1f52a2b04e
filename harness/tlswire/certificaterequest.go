package tlswire

// A CertificateRequest asks the client for a certificate, and says which ones
// would do (RFC 8446 4.3.2, RFC 5246 7.4.4).
type CertificateRequest struct {
	// Context is TLS 1.3's certificate_request_context.
	Context []byte
	// CertificateTypes are TLS 1.2's (RFC 5246 7.4.4).
	CertificateTypes     []uint8
	SignatureSchemes     []SignatureScheme
	SignatureSchemesCert []SignatureScheme
	// CertificateAuthorities are the DER Names of the CAs that the server
	// accepts; none means any.
	CertificateAuthorities [][]byte
	// Extensions are TLS 1.3's.
	Extensions []Extension
}

// Type returns TypeCertificateRequest.
func (*CertificateRequest) Type() HandshakeType { return TypeCertificateRequest }

// Name returns "CertificateRequest".
func (*CertificateRequest) Name() string { return "CertificateRequest" }

func (m *CertificateRequest) read(r *reader) {
	version := r.version
	if version == 0 {
		version = guessRequestVersion(r.left())
	}
	if version >= VersionTLS13 {
		m.Context = r.opaque(1, &requestContextSpec, &contentSpec)
		m.Extensions = r.extensions(&requestExtensionsSpec, m)
		return
	}
	m.CertificateTypes = r.uint8s(1, &certificateTypesSpec, &clientCertificateTypeSpec)
	// TLS 1.0 and 1.1 have no supported_signature_algorithms (RFC 4346 7.4.4).
	if version >= VersionTLS12 {
		m.SignatureSchemes = r.schemes(&requestSchemesSpec)
	}
	m.CertificateAuthorities = r.authorities(&requestAuthoritiesSpec)
}

// guessRequestVersion tells the two layouts apart by their lengths: in TLS 1.3
// the extensions that follow the context fill the message.
func guessRequestVersion(body []byte) uint16 {
	if len(body) > 0 {
		n := int(body[0])
		if len(body) >= n+3 && int(value(body[n+1:n+3])) == len(body)-n-3 {
			return VersionTLS13
		}
	}
	return VersionTLS12
}

func (m *CertificateRequest) readExtension(r *reader, kind uint16) {
	switch kind {
	case ExtSignatureAlgorithms:
		m.SignatureSchemes = r.signatureSchemes()
	case ExtSignatureAlgorithmsCert:
		m.SignatureSchemesCert = r.signatureSchemes()
	case ExtCertificateAuthorities:
		m.CertificateAuthorities = r.authorities(&authoritiesSpec)
	case ExtOIDFilters:
		r.oidFilters()
	case ExtStatusRequest, ExtSCT:
		// RFC 8446 4.4.2.1: "A server MAY request that a client present an OCSP
		// response with its certificate by sending an empty "status_request"
		// extension in its CertificateRequest message."
	default:
		r.otherExtension(kind)
	}
}

var (
	requestContextSpec = spec{
		label: "certificate_request_context", section: "RFC 8446 4.3.2",
		meaning: "Ties the client's Certificate to this request; empty in the handshake, and only longer in post-handshake authentication.",
	}
	requestExtensionsSpec = spec{
		label: "extensions", section: "RFC 8446 4.3.2", least: 2, bare: true, piecemeal: true,
		meaning: "What the client's certificate must satisfy; signature_algorithms has to be among them.",
	}
	certificateTypesSpec = spec{
		label: "certificate_types", section: "RFC 5246 7.4.4", least: 1,
		meaning: "The kinds of key that the client's certificate may hold; ecdsa_sign covers Ed25519 as well (RFC 8422 5.5).",
	}
	clientCertificateTypeSpec = spec{
		label: "certificate_type", section: "RFC 5246 7.4.4", value: name8(ClientCertificateTypeName), coded: true,
	}
	requestSchemesSpec = spec{
		label: "supported_signature_algorithms", section: "RFC 5246 7.4.4", least: 2,
		meaning: "What the client may sign CertificateVerify with, and what its chain may be signed with.",
	}
	requestAuthoritiesSpec = spec{
		label: "certificate_authorities", section: "RFC 5246 7.4.4",
		meaning: "The CAs whose certificates the server accepts, as a hint: a client that has none from them usually sends no certificate at all; an empty list means any CA.",
	}
)
