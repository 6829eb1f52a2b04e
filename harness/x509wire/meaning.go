package x509wire

// What is known of a certificate's fields beforehand, with what each means to
// who debugs a mutual-TLS handshake.
var (
	kindVersion = kind{"version", "RFC 5280 4.1.2.1", "Only version 3 has extensions, so only it can name hosts, usages and CAs."}
	kindSerial  = kind{
		"serialNumber", "RFC 5280 4.1.2.2",
		"Tells this certificate from the others of its issuer: compare it with the file on disk to see whether a renewed certificate was loaded.",
	}
	kindInnerAlgorithm = kind{"signature", "RFC 5280 4.1.2.3", "The algorithm that the issuer signed with; it has to be the same as signatureAlgorithm below."}
	kindOuterAlgorithm = kind{"signatureAlgorithm", "RFC 5280 4.1.1.2", "The algorithm that the issuer signed with. TLS's signature_algorithms_cert is about this one."}
	kindIssuer         = kind{
		"issuer", "RFC 5280 4.1.2.4",
		"A verifier looks for a certificate with exactly this subject; a server's CertificateRequest lists such names, and a Go client sends only a chain that reaches one of them.",
	}
	kindValidity  = kind{"validity", "RFC 5280 4.1.2.5", "The verifier compares this with its own clock, so a wrong clock refuses a good certificate."}
	kindNotBefore = kind{"notBefore", "RFC 5280 4.1.2.5", "Before this second the certificate is refused; a Go server calls that expired, too."}
	kindNotAfter  = kind{"notAfter", "RFC 5280 4.1.2.5", "After this second the certificate is refused."}
	kindSubject   = kind{
		"subject", "RFC 5280 4.1.2.6",
		"Whom the certificate is about. Go never looks for a host name here, only in subjectAltName; applications often take a client's identity from it.",
	}
	kindPublicKey = kind{
		"subjectPublicKeyInfo", "RFC 5280 4.1.2.7",
		"CertificateVerify is checked with this key, so the private key that was configured has to be its other half.",
	}
	kindIssuerID  = kind{"issuerUniqueID", "RFC 5280 4.1.2.8", "Obsolete; ignored."}
	kindSubjectID = kind{"subjectUniqueID", "RFC 5280 4.1.2.8", "Obsolete; ignored."}
	kindSignature = kind{"signatureValue", "RFC 5280 4.1.1.3", "The issuer's signature over tbsCertificate. That of a trust anchor is not checked."}

	kindExtensions = kind{"extensions", "RFC 5280 4.1.2.9", "What the certificate may be used for, and by whom."}
	kindCritical   = kind{"critical", "RFC 5280 4.2", "A verifier that does not know a critical extension has to refuse the certificate."}
)

