package explain

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestExplain(t *testing.T) {
	tests := []struct {
		text     string
		decided  Decider
		reporter string
		first    string   // the likeliest candidate
		also     []string // further candidates that must be there
	}{
		// crypto/tls and crypto/x509.
		{"tls: client didn't provide a certificate", ThisSide, "server", "client-no-cert", []string{"client-ca-hint-mismatch", "client-missing-intermediate", "server-clientcas-wrong-file"}},
		{"2026/03/01 12:00:00 http: TLS handshake error from 10.0.0.9:41234: tls: client didn't provide a certificate", ThisSide, "server", "client-no-cert", nil},
		{"2026/03/01 12:00:00 http: TLS handshake error from 10.0.0.9:41234: remote error: tls: bad certificate", OtherSide, "server", "server-untrusted-ca", []string{"server-hostname", "server-expired"}},
		{`{"level":"warn","msg":"rejected connection","error":"remote error: tls: bad certificate"}`, OtherSide, "", "server-untrusted-ca", []string{"client-eku-serverauth"}},
		{"remote error: tls: certificate required", OtherSide, "client", "client-no-cert", []string{"client-ca-hint-mismatch"}},
		{"REMOTE ERROR: TLS: Unknown Certificate Authority", OtherSide, "", "client-untrusted-ca", []string{"server-untrusted-ca"}},
		{"remote error: tls: expired certificate", OtherSide, "", "client-expired", []string{"server-clock-ahead", "client-root-expired"}},
		{"remote error: tls: error decrypting message", OtherSide, "", "client-key-mismatch", []string{"client-chain-wrong-order"}},
		{"remote error: tls: error decoding message", OtherSide, "", "client-negative-serial", []string{"client-cert-garbage"}},
		{"remote error: tls: handshake failure", OtherSide, "", "client-no-cert", []string{"cipher-mismatch", "curve-mismatch"}},
		{"remote error: tls: no application protocol", OtherSide, "", "alpn-mismatch", nil},
		{"remote error: tls: protocol version not supported", OtherSide, "", "version-mismatch", nil},
		{"tls: failed to verify certificate: x509: certificate signed by unknown authority", ThisSide, "", "server-untrusted-ca", []string{"server-missing-intermediate", "client-untrusted-ca"}},
		{`Get "https://server.test/": tls: failed to verify certificate: x509: certificate signed by unknown authority`, ThisSide, "client", "server-untrusted-ca", nil},
		{`x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "Server Root")`, ThisSide, "", "server-ca-rotated", nil},
		{`x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification error\" while trying to verify candidate authority certificate \"Client Root\")`, ThisSide, "", "server-ca-rotated", []string{"client-ca-rotated"}},
		{`x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm ECDSA-SHA1" while trying to verify candidate authority certificate "R")`, ThisSide, "", "server-sha1", nil},
		{`x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "R")`, ThisSide, "", "server-issuer-not-ca", nil},
		{"tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-03-01T12:00:00Z is after 2026-02-19T12:00:00Z", ThisSide, "", "server-expired", []string{"client-expired", "server-clock-ahead"}},
		{"x509: certificate has expired or is not yet valid: current time 2025-03-01T12:00:00Z is before 2026-03-01T11:00:00Z", ThisSide, "", "server-not-yet-valid", []string{"client-clock-behind"}},
		{"x509: certificate is valid for server.test, localhost, not api.example.test", ThisSide, "client", "server-hostname", []string{"no-sni-default-cert"}},
		{"x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs", ThisSide, "client", "server-ip-no-ip-san", []string{"server-ip-in-dns-san", "no-sni-default-cert"}},
		{"x509: certificate relies on legacy Common Name field, use SANs instead", ThisSide, "client", "server-cn-only", nil},
		{"x509: certificate is not valid for any names, but wanted to match server.test", ThisSide, "client", "server-uri-san-only", nil},
		{"x509: certificate specifies an incompatible key usage", ThisSide, "", "client-eku-serverauth", []string{"server-eku-clientauth", "client-intermediate-eku"}},
		{`x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "client-1.test" is not permitted by any constraint`, ThisSide, "", "server-name-constraint", []string{"client-name-constraint"}},
		{"x509: too many intermediates for path length constraint", ThisSide, "", "server-pathlen", []string{"client-pathlen"}},
		{"x509: no valid chains built: 1 candidate chains with invalid policies", ThisSide, "", "server-certificate-policy", []string{"client-certificate-policy"}},
		{`x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: algorithm unimplemented" while trying to verify candidate authority certificate "Client CA")`, ThisSide, "", "server-unsupported-signature", []string{"client-unsupported-signature"}},
		{"x509: unhandled critical extension", ThisSide, "", "server-critical-ext", nil},
		{"tls: invalid signature by the client certificate: ECDSA verification failure", ThisSide, "server", "client-key-mismatch", []string{"client-chain-wrong-order"}},
		{"tls: invalid signature by the client certificate: expected an RSA public key, got *ecdsa.PublicKey", ThisSide, "server", "client-key-type-mismatch", nil},
		{"tls: invalid signature by the server certificate: ECDSA verification failure", ThisSide, "client", "server-key-mismatch", []string{"altered-on-path"}},
		{"tls: failed to parse client certificate: x509: negative serial number", ThisSide, "server", "client-negative-serial", nil},
		{"tls: client offered only unsupported versions: [303]", ThisSide, "server", "version-mismatch", nil},
		{"tls: no cipher suite supported by both client and server; client offered: [c02b]", ThisSide, "server", "cipher-mismatch", []string{"curve-mismatch", "cipher-vs-cert"}},
		{"tls: no key exchanges supported by both client and server", ThisSide, "server", "curve-mismatch", []string{"pq-only-server"}},
		{`tls: client requested unsupported application protocols (["lab/1"])`, ThisSide, "server", "alpn-mismatch", nil},
		{"tls: first record does not look like a TLS handshake", ThisSide, "", "plain-http-server", []string{"plain-client"}},
		{"http: server gave HTTP response to HTTPS client", ThisSide, "client", "plain-http-server", nil},
		{"net/http: TLS handshake timeout", Nobody, "client", "blackhole", []string{"large-hello-dropped"}},
		{"read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer", Nobody, "", "rst-after-hello", []string{"reset-hides-alert"}},
		{"write: broken pipe", Nobody, "", "reset-hides-alert", []string{"client-no-cert"}},
		{"EOF", Nobody, "", "client-gone", []string{"fin-after-hello", "app-close"}},
		{"2026/03/01 http: TLS handshake error from 10.0.0.9:41234: EOF", Nobody, "server", "client-gone", nil},
		{"local error: tls: bad record MAC", ThisSide, "", "corrupt-record", []string{"server-untrusted-ca"}},

		// quic-go.
		{"CRYPTO_ERROR 0x12a (remote): tls: bad certificate", OtherSide, "", "server-untrusted-ca", []string{"client-eku-serverauth"}},
		{"CRYPTO_ERROR 0x174 (remote): tls: certificate required", OtherSide, "client", "client-no-cert", nil},
		{"CRYPTO_ERROR 0x12a (local): tls: failed to verify certificate: x509: certificate signed by unknown authority", ThisSide, "", "server-untrusted-ca", nil},
		{"CRYPTO_ERROR 0x178 (local): tls: server did not select an ALPN protocol", ThisSide, "client", "alpn-server-none", []string{"alpn-h2-vs-http11"}},
		{"CRYPTO_BUFFER_EXCEEDED (local): received invalid offset 17361 on crypto stream, maximum allowed 16384", ThisSide, "", "quic-server-chain-16k", []string{"quic-client-chain-16k"}},
		{"timeout: no recent network activity", Nobody, "", "quic-silence", nil},
		{"Application error 0x103 (remote): client-1 not authorised", OtherSide, "", "app-close", nil},

		// OpenSSL, curl, GnuTLS, Node, nginx, gRPC.
		{"error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:SSL alert number 42", OtherSide, "", "server-untrusted-ca", []string{"client-eku-serverauth"}},
		{"curl: (56) OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0", OtherSide, "client", "client-no-cert", nil},
		{"curl: (60) SSL certificate problem: unable to get local issuer certificate", ThisSide, "client", "server-untrusted-ca", []string{"server-missing-intermediate"}},
		{"*** Fatal error: A TLS fatal alert has been received. Alert [48]: CA is unknown", OtherSide, "", "client-untrusted-ca", nil},
		{"Error: unable to verify the first certificate { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }", ThisSide, "", "server-missing-intermediate", nil},
		{"ERR_TLS_CERT_ALTNAME_INVALID", ThisSide, "client", "server-hostname", nil},
		{"SSL_do_handshake() failed (SSL: error:0A0000C7:SSL routines::peer did not return a certificate) while SSL handshaking, client: 10.0.0.1", ThisSide, "server", "client-no-cert", nil},
		{`rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate is valid for a.test, not b.test"`, ThisSide, "client", "server-hostname", nil},
		{"credentials: cannot check peer: missing selected ALPN property. If you upgraded from a grpc-go version earlier than 1.67", ThisSide, "", "alpn-h2-vs-http11", nil},

		// Files.
		{"tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched", ThisSide, "", "swapped-files", nil},
		{"tls: private key does not match public key", ThisSide, "", "server-chain-wrong-order", []string{"wrong-key", "client-chain-wrong-order"}},
		{"tls: failed to find any PEM data in certificate input", ThisSide, "", "not-pem", nil},

		// Names, numbers, ids.
		{"bad_certificate", NotSaid, "", "server-untrusted-ca", []string{"client-eku-serverauth"}},
		{"unknown ca", NotSaid, "", "client-untrusted-ca", nil},
		{"116", NotSaid, "", "client-no-cert", nil},
		{"alert 48", NotSaid, "", "client-untrusted-ca", nil},
		{"0x130", NotSaid, "", "client-untrusted-ca", nil},
		{"304", NotSaid, "", "client-untrusted-ca", nil},
		{"server-hostname", NotSaid, "", "server-hostname", nil},
		{"  Client-CA-Hint-Mismatch ", NotSaid, "", "client-ca-hint-mismatch", nil},

		// As loggers write it.
		{"\x1b[31mERRO\x1b[0m tls: client didn’t provide a certificate", ThisSide, "server", "client-no-cert", nil},
		{"tls:   client didn't\tprovide a certificate\n", ThisSide, "server", "client-no-cert", nil},
	}
	for _, tt := range tests {
		t.Run(strings.Map(printable, tt.text[:min(len(tt.text), 60)]), func(t *testing.T) {
			e, ok := Explain(tt.text)
			if !ok {
				t.Fatalf("Explain(%q) recognised nothing", tt.text)
			}
			if e.Decided != tt.decided || e.Reporter != tt.reporter {
				t.Errorf("got decided by %q in the log of %q, want %q, %q", e.Decided, e.Reporter, tt.decided, tt.reporter)
			}
			var ids []string
			for _, c := range e.Candidates {
				ids = append(ids, c.ID)
			}
			if len(ids) == 0 || ids[0] != tt.first {
				t.Fatalf("got candidates %v, want %s first", ids, tt.first)
			}
			for _, id := range tt.also {
				if !slices.Contains(ids, id) {
					t.Errorf("got candidates %v, want %s among them", ids, id)
				}
			}
			if e.Means == "" {
				t.Error("it does not say what the line means")
			}
			if len(ids) > 2 && len(e.Separate) == 0 {
				t.Errorf("%d candidates, and nothing that separates them", len(ids))
			}
		})
	}
}

