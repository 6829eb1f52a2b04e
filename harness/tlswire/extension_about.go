package tlswire

// An about says what an extension is for, and where TLS 1.3 allows it.
type about struct {
	kind    uint16
	section string
	meaning string
	// in are the messages of RFC 8446 4.2's table (and of IANA's column
	// "TLS 1.3" for later extensions).
	in place
}

// A place is a set of messages.
type place uint8

const (
	inCH  place = 1 << iota // ClientHello
	inSH                    // ServerHello
	inHRR                   // HelloRetryRequest
	inEE                    // EncryptedExtensions
	inCR                    // CertificateRequest
	inCT                    // Certificate
	inNST                   // NewSessionTicket
)

const greaseMeaning = "A meaningless value (GREASE) that the sender adds to keep its peers from choking on what they do not know."

// extensionTable is in no order that matters.
var extensionTable = []about{
	{ExtServerName, "RFC 6066 3", "The host name that the client wants; the server chooses its certificate by it, and answers with an empty extension if it used it.", inCH | inEE | inCR},
	{ExtMaxFragmentLength, "RFC 6066 4", "Asks for smaller records.", inCH | inEE},
	{ExtStatusRequest, "RFC 6066 8", "Asks for, announces, or holds a stapled OCSP response: proof that the certificate is not revoked.", inCH | inCR | inCT},
	{ExtSupportedGroups, "RFC 8446 4.2.7", "The groups that the sender supports for the key exchange.", inCH | inEE},
	{ExtECPointFormats, "RFC 8422 5.1.2", "How points of a curve may be written in TLS 1.2; TLS 1.3 has only one way.", inCH},
	{ExtSignatureAlgorithms, "RFC 8446 4.2.3", "The signatures that the sender can verify in CertificateVerify, and in certificates unless signature_algorithms_cert says otherwise.", inCH | inCR},
	{ExtALPN, "RFC 7301", "The application protocols that the client offers, or the one that the server has chosen; without a common one the server answers no_application_protocol.", inCH | inEE},
	{ExtSCT, "RFC 6962 3.3.1", "Asks for or holds proofs that the certificate was logged publicly.", inCH | inCR | inCT},
	{ExtClientCertificateType, "RFC 7250 3", "Whether the client presents an X.509 certificate or a raw public key.", inCH | inEE},
	{ExtServerCertificateType, "RFC 7250 3", "Whether the server presents an X.509 certificate or a raw public key.", inCH | inEE},
	{ExtPadding, "RFC 7685", "Filler that brings the ClientHello to a size that no server chokes on.", inCH},
	{ExtEncryptThenMAC, "RFC 7366", "A safer order of encryption and MAC for the CBC suites of TLS 1.2.", 0},
	{ExtExtendedMasterSecret, "RFC 7627", "Ties the keys of TLS 1.2 to the whole handshake; a side that insists on it refuses a peer without it.", 0},
	{ExtCompressCertificate, "RFC 8879 3", "The compressions in which the sender accepts a certificate chain.", inCH | inCR},
	{ExtRecordSizeLimit, "RFC 8449", "The largest record that the sender is willing to receive.", inCH | inEE},
	{34, "RFC 9345", "The server may sign with a short-lived key that its certificate has delegated to.", inCH | inCR | inCT},
	{ExtSessionTicket, "RFC 5077 3.2", "Asks for, presents, or announces a TLS 1.2 session ticket.", 0},
	{ExtPreSharedKey, "RFC 8446 4.2.11", "Resumption: the client offers keys from earlier connections, the server answers which one it took. No certificates are sent then.", inCH | inSH},
	{ExtEarlyData, "RFC 8446 4.2.10", "0-RTT: the client sends data before the server has answered, and the server says whether it took them; such data can be replayed.", inCH | inEE | inNST},
	{ExtSupportedVersions, "RFC 8446 4.2.1", "The versions that the client offers, or the one that the server has chosen; this, and not legacy_version, decides.", inCH | inSH | inHRR},
	{ExtCookie, "RFC 8446 4.2.2", "State of the server that the client has to return unchanged.", inCH | inHRR},
	{ExtPSKKeyExchangeModes, "RFC 8446 4.2.9", "How the client is willing to resume; a server sends no tickets to a client without this.", inCH},
	{ExtCertificateAuthorities, "RFC 8446 4.2.4", "The CAs whose certificates the sender accepts. A client that holds none from them usually answers with an empty Certificate.", inCH | inCR},
	{ExtOIDFilters, "RFC 8446 4.2.5", "What the extensions of the client's certificate have to hold.", inCR},
	{ExtPostHandshakeAuth, "RFC 8446 4.2.6", "The client is willing to be asked for its certificate after the handshake.", inCH},
	{ExtSignatureAlgorithmsCert, "RFC 8446 4.2.3", "The signatures that the sender can verify inside certificates, where they differ from signature_algorithms.", inCH | inCR},
	{ExtKeyShare, "RFC 8446 4.2.8", "Public values for the key exchange; a HelloRetryRequest names the group that it wants instead.", inCH | inSH | inHRR},
	{ExtQUICTransportParameters, "RFC 9001 8.2", "QUIC's settings, protected by the TLS handshake; only QUIC sends them.", inCH | inEE},
	{ExtEncryptedClientHello, "RFC 9849 5", "An encrypted inner ClientHello with the real server name, or a decoy that looks like one.", inCH | inHRR | inEE},
	{ExtRenegotiationInfo, "RFC 5746 3.2", "Safe renegotiation in TLS 1.2; some servers refuse a client that does not announce it.", 0},
}

// extensionSection returns where an extension is defined.
func extensionSection(kind uint16) string {
	for i := range extensionTable {
		if extensionTable[i].kind == kind {
			return extensionTable[i].section
		}
	}
	if IsGREASE(kind) {
		return "RFC 8701"
	}
	return "RFC 8446 4.2"
}

// extensionMeaning says what an extension is for, and that it is where it must
// not be.
func extensionMeaning(kind uint16, m Message) string {
	if IsGREASE(kind) {
		return greaseMeaning
	}
	for i := range extensionTable {
		a := &extensionTable[i]
		if a.kind != kind {
			continue
		}
		if here := placeOf(m); here != 0 && a.in&here == 0 {
			return a.meaning + " TLS 1.3 does not allow it in " + m.Name() + ": a peer that knows it answers illegal_parameter."
		}
		return a.meaning
	}
	if extensionNames.name(kind) == "" {
		return "An extension that shakedown does not know; peers ignore what they do not know in a ClientHello."
	}
	return ""
}

// placeOf returns the place of messages that only TLS 1.3 has, 0 for others: a
// hello may carry the extensions of older versions as well.
func placeOf(m Message) place {
	switch m := m.(type) {
	case *EncryptedExtensions:
		return inEE
	case *CertificateRequest:
		return inCR
	case *Certificate:
		return inCT
	case *NewSessionTicket:
		return inNST
	case *ServerHello:
		switch {
		case m.IsHelloRetryRequest():
			return inHRR
		case m.SelectedVersion == VersionTLS13:
			return inSH
		}
	}
	return 0
}
