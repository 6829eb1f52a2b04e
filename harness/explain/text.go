package explain

// A textRow is one error text and what it can mean in either side's log.
type textRow struct {
	// texts must all be in the line, in lower case.
	texts []string
	means string
	// decided is who ended it, where the text itself says so.
	decided Decider
	// reporter is the side whose log it is, where only one side says it.
	reporter string
	// inClient and inServer are the candidates by whose log it is; inClient alone
	// serves both where inServer is nil.
	inClient, inServer []string
	separate           []string
}

// byText finds the first row whose texts are in the line. The special stand
// before the general.
func byText(l line) (Explanation, bool) {
	for _, row := range textRows {
		if l.has(row.texts...) {
			return row.explanation(l), true
		}
	}
	return Explanation{}, false
}

func (row *textRow) explanation(l line) Explanation {
	e := Explanation{Means: row.means, Reporter: l.reporter, Decided: row.decided, Separate: row.separate}
	if row.reporter != "" {
		e.Reporter = row.reporter
	}
	if e.Decided == NotSaid {
		e.Decided = l.locality
	}
	switch {
	case row.inServer == nil:
		e.Candidates = candidates(row.inClient...)
	case e.Reporter == "server":
		e.Candidates = candidates(row.inServer...)
	case e.Reporter == "client":
		e.Candidates = candidates(row.inClient...)
	default:
		e.Candidates = candidates(append(append([]string{}, row.inClient...), row.inServer...)...)
		e.Separate = append([]string{"Whose log is it? The side with this text refused the other side's certificate."}, e.Separate...)
	}
	return e
}

const (
	peerChain   = "The chain that was refused is in the verifier's error (tls.CertificateVerificationError.UnverifiedCertificates): how many certificates, self-signed, a gap?"
	otherView   = "Connect from somewhere else: does another issuer come? Then something on the path inspects TLS."
	datesFirst  = "Compare the current time in the text with another clock; if it is wrong, the clock is the fault and not the certificate."
	whichCert   = "The text does not say which certificate of the chain: look at the dates of the end entity, the intermediates, and the verifier's copy of the root."
	namesInside = "Look at the names in the certificate: openssl x509 -noout -ext subjectAltName."
	withSNI     = "Repeat with a server name (SNI): does another certificate come?"
	tapIt       = "Record the connection: was there an alert, a close_notify, or only the end of TCP?"
	goodCert    = "Repeat with a client certificate that is known to be good."
	classical   = "Repeat with X25519 alone: a ClientHello with an ML-KEM share has about 1480 bytes, one without about 250."
	whichFile   = "Look at the file's first lines: file and head -c 40."
)

