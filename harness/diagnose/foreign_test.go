package diagnose

import (
	"crypto/x509"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// forget blanks what nobody recorded of a foreign peer.
func forget(in Input, role outcome.Role) Input {
	*in.side(role) = transcript.Side{}
	return in
}

// TestForeignPeers runs handshakes and forgets what one side, or both, had to say.
func TestForeignPeers(t *testing.T) {
	client, server := []outcome.Role{outcome.Client}, []outcome.Role{outcome.Server}
	both := []outcome.Role{outcome.Client, outcome.Server}
	tests := []struct {
		name   string
		cell   outcome.Cell
		forget []outcome.Role
		build  func(s *setup)
		want   want
	}{
		{"healthy, a foreign server", tcp13, server, func(*setup) {}, want{"established", nil, nil}},
		{"healthy, a foreign client", tcp13, client, func(*setup) {}, want{"established", nil, nil}},
		{"healthy, a capture", tcp13, both, func(*setup) {}, want{"established", nil, nil}},
		{"healthy, a capture of TLS 1.2", tcp12, both, func(*setup) {}, want{"established", nil, nil}},
		{"healthy, a capture of QUIC", quic13, both, func(*setup) {}, want{"established", nil, nil}},
		{"a foreign server that never asks", tcp13, server, func(s *setup) { s.server.ClientAuth = outcome.AuthNone }, want{"established", one("server-never-asks"), nil}},
		{"a foreign server that never asks a client without a certificate", tcp13, server, func(s *setup) {
			s.server.ClientAuth, s.client.Credentials = outcome.AuthNone, nil
		}, want{"established", nil, nil}},

		{
			"our client refuses", tcp13, server, func(s *setup) { s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(expired)), s.serverCA) },
			want{"refused client Certificate 42", one("server-expired"), nil},
		},
		{
			"our client refuses what is not valid yet", tcp13, server, func(s *setup) { s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(tomorrow)), s.serverCA) },
			want{"refused client Certificate 42", []string{"server-not-yet-valid?", "client-clock-behind?"}, nil},
		},
		{
			"our client knows no trust anchor of the system", tcp13, server, func(s *setup) { s.client.Trust, s.client.SystemTrust = nil, true },
			want{"refused client Certificate 42", []string{"server-untrusted-ca?", "server-missing-intermediate?"}, nil},
		},
		{"our client has no certificate", tcp13, server, func(s *setup) { s.client.Credentials = nil }, want{"refused server Certificate 116", one("client-no-cert"), nil}},
		{"our client has no certificate, TLS 1.2", tcp12, server, func(s *setup) { s.client.Credentials = nil }, want{"refused server Certificate 40", one("client-no-cert"), nil}},
		{
			"our client's certificate is not from a listed CA", tcp13, server, func(s *setup) { s.server.Trust = raws(issue(s.t, nil, ca("Other"))); s.know(s.clientRoot) },
			want{"refused server Certificate 116", one("client-ca-hint-mismatch"), nil},
		},
		{"a foreign server refuses an expired certificate", tcp13, server, func(s *setup) {
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(expired)), s.clientCA)
		}, want{"refused server Certificate 45", one("client-expired"), nil}},
		{"a foreign server knows no CA of ours", tcp13, server, func(s *setup) {
			s.server.Trust, s.client.SendForced = raws(issue(s.t, nil, ca("Other"))), true
		}, want{"refused server Certificate 48", []string{"client-untrusted-ca?", "client-missing-intermediate?"}, nil}},
		{
			"a foreign server knows a CA of that name", tcp13, server, func(s *setup) { s.server.Trust = raws(issue(s.t, nil, ca("Client Root"))) },
			want{"refused server Certificate 48", one("client-ca-rotated?"), nil},
		},
		{
			"a foreign server and a gap that is known", tcp13, server, func(s *setup) { s.present(outcome.Client, s.pair.client); s.know(s.clientCA) },
			want{"refused server Certificate 116", one("client-missing-intermediate"), nil},
		},
		{"a foreign server and the wrong usage", tcp13, server, func(s *setup) {
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })), s.clientCA)
		}, want{"refused server Certificate 42", one("client-eku-serverauth"), nil}},
		{
			"a foreign server and another key", tcp13, server, func(s *setup) { s.sign(outcome.Client, issue(s.t, nil, clientLeaf())) },
			want{"refused server CertificateVerify 51", one("client-key-mismatch"), nil},
		},
		{"a foreign server and ALPN", tcp13, server, func(s *setup) { s.server.ALPN = []string{"lab/2"} }, want{"refused server ClientHello 120", one("alpn-mismatch"), nil}},
		{
			"a foreign server and versions", tcp13, server, func(s *setup) { s.client.MinVersion, s.client.MaxVersion = tls12, tls12 },
			want{"refused server ClientHello 70", one("version-mismatch"), nil},
		},
		{
			"a foreign server and groups", tcp13, server, func(s *setup) { s.client.Groups, s.server.Groups = []uint16{0x001d}, []uint16{0x0019} },
			want{"refused server ClientHello 40", []string{"curve-mismatch?", "cipher-mismatch?", "pq-only-server?"}, nil},
		},

		{
			"a foreign client refuses", tcp13, client, func(s *setup) { s.client.Trust = raws(issue(s.t, nil, ca("Rogue"))) },
			want{"refused client Certificate 42", []string{"server-untrusted-ca?", "server-missing-intermediate?", "server-hostname?", "server-ca-rotated?", "server-root-expired?", "client-clock-behind?", "client-clock-ahead?", "client-trust-empty?", "client-trust-wrong-file?", "bundle-partly-read?", "server-mitm?", "altered-on-path?", "server-pin?", "server-revoked?", "server-staple-missing?", "policy-refused?"}, nil},
		},
		{"a foreign client refuses an expired certificate", quic13, client, func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(expired)), s.serverCA)
		}, want{"refused client Certificate 42", []string{"server-expired?", "server-untrusted-ca?", "server-missing-intermediate?", "server-hostname?"}, nil}},
		{
			"a foreign client sends nothing", tcp13, client, func(s *setup) { s.client.Credentials = nil },
			want{"refused server Certificate 116", []string{"client-no-cert?", "client-ca-hint-mismatch?", "client-missing-intermediate?", "client-self-signed?", "client-key-unsupported?", "client-sigalg-mismatch?", "proxy-reoriginates?"}, nil},
		},
		{"a foreign client's certificate is expired", quic13, client, func(s *setup) {
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(expired)), s.clientCA)
		}, want{"refused server Certificate 45", one("client-expired"), nil}},
		{
			"a foreign client signs with another key", tcp12, client, func(s *setup) { s.sign(outcome.Client, issue(s.t, nil, clientLeaf())) },
			want{"refused server CertificateVerify 51", []string{"client-key-mismatch?", "altered-on-path?"}, nil},
		},
		{"a foreign client starts its chain with the issuer", tcp13, client, func(s *setup) {
			s.present(outcome.Client, s.clientCA, s.pair.client)
			s.sign(outcome.Client, s.pair.client)
		}, want{"refused server CertificateVerify 51", []string{"client-chain-wrong-order?", "altered-on-path?"}, nil}},

		{
			"a capture of a refusal", tcp13, both, func(s *setup) { s.present(outcome.Client, issue(s.t, nil, clientLeaf())); s.client.SendForced = true },
			want{"refused server Certificate 48", one("client-self-signed"), nil},
		},
		{
			"a capture of a client without certificate", tcp12, both, func(s *setup) { s.client.Credentials = nil },
			want{"refused server Certificate 40", []string{"client-no-cert?", "client-ca-hint-mismatch?", "client-missing-intermediate?", "client-self-signed?", "client-key-unsupported?", "client-sigalg-mismatch?", "certrequest-damaged?", "proxy-reoriginates?"}, nil},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSetup(t, tt.cell)
			tt.build(s)
			in := s.run()
			for _, role := range tt.forget {
				in = forget(in, role)
			}
			d := Diagnose(in)
			check(t, d, tt.want)
			wellSaid(t, d)
			nothingMissed(t, in)
		})
	}
}

