package explain

import (
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/tlswire"
)

// An alertRow says what an alert can mean when the server sent it, and when the
// client did.
type alertRow struct {
	code                   uint8
	fromServer, fromClient []string
	// mostlyClients says that it is seen more often in a server's log: the
	// client sent it.
	mostlyClients bool
	// separateClient is for somebody who reads the client's log (the server sent
	// the alert), separateServer for the server's.
	separateClient, separateServer []string
}

// refusedServers are the causes for which a client refuses a server's
// certificate. A Go client sends bad_certificate for every one of them.
var refusedServers = []string{
	"server-untrusted-ca", "server-missing-intermediate", "server-hostname", "server-expired", "server-self-signed", "server-ca-rotated",
	"server-ip-no-ip-san", "server-cn-only", "server-not-yet-valid", "client-clock-behind", "server-intermediate-expired", "server-root-expired",
	"server-wrong-intermediate", "server-eku-clientauth", "server-ip-in-dns-san", "server-wildcard-depth", "servername-dirty", "server-name-constraint", "server-pathlen",
	"server-sha1", "server-issuer-not-ca", "server-pin",
}

const (
	atTheClient  = "Nothing on the server separates them: the client's own error text is the whole evidence."
	replay       = "Replay the server's chain through a verifier with the client's roots, name and clock: shakedown debug --server-cert … --client-trust … --server-name …"
	requestSeen  = "Did a CertificateRequest arrive at the client? If not, the certificate is not the matter."
	haveOne      = "How many certificates is the client configured with? None: client-no-cert."
	joinNames    = "Compare the CA names in the CertificateRequest with the issuers of every certificate that is known."
	ownChain     = "Look at the client's own chain: self-signed, a gap, the wrong order?"
	issuerListed = "Is the issuer of the client's chain named in the CertificateRequest? Named: a CA with another key (ca-rotated), SHA-1, or an issuer that is no CA. Not named: untrusted. No names at all: server-clientcas-empty."
	bothClocks   = "Compare the dates of the end entity and the intermediates with both clocks; if all fit, only the server's clock and its copy of the root are left."
	verifyUsage  = "Verify the client's chain offline with its extended key usage, name constraints and path length: openssl verify -purpose sslclient."
	policyLeft   = "If it verifies, a rule of the server's application refused it, and only the server's log says which."
	publicKeys   = "Compare the public key of the first certificate with that of the key file, and look whether the first certificate is a CA."
	oneAxis      = "Offer one thing less at a time: other groups, other cipher suites, another version."
)

