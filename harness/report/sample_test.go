package report

import (
	"shakedown/harness"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
)

// nasty is text that a stranger's certificate could hold: it would colour the
// terminal, reverse the line, end a table's cell, a fence, a comment, an
// annotation, a CDATA section and a test point.
const nasty = "CN=\x1b[31mroot\u202egnp.exe\u0085\x00|`b`%0A::error::x]]></failure># SKIP é東京\ufffe\U000e0041\xff"

// sample is a run with everything that can happen in one.
func sample() harness.Report {
	return harness.Report{
		Version: JSONVersion,
		Results: []harness.Result{
			passed("healthy/mutual", "tcp", "1.3"),
			passed("healthy/mutual", "quic", "1.3"),
			refused(harness.Passed),
			awkward(),
			twoConnections(),
			{Scenario: "stacks/openssl", Transport: "tcp", TLS: "1.3", Status: harness.Skipped, Reason: "needs openssl, which is not installed #1"},
			{Scenario: "stacks/broken", Transport: "tcp", TLS: "1.2", Status: harness.Errored, Reason: "mint stacks/broken: entity \"leaf\": unknown key \"rsa-1\"\nhint: " + nasty},
			{Scenario: "capture.yaml", Transport: "tcp", TLS: "1.2", Status: harness.NoCheck, ConnectionResult: harness.ConnectionResult{Outcome: "timeout"}},
		},
		Summary: harness.Summary{Total: 8, Passed: 3, Failed: 2, Errors: 1, Skipped: 1, DurationMS: 1234},
	}
}

func passed(id, transport, tls string) harness.Result {
	c := harness.ConnectionResult{
		Outcome:    "established",
		Client:     harness.SideResult{Known: true, VerifiedChains: 1, PeerCertificates: 2},
		Server:     harness.SideResult{Known: true, VerifiedChains: 1, PeerCertificates: 2},
		Negotiated: harness.NegotiatedResult{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Group: "X25519MLKEM768", ALPN: "h3"},
		Steps: []harness.StepResult{
			{N: 1, From: "client", Level: dissect.Plaintext, Flight: 1, Kind: dissect.KindHandshake, Name: "ClientHello", Bytes: 1512, Summary: "server.test"},
			{N: 2, TimeUS: 400, From: "client", Level: dissect.Plaintext, Flight: 1, Kind: dissect.KindLocal, Name: "handshake-complete", Summary: "handshake complete"},
		},
	}
	return harness.Result{Scenario: id, Transport: transport, TLS: tls, Status: harness.Passed, ConnectionResult: c, Connections: []harness.ConnectionResult{c}, DurationUS: 812}
}

// refused is the usual thing to look at: a client that does not trust the server's CA.
func refused(status harness.Status) harness.Result {
	c := harness.ConnectionResult{
		Outcome: "refused", RefusedBy: "client", At: "Certificate",
		Alert: &harness.AlertResult{From: "client", Code: 42, Name: "bad_certificate"},
		Close: &harness.CloseResult{From: "client", Code: 298, Name: "CRYPTO_ERROR"},
		Cause: "server-untrusted-ca",
		Causes: []harness.CauseResult{{
			ID: "server-untrusted-ca", Certain: true, Title: "The client does not trust the CA that issued the server's certificate",
			Evidence: []string{"step 2: the chain ends at CN=Server Root", "the client trusts CN=Rogue Root"},
			Remedy:   "Give the client the server's root.",
			Try:      "shakedown debug --client-trust server-root.pem",
			Scenario: "trust/unknown-server-ca",
		}},
		Further: []harness.CauseResult{{ID: "client-expired", Certain: true, Title: "The client's certificate has expired"}},
		Client:  harness.SideResult{Known: true, HandshakeError: "tls: failed to verify certificate: x509: certificate signed by unknown authority", PeerCertificates: 2},
		Server:  harness.SideResult{Known: true, HandshakeError: "CRYPTO_ERROR 0x12a (remote): tls: bad certificate"},
		Chains: harness.ChainsResult{
			Server: []harness.CertificateResult{{Subject: "CN=server.test", Issuer: "CN=Server CA", Role: "end-entity", Problems: []harness.ProblemResult{{ID: "server-untrusted-ca", Detail: "no trust anchor named CN=Server Root"}}}},
			Client: []harness.CertificateResult{{Subject: "CN=client-1.test", Issuer: "CN=Client CA", Role: "end-entity"}},
		},
		Steps: []harness.StepResult{
			{N: 1, From: "client", Level: dissect.Initial, Flight: 1, Kind: dissect.KindHandshake, Name: "ClientHello", Bytes: 1480, Summary: "server.test, X25519MLKEM768"},
			{N: 2, TimeUS: 310, From: "server", Level: dissect.Handshake, Flight: 2, Kind: dissect.KindHandshake, Name: "Certificate", Bytes: 1034, Summary: "2 certificates", Marks: []string{"held"}},
			{N: 3, TimeUS: 500, From: "client", Level: dissect.Handshake, Flight: 2, Kind: dissect.KindLocal, Name: "handshake-failed", Summary: "x509: certificate signed by unknown authority"},
			{
				N: 4, TimeUS: 520, From: "client", Level: dissect.Handshake, Flight: 3, Kind: dissect.KindQUICFrame, Name: "CONNECTION_CLOSE", Bytes: 20, Summary: "bad_certificate",
				Fields: []field.Field{{Label: "error_code", Buffer: "packet", Start: 1, End: 3, Value: "0x12a"}},
			},
		},
	}
	return harness.Result{Scenario: "trust/unknown-server-ca", Transport: "quic", TLS: "1.3", Status: status, ConnectionResult: c, Connections: []harness.ConnectionResult{c}, DurationUS: 1300}
}

