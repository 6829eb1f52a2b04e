package tlswire

// A Certificate holds a side's certificate chain, end-entity certificate first
// (RFC 8446 4.4.2, RFC 5246 7.4.2). From a client it may be empty: that is how
// a client says that it has none.
type Certificate struct {
	// Context is TLS 1.3's certificate_request_context.
	Context []byte
	Entries []CertificateEntry
}

// A CertificateEntry is one certificate of the chain.
type CertificateEntry struct {
	Data []byte // DER
	// Extensions are TLS 1.3's.
	Extensions []Extension
	// OCSP is the stapled response in DER, nil if there is none.
	OCSP []byte
	// SCTs are the stapled signed certificate timestamps.
	SCTs [][]byte
}

// Type returns TypeCertificate.
func (*Certificate) Type() HandshakeType { return TypeCertificate }

// Name returns "Certificate".
func (*Certificate) Name() string { return "Certificate" }

func (m *Certificate) read(r *reader) {
	version := r.version
	if version == 0 {
		version = guessCertificateVersion(r.left())
	}
	list := &certificateList12Spec
	if version >= VersionTLS13 {
		m.Context = r.opaque(1, &certificateContextSpec, &contentSpec)
		list = &certificateList13Spec
	}
	v := r.open(3, list)
	for r.more() {
		if m.Entries == nil {
			m.Entries = make([]CertificateEntry, 0, usualEntries)
		}
		m.Entries = append(m.Entries, CertificateEntry{})
		r.certificateEntry(&m.Entries[len(m.Entries)-1], version)
	}
	if r.tree != nil {
		r.tree.set(count(len(m.Entries), "certificate"))
	}
	r.close(v)
}

// guessCertificateVersion tells the two layouts apart by their lengths: in
// TLS 1.2 the list fills the message.
func guessCertificateVersion(body []byte) uint16 {
	if len(body) >= 3 && int(value(body[:3])) == len(body)-3 {
		return VersionTLS12
	}
	return VersionTLS13
}

// usualEntries is how many certificates there is room for at first: the end-entity's
// and that of the CA below the trust anchor.
const usualEntries = 2

// certificateEntry reads one entry of certificate_list.
func (r *reader) certificateEntry(e *CertificateEntry, version uint16) {
	if version < VersionTLS13 {
		e.Data = r.opaque(3, &certificate12Spec, &certificateSpec)
		return
	}
	r.group(&certificateEntrySpec)
	e.Data = r.opaque(3, &certificateDataSpec, &certificateSpec)
	e.Extensions = r.extensions(&entryExtensionsSpec, e)
	r.endGroup()
}

func (e *CertificateEntry) readExtension(r *reader, kind uint16) {
	switch kind {
	case ExtStatusRequest:
		e.OCSP = r.certificateStatus()
	case ExtSCT:
		e.SCTs = r.timestamps()
	default:
		r.otherExtension(kind)
	}
}

var (
	certificateContextSpec = spec{
		label: "certificate_request_context", section: "RFC 8446 4.4.2",
		meaning: "Repeats the context of the CertificateRequest that this answers; empty from a server and in the handshake.",
	}
	certificateList13Spec = spec{
		label: "certificate_list", section: "RFC 8446 4.4.2", bare: true, piecemeal: true,
		meaning: "The chain, end-entity certificate first; an empty list is how a client says that it has no suitable certificate.",
	}
	certificateList12Spec = spec{
		label: "certificate_list", section: "RFC 5246 7.4.2", bare: true, piecemeal: true,
		meaning: certificateList13Spec.meaning,
	}
	certificateEntrySpec = spec{label: "CertificateEntry", section: "RFC 8446 4.4.2"}
	certificateDataSpec  = spec{
		label: "cert_data", section: "RFC 8446 4.4.2", least: 1,
		meaning: "One X.509 certificate in DER, unless raw public keys were negotiated (RFC 7250).",
	}
	certificate12Spec = spec{
		label: "ASN.1Cert", section: "RFC 5246 7.4.2", least: 1,
		meaning: "One X.509 certificate in DER.",
	}
	certificateSpec     = spec{label: LabelCertificate, section: "RFC 5280 4.1", value: size}
	entryExtensionsSpec = spec{
		label: "extensions", section: "RFC 8446 4.4.2", quiet: true, bare: true, piecemeal: true,
		meaning: "What is stapled to this one certificate: an OCSP response, signed certificate timestamps.",
	}
)
