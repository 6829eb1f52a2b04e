package tlswire

// A CertificateVerify proves that the sender holds the private key of its
// end-entity certificate, by a signature over the handshake so far (RFC 8446
// 4.4.3, RFC 5246 7.4.8).
type CertificateVerify struct {
	// Scheme is 0 in TLS 1.1 and below, which do not send it.
	Scheme    SignatureScheme
	Signature []byte
}

// Type returns TypeCertificateVerify.
func (*CertificateVerify) Type() HandshakeType { return TypeCertificateVerify }

// Name returns "CertificateVerify".
func (*CertificateVerify) Name() string { return "CertificateVerify" }

func (m *CertificateVerify) read(r *reader) {
	if r.version == 0 || r.version >= VersionTLS12 {
		m.Scheme = SignatureScheme(r.uint16(&verifySchemeSpec))
	}
	m.Signature = r.opaque(2, &verifySignatureSpec, &contentSpec)
}

var (
	verifySchemeSpec = spec{
		label: "algorithm", section: "RFC 8446 4.4.3", section12: "RFC 5246 7.4.8", value: name16(schemeName), explain: explainScheme, coded: true,
		meaning: "How the signature was made: it has to fit the certificate's key and be one that the peer offered.",
	}
	verifySignatureSpec = spec{
		label: "signature", section: "RFC 8446 4.4.3", section12: "RFC 5246 7.4.8",
		meaning: "Signs the transcript up to here; if the private key is not that of the certificate, or anything was changed on the way, the peer answers decrypt_error.",
	}
)
