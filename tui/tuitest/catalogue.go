package tuitest

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"sync"
	"time"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui"
)

// The cells that plays run in.
var (
	tcp12  = outcome.Cell{Transport: outcome.TCP, TLS: "1.2"}
	tcp13  = outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	quic13 = outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}
)

// Catalogue returns a few entries; those that [Open] knows can be opened.
func Catalogue() []tui.Entry {
	cells := []outcome.Cell{tcp12, tcp13, quic13}
	return []tui.Entry{
		{ID: "healthy/mutual", Group: "healthy", Title: "Both sides present a certificate and accept the other's", About: "The handshake as it should be.\n\nWatch who proves what and when: the server first, the client last. In TLS 1.3 the client is done before the server has seen its certificate.", Cells: cells},
		{ID: "healthy/server-only", Group: "healthy", Title: "Only the server presents a certificate", About: "What most of the web does.", Cells: cells},
		{ID: "clientauth/no-client-certificate", Group: "clientauth", Title: "The client has no certificate to present, and the server requires one", About: "The server asks for a certificate, gets an empty list, and refuses.\n\nOver TLS 1.3 the client's handshake has succeeded by then: it learns of the refusal on its first read, which is why its log blames the wrong line.", Cells: cells, Causes: []string{"client-no-cert"}},
		{ID: "clientauth/ca-hint-mismatch", Group: "clientauth", Title: "No certificate of the client is from a CA that the server names", About: "Go's client sends nothing rather than a certificate that the server does not want.", Cells: cells, Causes: []string{"client-ca-hint-mismatch"}},
		{ID: "trust/unknown-server-ca", Group: "trust", Title: "The client does not trust the CA that issued the server's certificate", About: "The client refuses at the Certificate message, and says so with an alert.", Cells: cells, Causes: []string{"server-untrusted-ca"}},
		{ID: "validity/server-expired", Group: "validity", Title: "The server's certificate has expired", About: "Dates are checked before anything else.", Cells: cells, Causes: []string{"server-expired"}},
		{ID: "wire/corrupt-record", Group: "wire", Title: "A record is corrupted on the path", About: "What a damaged cable would look like, if TCP had no checksum.", Cells: []outcome.Cell{tcp12, tcp13}, Causes: []string{"corrupt-record"}},
	}
}

// Open opens a catalogue entry over hand-made plays: a refusal for those that
// name a cause, else a healthy handshake.
func Open(id string, cell outcome.Cell) (tui.Debugger, error) {
	for _, e := range Catalogue() {
		if e.ID != id {
			continue
		}
		if !e.Has(cell) {
			return nil, fmt.Errorf("%s does not run in %s", id, cell)
		}
		plays := map[outcome.Cell]*Play{tcp12: healthy12(), tcp13: healthy(false), quic13: healthy(true)}
		if len(e.Causes) > 0 {
			plays = map[outcome.Cell]*Play{tcp12: refused12(), tcp13: refused(false), quic13: refused(true)}
		}
		for _, p := range plays {
			p.Result.Scenario = id
		}
		return NewFake(id, e.Title, e.About, e.Cells, plays, cell), nil
	}
	return nil, fmt.Errorf("there is no scenario %q", id)
}

// chains are certificates that are the same in every run.
var chains = sync.OnceValue(func() (c struct{ server, client [][]byte }) {
	issue := func(serial int64, cn, issuer string, usage x509.ExtKeyUsage, dns ...string) []byte {
		key := ed25519.NewKeyFromSeed(bytes(byte(serial), 32))
		signer := ed25519.NewKeyFromSeed(bytes(byte(serial+1), 32))
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: cn}, DNSNames: dns,
			NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
			BasicConstraintsValid: true, IsCA: len(dns) == 0,
		}
		if len(dns) > 0 {
			template.ExtKeyUsage = []x509.ExtKeyUsage{usage}
		}
		parent := &x509.Certificate{SerialNumber: big.NewInt(serial + 1), Subject: pkix.Name{CommonName: issuer}}
		der, err := x509.CreateCertificate(nil, template, parent, key.Public(), signer)
		if err != nil {
			panic(err) // constant input
		}
		return der
	}
	c.server = [][]byte{
		issue(1, "server", "server-ca", x509.ExtKeyUsageServerAuth, "server.test"),
		issue(2, "server-ca", "server-root", 0),
	}
	c.client = [][]byte{
		issue(11, "client", "client-ca", x509.ExtKeyUsageClientAuth, "client-1.test"),
		issue(12, "client-ca", "client-root", 0),
	}
	return c
})

