package tlswire

import (
	"cmp"
	"slices"
)

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

// extensionTable has every extension of IANA's registry, in the registry's order.
var extensionTable = []about{
	{ExtServerName, "RFC 6066 3", "The host name that the client wants; the server chooses its certificate by it, and answers with an empty extension if it used it.", inCH | inEE | inCR},
	{ExtMaxFragmentLength, "RFC 6066 4", "Asks for smaller records.", inCH | inEE},
	{2, "RFC 6066 5", "The client would send the address of its certificate in place of the certificate; hardly any server fetches it.", 0},
	{3, "RFC 6066 6", "The CAs that the client trusts, so that the server can choose its chain by them; TLS 1.3 has certificate_authorities for that.", 0},
	{4, "RFC 6066 7", "A shorter MAC, which is not safe and not used.", 0},
	{ExtStatusRequest, "RFC 6066 8", "Asks for, announces, or holds a stapled OCSP response: proof that the certificate is not revoked.", inCH | inCR | inCT},
	{6, "RFC 4681 2", "The kinds of user names that the client can send in SupplementalData.", 0},
	{7, "RFC 5878 2.3", "The kinds of authorization data that the client can send in SupplementalData.", 0},
	{8, "RFC 5878 2.3", "The kinds of authorization data that the client reads in SupplementalData.", 0},
	{9, "RFC 6091 3.1", "Whether certificates are X.509 or OpenPGP; replaced by client_certificate_type and server_certificate_type.", 0},
	{ExtSupportedGroups, "RFC 8446 4.2.7", "The groups that the sender supports for the key exchange.", inCH | inEE},
	{ExtECPointFormats, "RFC 8422 5.1.2", "How points of a curve may be written in TLS 1.2; TLS 1.3 has only one way.", inCH},
	{12, "RFC 5054 2.8.1", "Logs in with a password in place of certificates (SRP).", 0},
	{ExtSignatureAlgorithms, "RFC 8446 4.2.3", "The signatures that the sender can verify in CertificateVerify, and in certificates unless signature_algorithms_cert says otherwise.", inCH | inCR},
	{14, "RFC 5764 4.1.1", "Keys for media streams (SRTP) from a DTLS handshake.", inCH | inEE},
	{15, "RFC 6520 2", "Whether the peer may send heartbeats; known from the Heartbleed bug of OpenSSL.", inCH | inEE},
	{ExtALPN, "RFC 7301", "The application protocols that the client offers, or the one that the server has chosen; without a common one the server answers no_application_protocol.", inCH | inEE},
	{17, "RFC 6961 2.2", "Asks for stapled OCSP responses for the whole chain; TLS 1.3 has only status_request.", 0},
	{ExtSCT, "RFC 6962 3.3.1", "Asks for or holds proofs that the certificate was logged publicly.", inCH | inCR | inCT},
	{ExtClientCertificateType, "RFC 7250 3", "Whether the client presents an X.509 certificate or a raw public key.", inCH | inEE},
	{ExtServerCertificateType, "RFC 7250 3", "Whether the server presents an X.509 certificate or a raw public key.", inCH | inEE},
	{ExtPadding, "RFC 7685", "Filler that brings the ClientHello to a size that no server chokes on.", inCH},
	{ExtEncryptThenMAC, "RFC 7366", "A safer order of encryption and MAC for the CBC suites of TLS 1.2.", 0},
	{ExtExtendedMasterSecret, "RFC 7627", "Ties the keys of TLS 1.2 to the whole handshake; a side that insists on it refuses a peer without it.", 0},
	{24, "RFC 8472 2", "Ties tokens such as cookies to a key of the client; browsers have given it up.", 0},
	{25, "RFC 7924 3", "What the client has kept of earlier handshakes, such as the server's chain, so that it need not be sent again.", 0},
	{26, "draft-gutmann-tls-lts", "TLS 1.2 with safer choices for devices that live long.", 0},
	{ExtCompressCertificate, "RFC 8879 3", "The compressions in which the sender accepts a certificate chain.", inCH | inCR},
	{ExtRecordSizeLimit, "RFC 8449", "The largest record that the sender is willing to receive.", inCH | inEE},
	{29, "RFC 8492 4.2", "Logs in with a password in place of certificates (TLS-PWD), the user name encrypted.", inCH},
	{30, "RFC 8492 4.3", "Logs in with a password in place of certificates (TLS-PWD), the user name in the clear.", inCH},
	{31, "RFC 8492 4.5", "The salt that the server keeps the user's password under (TLS-PWD).", inCH | inSH | inHRR},
	{32, "RFC 8672 3", "Pins the server by a ticket from an earlier connection.", inCH | inEE},
	{33, "RFC 8773 3", "Certificates and a pre-shared key together: what a quantum computer learns from one is not enough.", inCH | inSH},
	{34, "RFC 9345", "The server may sign with a short-lived key that its certificate has delegated to.", inCH | inCR | inCT},
	{ExtSessionTicket, "RFC 5077 3.2", "Asks for, presents, or announces a TLS 1.2 session ticket.", 0},
	{36, "ETSI TS 103 523-2", "Lets named middleboxes read along (TLMSP).", 0},
	{37, "ETSI TS 103 523-2", "What a middlebox of TLMSP says of itself.", 0},
	{38, "ETSI TS 103 523-2", "What a middlebox of TLMSP does for another.", 0},
	{39, "RFC 8870 5.1", "Ciphers for the keys of media conferences (EKT).", inCH | inEE},
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
	{52, "RFC 9162 6.5", "Proofs of Certificate Transparency version 2 that the certificate was logged publicly.", inCH | inCR | inCT},
	{53, "RFC 9146", "DTLS connection IDs under the number of the drafts.", 0},
	{54, "RFC 9146 3", "What DTLS records carry so that a change of address does not end the connection.", inCH | inSH},
	{55, "RFC 8844 3.2", "Ties the handshake to the identity that a web call (WebRTC) was set up with.", inCH | inEE},
	{56, "RFC 8844 4.3", "Ties the handshake to the signalling that a web call (WebRTC) was set up with.", inCH | inEE},
	{ExtQUICTransportParameters, "RFC 9001 8.2", "QUIC's settings, protected by the TLS handshake; only QUIC sends them.", inCH | inEE},
	{58, "RFC 9149 3", "How many session tickets the client wants, or the server will send.", inCH | inEE},
	{59, "RFC 9102 2", "The DNS records that the server's certificate can be checked by (DANE), with their signatures.", inCH | inCT},
	{60, "draft-pismenny-tls-dtls-plaintext-sequence-number", "How DTLS encrypts the numbers of its records.", inCH | inSH},
	{61, "RFC 9853 3", "DTLS may ask a peer whose address has changed to prove that it is there.", inCH | inSH},
	{62, "draft-ietf-tls-tlsflags 2", "Features that need no more than a yes, one bit each.", inCH | inSH | inHRR | inEE | inCR | inCT | inNST},
	{13172, "draft-agl-tls-nextprotoneg", "What ALPN has replaced.", 0},
	{17513, "draft-vvv-tls-alps", "Settings of the application protocol inside the handshake, as Chrome sent them until 2024.", inCH | inEE},
	{17613, "draft-vvv-tls-alps", "Settings of the application protocol inside the handshake; only Chrome and Google's servers use it.", inCH | inEE},
	{30032, "draft-balfanz-tls-channelid", "A key of the client for this server, which browsers have given up.", 0},
	{0xca34, "draft-ietf-tls-trust-anchor-ids", "The CAs that the sender trusts, by short identifiers, so that the peer can choose its chain by them.", inCH | inEE | inCT},
	{0xfd00, "RFC 9849 5.1", "Extensions that the inner ClientHello takes from the outer one; never on the wire itself.", 0},
	{ExtEncryptedClientHello, "RFC 9849 5", "An encrypted inner ClientHello with the real server name, or a decoy that looks like one.", inCH | inHRR | inEE},
	{ExtRenegotiationInfo, "RFC 5746 3.2", "Safe renegotiation in TLS 1.2; some servers refuse a client that does not announce it.", 0},
	{0xffa5, "RFC 9001 8.2", "QUIC's settings under the number of the drafts.", inCH | inEE},
}

// aboutExtension returns the line of an extension, nil if there is none.
func aboutExtension(kind uint16) *about {
	i, found := slices.BinarySearchFunc(extensionTable, kind, func(a about, kind uint16) int { return cmp.Compare(a.kind, kind) })
	if !found {
		return nil
	}
	return &extensionTable[i]
}

// extensionSection returns where an extension is defined.
func extensionSection(kind uint16) string {
	if a := aboutExtension(kind); a != nil {
		return a.section
	}
	if IsGREASE(kind) {
		return "RFC 8701"
	}
	return "RFC 8446 4.2"
}

// extensionMeaning says what an extension is for, and that it is where it must
// not be.
func extensionMeaning(kind uint16, m Message) string {
	a := aboutExtension(kind)
	switch {
	case IsGREASE(kind):
		return greaseMeaning
	case a == nil:
		return "An extension that shakedown does not know; peers ignore what they do not know in a ClientHello."
	}
	if here := placeOf(m); here != 0 && a.in&here == 0 {
		return a.meaning + " TLS 1.3 does not allow it in " + m.Name() + ": a peer that knows it answers illegal_parameter."
	}
	return a.meaning
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
