package tlswire

// A CertificateStatus staples an OCSP response in TLS 1.2 (RFC 6066 8); TLS 1.3
// has it in the CertificateEntry.
type CertificateStatus struct {
	// OCSP is the response in DER.
	OCSP []byte
}

// Type returns TypeCertificateStatus.
func (*CertificateStatus) Type() HandshakeType { return TypeCertificateStatus }

// Name returns "CertificateStatus".
func (*CertificateStatus) Name() string { return "CertificateStatus" }

func (m *CertificateStatus) read(r *reader) { m.OCSP = r.certificateStatus() }

// statusOCSP is the only status_type of RFC 6066.
const statusOCSP = 1

// certificateStatus reads the structure CertificateStatus.
func (r *reader) certificateStatus() []byte {
	if r.uint8(&statusTypeSpec) != statusOCSP {
		r.rest(&statusOtherSpec)
		return nil
	}
	return r.opaque(3, &ocspSpec, &ocspContentSpec)
}

// statusRequest reads what a ClientHello says in status_request.
func (r *reader) statusRequest() {
	if r.uint8(&statusTypeSpec) != statusOCSP {
		r.rest(&statusOtherSpec)
		return
	}
	v := r.open(2, &responderIDsSpec)
	for r.more() {
		r.opaque(2, &responderIDSpec, &contentSpec)
	}
	r.close(v)
	r.opaque(2, &requestExtensionSpec, &contentSpec)
}

// timestamps reads a SignedCertificateTimestampList (RFC 6962 3.3).
func (r *reader) timestamps() [][]byte {
	var list [][]byte
	v := r.open(2, &sctListSpec)
	for r.more() {
		list = append(list, r.opaque(2, &sctSpec, &contentSpec))
	}
	r.close(v)
	return list
}

var (
	statusTypeSpec = spec{
		label: "status_type", section: "RFC 6066 8", coded: true,
		value: name8(func(t uint8) string {
			if t == statusOCSP {
				return "ocsp"
			}
			return code8(t)
		}),
	}
	statusOtherSpec = spec{label: "status", section: "RFC 6066 8"}
	ocspSpec        = spec{
		label: "response", section: "RFC 6066 8", least: 1,
		meaning: "A signed statement of the CA on whether the certificate is revoked, so that the peer need not ask.",
	}
	ocspContentSpec = spec{label: "OCSPResponse", section: "RFC 6960 4.2.1", value: size}

	responderIDsSpec = spec{
		label: "responder_id_list", section: "RFC 6066 8", quiet: true,
		meaning: "The OCSP responders that the client trusts; an empty list leaves the choice to the server.",
	}
	responderIDSpec      = spec{label: "ResponderID", section: "RFC 6066 8", least: 1}
	requestExtensionSpec = spec{label: "request_extensions", section: "RFC 6066 8", quiet: true}

	sctListSpec = spec{
		label: "sct_list", section: "RFC 6962 3.3", least: 1,
		meaning: "Proofs that the certificate was handed to public logs; certificates of a private CA have none.",
	}
	sctSpec = spec{label: "SerializedSCT", section: "RFC 6962 3.3", least: 1}
)