// extensionKinds say what each extension means, by its identifier's content.
var extensionKinds = map[string]kind{
	extSubjectKeyID: {
		"subjectKeyIdentifier", "RFC 5280 4.2.1.2",
		"Names this certificate's key. Two CAs of one name and different identifiers are a CA that was made again.",
	},
	extAuthorityKeyID: {
		"authorityKeyIdentifier", "RFC 5280 4.2.1.1",
		"Names the key that signed this certificate; it should be the issuer's subjectKeyIdentifier. Go only prefers an issuer that matches.",
	},
	extKeyUsage: {
		"keyUsage", "RFC 5280 4.2.1.3",
		"What the key may do: a CA needs keyCertSign; an end entity needs digitalSignature, which OpenSSL and GnuTLS check and Go does not.",
	},
	extSubjectAltName: {
		"subjectAltName", "RFC 5280 4.2.1.6",
		"The names the certificate is for. A client compares the name that it dialled with these and with nothing else.",
	},
	extIssuerAltName: {"issuerAltName", "RFC 5280 4.2.1.7", "Other names of the issuer; TLS makes no use of them."},
	extBasicConstraints: {
		"basicConstraints", "RFC 5280 4.2.1.9",
		"Says whether the subject is a CA. Without cA TRUE nothing that it issued is accepted.",
	},
	extNameConstraints: {
		"nameConstraints", "RFC 5280 4.2.1.10",
		"The names that certificates below this CA may have. Every subjectAltName counts, not only the one that was dialled.",
	},
	extCRLDistribution: {"cRLDistributionPoints", "RFC 5280 4.2.1.13", "Where the issuer's revocation list is. Go fetches none."},
	extPolicies:        {"certificatePolicies", "RFC 5280 4.2.1.4", "Under which policies the certificate was issued; TLS stacks rarely look."},
	extExtKeyUsage: {
		"extKeyUsage", "RFC 5280 4.2.1.12",
		"What the certificate may be used for: a server's needs serverAuth, a client's clientAuth. On a CA it limits what is below it.",
	},
	extAuthorityInfo: {
		"authorityInfoAccess", "RFC 5280 4.2.2.1",
		"Where the issuer's certificate and its OCSP responder are. Go fetches neither, so a missing intermediate stays missing.",
	},
	extTLSFeature: {
		"TLSFeature", "RFC 7633 4",
		"With status_request (5) the server has to staple an OCSP response; Go does not insist.",
	},
	extSignedTimestamps: {"SignedCertificateTimestampList", "RFC 6962 3.3", "Proofs that the certificate is in public logs."},
	extPrecertificate:   {"precertificatePoison", "RFC 6962 3.1", "This is a precertificate, which no verifier may accept."},
	extPolicyMappings:   {"policyMappings", "RFC 5280 4.2.1.5", "Which policies of two CAs are the same."},
	extPolicyConstraints: {
		"policyConstraints", "RFC 5280 4.2.1.11",
		"Whether policies have to be named further down the chain.",
	},
	extInhibitAnyPolicy: {"inhibitAnyPolicy", "RFC 5280 4.2.1.14", "Where the policy anyPolicy stops to count."},
	extSubjectDirectory: {"subjectDirectoryAttributes", "RFC 5280 4.2.1.8", "More about the subject, such as its nationality; TLS makes no use of it."},
	extPrivateKeyPeriod: {"privateKeyUsagePeriod", "RFC 3280 4.2.1.4", "When the private key may sign, apart from the certificate's validity; verifiers ignore it."},
	extFreshestCRL:      {"freshestCRL", "RFC 5280 4.2.1.15", "Where the changes since the last revocation list are. Go fetches none."},
	extNoRevocation:     {"noRevAvail", "RFC 9608 4", "The CA publishes no revocation for it: it lives too short."},
	extSubjectInfo:      {"subjectInfoAccess", "RFC 5280 4.2.2.2", "What the subject offers, such as a repository."},
	extQCStatements:     {"qcStatements", "RFC 3739 3.2.6", "That the certificate is qualified under a law, such as the EU's; TLS makes no use of it."},
	extLogotype:         {"logotype", "RFC 9399 4", "Pictures of the subject or its CA."},
	extACMEIdentifier:   {"acmeIdentifier", "RFC 8737 3", "For the CA's own check of the domain only: no client may accept it."},
	extNoCheck:          {"ocspNoCheck", "RFC 6960 4.2.2.2.1", "On an OCSP responder: clients need not ask whether this certificate is revoked."},
	extOCSPNonce:        {"ocspNonce", "RFC 9654 2.1", "Repeats the number in the request, so that an old response cannot be played again; a stapled one has none."},
	extDelegationUsage:  {"delegationUsage", "RFC 9345 4.2", "The holder may issue delegated credentials with this certificate's key."},
	extMicrosoftTemplate: {
		"microsoftCertificateTemplate", "[MS-WCCE] 2.2.2.7.7.2",
		"The template of a Windows CA that the certificate was issued by: it fixes usages and names.",
	},
	extApplicationPolicies: {"microsoftApplicationPolicies", "[MS-WCCE] 2.2.2.7.7.3", "Windows' own form of extKeyUsage; others ignore it."},
	extEnrollType:          {"microsoftEnrollCertType", "[MS-WCCE] 2.2.2.7.7.1", "The name of the template of a Windows CA that the certificate was issued by."},
	extCAVersion:           {"microsoftCAVersion", "[MS-WCCE] 2.2.2.7.7.8", "Which certificate and which key of a Windows CA this is, counted from its set-up."},
	extSecurityID: {
		"microsoftSecurityIdentifier", "[MS-WCCE] 2.2.2.7.7.4",
		"The account in Active Directory that the certificate belongs to. Domain controllers refuse a client certificate without it since 2025.",
	},
	extSMIMECapabilities: {"smimeCapabilities", "RFC 4262 2", "What the subject's mail program can read; TLS makes no use of it."},
	extNetscapeCertType:  {"netscapeCertType", "", "Obsolete; some OpenSSL-made certificates still have it, and OpenSSL still obeys it."},
	extNetscapeComment:   {"netscapeComment", "", "A remark; ignored."},
}

// purposeMeanings say what a purpose means to a verifier in a handshake.
var purposeMeanings = map[string]string{
	"serverAuth":          "The subject may be a TLS server; a client requires it.",
	"clientAuth":          "The subject may be a TLS client; a server that verifies clients requires it.",
	"anyExtendedKeyUsage": "Any purpose.",
}