// alertRows are the alerts as the stacks that were measured use them.
var alertRows = []alertRow{
	{
		code:           116,
		fromServer:     []string{"client-no-cert", "client-ca-hint-mismatch", "client-missing-intermediate", "server-clientcas-wrong-file", "proxy-reoriginates", "client-key-unsupported", "client-sigalg-mismatch", "ech-rejected"},
		separateClient: []string{requestSeen, haveOne, joinNames},
	},
	{
		code: 40,
		fromServer: []string{
			"client-no-cert", "client-ca-hint-mismatch", "client-missing-intermediate", "cipher-mismatch", "curve-mismatch", "pq-only-server", "cipher-vs-cert",
			"server-clientcas-wrong-file", "server-p224", "server-signer-fails", "rsa-kex-only-peer", "sha1-sigalg-only-peer",
		},
		fromClient:     []string{"client-p224-forced"},
		separateClient: []string{"Was the server's certificate received before the alert? If so, TLS 1.2 asks for a client certificate in this way; if not, nothing in common was found.", oneAxis, haveOne, joinNames},
	},
	{
		code: 48,
		fromServer: []string{
			"client-untrusted-ca", "client-missing-intermediate", "client-ca-rotated", "client-self-signed", "client-wrong-intermediate", "server-clientcas-wrong-file",
			"server-clientcas-empty", "client-sha1", "client-issuer-not-ca", "client-issuer-no-keycertsign",
		},
		fromClient:     []string{"server-untrusted-ca", "server-missing-intermediate", "server-self-signed", "server-ca-rotated", "server-wrong-intermediate", "server-pathlen"},
		separateClient: []string{ownChain, issuerListed, "Nothing that the client holds separates a rotated CA from an unknown one of the same name: that needs the server's copy of the CA."},
		separateServer: []string{"Look at the chain that the server sends: self-signed, one certificate alone, or complete to a root that the client lacks?", replay},
	},
	{
		code:           45,
		fromServer:     []string{"client-expired", "client-not-yet-valid", "client-intermediate-expired", "client-not-reloaded", "server-clock-ahead", "client-root-expired", "client-picks-old", "server-clock-behind"},
		fromClient:     []string{"server-expired", "server-not-yet-valid", "server-intermediate-expired", "client-clock-behind", "server-root-expired"},
		separateClient: []string{bothClocks, "Compare the serial number on the wire with that of the file on disk."},
		separateServer: []string{"Look at the dates of what the server sends, and compare its serial number with the file on disk.", replay},
	},
	{
		code: 42,
		// A Go client sends it for every server certificate that it refuses; a
		// server grades its alerts. Read in a server's log, it is the line that is
		// most often taken for a complaint about the client's certificate.
		mostlyClients:  true,
		fromServer:     []string{"client-eku-serverauth", "client-intermediate-eku", "client-name-constraint", "client-pathlen", "policy-verifyconnection", "policy-verifypeer", "client-critical-ext", "client-not-yet-valid", "client-sha1"},
		fromClient:     refusedServers,
		separateClient: []string{verifyUsage, policyLeft},
		separateServer: []string{atTheClient, replay},
	},
	{
		code:           43,
		fromServer:     []string{"client-eku-serverauth", "client-intermediate-eku", "leaf-ku-no-digitalsignature"},
		fromClient:     []string{"server-eku-clientauth", "server-intermediate-eku"},
		separateClient: []string{"Look at the extended key usage and key usage of the client's certificate: openssl x509 -noout -ext extendedKeyUsage,keyUsage."},
		separateServer: []string{"Look at the extended key usage of the server's certificate.", replay},
	},
	{
		code:           46,
		fromServer:     []string{"client-name-constraint", "policy-refused", "client-untrusted-ca"},
		fromClient:     []string{"server-name-constraint", "server-untrusted-ca", "server-hostname"},
		separateClient: []string{verifyUsage, policyLeft},
		separateServer: []string{atTheClient, replay},
	},
	{
		code:           49,
		fromServer:     []string{"client-untrusted-ca", "client-expired", "client-missing-intermediate", "policy-refused"},
		separateClient: []string{"GnuTLS servers send it for every client certificate that does not verify: " + ownChain, verifyUsage},
	},
	{
		code:           50,
		fromServer:     []string{"client-cert-garbage", "client-negative-serial", "client-no-cert"},
		fromClient:     []string{"server-negative-serial"},
		separateClient: []string{"Parse the client's certificate: openssl x509 -noout -text; a negative serial number is refused by Go 1.23 and later.", "A GnuTLS server over TLS 1.2 sends it for a missing certificate."},
		separateServer: []string{"Parse the server's certificate: openssl x509 -noout -serial."},
	},
	{
		code:           51,
		fromServer:     []string{"client-key-mismatch", "client-chain-wrong-order", "client-key-type-mismatch", "altered-on-path"},
		fromClient:     []string{"server-key-mismatch", "server-chain-wrong-order", "altered-on-path"},
		separateClient: []string{publicKeys},
		separateServer: []string{publicKeys},
	},
	{
		code:           47,
		fromServer:     []string{"client-key-type-mismatch", "curve-mismatch"},
		fromClient:     []string{"server-key-mismatch", "server-key-type-mismatch"},
		separateClient: []string{publicKeys},
		separateServer: []string{publicKeys, "Go's client sends it over TLS 1.2 where it sends decrypt_error over TLS 1.3."},
	},
	{
		code:       80,
		fromServer: []string{"getcertificate-error", "getconfigforclient-error", "server-signer-fails", "client-chain-huge"},
		fromClient: []string{"client-signer-fails", "getclientcert-error"},
		separateClient: []string{
			"What came before the alert? Nothing: the server's configuration or certificate callback failed, and another server name may pass. The server's certificate: its signer failed. After the client's certificate: its chain is too long.",
		},
		separateServer: []string{"Only the client's log says why: its signer (HSM, agent, PIN) or its certificate callback failed."},
	},
	{code: 70, fromServer: []string{"version-mismatch"}, fromClient: []string{"version-mismatch"}, separateClient: []string{"Compare the version lists: the ClientHello's supported_versions and what the server accepts."}, separateServer: []string{"Compare the version lists of both sides."}},
	{code: 112, fromServer: []string{"server-no-cert", "no-sni-default-cert"}, separateClient: []string{"Repeat with another server name: does a certificate come?"}},
	{code: 120, fromServer: []string{"alpn-mismatch", "alpn-client-none"}, fromClient: []string{"alpn-server-none", "alpn-h2-vs-http11"}, separateClient: []string{"Compare the protocol lists of both sides."}, separateServer: []string{"Compare the protocol lists of both sides; over QUIC each side must have one."}},
	{code: 20, fromServer: []string{"corrupt-record", "server-untrusted-ca", "altered-on-path"}, fromClient: []string{"corrupt-record", "altered-on-path"}, separateClient: []string{"Record the connection: was a byte changed on its way?"}, separateServer: []string{"Record the connection: was a byte changed on its way?"}},
	{code: 10, fromServer: []string{"altered-on-path"}, fromClient: []string{"altered-on-path"}},
	{code: 44, fromServer: []string{"client-revoked"}, fromClient: []string{"server-revoked"}, separateClient: []string{"Ask the CA for the status of the client's certificate (OCSP, CRL)."}, separateServer: []string{"Ask the CA for the status of the server's certificate (OCSP, CRL)."}},
	{code: 100, fromClient: []string{"renegotiation"}, fromServer: []string{"renegotiation"}},
	{code: 121, fromClient: []string{"ech-rejected"}},
}

