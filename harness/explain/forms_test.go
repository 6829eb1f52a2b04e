package explain

import (
	"slices"
	"strings"
	"testing"
)

// An alert is found however it is written.
func TestAlertForms(t *testing.T) {
	tests := []struct {
		texts []string
		code  uint8
	}{
		{[]string{
			"42", "0x2a", "bad_certificate", "bad certificate", "BadCertificate", "BAD_CERTIFICATE", "alert 42", "Alert: 42", "alert(42)", "tls: alert(42)", "alert [42]",
			"SSL alert number 42", "alert number 42", "alert code 42", "0x12a", "298", "CRYPTO_ERROR 0x12a", "crypto error 298", "tls: bad certificate",
			"sslv3 alert bad certificate", "error:0A000412", "error:14094412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate", "SSLV3_ALERT_BAD_CERTIFICATE",
			"SSL_ERROR_BAD_CERT_ALERT", "received fatal alert: BadCertificate", "Received fatal alert: bad_certificate", "TLSv1.3 (IN), TLS alert, bad certificate (554):",
		}, 42},
		{[]string{"48", "0x130", "unknown_ca", "unknown ca", "UnknownCA", "tlsv1 alert unknown ca", "CA is unknown", "tls: unknown certificate authority", "alert unknown CA"}, 48},
		{[]string{"46", "certificate_unknown", "tls: unknown certificate", "sslv3 alert certificate unknown"}, 46},
		{[]string{"45", "tls: expired certificate", "sslv3 alert certificate expired", "Alert [45]: Certificate is expired"}, 45},
		{[]string{"116", "0x174", "372", "tls: certificate required", "tlsv13 alert certificate required", "TLSV1_ALERT_CERTIFICATE_REQUIRED", "CertificateRequired"}, 116},
		{[]string{"112", "tlsv1 unrecognized name", "unrecognized_name"}, 112},
		{[]string{"120", "0x178", "tls: no application protocol", "NoApplicationProtocol"}, 120},
		{[]string{"0", "close_notify"}, 0},
	}
	for _, tt := range tests {
		for _, text := range tt.texts {
			if e, ok := Explain(text); !ok || e.Alert == nil || e.Alert.Code != tt.code {
				t.Errorf("Explain(%q): got alert %+v, want %d", text, e.Alert, tt.code)
			}
		}
	}
}

// An application's own error code is no alert, whatever its number.
func TestApplicationErrorsAreNoAlerts(t *testing.T) {
	if e, ok := Explain("Application error 0x12a (remote): client-1 not authorised"); !ok || e.Alert != nil || !slices.Equal(ids(e), []string{"app-close"}) {
		t.Errorf("got alert %+v and candidates %v, want none and app-close", e.Alert, ids(e))
	}
}

// A number alone is not taken for one thing where it can be several.
func TestNumbersThatCanBeSeveral(t *testing.T) {
	tests := []struct {
		number string
		says   []string
		causes []string
	}{
		{"20", []string{"bad_record_mac", "unable to get local issuer certificate"}, []string{"corrupt-record", "server-untrusted-ca"}},
		{"10", []string{"unexpected_message", "certificate has expired"}, []string{"altered-on-path", "server-expired"}},
		{"60", []string{"export_restriction", "curl's exit code"}, []string{"server-untrusted-ca"}},
		{"304", []string{"unknown_ca", "Not Modified"}, []string{"client-untrusted-ca"}},
	}
	for _, tt := range tests {
		e, ok := Explain(tt.number)
		if !ok || !strings.Contains(e.Means, "A number alone says little") {
			t.Errorf("Explain(%q) says %q, want that it can be several things", tt.number, e.Means)
		}
		for _, want := range tt.says {
			if !strings.Contains(e.Means, want) {
				t.Errorf("Explain(%q) says %q, want %q in it", tt.number, e.Means, want)
			}
		}
		for _, id := range tt.causes {
			if !slices.Contains(ids(e), id) {
				t.Errorf("Explain(%q): got %v, want %s among them", tt.number, ids(e), id)
			}
		}
	}
	for _, number := range []string{"42", "116", "0x12a", "0xd", "-202", "496", "0x80090325", "-0x2700"} {
		if e, ok := Explain(number); !ok || strings.Contains(e.Means, "A number alone") || len(e.Candidates) == 0 {
			t.Errorf("Explain(%q) says %q, want the one thing that it is", number, e.Means)
		}
	}
}