func printable(r rune) rune {
	if r < ' ' || r > '~' || r == '/' {
		return '_'
	}
	return r
}

func TestExplainNothing(t *testing.T) {
	for _, text := range []string{"", "   ", "hello", "geofence entered", "listening on :8443", "1000", "HTTP/1.1 200 OK"} {
		if e, ok := Explain(text); ok {
			t.Errorf("Explain(%q) says %q", text, e.Means)
		}
	}
}

func TestExplainEscapes(t *testing.T) {
	e, ok := Explain("remote error: tls: bad certificate \u202egpj.\x1b]0;title\x07")
	if !ok {
		t.Fatal("nothing was recognised")
	}
	if strings.ContainsAny(e.Input, "\u202e\x1b\x07") {
		t.Errorf("the input is shown raw: %q", e.Input)
	}
}

func FuzzExplain(f *testing.F) {
	// A part of the corpus, bare and wrapped: a fuzzer runs every seed first.
	for i, s := range corpus(f) {
		if i%8 == 0 {
			f.Add(wrappings[i/8%len(wrappings)].wrap(s.line))
			f.Add(s.line)
		}
	}
	for _, s := range []string{"CRYPTO_ERROR 0x12a (remote)", "alert", "SSL alert number", "0x", "\x1b[", "\xff\xfe", "alert alert alert 42", "client: EOF\nserver: EOF", "{\"a\":{\"b\":\"{\"}}", "20", "-202", strings.Repeat("eof", 5000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, ok := Explain(text)
		if !ok && len(e.Candidates) > 0 {
			t.Error("candidates for what was not recognised")
		}
		if e.Candidates == nil || e.Separate == nil {
			t.Error("a list is nil")
		}
		if !utf8.ValidString(e.Input) {
			t.Errorf("the input is shown as %q", e.Input)
		}
		if _, err := json.Marshal(e); err != nil {
			t.Error(err)
		}
	})
}