// step makes a step of a timeline written by hand.
func handStep(from outcome.Role, kind dissect.Kind, name string, change func(*dissect.Step)) *dissect.Step {
	s := &dissect.Step{From: from, Kind: kind, Name: name, Bytes: 200}
	if change != nil {
		change(s)
	}
	return s
}

func timeline(transport outcome.Transport, version uint16, steps ...*dissect.Step) *dissect.Timeline {
	for i, s := range steps {
		s.N = i + 1
	}
	return &dissect.Timeline{Transport: transport, Version: version, Steps: steps}
}

func clientHello(bytes int) *dissect.Step {
	return handStep(outcome.Client, dissect.KindHandshake, "ClientHello", func(s *dissect.Step) {
		s.Message, s.Bytes = &tlswire.ClientHello{Version: tls12, SupportedVersions: []uint16{tls13}, ALPN: []string{"lab/1"}, SupportedGroups: []uint16{0x001d}}, bytes
	})
}

func serverHello() *dissect.Step {
	return handStep(outcome.Server, dissect.KindHandshake, "ServerHello", func(s *dissect.Step) {
		s.Message = &tlswire.ServerHello{Version: tls12, SelectedVersion: tls13}
	})
}

func alert(from outcome.Role, level, code uint8, cleartext bool) *dissect.Step {
	return handStep(from, dissect.KindAlert, "alert "+tlswire.AlertName(code), func(s *dissect.Step) {
		s.Alert = &dissect.Alert{Level: level, Code: code, Cleartext: cleartext}
	})
}

