package tlswire

// EncryptedExtensions answers the ClientHello's extensions that do not
// establish keys; it is the first message under encryption (RFC 8446 4.3.1).
type EncryptedExtensions struct {
	Extensions []Extension

	ALPN                    string
	SupportedGroups         []uint16
	ServerNameAcknowledged  bool
	EarlyData               bool
	RecordSizeLimit         uint16
	QUICTransportParameters []byte
}

// Type returns TypeEncryptedExtensions.
func (*EncryptedExtensions) Type() HandshakeType { return TypeEncryptedExtensions }

// Name returns "EncryptedExtensions".
func (*EncryptedExtensions) Name() string { return "EncryptedExtensions" }

func (m *EncryptedExtensions) read(r *reader) {
	m.Extensions = r.extensions(&extensionsSpec, m)
}

func (m *EncryptedExtensions) readExtension(r *reader, kind uint16) {
	switch kind {
	case ExtServerName:
		m.ServerNameAcknowledged = true
	case ExtALPN:
		m.ALPN = r.protocol()
	case ExtSupportedGroups:
		m.SupportedGroups = r.uint16s(2, &groupsSpec, &groupSpec)
	case ExtEarlyData:
		m.EarlyData = true
	case ExtRecordSizeLimit:
		m.RecordSizeLimit = r.uint16(&recordSizeLimitSpec)
	case ExtQUICTransportParameters:
		m.QUICTransportParameters = r.rest(&quicParametersSpec)
	default:
		r.otherExtension(kind)
	}
}
