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

// The kinds of status: that of RFC 6066, and that of RFC 6961, which staples one
// for each certificate of the chain.
const (
	statusOCSP      = 1
	statusOCSPMulti = 2
)

// certificateStatus reads the structure CertificateStatus, and returns the
// response for the end-entity certificate.
func (r *reader) certificateStatus() []byte {
	switch r.uint8(&statusTypeSpec) {
	case statusOCSP:
		return r.opaque(3, &ocspSpec, &ocspContentSpec)
	case statusOCSPMulti:
		return r.ocspResponses()
	}
	r.rest(&statusOtherSpec)
	return nil
}

// ocspResponses reads an OCSPResponseList: "the list may contain one or more
// zero-length" responses, for certificates that have none (RFC 6961 2.2).
func (r *reader) ocspResponses() (first []byte) {
	v := r.open(3, &ocspListSpec)
	defer r.close(v)
	for i := 0; r.more(); i++ {
		if b := r.opaque(3, &ocspMultiSpec, &ocspContentSpec); i == 0 && len(b) > 0 {
			first = b
		}
	}
	return first
}

// statusRequest reads what a ClientHello says in status_request.
func (r *reader) statusRequest() {
	if r.uint8(&statusTypeSpec) != statusOCSP {
		r.rest(&statusOtherSpec)
		return
	}
	r.ocspRequest()
}

// ocspRequest reads the structure OCSPStatusRequest.
func (r *reader) ocspRequest() {
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
		list = append(list, r.opaque(2, &sctSpec, &sctContentSpec))
	}
	r.close(v)
	return list
}

var (
	statusTypeSpec = spec{
		label: "status_type", section: "RFC 6066 8", coded: true,
		value: name8(func(t uint8) string {
			switch t {
			case statusOCSP:
				return "ocsp"
			case statusOCSPMulti:
				return "ocsp_multi"
			}
			return code8(t)
		}),
	}
	statusOtherSpec = spec{label: "status", section: "RFC 6066 8"}
	ocspSpec        = spec{
		label: "response", section: "RFC 6066 8", least: 1,
		meaning: "A signed statement of the CA on whether the certificate is revoked, so that the peer need not ask.",
	}
	ocspListSpec    = spec{label: "ocsp_response_list", section: "RFC 6961 2.2", least: 1}
	ocspMultiSpec   = spec{label: "OCSPResponse", section: "RFC 6961 2.2"}
	ocspContentSpec = spec{label: LabelOCSPResponse, section: "RFC 6960 4.2.1", value: size}

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
	sctSpec        = spec{label: "SerializedSCT", section: "RFC 6962 3.3", least: 1}
	sctContentSpec = spec{label: LabelSCT, section: "RFC 6962 3.2"}
)