func transportStep(from outcome.Role, name string) *dissect.Step {
	return handStep(from, dissect.KindTransport, name, nil)
}

// TestTimelines are recordings written by hand: what a link or a foreign stack
// does and no pair of ours can be made to do.
func TestTimelines(t *testing.T) {
	p := healthyPair(t)
	client, server := p.settings(t)
	failed := func(set outcome.Settings, f outcome.Failure) transcript.Side {
		return transcript.Side{Settings: set, Outcome: outcome.Outcome{Role: set.Role, Known: true, Handshake: &f}}
	}
	late := func(set outcome.Settings, f *outcome.Failure) transcript.Side {
		return transcript.Side{Settings: set, Outcome: outcome.Outcome{Role: set.Role, Known: true, Complete: true, Late: f}}
	}
	accepted := func(s transcript.Side, chain ...*entity) transcript.Side {
		s.Outcome.VerifiedChains = [][][]byte{raws(chain...)}
		return s
	}
	sent := func(from outcome.Role, list ...*entity) *dissect.Step {
		m := &tlswire.Certificate{}
		for _, raw := range raws(list...) {
			m.Entries = append(m.Entries, tlswire.CertificateEntry{Data: raw})
		}
		return handStep(from, dissect.KindHandshake, "Certificate", func(s *dissect.Step) { s.Message = m })
	}
	finished := func(from outcome.Role) *dissect.Step {
		return handStep(from, dissect.KindHandshake, "Finished", func(s *dissect.Step) { s.Message = &tlswire.Finished{} })
	}
	reset := outcome.Failure{Text: "read: connection reset by peer", Op: outcome.OpRead, Transport: outcome.Reset}
	eof := outcome.Failure{Text: "EOF", Op: outcome.OpRead, Transport: outcome.EOF}
	timeout := outcome.Failure{Text: "i/o timeout", Op: outcome.OpHandshake, Transport: outcome.Timeout}
	expiredClient := client
	expiredClient.Credentials = credential(t, issue(t, p.clientCA, clientLeaf(expired)), p.clientCA)
	refusal := outcome.Failure{
		Text: "tls: failed to verify certificate: x509: certificate has expired", Local: &outcome.LocalAlert{},
		Verify: &outcome.VerifyFailure{Kind: outcome.Expired, Certificate: expiredClient.Credentials[0].Chain[0]},
	}

	tests := []struct {
		name string
		in   Input
		want want
	}{
		{"the answer is cut", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), transportStep(outcome.Server, "FIN")),
			Client:   failed(client, outcome.Failure{Text: "unexpected EOF", Op: outcome.OpHandshake, Transport: outcome.EOF}),
		}, want{"broken", one("cut-mid-flight"), nil}},
		{"a reset after the ClientHello", Input{
			Timeline: timeline(outcome.TCP, 0, clientHello(250), transportStep(outcome.Server, "RST")),
			Client:   failed(client, reset),
		}, want{"broken", one("rst-after-hello"), nil}},
		{"a capture of a reset after the ClientHello", Input{
			Timeline: timeline(outcome.TCP, 0, clientHello(250), transportStep(outcome.Server, "RST")),
		}, want{"broken", one("rst-after-hello"), nil}},
		{"a warning, then the end", Input{
			Timeline: timeline(outcome.TCP, 0, clientHello(250), alert(outcome.Server, 1, 112, false), transportStep(outcome.Server, "FIN")),
			Client:   failed(client, eof),
		}, want{"broken", one("warning-alert"), nil}},
		{"a large ClientHello and no answer", Input{
			Timeline: timeline(outcome.TCP, 0, clientHello(1480)),
			Client:   failed(client, timeout),
		}, want{"timeout", []string{"large-hello-dropped?", "blackhole?"}, nil}},
		{"a small ClientHello and no answer", Input{
			Timeline: timeline(outcome.TCP, 0, clientHello(250)),
			Client:   failed(client, timeout),
		}, want{"timeout", one("blackhole"), nil}},
		{"silence over UDP", Input{
			Timeline: timeline(outcome.QUIC, 0, clientHello(1480)),
			Client:   failed(client, timeout),
		}, want{"timeout", one("quic-silence"), nil}},
		{"an alert in the clear", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), sent(outcome.Server, p.server, p.serverCA), finished(outcome.Server), alert(outcome.Client, 2, 48, true), alert(outcome.Server, 2, 20, false)),
			Server:   failed(server, outcome.Failure{Text: "local error: tls: bad record MAC", Local: &outcome.LocalAlert{Code: 20, HasCode: true}}),
		}, want{"refused client Certificate 48", []string{"server-untrusted-ca?", "server-missing-intermediate?", "server-ca-rotated?", "client-trust-empty?", "client-trust-wrong-file?", "bundle-partly-read?", "server-mitm?", "altered-on-path?"}, nil}},
		{"a damaged record", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), handStep(outcome.Server, dissect.KindApplicationData, "protected record", func(s *dissect.Step) {
				s.Marks = []transcript.Mark{transcript.Rewritten}
			}), alert(outcome.Client, 2, 20, false)),
			Client: failed(client, outcome.Failure{Text: "local error: tls: bad record MAC", Local: &outcome.LocalAlert{Code: 20, HasCode: true}}),
			Server: failed(server, outcome.Failure{Text: "remote error: tls: bad record MAC", Peer: &outcome.PeerAlert{Code: 20}}),
		}, want{"refused client protected record 20", one("corrupt-record"), nil}},
		{"a signature over other messages", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), handStep(outcome.Server, dissect.KindHandshake, "EncryptedExtensions", func(s *dissect.Step) {
				s.Message, s.Marks = &tlswire.EncryptedExtensions{}, []transcript.Mark{transcript.Rewritten}
			}), sent(outcome.Server, p.server, p.serverCA), alert(outcome.Client, 2, 51, false)),
			Client: accepted(failed(client, outcome.Failure{Text: "tls: invalid signature by the server certificate", Local: &outcome.LocalAlert{}, Verify: &outcome.VerifyFailure{Kind: outcome.BadSignature}}), p.server, p.serverCA, p.serverRoot),
			Server: failed(server, outcome.Failure{Text: "remote error: tls: error decrypting message", Peer: &outcome.PeerAlert{Code: 51}}),
		}, want{"refused client CertificateVerify 51", one("altered-on-path"), nil}},
		{"an application closes", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), finished(outcome.Server), finished(outcome.Client), transportStep(outcome.Server, "FIN")),
			Client:   accepted(late(client, &eof), p.server, p.serverCA, p.serverRoot),
			Server:   accepted(late(server, nil), p.client, p.clientCA, p.clientRoot),
		}, want{"established", one("app-close"), nil}},
		{"a foreign server closes after the handshake", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), finished(outcome.Server), sent(outcome.Client, p.client, p.clientCA), finished(outcome.Client), transportStep(outcome.Server, "FIN")),
			Client:   accepted(late(client, &eof), p.server, p.serverCA, p.serverRoot),
		}, want{"established", one("app-close?"), nil}},
		{"an application closes with a code", Input{
			Timeline: timeline(outcome.QUIC, tls13, clientHello(250), serverHello(), finished(outcome.Server), finished(outcome.Client), handStep(outcome.Server, dissect.KindQUICFrame, "CONNECTION_CLOSE", func(s *dissect.Step) {
				s.Close = &dissect.Close{Application: true, Code: 0x103, Reason: "client-1 not authorised\x1b[31m"}
			})),
			Client: accepted(late(client, &outcome.Failure{Text: "Application error 0x103 (remote)", Close: &outcome.Close{Remote: true, Application: true, Code: 0x103}}), p.server, p.serverCA, p.serverRoot),
			Server: accepted(late(server, nil), p.client, p.clientCA, p.clientRoot),
		}, want{"established", one("app-close"), nil}},
		{"a reset hides the alert", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), finished(outcome.Server), sent(outcome.Client, &entity{cert: mustParse(t, expiredClient.Credentials[0].Chain[0])}, p.clientCA), finished(outcome.Client), alert(outcome.Server, 2, 45, false), transportStep(outcome.Server, "RST")),
			Client:   accepted(late(expiredClient, &reset), p.server, p.serverCA, p.serverRoot),
			Server:   failed(server, refusal),
		}, want{"refused server Certificate 45", one("client-expired"), one("reset-hides-alert")}},
		{"a foreign server resets after the handshake", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), finished(outcome.Server), finished(outcome.Client), transportStep(outcome.Server, "RST")),
			Client:   accepted(late(client, &reset), p.server, p.serverCA, p.serverRoot),
		}, want{"broken", one("reset-hides-alert?"), nil}},
		{"a rule of the application", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), finished(outcome.Server), sent(outcome.Client, p.client, p.clientCA), finished(outcome.Client), alert(outcome.Server, 2, 42, false)),
			Client:   accepted(late(client, &outcome.Failure{Text: "remote error: tls: bad certificate", Peer: &outcome.PeerAlert{Code: 42}}), p.server, p.serverCA, p.serverRoot),
			Server:   accepted(failed(server, outcome.Failure{Text: "client-1.test is not on the list"}), p.client, p.clientCA, p.clientRoot),
		}, want{"refused server Certificate 42", one("policy-refused"), nil}},
		{"a rule of a foreign application", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), finished(outcome.Server), sent(outcome.Client, p.client, p.clientCA), finished(outcome.Client), alert(outcome.Server, 2, 49, false)),
			Client:   accepted(late(client, &outcome.Failure{Text: "remote error: tls: access denied", Peer: &outcome.PeerAlert{Code: 49}}), p.server, p.serverCA, p.serverRoot),
		}, want{"refused server Certificate 49", []string{"policy-refused?", "policy-verifypeer?", "policy-verifyconnection?", "client-staple-missing?"}, nil}},
		{"nothing that is known", Input{
			Timeline: timeline(outcome.TCP, tls13, clientHello(250), serverHello(), alert(outcome.Server, 2, 80, false)),
			Client:   failed(client, outcome.Failure{Text: "remote error: tls: internal error", Peer: &outcome.PeerAlert{Code: 80}}),
		}, want{"refused server - 80", nil, nil}},

		{"a server's files are exchanged", Input{
			Server: transcript.Side{Settings: outcome.Settings{Known: true, Clock: testClock, ClientAuth: outcome.AuthRequire, Trust: raws(p.clientRoot), CertificateFile: "server's cert.pem", KeyFile: "server.key"}, Outcome: outcome.Outcome{
				Known: true, Unloadable: &outcome.Failure{Op: outcome.OpLoad, Text: "tls: PEM inputs may have been switched", Verify: &outcome.VerifyFailure{Detail: "swapped-files"}},
			}},
			Client: transcript.Side{Settings: expiredClient, Outcome: outcome.Outcome{Known: true}},
		}, want{"unloadable server", one("swapped-files"), one("client-expired")}},
		{"a client's trust file yields nothing, by its words alone", Input{
			Client: transcript.Side{Settings: outcome.Settings{Known: true}, Outcome: outcome.Outcome{Known: true, Unloadable: &outcome.Failure{Text: "open ca.pem: no such file or directory"}}},
			Server: transcript.Side{Settings: server, Outcome: outcome.Outcome{Known: true}},
		}, want{"unloadable client", one("file-missing"), nil}},
		{"neither side loads", Input{
			Client: transcript.Side{Outcome: outcome.Outcome{Known: true, Unloadable: &outcome.Failure{Text: "tls: private key does not match public key"}}},
			Server: transcript.Side{Outcome: outcome.Outcome{Known: true, Unloadable: &outcome.Failure{Text: "x", Verify: &outcome.VerifyFailure{Detail: "bundle-unread"}}}},
		}, want{"unloadable server", one("bundle-unread"), one("wrong-key")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Diagnose(tt.in)
			check(t, d, tt.want)
			wellSaid(t, d)
			nothingMissed(t, tt.in)
		})
	}
}

func mustParse(t *testing.T, raw []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