// awkward differs from its expectation, in text that a stranger chose.
func awkward() harness.Result {
	r := refused(harness.Failed)
	r.Scenario = "trust/" + nasty
	r.Title = nasty
	c := r.ConnectionResult
	c.Client.HandshakeError = nasty
	c.Server.LateError = nasty
	c.Close = &harness.CloseResult{From: "client", Code: 298, Name: "CRYPTO_ERROR", Reason: nasty}
	c.Negotiated.ALPN = nasty
	c.Causes = []harness.CauseResult{
		{ID: "server-untrusted-ca", Evidence: []string{nasty}, Remedy: nasty, Title: nasty, Try: nasty, Scenario: "trust/unknown-server-ca"},
		{ID: "server-mitm", Evidence: []string{"several fit"}},
	}
	c.Chains.Server = []harness.CertificateResult{{Subject: nasty, Issuer: nasty, Role: "end-entity", Problems: []harness.ProblemResult{{ID: "server-untrusted-ca", Detail: nasty}}}}
	c.Steps = []harness.StepResult{{N: 1, From: "server", Level: dissect.Handshake, Flight: 1, Kind: dissect.KindHandshake, Name: "Certificate", Bytes: 1034, Summary: nasty, Marks: []string{"rewritten"}}}
	r.ConnectionResult, r.Connections = c, []harness.ConnectionResult{c}
	r.Mismatches = []harness.Mismatch{
		{Connection: 1, Field: "client_error", Want: "expired\n" + nasty, Got: nasty, Steps: []int{1}},
		{Connection: 1, Field: "alert", Want: "none", Got: "", Steps: nil},
	}
	return r
}

// twoConnections resumes, and the second connection differs.
func twoConnections() harness.Result {
	r := passed("session/resumed", "tcp", "1.3")
	second := r.ConnectionResult
	second.Negotiated.Resumed = true
	r.Status = harness.Failed
	r.Title, r.File = "A session that is resumed", "scenarios/session/resumed, 100%.yaml"
	r.Connections = append(r.Connections, second)
	r.ConnectionResult = second
	r.Mismatches = []harness.Mismatch{{Connection: 2, Field: "resumed", Want: "false", Got: "true", Steps: []int{1, 2}, Line: 7}}
	return r
}

// captured is a capture without keys: the outcome is not shown, and what would
// show it is missing.
func captured() harness.Result {
	c := harness.ConnectionResult{
		Mode: "wire",
		Likely: &harness.LikelyResult{Outcome: "refused", RefusedBy: "server", At: "Certificate", Evidence: []string{
			"step 2: the client was probably asked for a certificate and sent none", "step 3: the server probably refuses what the client sent " + nasty,
		}},
		Cause:  "client-no-cert",
		Causes: []harness.CauseResult{{ID: "client-no-cert", Title: "The client has no certificate to present", Evidence: []string{"the client may have none"}}},
		Missing: []harness.MissingResult{
			{What: "the session keys: 3 records are encrypted", Settles: "the alert " + nasty, Try: "shakedown open FILE --keylog keys.log"},
			{What: "the server's log"},
		},
		Steps: []harness.StepResult{
			{N: 1, From: "client", Level: dissect.Plaintext, Flight: 1, Kind: dissect.KindHandshake, Name: "ClientHello", Bytes: 250},
			{N: 2, From: "client", Level: dissect.Handshake, Flight: 3, Kind: dissect.KindApplicationData, Name: "encrypted record", Bytes: 25},
			{N: 3, From: "server", Level: dissect.Handshake, Flight: 4, Kind: dissect.KindApplicationData, Name: "encrypted record", Bytes: 19},
		},
	}
	return harness.Result{Scenario: "open capture.pcapng", Transport: "tcp", TLS: "1.3", Status: harness.NoCheck, ConnectionResult: c, Connections: []harness.ConnectionResult{c}}
}

// contradicted is a connection as one side has it, of which the facts do not go
// together.
func contradicted() harness.Result {
	c := harness.ConnectionResult{
		Mode: "one-side", Outcome: "refused", RefusedBy: "client", Client: harness.SideResult{Known: true, HandshakeError: nasty},
		Unexplained: []string{"the client reports both a complete handshake and the error of one", "step 1: the server sends " + nasty},
		Steps:       []harness.StepResult{{N: 1, From: "client", Level: dissect.Plaintext, Flight: 1, Kind: dissect.KindHandshake, Name: "ClientHello", Bytes: 250}},
	}
	return harness.Result{Scenario: "connect example.test:443", Transport: "tcp", TLS: "1.3", Status: harness.Failed, ConnectionResult: c, Connections: []harness.ConnectionResult{c}}
}

// fromOneSide has a cause that one side alone has told.
func fromOneSide() harness.Result {
	r := refused(harness.NoCheck)
	r.ConnectionResult.Mode = "one-side"
	r.ConnectionResult.Client.Known, r.ConnectionResult.Server.Known = true, false
	r.Connections = []harness.ConnectionResult{r.ConnectionResult}
	return r
}

// options are those of a command that knows where scenarios are.
func options() Options {
	return Options{
		Open: func(r harness.Result) string {
			return "shakedown " + r.Scenario + " --transport " + r.Transport + " --tls " + r.TLS
		},
	}
}