// textRows are the texts of crypto/tls, crypto/x509, quic-go, net/http, gRPC,
// OpenSSL, GnuTLS and Node that were measured.
var textRows = []textRow{
	// Files.
	{texts: []string{"pem inputs may have been switched"}, means: "The certificate file holds a private key: the two file names were exchanged.", decided: ThisSide, inClient: []string{"swapped-files"}},
	{
		texts: []string{"private key does not match public key"}, means: "The key is not that of the first certificate in the file.", decided: ThisSide,
		inClient: []string{"wrong-key", "client-chain-wrong-order", "server-chain-wrong-order", "not-pem"},
		separate: []string{"Is the first certificate of the file a CA? Then the order is wrong.", "Does the file begin with a byte order mark (EF BB BF)? Then its first block was skipped.", "Compare the public keys: openssl x509 -noout -pubkey and openssl pkey -pubout."},
	},
	{texts: []string{"private key type does not match public key type"}, means: "Key and certificate are of different algorithms.", decided: ThisSide, inClient: []string{"key-type"}},
	{texts: []string{"failed to find any pem data"}, means: "Nothing in the file is PEM: it may be DER, PKCS#12, UTF-16, indented, or have no line breaks.", decided: ThisSide, inClient: []string{"not-pem"}, separate: []string{whichFile}},
	{texts: []string{`failed to find "certificate" pem block`}, means: "The file has PEM blocks, but none is a certificate.", decided: ThisSide, inClient: []string{"wrong-block"}, separate: []string{"The text lists the types that it found."}},
	{texts: []string{`failed to find pem block with type ending in "private key"`}, means: "The key file has PEM blocks, but none is a private key.", decided: ThisSide, inClient: []string{"key-block"}},
	{texts: []string{"failed to parse private key"}, means: "The private key is encrypted, or of a kind that Go does not read.", decided: ThisSide, inClient: []string{"key-unusable"}, separate: []string{"Look at the block's name: ENCRYPTED, OPENSSH, or a curve that Go does not know."}},
	{texts: []string{"either servername or insecureskipverify must be specified"}, means: "The client was given no server name to verify against.", decided: ThisSide, reporter: "client", inClient: []string{"servername-empty"}},
	{texts: []string{"ee key too small"}, means: "OpenSSL does not load a key that short.", decided: ThisSide, inClient: []string{"weak-key"}},
	{texts: []string{"ca md too weak"}, means: "OpenSSL does not load a certificate signed with SHA-1 or MD5.", decided: ThisSide, inClient: []string{"client-sha1", "server-sha1", "weak-signature"}},
	{texts: []string{"open ", "no such file or directory"}, means: "A file that was named is not there.", decided: ThisSide, inClient: []string{"file-missing"}},

	// No client certificate.
	{
		texts: []string{"client didn't provide a certificate"}, means: "The server demanded a client certificate and the client's Certificate message was empty. The client may have one and not have sent it: Go's client sends only what one of the listed CAs issued.", decided: ThisSide, reporter: "server",
		inClient: []string{"client-no-cert", "client-ca-hint-mismatch", "client-missing-intermediate", "server-clientcas-wrong-file", "proxy-reoriginates", "client-key-unsupported", "client-sigalg-mismatch"},
		separate: []string{"Is the source address a proxy's?", haveOne, joinNames},
	},
	{
		texts: []string{"peer did not return a certificate"}, means: "The server demanded a client certificate and none came.", decided: ThisSide, reporter: "server",
		inClient: []string{"client-no-cert", "client-ca-hint-mismatch", "client-missing-intermediate", "proxy-reoriginates"}, separate: []string{haveOne, joinNames},
	},
	{
		texts: []string{"no required ssl certificate was sent"}, means: "nginx let the handshake pass and answers 400 because no client certificate came.", decided: ThisSide, reporter: "server",
		inClient: []string{"client-no-cert", "client-ca-hint-mismatch", "client-missing-intermediate"}, separate: []string{haveOne, joinNames},
	},
	{
		texts: []string{"chain is not signed by an acceptable ca"}, means: "Go's client did not send its certificate: no issuer in the chain that it would send is among the CAs that the server names.", decided: ThisSide, reporter: "client",
		inClient: []string{"client-ca-hint-mismatch", "client-missing-intermediate", "server-clientcas-wrong-file"}, separate: []string{joinNames},
	},
	{
		texts: []string{"no certificate was found"}, means: "A GnuTLS server found no client certificate; over TLS 1.2 it says so as well when the client has refused the server.", decided: ThisSide, reporter: "server",
		inClient: []string{"client-no-cert", "client-ca-hint-mismatch", "server-untrusted-ca"}, separate: []string{"Record the connection: whose alert is it?", haveOne},
	},
	{texts: []string{"unsupported certificate curve"}, means: "TLS 1.3 has no signature scheme for the key's curve.", decided: ThisSide, inClient: []string{"client-key-unsupported", "client-p224-forced"}, inServer: []string{"server-p224"}},
	{texts: []string{"peer doesn't support any of the certificate's signature algorithms"}, means: "The signature algorithms that the other side offers leave out this certificate's key.", decided: ThisSide, inClient: []string{"client-sigalg-mismatch"}},
	{texts: []string{"server rejected ech"}, means: "The server could not read the client's encrypted ClientHello.", decided: ThisSide, reporter: "client", inClient: []string{"ech-rejected"}},

	// Chains.
	{texts: []string{"candidate authority certificate", "insecure algorithm"}, means: "A certificate of the chain is signed with SHA-1 or MD5, which Go does not accept.", decided: ThisSide, inClient: []string{"server-sha1"}, inServer: []string{"client-sha1"}},
	{texts: []string{"cannot verify signature: algorithm unimplemented"}, means: "A certificate of the chain is signed with an algorithm that Go does not know, such as ML-DSA or Ed448.", decided: ThisSide, inClient: []string{"server-unsupported-signature"}, inServer: []string{"client-unsupported-signature"}},
	{
		texts: []string{"parent certificate cannot sign this kind of certificate"}, means: "The issuer has the right name and key, but may not issue certificates.", decided: ThisSide,
		inClient: []string{"server-issuer-not-ca", "server-issuer-no-keycertsign"}, inServer: []string{"client-issuer-not-ca", "client-issuer-no-keycertsign"}, separate: []string{"Look at the issuer's basicConstraints, then at its key usage."},
	},
	{
		texts: []string{"verification failure", "candidate authority certificate"}, means: "The verifier has a CA of the right name, but its key did not make the signature.", decided: ThisSide,
		inClient: []string{"server-ca-rotated", "server-wrong-intermediate"}, inServer: []string{"client-ca-rotated", "client-wrong-intermediate"}, separate: []string{"Compare the key identifiers: the certificate's authority key id and the CA's subject key id."},
	},
	{
		texts: []string{"verification error", "candidate authority certificate"}, means: "The verifier has a CA of the right name, but its key did not make the signature.", decided: ThisSide,
		inClient: []string{"server-ca-rotated", "server-wrong-intermediate"}, inServer: []string{"client-ca-rotated", "client-wrong-intermediate"}, separate: []string{"Compare the key identifiers: the certificate's authority key id and the CA's subject key id."},
	},
	{
		texts: []string{"signed by unknown authority"}, means: "The verifier found no way from the certificate to one of its trust anchors.", decided: ThisSide,
		inClient: []string{"server-untrusted-ca", "server-missing-intermediate", "server-self-signed", "server-wrong-intermediate", "server-mitm", "client-trust-wrong-file", "client-trust-empty", "server-issuer-respelled"},
		inServer: []string{"client-untrusted-ca", "client-missing-intermediate", "client-self-signed", "client-wrong-intermediate", "server-clientcas-wrong-file", "server-clientcas-empty", "client-issuer-respelled"},
		separate: []string{peerChain, "Compare the issuer of the last certificate with the verifier's trust file.", otherView},
	},
	{
		texts: []string{"unable to get local issuer certificate"}, means: "OpenSSL found no way from the certificate to one of its trust anchors (error 20).", decided: ThisSide,
		inClient: []string{"server-untrusted-ca", "server-missing-intermediate", "server-ca-rotated"}, inServer: []string{"client-untrusted-ca", "client-missing-intermediate", "client-ca-rotated"}, separate: []string{peerChain, otherView},
	},
	{
		texts: []string{"unable to get issuer certificate"}, means: "OpenSSL reached an intermediate that it trusts but no root: it wants the whole chain (error 2).", decided: ThisSide,
		inClient: []string{"server-missing-intermediate", "client-trust-wrong-file"}, inServer: []string{"client-missing-intermediate", "server-clientcas-wrong-file"},
	},
	{
		texts: []string{"unable to verify the first certificate"}, means: "One certificate came and its issuer is not known (error 21): mostly an intermediate that was not sent.", decided: ThisSide,
		inClient: []string{"server-missing-intermediate", "server-untrusted-ca"}, inServer: []string{"client-missing-intermediate", "client-untrusted-ca"}, separate: []string{peerChain},
	},
	{
		texts: []string{"unable_to_verify_leaf_signature"}, means: "Node: one certificate came and its issuer is not known: mostly an intermediate that was not sent.", decided: ThisSide,
		inClient: []string{"server-missing-intermediate", "server-untrusted-ca"}, inServer: []string{"client-missing-intermediate", "client-untrusted-ca"}, separate: []string{peerChain},
	},
	{
		texts: []string{"unable_to_get_issuer_cert_locally"}, means: "Node found no way from the certificate to one of its trust anchors.", decided: ThisSide,
		inClient: []string{"server-untrusted-ca", "server-missing-intermediate"}, inServer: []string{"client-untrusted-ca", "client-missing-intermediate"}, separate: []string{peerChain},
	},
	{
		texts: []string{"certificate issuer is unknown"}, means: "GnuTLS does not know the issuer.", decided: ThisSide,
		inClient: []string{"server-untrusted-ca", "server-missing-intermediate", "server-self-signed"}, inServer: []string{"client-untrusted-ca", "client-missing-intermediate"}, separate: []string{peerChain},
	},
	{texts: []string{"depth_zero_self_signed_cert"}, means: "Node: the certificate signs itself and is not trusted.", decided: ThisSide, inClient: []string{"server-self-signed"}, inServer: []string{"client-self-signed"}},
	{texts: []string{"self-signed certificate in certificate chain"}, means: "The chain ends in a root that the verifier does not trust (error 19).", decided: ThisSide, inClient: []string{"server-untrusted-ca", "server-mitm"}, inServer: []string{"client-untrusted-ca"}, separate: []string{otherView}},
	{texts: []string{"self signed certificate in certificate chain"}, means: "The chain ends in a root that the verifier does not trust (error 19).", decided: ThisSide, inClient: []string{"server-untrusted-ca", "server-mitm"}, inServer: []string{"client-untrusted-ca"}, separate: []string{otherView}},
	{texts: []string{"self-signed certificate"}, means: "The certificate signs itself and is not trusted.", decided: ThisSide, inClient: []string{"server-self-signed"}, inServer: []string{"client-self-signed"}},
	{texts: []string{"self signed certificate"}, means: "The certificate signs itself and is not trusted.", decided: ThisSide, inClient: []string{"server-self-signed"}, inServer: []string{"client-self-signed"}},
	{texts: []string{"ssl client certificate not trusted"}, means: "HAProxy does not trust the client certificate's issuer.", decided: ThisSide, reporter: "server", inClient: []string{"client-untrusted-ca", "client-missing-intermediate"}},
	{texts: []string{"ssl client ca chain cannot be verified"}, means: "HAProxy could not verify a CA of the client's chain.", decided: ThisSide, reporter: "server", inClient: []string{"client-ca-rotated", "client-missing-intermediate", "client-pathlen"}},

	// Dates.
	{
		texts: []string{"has expired or is not yet valid", "is before"}, means: "By the verifier's clock a certificate of the chain is not valid yet.", decided: ThisSide,
		inClient: []string{"server-not-yet-valid", "client-clock-behind"}, inServer: []string{"client-not-yet-valid", "server-clock-behind"}, separate: []string{datesFirst},
	},
	{
		texts: []string{"has expired or is not yet valid", "is after"}, means: "By the verifier's clock a certificate of the chain has expired.", decided: ThisSide,
		inClient: []string{"server-expired", "server-intermediate-expired", "server-root-expired", "client-clock-ahead", "server-cross-sign-old-root"},
		inServer: []string{"client-expired", "client-intermediate-expired", "client-root-expired", "server-clock-ahead", "client-not-reloaded", "client-picks-old"},
		separate: []string{datesFirst, whichCert},
	},
	{
		texts: []string{"has expired or is not yet valid"}, means: "By the verifier's clock a certificate of the chain has expired, or is not valid yet: Go has one error for both.", decided: ThisSide,
		inClient: []string{"server-expired", "server-not-yet-valid", "server-intermediate-expired", "server-root-expired", "client-clock-behind"},
		inServer: []string{"client-expired", "client-not-yet-valid", "client-intermediate-expired", "client-root-expired", "server-clock-ahead"},
		separate: []string{datesFirst, whichCert},
	},
	{texts: []string{"cert_has_expired"}, means: "Node: a certificate of the chain has expired.", decided: ThisSide, inClient: []string{"server-expired", "server-intermediate-expired"}, inServer: []string{"client-expired", "client-intermediate-expired"}, separate: []string{whichCert}},
	{
		texts: []string{"certificate has expired"}, means: "A certificate of the chain has expired.", decided: ThisSide,
		inClient: []string{"server-expired", "server-intermediate-expired", "server-root-expired", "client-clock-ahead"}, inServer: []string{"client-expired", "client-intermediate-expired", "client-root-expired", "server-clock-ahead"}, separate: []string{datesFirst, whichCert},
	},
	{texts: []string{"uses expired certificate"}, means: "GnuTLS: a certificate of the chain has expired.", decided: ThisSide, inClient: []string{"server-expired", "server-intermediate-expired"}, inServer: []string{"client-expired"}, separate: []string{whichCert}},
	{texts: []string{"not yet valid"}, means: "By the verifier's clock a certificate of the chain is not valid yet.", decided: ThisSide, inClient: []string{"server-not-yet-valid", "client-clock-behind"}, inServer: []string{"client-not-yet-valid", "server-clock-behind"}, separate: []string{datesFirst}},
	{texts: []string{"cert_not_yet_valid"}, means: "Node: a certificate of the chain is not valid yet.", decided: ThisSide, inClient: []string{"server-not-yet-valid", "client-clock-behind"}, inServer: []string{"client-not-yet-valid", "server-clock-behind"}, separate: []string{datesFirst}},

	// Names.
	{texts: []string{"relies on legacy common name field"}, means: "The certificate has the name only as its common name. Go refuses that; OpenSSL, GnuTLS, Node and curl accept it.", decided: ThisSide, reporter: "client", inClient: []string{"server-cn-only"}},
	{
		texts: []string{"doesn't contain any ip sans"}, means: "The client dialled an address, and the certificate names none.", decided: ThisSide, reporter: "client",
		inClient: []string{"server-ip-no-ip-san", "server-ip-in-dns-san", "no-sni-default-cert", "getcertificate-skipped"}, separate: []string{namesInside, withSNI},
	},
	{texts: []string{"is not valid for any names"}, means: "The certificate has no name of the kind that was looked for.", decided: ThisSide, reporter: "client", inClient: []string{"server-uri-san-only", "server-hostname"}, separate: []string{namesInside}},
	{
		texts: []string{"certificate is valid for", "not "}, means: "The certificate is genuine, but not for the name that the client asked for.", decided: ThisSide, reporter: "client",
		inClient: []string{"server-hostname", "server-wildcard-depth", "servername-dirty", "server-ip-other-san", "server-san-is-url", "no-sni-default-cert"},
		separate: []string{"Look at the text itself: a port or a scheme behind \"not\", a wildcard one label short, an address?", namesInside, withSNI},
	},
	{texts: []string{"no alternative certificate subject name matches"}, means: "curl: the certificate is not for the name that was asked for.", decided: ThisSide, reporter: "client", inClient: []string{"server-hostname", "server-wildcard-depth", "server-ip-no-ip-san"}, separate: []string{namesInside}},
	{texts: []string{"hostname mismatch"}, means: "OpenSSL: the certificate is not for the name that was asked for (error 62).", decided: ThisSide, reporter: "client", inClient: []string{"server-hostname", "server-wildcard-depth"}, separate: []string{namesInside}},
	{texts: []string{"err_tls_cert_altname_invalid"}, means: "Node: the certificate is not for the name that was asked for.", decided: ThisSide, reporter: "client", inClient: []string{"server-hostname", "server-wildcard-depth", "server-ip-no-ip-san"}, separate: []string{namesInside}},
	{texts: []string{"the name in the certificate does not match"}, means: "GnuTLS: the certificate is not for the name that was asked for.", decided: ThisSide, reporter: "client", inClient: []string{"server-hostname", "server-wildcard-depth"}, separate: []string{namesInside}},

	// Usage and constraints.
	{
		texts: []string{"incompatible key usage"}, means: "A certificate of the chain may not be used for this: its extended key usage leaves it out.", decided: ThisSide,
		inClient: []string{"server-eku-clientauth", "server-intermediate-eku"}, inServer: []string{"client-eku-serverauth", "client-intermediate-eku"}, separate: []string{"Look at the extended key usage of the end entity, then of each intermediate."},
	},
	{
		texts: []string{"unsuitable certificate purpose"}, means: "OpenSSL: a certificate of the chain may not be used for this (error 26).", decided: ThisSide,
		inClient: []string{"server-eku-clientauth", "server-intermediate-eku", "leaf-ku-no-digitalsignature"}, inServer: []string{"client-eku-serverauth", "client-intermediate-eku", "leaf-ku-no-digitalsignature"}, separate: []string{"Look at the extended key usage of the end entity, its key usage, then at each intermediate."},
	},
	{
		texts: []string{"unsupported certificate purpose"}, means: "OpenSSL: a certificate of the chain may not be used for this (error 26).", decided: ThisSide,
		inClient: []string{"server-eku-clientauth", "server-intermediate-eku", "leaf-ku-no-digitalsignature"}, inServer: []string{"client-eku-serverauth", "client-intermediate-eku", "leaf-ku-no-digitalsignature"},
	},
	{texts: []string{"invalid_purpose"}, means: "Node: a certificate of the chain may not be used for this.", decided: ThisSide, inClient: []string{"server-eku-clientauth", "server-intermediate-eku"}, inServer: []string{"client-eku-serverauth", "client-intermediate-eku"}},
	{texts: []string{"key usage violation in certificate"}, means: "GnuTLS: the certificate's key usage does not allow the signature that the handshake needs.", decided: ThisSide, inClient: []string{"leaf-ku-no-digitalsignature"}},
	{
		texts: []string{"not authorized to sign for this name"}, means: "A CA of the chain has name constraints, and a name of the certificate is outside of them. Every name counts, not only the one that was dialled.", decided: ThisSide,
		inClient: []string{"server-name-constraint"}, inServer: []string{"client-name-constraint"}, separate: []string{"The text names the name; look at the nameConstraints of each CA."},
	},
	{texts: []string{"permitted subtree violation"}, means: "OpenSSL: a name of the certificate is outside of a CA's name constraints (error 47).", decided: ThisSide, inClient: []string{"server-name-constraint"}, inServer: []string{"client-name-constraint"}},
	{texts: []string{"violates the signer's constraints"}, means: "GnuTLS: a constraint of a CA in the chain is violated.", decided: ThisSide, inClient: []string{"server-name-constraint", "server-pathlen"}, inServer: []string{"client-name-constraint", "client-pathlen"}, separate: []string{"Look at each CA's nameConstraints and path length."}},
	{texts: []string{"too many intermediates for path length constraint"}, means: "The chain has more CAs than one of them allows below itself.", decided: ThisSide, inClient: []string{"server-pathlen"}, inServer: []string{"client-pathlen"}},
	{texts: []string{"path length constraint exceeded"}, means: "OpenSSL: the chain has more CAs than one of them allows below itself (error 25).", decided: ThisSide, inClient: []string{"server-pathlen"}, inServer: []string{"client-pathlen"}},
	{texts: []string{"path_length_exceeded"}, means: "Node: the chain has more CAs than one of them allows below itself.", decided: ThisSide, inClient: []string{"server-pathlen"}, inServer: []string{"client-pathlen"}},
	{
		texts: []string{"candidate chains with invalid policies"}, means: "A CA of the chain demands a certificate policy that holds for all of it, and none does, or a mapping names anyPolicy. Go looks since 1.24.", decided: ThisSide,
		inClient: []string{"server-certificate-policy"}, inServer: []string{"client-certificate-policy"}, separate: []string{"Look at certificatePolicies, policyConstraints and policyMappings of each certificate; the text names none."},
	},
	{texts: []string{"no explicit policy"}, means: "OpenSSL, told to check policies: none holds for the whole chain (error 43).", decided: ThisSide, inClient: []string{"server-certificate-policy"}, inServer: []string{"client-certificate-policy"}},
	{texts: []string{"unhandled critical extension"}, means: "A certificate has a critical extension that the verifier does not know.", decided: ThisSide, inClient: []string{"server-critical-ext"}, inServer: []string{"client-critical-ext"}},
	{texts: []string{"ca signature digest algorithm too weak"}, means: "OpenSSL: a certificate of the chain is signed with SHA-1 or MD5 (error 68).", decided: ThisSide, inClient: []string{"server-sha1"}, inServer: []string{"client-sha1"}},
	{texts: []string{"uses insecure algorithm"}, means: "GnuTLS: a certificate of the chain is signed with SHA-1 or MD5.", decided: ThisSide, inClient: []string{"server-sha1"}, inServer: []string{"client-sha1"}},
	{texts: []string{"insecure algorithm"}, means: "A certificate of the chain is signed with an algorithm that is no longer accepted.", decided: ThisSide, inClient: []string{"server-sha1"}, inServer: []string{"client-sha1"}},
	{texts: []string{"ee certificate key too weak"}, means: "OpenSSL: the certificate's key is too short (error 66).", decided: ThisSide, inClient: []string{"weak-key"}},
	{texts: []string{"no fips compatible certificate chains found"}, means: "The chain verifies, but not by the rules of FIPS 140.", decided: ThisSide, inClient: []string{"fips-chain"}},

	// Keys and encodings.
	{texts: []string{"client certificate used with invalid signature algorithm"}, means: "The client signs with a key of another algorithm than its certificate's.", decided: ThisSide, reporter: "server", inClient: []string{"client-key-type-mismatch"}, separate: []string{publicKeys}},
	{texts: []string{"invalid signature by the client certificate", "expected an"}, means: "The client signs with a key of another algorithm than its certificate's.", decided: ThisSide, reporter: "server", inClient: []string{"client-key-type-mismatch"}, separate: []string{publicKeys}},
	{
		texts: []string{"invalid signature by the client certificate"}, means: "The client's certificate verified, but its signature was not made with the certificate's key.", decided: ThisSide, reporter: "server",
		inClient: []string{"client-key-mismatch", "client-chain-wrong-order", "altered-on-path"}, separate: []string{publicKeys},
	},
	{
		texts: []string{"invalid signature by the server certificate"}, means: "The server's certificate verified, but its signature was not made with the certificate's key.", decided: ThisSide, reporter: "client",
		inClient: []string{"server-key-mismatch", "server-chain-wrong-order", "altered-on-path"}, separate: []string{publicKeys, "If the keys belong together, a message was changed on the path: record both ends."},
	},
	{texts: []string{"negative serial number"}, means: "A certificate has a negative serial number, which Go 1.23 and later refuse.", decided: ThisSide, inClient: []string{"server-negative-serial"}, inServer: []string{"client-negative-serial"}},
	{texts: []string{"failed to parse client certificate"}, means: "The client's certificate cannot be parsed.", decided: ThisSide, reporter: "server", inClient: []string{"client-cert-garbage", "client-negative-serial"}, separate: []string{"Parse it: openssl x509 -noout -text."}},
	{texts: []string{"failed to sign handshake"}, means: "This side's own signer failed: a smart card, an HSM, an agent, a PIN.", decided: ThisSide, inClient: []string{"client-signer-fails"}, inServer: []string{"server-signer-fails"}},
	{texts: []string{"failed to sign ecdhe parameters"}, means: "The server's own signer failed: a smart card, an HSM, an agent, a PIN.", decided: ThisSide, reporter: "server", inClient: []string{"server-signer-fails"}},
	{texts: []string{"handshake message of length", "exceeds maximum"}, means: "A handshake message is too long: mostly a whole CA bundle that was sent as the chain.", decided: ThisSide, inClient: []string{"client-chain-huge"}},

	// Negotiation.
	{texts: []string{"client offered only unsupported versions"}, means: "Client and server have no TLS version in common; the numbers are hexadecimal (303 is TLS 1.2, 304 TLS 1.3).", decided: ThisSide, reporter: "server", inClient: []string{"version-mismatch"}},
	{texts: []string{"no supported versions satisfy minversion and maxversion"}, means: "The client's own version limits leave nothing to offer; QUIC needs TLS 1.3.", decided: ThisSide, reporter: "client", inClient: []string{"version-mismatch"}},
	{
		texts: []string{"no cipher suite supported by both client and server"}, means: "No cipher suite fits. In TLS 1.2 Go says the same when no group fits, or when no suite fits the certificate's key.", decided: ThisSide, reporter: "server",
		inClient: []string{"cipher-mismatch", "cipher-vs-cert", "curve-mismatch"}, separate: []string{"Compare the groups before blaming the suites.", "Do the lists overlap once the certificate's key type is ignored?"},
	},
	{texts: []string{"no shared cipher"}, means: "OpenSSL: no cipher suite fits.", decided: ThisSide, inClient: []string{"cipher-mismatch", "cipher-vs-cert", "rsa-kex-only-peer"}},
	{texts: []string{"no shared signature algorithms"}, means: "OpenSSL: no signature algorithm fits.", decided: ThisSide, inClient: []string{"sha1-sigalg-only-peer", "client-sigalg-mismatch"}},
	{texts: []string{"no key exchanges supported by both client and server"}, means: "Client and server have no group in common.", decided: ThisSide, reporter: "server", inClient: []string{"curve-mismatch", "pq-only-server"}, separate: []string{"Does the server accept post-quantum groups alone?"}},
	{texts: []string{"client requested unsupported application protocols"}, means: "Client and server have no application protocol in common.", decided: ThisSide, reporter: "server", inClient: []string{"alpn-mismatch"}},
	{texts: []string{"client did not request an application protocol"}, means: "The client offers no application protocol, and QUIC requires one.", decided: ThisSide, reporter: "server", inClient: []string{"alpn-client-none"}},
	{texts: []string{"server did not select an alpn protocol"}, means: "The server selected no application protocol, and QUIC requires one.", decided: ThisSide, reporter: "client", inClient: []string{"alpn-server-none", "alpn-h2-vs-http11"}},
	{texts: []string{"missing selected alpn property"}, means: "gRPC: the handshake succeeded, but the server selected no application protocol, and gRPC needs h2.", decided: ThisSide, inClient: []string{"alpn-h2-vs-http11", "alpn-server-none", "alpn-client-none"}, separate: []string{"Compare the protocol lists of both sides, and those of a proxy between them."}},
	{texts: []string{"no certificates configured"}, means: "The server has no certificate for the name that was asked for.", decided: ThisSide, reporter: "server", inClient: []string{"server-no-cert"}},

	// The wire.
	{texts: []string{"server gave http response to https client"}, means: "The client spoke TLS to a port that speaks plain HTTP.", decided: ThisSide, reporter: "client", inClient: []string{"plain-http-server"}},
	{texts: []string{"client sent an http request to an https server"}, means: "The client spoke plain HTTP to a TLS port.", decided: ThisSide, reporter: "server", inClient: []string{"plain-client"}},
	{
		texts: []string{"first record does not look like a tls handshake"}, means: "What came first was no TLS: a plain-text service, or a proxy's own header.", decided: ThisSide,
		inClient: []string{"plain-http-server", "banner-server", "h2c-server", "tls-in-tls"}, inServer: []string{"plain-client", "proxy-protocol", "tls-in-tls"},
		separate: []string{"Look at the first bytes (tls.RecordHeaderError.RecordHeader): HTTP/, 220, SSH-, PROXY, GET."},
	},
	{texts: []string{"wrong version number"}, means: "OpenSSL: what came first was no TLS record, mostly a port that speaks plain text.", decided: ThisSide, inClient: []string{"plain-http-server", "banner-server"}, inServer: []string{"plain-client", "proxy-protocol"}},
	{texts: []string{"err_ssl_wrong_version_number"}, means: "What came first was no TLS record, mostly a port that speaks plain text.", decided: ThisSide, inClient: []string{"plain-http-server", "banner-server"}, inServer: []string{"plain-client"}},
	{texts: []string{"unexpected tls packet was received"}, means: "GnuTLS: what came was no TLS, mostly a port that speaks plain text.", decided: ThisSide, inClient: []string{"plain-http-server", "banner-server"}, inServer: []string{"plain-client"}},
	{
		texts: []string{"local error", "bad record mac"}, means: "A record could not be decrypted. A server says this too when an OpenSSL client (curl, Python) refuses its certificate over TLS 1.3: the client's alert comes in the clear.", decided: ThisSide,
		inClient: []string{"corrupt-record", "altered-on-path"}, inServer: []string{"server-untrusted-ca", "server-missing-intermediate", "server-self-signed", "server-hostname", "server-expired", "corrupt-record"},
		separate: []string{"Record the connection: a record of type 21 and length 2 is an alert in the clear, and its second byte is the reason (30 hexadecimal is unknown_ca)."},
	},
	{texts: []string{"no renegotiation"}, means: "The server wants to renegotiate, as IIS does to ask for a client certificate late, and the client does not.", decided: ThisSide, reporter: "client", inClient: []string{"renegotiation"}},
	{
		texts: []string{"socket hang up"}, means: "Node: the other side is gone. As a server Node says only this about a client certificate that it refused itself.", decided: NotSaid,
		inClient: []string{"rst-after-hello", "app-close"}, inServer: []string{"client-untrusted-ca", "client-expired", "client-missing-intermediate", "client-gone"},
		separate: []string{"On the Node side set rejectUnauthorized to false and log socket.authorizationError.", tapIt},
	},
	{
		texts: []string{"crypto_buffer_exceeded"}, means: "The certificate chain is larger than the 16 KB that quic-go holds. The same chain works over TCP.", decided: NotSaid,
		inClient: []string{"quic-server-chain-16k", "quic-client-chain-16k"}, separate: []string{"Add up the bytes of both sides' chains.", "In the client's log (local) means the server's chain, (remote) the client's own."},
	},
	{texts: []string{"no compatible quic version found"}, means: "Client and server have no QUIC version in common.", decided: ThisSide, reporter: "client", inClient: []string{"quic-version"}},
	{
		texts: []string{"timeout: no recent network activity"}, means: "Nothing came back over UDP until the deadline.", decided: Nobody,
		inClient: []string{"quic-silence", "quic-mtu-blackhole", "quic-client-flight-lost"},
		separate: []string{"Count the packets that were sent and received.", "Probe the port with a connected UDP socket: a closed one answers \"connection refused\".", "Repeat with Initial packets of 1200 bytes and without path MTU discovery.", "Try TCP to the same port."},
	},
	{texts: []string{"application error 0x"}, means: "The handshake succeeded, and the other application closed the connection with a code of its own.", decided: OtherSide, inClient: []string{"app-close"}},
	{texts: []string{"tls handshake timeout"}, means: "The TCP connection was accepted, and no answer to the ClientHello came.", decided: Nobody, reporter: "client", inClient: []string{"blackhole", "large-hello-dropped"}, separate: []string{classical, "Was one byte received?"}},
	{texts: []string{"context deadline exceeded while waiting for connections to become ready"}, means: "gRPC: no connection came about before the deadline; the TLS error is hidden behind it.", decided: Nobody, reporter: "client", inClient: []string{"blackhole", "large-hello-dropped", "plain-http-server"}, separate: []string{"Set GRPC_GO_LOG_SEVERITY_LEVEL=info to see the error of each attempt.", classical}},
	{texts: []string{"http2: client conn could not be established"}, means: "The connection ended before HTTP/2 began; over TLS 1.3 this can hide the server's alert.", decided: Nobody, reporter: "client", inClient: []string{"reset-hides-alert", "client-no-cert", "client-untrusted-ca", "client-expired"}, separate: []string{"Read before closing: after a failed write the alert is still there to be read.", tapIt, goodCert}},
	{texts: []string{"error reading server preface: eof"}, means: "gRPC: the server closed before HTTP/2 began: it may not speak TLS, or have refused without an alert.", decided: Nobody, reporter: "client", inClient: []string{"plain-client", "app-close", "reset-hides-alert"}, separate: []string{tapIt}},
	{texts: []string{"broken pipe"}, means: "A write failed because the other side had closed. Over TLS 1.3 a refused client learns of it in this way when it writes before it reads.", decided: Nobody, inClient: []string{"reset-hides-alert", "client-no-cert", "client-untrusted-ca", "client-expired", "app-close"}, separate: []string{"Read before closing: after a failed write the alert is still there to be read.", tapIt, goodCert}},
	{texts: []string{"connection reset by peer"}, means: "The other side reset the connection.", decided: Nobody, inClient: []string{"rst-after-hello", "reset-hides-alert", "cut-mid-flight"}, inServer: []string{"cut-mid-flight", "client-gone"}, separate: []string{"Was a byte received before? None: the reset answers the ClientHello.", tapIt, withSNI}},
	{texts: []string{"econnreset"}, means: "The other side reset the connection.", decided: Nobody, inClient: []string{"rst-after-hello", "reset-hides-alert"}, inServer: []string{"cut-mid-flight", "client-gone"}, separate: []string{"Was a byte received before? None: the reset answers the ClientHello.", tapIt}},
	{texts: []string{"connection refused"}, means: "Nobody listens on that port.", decided: Nobody, inClient: nil},
	{texts: []string{"unexpected eof"}, means: "The connection ended in the middle of a message.", decided: Nobody, inClient: []string{"cut-mid-flight", "fin-after-hello"}, separate: []string{"How many bytes were received?", tapIt}},
	{texts: []string{"i/o timeout"}, means: "The deadline came, and the other side had not answered.", decided: Nobody, inClient: []string{"blackhole", "large-hello-dropped"}, separate: []string{classical, "Was one byte received?"}},
	{
		texts: []string{"eof"}, means: "The other side closed the connection without a word.", decided: Nobody,
		inClient: []string{"fin-after-hello", "app-close", "warning-alert", "post-handshake-auth"}, inServer: []string{"client-gone", "servername-empty", "getclientcert-error", "server-untrusted-ca"},
		separate: []string{"How many bytes were received? On a server: none, a health check or a client that never began; a ClientHello alone, a Node client that refused the server; a ClientHello and a change_cipher_spec, a client whose certificate callback failed.", tapIt, withSNI},
	},
}
