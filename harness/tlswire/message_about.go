package tlswire

// sections12 are where TLS 1.2 defines the messages that TLS 1.3 defines anew.
var sections12 = [256]string{
	TypeClientHello:        "RFC 5246 7.4.1.2",
	TypeServerHello:        "RFC 5246 7.4.1.3",
	TypeCertificate:        "RFC 5246 7.4.2",
	TypeCertificateRequest: "RFC 5246 7.4.4",
	TypeCertificateVerify:  "RFC 5246 7.4.8",
	TypeFinished:           "RFC 5246 7.4.9",
	TypeNewSessionTicket:   "RFC 5077 3.3",
}

// aboutMessage returns where a message is defined and what it is for.
func aboutMessage(m Message, version uint16) (section, meaning string) {
	section, meaning = aboutMessage13(m)
	if s := sections12[m.Type()]; s != "" && version != 0 && version <= VersionTLS12 {
		section = s
	}
	return section, meaning
}

func aboutMessage13(m Message) (section, meaning string) {
	switch m := m.(type) {
	case *ClientHello:
		return "RFC 8446 4.1.2", "The client opens the handshake and says what it offers."
	case *ServerHello:
		if m.IsHelloRetryRequest() {
			return "RFC 8446 4.1.4", "The server supports what the client offers, but wants another ClientHello, usually with a key share for another group."
		}
		return "RFC 8446 4.1.3", "The server chooses version, cipher suite and key share; in TLS 1.3 everything after it is encrypted."
	case *EncryptedExtensions:
		return "RFC 8446 4.3.1", "The server answers the rest of the client's extensions, such as ALPN; the first message under encryption."
	case *CertificateRequest:
		return "RFC 8446 4.3.2", "The server asks the client for a certificate: this is what makes the handshake mutual. Without this message a client never sends one."
	case *Certificate:
		if len(m.Entries) == 0 {
			return "RFC 8446 4.4.2", "An empty Certificate: the sender was asked for a certificate and has none that fits, so a server that demands one refuses next."
		}
		return "RFC 8446 4.4.2", "The sender's certificate chain, end-entity certificate first; only CertificateVerify proves that it holds the key."
	case *CertificateVerify:
		return "RFC 8446 4.4.3", "The sender signs the handshake with the key of its certificate."
	case *Finished:
		return "RFC 8446 4.4.4", "The sender has seen the whole handshake unchanged. In TLS 1.3 a client is done once it has sent it, before the server has judged its certificate."
	case *NewSessionTicket:
		return "RFC 8446 4.6.1", "The server hands the client a ticket to resume with."
	case *ServerKeyExchange:
		return "RFC 5246 7.4.3", "The server's public value for the key exchange, signed with the key of its certificate."
	case *ServerHelloDone:
		return "RFC 5246 7.4.5", "The server has sent all of its first flight and waits for the client."
	case *ClientKeyExchange:
		return "RFC 5246 7.4.7", "The client's part of the key exchange."
	case *CertificateStatus:
		return "RFC 6066 8", "The server staples an OCSP response to its certificate."
	case *KeyUpdate:
		return "RFC 8446 4.6.3", "The sender switches to new keys with its next record."
	case *EndOfEarlyData:
		return "RFC 8446 4.5", "The client's 0-RTT data end here."
	case *HelloRequest:
		return "RFC 5246 7.4.1.1", "The server asks the client to renegotiate; a client may ignore it."
	case *CompressedCertificate:
		return "RFC 8879 4", "The sender's certificate chain, compressed."
	}
	return aboutUnknown(m.Type())
}

// aboutUnknown tells of the messages that are recognised and not taken apart.
func aboutUnknown(t HandshakeType) (section, meaning string) {
	switch t {
	case TypeHelloVerifyRequest:
		return "RFC 6347 4.2.1", "DTLS: the server asks the client to prove its address with a cookie."
	case typeHelloRetryRequest:
		return "RFC 8446 4.1.4", "The HelloRetryRequest of the drafts of TLS 1.3; today it is a ServerHello with a certain random."
	case typeRequestConnectionID, typeNewConnectionID:
		return "RFC 9147 9", "DTLS 1.3: connection IDs are asked for or handed out."
	case typeClientCertRequest:
		return "RFC 9261 5.1.1", "A client asks for a certificate after the handshake (exported authenticators)."
	case TypeCertificateURL:
		return "RFC 6066 5", "The client names the address of its certificate chain in place of the chain."
	case TypeSupplementalData:
		return "RFC 4680 2", "Data for the application's authorization, sent beside the certificate."
	case typeEKTKey:
		return "RFC 8870 5.2.2", "A key for a media conference."
	case TypeNextProtocol:
		return "draft-agl-tls-nextprotoneg 3", "The client names the protocol that it goes on with, encrypted; ALPN has replaced it."
	case TypeMessageHash:
		return "RFC 8446 4.4.1", "Stands for the first ClientHello in the transcript after a HelloRetryRequest; it is never on the wire."
	}
	return "RFC 8446 4", "A message that shakedown does not know."
}