// Whoever cannot even connect has no TLS to explain, and is told so. Whose log it
// is, the word dial says.
func TestExplainWhatComesBeforeTLS(t *testing.T) {
	for _, text := range []string{
		"dial tcp: lookup api.test on 127.0.0.53:53: no such host",
		"dial tcp: lookup api.test: Temporary failure in name resolution",
		"curl: (6) Could not resolve host: api.test",
		"Error: getaddrinfo ENOTFOUND api.test",
		"dial tcp 192.0.2.1:443: connect: no route to host",
		"connect to [2001:db8::1]:443: Network is unreachable",
	} {
		e, ok := Explain(text)
		if !ok || !strings.Contains(e.Means, "before TLS") || e.Reporter != "client" || e.Decided != Nobody || len(e.Candidates) > 0 || len(e.Separate) != 1 {
			t.Errorf("%q: %v %+v", text, ok, e)
		}
	}
	e, ok := Explain("dial: EOF")
	if !ok || e.Reporter != "client" || !slices.ContainsFunc(e.Candidates, func(c Candidate) bool { return c.ID == "fin-after-hello" }) ||
		slices.ContainsFunc(e.Candidates, func(c Candidate) bool { return c.ID == "client-gone" }) {
		t.Errorf("dial: EOF: %v %+v", ok, e)
	}
}
