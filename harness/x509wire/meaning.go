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
	extNetscapeCertType: {"netscapeCertType", "", "Obsolete; some OpenSSL-made certificates still have it, and OpenSSL still obeys it."},
	extNetscapeComment:  {"netscapeComment", "", "A remark; ignored."},
}

// purposeMeanings say what a purpose means to a verifier in a handshake.
var purposeMeanings = map[string]string{
	"serverAuth":          "The subject may be a TLS server; a client requires it.",
	"clientAuth":          "The subject may be a TLS client; a server that verifies clients requires it.",
	"anyExtendedKeyUsage": "Any purpose.",
}