// byAlert is for a line with an alert in it, by name, number or QUIC code.
func byAlert(l line) (Explanation, bool) {
	code, ok := alertIn(l)
	if !ok {
		return Explanation{}, false
	}
	e := Explanation{Reporter: l.reporter, Decided: l.locality, Alert: describe(code)}
	row := rowOf(code)
	switch {
	case l.locality == ThisSide && l.reporter == "client", l.locality == OtherSide && l.reporter == "server":
		e.Candidates, e.Separate = candidates(row.fromClient...), row.separateServer
	case l.locality == ThisSide && l.reporter == "server", l.locality == OtherSide && l.reporter == "client":
		e.Candidates, e.Separate = candidates(row.fromServer...), row.separateClient
	default:
		e.Candidates = candidates(row.either()...)
		e.Separate = eitherWay(row)
	}
	e.Means = alertMeans(e, code)
	return e, true
}

func rowOf(code uint8) alertRow {
	for _, r := range alertRows {
		if r.code == code {
			return r
		}
	}
	return alertRow{code: code}
}

// either is the candidates where nobody says which side sent the alert.
func (row alertRow) either() []string {
	first, second := row.fromServer, row.fromClient
	if row.mostlyClients {
		first, second = second, first
	}
	return slices.Concat(first, second)
}