// A number in a line of something else is no alert.
func TestNumbersThatAreNone(t *testing.T) {
	for _, text := range []string{
		"1000", "99999", "port 443", "exit status 20", "took 42 ms", "line 42: unexpected token", "HTTP/1.1 500 Internal Server Error", "got 48 items",
		"job 116 finished", "internal error", "access denied for user root", "pid 0x12", "{\"code\":42,\"msg\":\"ready\"}", "alerting rule 42 is firing", "raised alert 42 for the third time today", "device error 0x12a", "fault at 0x130 in libfoo",
		"connected to the database (remote)", "listening (local)", "remote error: quota exceeded", `Get "htps://server.test": unsupported protocol scheme "htps"`,
		"the peer is slow and not responding", "failed to connect to the database", "invalid_cache_key", "printing the pem library",
	} {
		if e, ok := Explain(text); ok && text != "internal error" {
			t.Errorf("Explain(%q) says %q, want nothing", text, e.Means)
		}
	}
}

// Of several lines, the one that says most is explained.
func TestPastes(t *testing.T) {
	tests := []struct {
		name, paste  string
		input, first string
	}{
		{"a queue of OpenSSL's errors", strings.Join([]string{
			"CONNECTED(00000003)", "depth=1 CN = Server CA", "verify error:num=20:unable to get local issuer certificate", "verify return:1",
			"40D7:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:ssl/record/rec_layer_s3.c:303:", "---", "no peer certificate available",
		}, "\n"), "verify error:num=20:unable to get local issuer certificate", "server-untrusted-ca"},
		{"an s_client that goes on after its own complaint", strings.Join([]string{
			"verify error:num=20:unable to get local issuer certificate", "verify return:1",
			"40D7:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:ssl/record/rec_layer_s3.c:1605:SSL alert number 116",
		}, "\n"), "", "client-no-cert"},
		{"a traceback", strings.Join([]string{
			"Traceback (most recent call last):", `  File "/usr/lib/python3.12/ssl.py", line 1042, in do_handshake`, "    self._sslobj.do_handshake()",
			"ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1000)",
		}, "\n"), "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1000)", "server-expired"},
		{
			"a stack trace in JSON", `{"@timestamp":"2026-03-01","message":"I/O error","stack_trace":"java.io.IOException: x\n\tat a.B.c(B.java:1)\nCaused by: sun.security.validator.ValidatorException: PKIX path building failed\n\tat d.E.f(E.java:2)"}`,
			"Caused by: sun.security.validator.ValidatorException: PKIX path building failed", "server-untrusted-ca",
		},
		{"curl -v", strings.Join([]string{
			"* TLSv1.3 (OUT), TLS handshake, Finished (20):", "> GET / HTTP/1.1", "* TLSv1.3 (IN), TLS alert, unknown (628):",
			"* OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0", "curl: (56) OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0",
		}, "\n"), "", "client-no-cert"},
		{
			"every reason of GnuTLS", "- Status: The certificate is NOT trusted. The certificate issuer is unknown. The certificate chain uses expired certificate. \n*** PKI verification of server certificate failed...",
			"The certificate chain uses expired certificate.", "server-expired",
		},
		{"s_client of a server that asks for nothing", strings.Join([]string{
			"verify error:num=10:certificate has expired", "verify return:1", "---", "No client certificate CA names sent", "Peer signing digest: SHA256",
			"Verification error: certificate has expired", "    Verify return code: 10 (certificate has expired)",
		}, "\n"), "", "server-expired"},
		{"a line broken in two", "Get \"https://server.test/\": tls: failed to verify certificate: x509: certificate signed by\nunknown authority", "", "server-untrusted-ca"},
		{"a line cut off", "2026-03-01 ERROR tls: failed to verify certificate: x509: certificate has expired or is not yet va", "", "server-expired"},
		{"a line cut off in front", "ed by both client and server; client offered: [c02b]", "", "cipher-mismatch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, ok := Explain(tt.paste)
			if !ok {
				t.Fatal("nothing was recognised")
			}
			if tt.input != "" && e.Input != tt.input {
				t.Errorf("got the line %q, want %q", e.Input, tt.input)
			}
			if got := ids(e); len(got) == 0 || got[0] != tt.first {
				t.Errorf("got candidates %v, want %s first", got, tt.first)
			}
		})
	}
}