func serverChain() []diagnose.ChainCertificate {
	c := chains().server
	return []diagnose.ChainCertificate{
		{Raw: c[0], Subject: "CN=server", Issuer: "CN=server-ca", Role: "end-entity"},
		{Raw: c[1], Subject: "CN=server-ca", Issuer: "CN=server-root", Role: "intermediate"},
	}
}

func clientChain() []diagnose.ChainCertificate {
	c := chains().client
	return []diagnose.ChainCertificate{
		{Raw: c[0], Subject: "CN=client", Issuer: "CN=client-ca", Role: "end-entity"},
		{Raw: c[1], Subject: "CN=client-ca", Issuer: "CN=client-root", Role: "intermediate"},
	}
}

func settings(p *Play, clientHasCertificate bool) {
	p.Client.Settings = outcome.Settings{Role: outcome.Client, Known: true, TrustSource: "server-root", Trust: [][]byte{{0}}, ServerName: "server.test"}
	p.Server.Settings = outcome.Settings{
		Role: outcome.Server, Known: true, TrustSource: "client-root", Trust: [][]byte{{0}}, ClientAuth: outcome.AuthRequire,
		Credentials: []outcome.Credential{{Chain: chains().server, Source: "server"}},
	}
	if clientHasCertificate {
		p.Client.Settings.Credentials = []outcome.Credential{{Chain: chains().client, Source: "client"}}
	}
	p.Client.Outcome.Role, p.Client.Outcome.Known = outcome.Client, true
	p.Server.Outcome.Role, p.Server.Outcome.Known = outcome.Server, true
}

// flights13 writes everything up to the client's answer in TLS 1.3.
func flights13(w *writer, quic bool) {
	c, s := outcome.Client, outcome.Server
	clear, app := dissect.Plaintext, dissect.Handshake
	if quic {
		clear = dissect.Initial
	}
	w.send(c, clear, "ClientHello", 1512, "server.test · X25519MLKEM768", clientHello(quic))
	w.send(s, clear, "ServerHello", 1210, "TLS_AES_128_GCM_SHA256 · X25519MLKEM768", serverHello())
	server := w.send
	if quic {
		server = w.also // one datagram holds the server's flight
	}
	server(s, app, "EncryptedExtensions", 6, "", encryptedExtensions())
	server(s, app, "CertificateRequest", 142, "accepts CN=client-root", certificateRequest())
	server(s, app, "Certificate", 1034, "2 certificates, CN=server", certificate(chains().server...))
	server(s, app, "CertificateVerify", 79, "ecdsa_secp256r1_sha256", certificateVerify())
	server(s, app, "Finished", 36, "", finished())
	w.fact(c, transcript.ChainVerified, "chain verified for server.test")
}

