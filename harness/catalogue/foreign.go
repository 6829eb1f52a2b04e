package catalogue

import (
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/explain"
	"shakedown/harness/outcome"
)

// A foreignText is what another stack says of a cause, as it was measured.
type foreignText struct {
	stack string
	// role is the side whose log it is.
	role outcome.Role
	text string
	// causes are those for which it was seen.
	causes []string
}

// The stacks as they were measured.
const (
	openSSL = "OpenSSL"
	curl    = "curl"
	gnuTLS  = "GnuTLS"
	node    = "Node"
	nginx   = "nginx"
	haproxy = "HAProxy"
	netHTTP = "net/http"
	grpc    = "gRPC (Go)"
	// A Go server, of clients of other stacks that refuse its certificate.
	goOfOpenSSL = "Go (of an OpenSSL client, TLS 1.3)"
	goOfNode    = "Go (of a Node client)"
)

// foreignTexts were measured with OpenSSL 3.0, GnuTLS 3.7, Node 20, nginx 1.22,
// HAProxy 2.6, curl 7.88 and grpc-go 1.85.
var foreignTexts = []foreignText{
	{openSSL, outcome.Client, "unable to get local issuer certificate", []string{"server-untrusted-ca", "server-missing-intermediate"}},
	{gnuTLS, outcome.Client, "The certificate issuer is unknown.", []string{"server-untrusted-ca", "server-missing-intermediate", "server-self-signed"}},
	{node, outcome.Client, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", []string{"server-untrusted-ca"}},
	{node, outcome.Client, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", []string{"server-missing-intermediate"}},
	{openSSL, outcome.Client, "self-signed certificate", []string{"server-self-signed"}},
	{node, outcome.Client, "DEPTH_ZERO_SELF_SIGNED_CERT", []string{"server-self-signed"}},
	{openSSL, outcome.Client, "certificate has expired", []string{"server-expired"}},
	{gnuTLS, outcome.Client, "uses expired certificate", []string{"server-expired"}},
	{node, outcome.Client, "CERT_HAS_EXPIRED", []string{"server-expired"}},
	{openSSL, outcome.Client, "certificate is not yet valid", []string{"server-not-yet-valid"}},
	{gnuTLS, outcome.Client, "uses not yet valid certificate", []string{"server-not-yet-valid"}},
	{node, outcome.Client, "CERT_NOT_YET_VALID", []string{"server-not-yet-valid"}},
	{openSSL, outcome.Client, "hostname mismatch", []string{"server-hostname"}},
	{curl, outcome.Client, "no alternative certificate subject name matches", []string{"server-hostname"}},
	{gnuTLS, outcome.Client, "The name in the certificate does not match the expected.", []string{"server-hostname"}},
	{node, outcome.Client, "ERR_TLS_CERT_ALTNAME_INVALID", []string{"server-hostname"}},
	{openSSL, outcome.Client, "unsuitable certificate purpose", []string{"server-eku-clientauth"}},
	{node, outcome.Client, "INVALID_PURPOSE", []string{"server-eku-clientauth"}},
	{openSSL, outcome.Client, "permitted subtree violation", []string{"server-name-constraint"}},
	{gnuTLS, outcome.Client, "violates the signer's constraints", []string{"server-name-constraint", "server-pathlen"}},
	{node, outcome.Client, "PATH_LENGTH_EXCEEDED", []string{"server-pathlen"}},
	{openSSL, outcome.Client, "CA signature digest algorithm too weak", []string{"server-sha1"}},
	{gnuTLS, outcome.Client, "uses insecure algorithm", []string{"server-sha1"}},
	{openSSL, outcome.Client, "EE certificate key too weak", []string{"weak-key"}},
	{openSSL, outcome.Client, "wrong version number", []string{"plain-http-server", "banner-server"}},
	{gnuTLS, outcome.Client, "An unexpected TLS packet was received.", []string{"plain-http-server", "banner-server"}},
	{node, outcome.Client, "ERR_SSL_WRONG_VERSION_NUMBER", []string{"plain-http-server", "banner-server"}},
	{netHTTP, outcome.Client, "http: server gave HTTP response to HTTPS client", []string{"plain-http-server"}},
	{netHTTP, outcome.Client, "net/http: TLS handshake timeout", []string{"blackhole", "large-hello-dropped"}},
	{grpc, outcome.Client, "context deadline exceeded while waiting for connections to become ready", []string{"blackhole"}},
	{grpc, outcome.Client, "credentials: cannot check peer: missing selected ALPN property", []string{"alpn-h2-vs-http11", "alpn-server-none"}},
	{netHTTP, outcome.Client, "http2: client conn could not be established", []string{"reset-hides-alert"}},
	{grpc, outcome.Client, "error reading server preface: EOF", []string{"plain-client"}},

	{goOfOpenSSL, outcome.Server, "local error: tls: bad record MAC", []string{"server-untrusted-ca", "server-self-signed", "server-missing-intermediate", "server-expired"}},
	{goOfNode, outcome.Server, "EOF", []string{"server-untrusted-ca"}},
	{openSSL, outcome.Server, "peer did not return a certificate", []string{"client-no-cert"}},
	{gnuTLS, outcome.Server, "Certificate is required.", []string{"client-no-cert"}},
	{nginx, outcome.Server, "No required SSL certificate was sent", []string{"client-no-cert"}},
	{openSSL, outcome.Server, "unable to get local issuer certificate", []string{"client-untrusted-ca", "client-missing-intermediate", "client-ca-rotated"}},
	{node, outcome.Server, "tlsClientError: ECONNRESET socket hang up", []string{"client-untrusted-ca", "client-missing-intermediate", "client-expired"}},
	{nginx, outcome.Server, "21:unable to verify the first certificate", []string{"client-untrusted-ca", "client-missing-intermediate"}},
	{haproxy, outcome.Server, "SSL client certificate not trusted", []string{"client-untrusted-ca"}},
	{haproxy, outcome.Server, "SSL client CA chain cannot be verified", []string{"client-ca-rotated"}},
	{openSSL, outcome.Server, "CA signature digest algorithm too weak", []string{"client-sha1"}},
	{nginx, outcome.Server, "10:certificate has expired", []string{"client-expired"}},
	{openSSL, outcome.Server, "unsuitable certificate purpose", []string{"client-eku-serverauth", "leaf-ku-no-digitalsignature"}},
	{openSSL, outcome.Server, "permitted subtree violation", []string{"client-name-constraint"}},
	{gnuTLS, outcome.Server, "Key usage violation in certificate has been detected.", []string{"leaf-ku-no-digitalsignature"}},
	{openSSL, outcome.Server, "EE certificate key too weak", []string{"weak-key"}},
	{netHTTP, outcome.Server, "client sent an HTTP request to an HTTPS server", []string{"plain-client"}},
	{openSSL, outcome.Server, "no shared cipher", []string{"rsa-kex-only-peer"}},
	{openSSL, outcome.Server, "no shared signature algorithms", []string{"sha1-sigalg-only-peer"}},
	{openSSL, outcome.Server, "no renegotiation", []string{"renegotiation"}},
}

// foreign writes what other stacks say of a cause, and what Go says when it
// meets one.
func foreign(b *strings.Builder, c causes.Cause) {
	var parts []string
	for _, role := range roles {
		var said []string
		for _, f := range foreignTexts {
			if f.role == role && slices.Contains(f.causes, c.ID) && f.recognised(c.ID) {
				said = append(said, f.stack+" "+code(f.text))
			}
		}
		if len(said) > 0 {
			parts = append(parts, "- in the "+string(role)+"'s log: "+strings.Join(said, ", ")+"\n")
		}
	}
	if len(parts) > 0 {
		b.WriteString("**With other stacks:**\n\n" + strings.Join(parts, "") + "\n")
	}
}

// recognised says that package explain names the cause for the text.
func (f foreignText) recognised(cause string) bool {
	e, _ := explain.Explain(f.text)
	for _, c := range e.Candidates {
		if c.ID == cause {
			return true
		}
	}
	return false
}