// eitherWay is for a line that does not say whose log it is.
func eitherWay(row alertRow) []string {
	var list []string
	if len(row.fromServer) > 0 && len(row.fromClient) > 0 {
		list = append(list, "Whose log is it? In the client's log the server refused ("+row.fromServer[0]+", …); in the server's log the client refused ("+row.fromClient[0]+", …).")
	}
	for _, s := range slices.Concat(row.separateClient, row.separateServer) {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func describe(code uint8) *Alert {
	return &Alert{Code: code, Name: tlswire.AlertName(code), Meaning: tlswire.AlertMeaning(code)}
}

func alertMeans(e Explanation, code uint8) string {
	name := tlswire.AlertName(code) + " (" + strconv.Itoa(int(code)) + ")"
	switch {
	case e.Decided == OtherSide && e.Reporter == "server":
		return "The client refused and told the server with the alert " + name + ". It is about something that the server sent, not about the client's certificate."
	case e.Decided == OtherSide && e.Reporter == "client":
		return "The server refused and told the client with the alert " + name + "." + lateRefusal(code)
	case e.Decided == OtherSide:
		return "The other side refused and said so with the alert " + name + ": it is about something that the side with this log sent."
	case e.Decided == ThisSide:
		return "The side with this log refused and sent the alert " + name + "."
	}
	return "The alert " + name + " ended a handshake: whoever sent it refused."
}

// lateRefusal says what a client's log does not: an alert about its certificate
// comes after a TLS 1.3 handshake that the client took for complete.
func lateRefusal(code uint8) string {
	switch code {
	case tlswire.AlertBadCertificate, tlswire.AlertUnsupportedCertificate, tlswire.AlertCertificateRevoked, tlswire.AlertCertificateExpired,
		tlswire.AlertCertificateUnknown, tlswire.AlertUnknownCA, tlswire.AlertAccessDenied, tlswire.AlertCertificateRequired:
		return " In TLS 1.3 the client had already finished its handshake."
	}
	return ""
}

// alertIn finds an alert in a line.
func alertIn(l line) (uint8, bool) {
	if code, ok := quicCode(l.words); ok {
		return code, true
	}
	if code, ok := alertNumber(l.words); ok {
		return code, true
	}
	return alertName(l.words)
}

// quicCode reads a CRYPTO_ERROR: 0x0100 plus the alert (RFC 9001 4.8).
func quicCode(words string) (uint8, bool) {
	for _, w := range strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune(" ,:;()[]=\"'", r) }) {
		digits, ok := strings.CutPrefix(w, "0x")
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 16, 64)
		if err == nil && n >= 0x100 && n <= 0x1ff && known(uint8(n-0x100)) {
			return uint8(n - 0x100), true
		}
	}
	return 0, false
}

// alertNumber reads "SSL alert number 42", "alert 42", "alert(42)", "42".
func alertNumber(words string) (uint8, bool) {
	if code, ok := number(words); ok {
		return code, true
	}
	fields := strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune(" ,:;()[]=\"'", r) })
	for i, w := range fields {
		if w != "alert" && w != "alert_number" && (w != "number" || i == 0 || fields[i-1] != "alert") {
			continue
		}
		for _, next := range fields[i+1 : min(i+2, len(fields))] {
			if code, ok := number(next); ok {
				return code, true
			}
		}
	}
	return 0, false
}

func number(s string) (uint8, bool) {
	base := 10
	if digits, ok := strings.CutPrefix(s, "0x"); ok {
		s, base = digits, 16
	}
	n, err := strconv.ParseUint(s, base, 16)
	if err != nil {
		return 0, false
	}
	if n >= 0x100 && n <= 0x1ff { // a QUIC code, in decimal
		n -= 0x100
	}
	if n > 255 || !known(uint8(n)) {
		return 0, false
	}
	return uint8(n), true
}

func known(code uint8) bool {
	_, ok := tlswire.AlertCode(tlswire.AlertName(code))
	return ok
}

// alertNames are other stacks' words for an alert, beside the RFC's name with
// spaces. The longer text stands before one that is part of it.
var alertNames = []struct {
	text string
	code uint8
}{
	{"unknown certificate authority", 48},
	{"ca is unknown", 48},
	{"unknown certificate", 46},
	{"expired certificate", 45},
	{"certificate is expired", 45},
	{"certificate has been revoked", 44},
	{"error decoding message", 50},
	{"error decrypting message", 51},
	{"protocol version not supported", 70},
	{"error in protocol version", 70},
	{"no application protocol", 120},
	{"no supported application protocol could be negotiated", 120},
	{"certificate is required", 116},
	{"certificate is bad", 42},
	{"error in the certificate", 49},
	{"access was denied", 49},
	{"bad record mac", 20},
	{"encrypted client hello required", 121},
	{"no renegotiation", 100},
	{"handshake failed", 40},
}

func alertName(words string) (uint8, bool) {
	for _, n := range alertNames {
		if n.text != "handshake failed" && strings.Contains(words, n.text) {
			return n.code, true
		}
	}
	// The RFC's names, the longest that fits: "certificate_unknown" is in no other.
	best, found := uint8(0), ""
	for code := 1; code < 256; code++ {
		name := tlswire.AlertName(uint8(code))
		if !known(uint8(code)) || len(name) <= len(found) {
			continue
		}
		if strings.Contains(words, name) || strings.Contains(words, strings.ReplaceAll(name, "_", " ")) {
			best, found = uint8(code), name
		}
	}
	return best, found != ""
}