func healthy(quic bool) *Play {
	w := &writer{}
	flights13(w, quic)
	c, s := outcome.Client, outcome.Server
	w.send(c, dissect.Handshake, "Certificate", 1022, "2 certificates, CN=client", certificate(chains().client...))
	second := w.send
	if quic {
		second = w.also
	}
	second(c, dissect.Handshake, "CertificateVerify", 79, "ecdsa_secp256r1_sha256", certificateVerify())
	second(c, dissect.Handshake, "Finished", 36, "", finished())
	w.fact(c, transcript.HandshakeComplete, "handshake complete")
	w.fact(s, transcript.ChainVerified, "chain verified")
	w.fact(s, transcript.HandshakeComplete, "handshake complete")
	if quic {
		w.add(s, dissect.Application, dissect.KindQUICFrame, "HANDSHAKE_DONE", 1, "", opaque("HANDSHAKE_DONE", 30, 5, "RFC 9000 19.20"), true)
	} else {
		w.send(s, dissect.Application, "NewSessionTicket", 122, "lifetime 7 days", opaque("new_session_ticket", 4, 122, "RFC 8446 4.6.1"))
	}
	w.add(s, dissect.Application, dissect.KindApplicationData, "application_data", 1, "", opaque("application_data", 23, 5, "RFC 8446 5.2"), true)
	w.fact(c, transcript.Accepted, "the server's first byte is here: it accepted")
	p := &Play{Steps: w.steps, Version: 0x0304}
	settings(p, true)
	p.Client.Outcome.Complete, p.Server.Outcome.Complete = true, true
	p.Client.Outcome.VerifiedChains, p.Server.Outcome.VerifiedChains = [][][]byte{chains().server}, [][][]byte{chains().client}
	p.Diagnosis = diagnose.Diagnosis{Happening: diagnose.Happening{Outcome: diagnose.Established}, ServerChain: serverChain(), ClientChain: clientChain()}
	p.Result = harness.Result{Status: harness.Passed}
	return p
}

func refused(quic bool) *Play {
	w := &writer{}
	flights13(w, quic)
	c, s := outcome.Client, outcome.Server
	w.send(c, dissect.Handshake, "Certificate", 8, "empty", certificate())
	second := w.send
	if quic {
		second = w.also
	}
	second(c, dissect.Handshake, "Finished", 36, "", finished())
	w.fact(c, transcript.HandshakeComplete, "handshake complete")
	w.fact(s, transcript.HandshakeFailed, "tls: client didn't provide a certificate")
	late := "remote error: tls: certificate required"
	if quic {
		tree := newTree("frame").
			leaf("type", []byte{0x1c}, "0x1c", "CONNECTION_CLOSE from the transport", "RFC 9000 19.19").
			leaf("error_code", []byte{0x41, 0x74}, "0x0174", "CRYPTO_ERROR, TLS alert 116 certificate_required", "RFC 9001 4.8").
			leaf("frame_type", []byte{6}, "6", "CRYPTO", "RFC 9000 19.6").
			leaf("reason", []byte("tls: client didn't provide a certificate"), "tls: client didn't provide a certificate", "", "RFC 9000 19.19").
			tree("CONNECTION_CLOSE", "RFC 9000 19.19")
		step := w.add(s, dissect.Application, dissect.KindQUICFrame, "CONNECTION_CLOSE", 45, "CRYPTO_ERROR 0x174, certificate_required", tree, true)
		step.Alert, step.Close = &dissect.Alert{Level: 2, Code: 116}, &dissect.Close{Code: 0x174, FrameType: 6}
		late = "CRYPTO_ERROR 0x174 (remote): tls: certificate required"
	} else {
		w.alert(s, dissect.Application, 116, "certificate_required")
	}
	w.fact(c, transcript.LateError, late)
	p := &Play{Steps: w.steps, Version: 0x0304}
	settings(p, false)
	p.Client.Outcome.Complete = true
	p.Client.Outcome.Late = &outcome.Failure{Text: late, Op: outcome.OpRead, Peer: &outcome.PeerAlert{Code: 116}}
	p.Server.Outcome.Handshake = &outcome.Failure{Text: "tls: client didn't provide a certificate", Op: outcome.OpHandshake}
	p.Diagnosis = noCertificate(4, 9, 13)
	p.Result = harness.Result{Status: harness.Passed}
	return p
}