// What a paste says beside what is explained is named, once each.
func TestOthers(t *testing.T) {
	e, ok := Explain(strings.Join([]string{
		"http: TLS handshake error from 10.0.0.9:41234: EOF", "http: TLS handshake error from 10.0.0.8:41234: EOF",
		"http: TLS handshake error from 10.0.0.7:41234: tls: client didn't provide a certificate", "listening on :8443",
	}, "\n"))
	if !ok || len(e.Lines) != 1 || !strings.Contains(e.Lines[0].Text, "didn't provide") {
		t.Fatalf("got %+v explained, want the line that says most", e.Lines)
	}
	if len(e.Others) != 1 || !strings.HasSuffix(e.Others[0].Text, "EOF") {
		t.Errorf("got others %+v, want the EOF once", e.Others)
	}
}

// The words of both sides are read together where it is plain which are whose.
func TestBothSides(t *testing.T) {
	const (
		unknownCA = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
		notSent   = "tls: client didn't provide a certificate"
	)
	tests := []struct {
		name, paste string
		by          string
		has, hasNot []string
	}{
		{"labels", "client: remote error: tls: internal error\nserver: tls: failed to sign handshake: pkcs11: 0x30: CKR_DEVICE_ERROR", "server", []string{"server-signer-fails"}, []string{"getcertificate-error"}},
		{"a client that was told", "client | remote error: tls: handshake failure\nserver | " + notSent, "server", []string{"client-no-cert", "client-ca-hint-mismatch"}, []string{"cipher-mismatch", "curve-mismatch"}},
		{"docker compose", "server-1  | http: TLS handshake error from 172.18.0.3:41234: remote error: tls: bad certificate\nclient-1  | " + unknownCA, "client", []string{"server-untrusted-ca"}, []string{"server-expired", "client-untrusted-ca"}},
		{"told apart by the texts", `Get "https://server.test/": EOF` + "\nhttp: TLS handshake error from 10.0.0.9:41234: tls: first record does not look like a TLS handshake", "server", []string{"plain-client", "proxy-protocol"}, []string{"banner-server"}},
		{"told apart by the alert of Go's server", "remote error: tls: unknown certificate authority\n" + unknownCA, "server", []string{"client-untrusted-ca", "client-missing-intermediate"}, []string{"server-untrusted-ca"}},
		{"told apart by the alert of Go's client", "remote error: tls: bad certificate\n" + unknownCA, "client", []string{"server-untrusted-ca", "server-missing-intermediate"}, []string{"client-untrusted-ca"}},
		{"over QUIC", "CRYPTO_ERROR 0x12a (remote): tls: bad certificate\nCRYPTO_ERROR 0x12a (local): tls: failed to verify certificate: x509: certificate specifies an incompatible key usage", "", []string{"server-eku-clientauth", "client-eku-serverauth"}, []string{"server-expired"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, ok := Explain(tt.paste)
			if !ok || len(e.Lines) != 2 || !strings.Contains(strings.Join(e.Remarks, " "), "two ends of one connection") {
				t.Fatalf("got %d lines and %q, want both lines read together", len(e.Lines), e.Remarks)
			}
			if e.DecidedBy != tt.by {
				t.Errorf("got decided by the %q, want %q", e.DecidedBy, tt.by)
			}
			got := ids(e)
			for _, id := range tt.has {
				if !slices.Contains(got, id) {
					t.Errorf("got candidates %v, want %s among them", got, id)
				}
			}
			for _, id := range tt.hasNot {
				if slices.Contains(got, id) {
					t.Errorf("got candidates %v, and %s does not fit both", got, id)
				}
			}
		})
	}
}

// Lines that can be one side's, or that contradict each other, are not read
// together.
func TestNotBothSides(t *testing.T) {
	for _, paste := range []string{
		// One OpenSSL client, which goes on after its own complaint.
		"verify error:num=20:unable to get local issuer certificate\nerror:0A00045C:SSL routines::tlsv13 alert certificate required:SSL alert number 116",
		"EOF\nremote error: tls: bad certificate",
		"client: tls: server did not select an ALPN protocol\nserver: tls: client didn't provide a certificate",
	} {
		e, ok := Explain(paste)
		if !ok || len(e.Lines) != 1 {
			t.Errorf("%q: got %d lines, want one: %q", paste, len(e.Lines), e.Remarks)
		}
	}
}

// What is known of whose log it is leaves fewer candidates, and never others.
func TestExplainFrom(t *testing.T) {
	for _, s := range corpus(t) {
		open, _ := Explain(s.line)
		for _, side := range []string{"client", "server"} {
			e, ok := ExplainFrom(side, s.line)
			if !ok || open.Reporter == "" && e.Reporter != side {
				t.Errorf("%s: %q from the log of the %s is taken for the %s's", s.where, s.line, side, e.Reporter)
			}
			for _, id := range ids(e) {
				if open.Reporter == "" && !slices.Contains(ids(open), id) {
					t.Errorf("%s: %q: %s is a candidate only in the log of the %s", s.where, s.line, id, side)
				}
			}
		}
	}
}

// What is nearly known is offered.
func TestNearest(t *testing.T) {
	tests := []struct{ text, near string }{
		{"client-expird", "client-expired"},
		{"unkown_ca", "unknown_ca"},
		{"server_hostnam", "server-hostname"},
		{"certficate signd by unkown authorty", "certificate signed by unknown authority"},
		{"the certificate was signed by some unknown authority", "certificate signed by unknown authority"},
		{"client did not provide certificate", "tls: client didn't provide a certificate"},
	}
	for _, tt := range tests {
		e, ok := Explain(tt.text)
		if ok || !slices.Contains(e.Nearest, tt.near) {
			t.Errorf("Explain(%q): got %v, nearest %q; want %q among them", tt.text, ok, e.Nearest, tt.near)
		}
	}
	if e, _ := Explain("the coffee is cold"); len(e.Nearest) > 0 {
		t.Errorf("coffee is near %q", e.Nearest)
	}
}

// A cause is asked for by its id, its scenario or its row, and shows what logs
// say of it.
func TestCauses(t *testing.T) {
	for _, text := range []string{"client-ca-hint-mismatch", "CLIENT_CA_HINT_MISMATCH", "trust/unknown-client-ca-filtered", "C02", "c02"} {
		e, ok := Explain(text)
		if !ok || len(e.Candidates) != 1 || e.Candidates[0].ID != "client-ca-hint-mismatch" {
			t.Fatalf("Explain(%q): got %v", text, ids(e))
		}
		for _, want := range []string{"tls: client didn't provide a certificate", "the alert certificate_required, received"} {
			if !slices.ContainsFunc(e.Seen, func(s Seen) bool { return s.Text == want }) {
				t.Errorf("Explain(%q): logs say %+v, want %q among them", text, e.Seen, want)
			}
		}
	}
}

// One error of a side is what that side's log says of it, and no more.
func TestReported(t *testing.T) {
	for _, s := range corpus(t) {
		for _, side := range []string{"client", "server"} {
			e, _ := ExplainFrom(side, s.line)
			if got := Reported(s.line, side); e.Reporter == side && len(e.Candidates) > 0 && len(got) > 0 && !slices.Equal(got, ids(e)) {
				t.Errorf("%s: %q in the log of the %s: got %v, want %v", s.where, s.line, side, got, ids(e))
			}
		}
	}
	for _, text := range []string{"42", "client-no-cert", "client-1.test may not use this service", ""} {
		if got := Reported(text, "server"); got != nil {
			t.Errorf("Reported(%q): got %v, want nothing", text, got)
		}
	}
}