func noCertificate(asked, empty, refused int) diagnose.Diagnosis {
	return diagnose.Diagnosis{
		Happening: diagnose.Happening{Outcome: diagnose.Refused, RefusedBy: outcome.Server, At: "Certificate", Alert: &diagnose.AlertSeen{From: outcome.Server, Step: refused}},
		Causes: []diagnose.Cause{{
			ID: "client-no-cert", Certain: true,
			Evidence: []diagnose.Evidence{
				{Text: "the server asked for a certificate", Step: asked},
				{Text: "the client's list is empty", Step: empty},
				{Text: "the client has no certificate configured"},
			},
			Remedy: "give the client a certificate and its key: --client-cert and --client-key",
			Try:    "shakedown cert sign --ca client-ca.pem --usage client",
		}},
		Further:     []diagnose.Cause{{ID: "server-intermediate-expired", Certain: true, Evidence: []diagnose.Evidence{{Text: "CN=server-ca ends soon", Step: 5}}}},
		ServerChain: serverChain(),
	}
}

// flights12 writes everything up to the client's answer in TLS 1.2.
func flights12(w *writer) {
	c, s := outcome.Client, outcome.Server
	clear := dissect.Plaintext
	w.send(c, clear, "ClientHello", 198, "server.test · TLS 1.2 at most", clientHello(false))
	w.send(s, clear, "ServerHello", 66, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", opaque("server_hello", 2, 66, "RFC 5246 7.4.1.3"))
	w.send(s, clear, "Certificate", 1010, "2 certificates, CN=server, readable by anybody", certificate(chains().server...))
	w.send(s, clear, "ServerKeyExchange", 149, "X25519", opaque("server_key_exchange", 12, 149, "RFC 5246 7.4.3"))
	w.send(s, clear, "CertificateRequest", 84, "accepts CN=client-root", opaque("certificate_request", 13, 84, "RFC 5246 7.4.4"))
	w.send(s, clear, "ServerHelloDone", 4, "", opaque("server_hello_done", 14, 4, "RFC 5246 7.4.5"))
	w.fact(c, transcript.ChainVerified, "chain verified for server.test")
}

func healthy12() *Play {
	w := &writer{}
	flights12(w)
	c, s := outcome.Client, outcome.Server
	clear, app := dissect.Plaintext, dissect.Application
	w.send(c, clear, "Certificate", 1001, "2 certificates, CN=client, readable by anybody", certificate(chains().client...))
	w.send(c, clear, "ClientKeyExchange", 37, "X25519", opaque("client_key_exchange", 16, 37, "RFC 5246 7.4.7"))
	w.send(c, clear, "CertificateVerify", 78, "ecdsa_secp256r1_sha256", certificateVerify())
	ccs := func(from outcome.Role) {
		w.add(from, clear, dissect.KindChangeCipherSpec, "ChangeCipherSpec", 1, "", opaque("change_cipher_spec", 20, 5, "RFC 5246 7.1"), true)
	}
	ccs(c)
	w.send(c, app, "Finished", 16, "", opaque("finished", 20, 16, "RFC 5246 7.4.9"))
	w.fact(s, transcript.ChainVerified, "chain verified")
	ccs(s)
	w.send(s, app, "Finished", 16, "", opaque("finished", 20, 16, "RFC 5246 7.4.9"))
	w.fact(s, transcript.HandshakeComplete, "handshake complete")
	w.fact(c, transcript.HandshakeComplete, "handshake complete")
	p := healthy(false)
	p.Steps, p.Version = w.steps, 0x0303
	return p
}

func refused12() *Play {
	w := &writer{}
	flights12(w)
	c, s := outcome.Client, outcome.Server
	w.send(c, dissect.Plaintext, "Certificate", 7, "empty", certificate())
	w.fact(s, transcript.HandshakeFailed, "tls: client didn't provide a certificate")
	w.alert(s, dissect.Plaintext, 42, "bad_certificate")
	w.fact(c, transcript.HandshakeFailed, "remote error: tls: bad certificate")
	p := refused(false)
	p.Steps, p.Version = w.steps, 0x0303
	p.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true, Handshake: &outcome.Failure{Text: "remote error: tls: bad certificate", Op: outcome.OpHandshake}}
	p.Diagnosis = noCertificate(5, 8, 10)
	return p
}
