package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// established is a handshake that succeeded on both sides.
func (d *desk) established(steps ...*dissect.Step) Input {
	in := d.both(nil, nil, tcp(steps...))
	in.Client.Outcome.VerifiedChains = [][][]byte{raws(d.pair.server, d.serverCA, d.serverRoot)}
	return in
}

// successTwins are about handshakes that succeed and should not, and about what a
// refusal leaves of itself.
func successTwins() []twin {
	client, server := outcome.Client, outcome.Server
	mode := func(auth outcome.ClientAuth, request bool, chain ...func(*desk) *entity) func(*desk) Input {
		return func(d *desk) Input {
			d.server.ClientAuth = auth
			steps := []*dissect.Step{clientHello(250), serverHello(), extensions()}
			if request {
				steps = append(steps, requestStep())
			}
			steps = append(steps, sends(server, d.pair.server, d.serverCA), signs13(server), finishedStep(server))
			if request {
				var list []*entity
				for _, c := range chain {
					list = append(list, c(d))
				}
				steps = append(steps, sends(client, list...))
			}
			in := d.established(append(steps, finishedStep(client), dataStep(server))...)
			if auth == outcome.AuthRequire {
				in.Server.Outcome.VerifiedChains = [][][]byte{raws(d.pair.client, d.clientCA, d.clientRoot)}
			}
			return in
		}
	}
	own := func(d *desk) *entity { return d.pair.client }
	resumed := func(change func(*desk, *Input)) func(*desk) Input {
		return func(d *desk) Input {
			hello := serverHello()
			psk := uint16(0)
			hello.Message = &tlswire.ServerHello{Version: tls12, SelectedVersion: tls13, SelectedPSK: &psk}
			in := d.established(clientHello(250), hello, extensions(), finishedStep(server), finishedStep(client), dataStep(server))
			in.Server.Outcome.PeerCertificates = raws(d.pair.client, d.clientCA)
			in.Client.Outcome.Negotiated.Resumed, in.Server.Outcome.Negotiated.Resumed = true, true
			change(d, &in)
			return in
		}
	}
	rule := func(callback outcome.Callback) func(*desk, *Input) {
		return func(_ *desk, in *Input) {
			in.Server.Settings.Rules = []outcome.Rule{{Callback: callback, Text: "not on the list"}}
		}
	}
	refusedByRule := func(words string, code uint8) func(*desk) Input {
		return func(d *desk) Input {
			in := d.both(nil, &outcome.Failure{Text: words, Op: outcome.OpHandshake}, tcp(d.flight(sends(client, d.pair.client, d.clientCA), finishedStep(client), alert(server, 2, code, false))...))
			in.Server.Outcome.VerifiedChains = [][][]byte{raws(d.pair.client, d.clientCA, d.clientRoot)}
			return in
		}
	}
	foreignClient := func(d *desk, code uint8, name string) Input {
		hello := offer(func(m *tlswire.ClientHello) { m.ServerName = name })
		return d.one(server, told(code), tcp(hello, serverHello(), sends(server, d.pair.server, d.serverCA), finishedStep(server), alert(client, 2, code, false)))
	}
	address := func(name string) func(*desk) Input {
		return func(d *desk) Input {
			d.client.ServerName = name
			plain := issue(d.t, d.serverCA, serverLeaf(dns("server.test")))
			f := refuses(outcome.Hostname, "x509: cannot validate", plain)
			f.Verify.Host = name
			return d.one(client, f, tcp(clientHello(250), serverHello(), sends(server, plain, d.serverCA), finishedStep(server), alert(client, 2, alertBadCertificate, false)))
		}
	}
	lateReset := func(how outcome.TransportEnd) func(*desk) Input {
		return func(d *desk) Input {
			in := d.one(client, nil, tcp(d.flight(sends(client, d.pair.client, d.clientCA), finishedStep(client), transportStep(server, "RST"))...))
			in.Client.Outcome.Late = endsBy(how)
			in.Client.Outcome.Late.Op = outcome.OpRead
			return in
		}
	}
	return []twin{
		{"enforcement", "server-requires-any", mode(outcome.AuthRequireAny, true, own), mode(outcome.AuthRequire, true, own)},
		{"enforcement", "server-request-only", mode(outcome.AuthRequest, true), mode(outcome.AuthRequire, true, own)},
		{"enforcement", "server-never-asks", mode(outcome.AuthNone, false), mode(outcome.AuthRequire, true, own)},
		{
			"resumption", "resumed-old-identity",
			resumed(func(d *desk, in *Input) {
				in.Client.Settings.Credentials = credential(d.t, issue(d.t, d.clientCA, clientLeaf()), d.clientCA)
			}),
			resumed(func(*desk, *Input) {}),
		},
		{"resumption", "policy-skipped-on-resume", resumed(rule(outcome.VerifyPeerCertificate)), resumed(rule(outcome.VerifyConnection))},
		{"last", "policy-refused", refusedByRule("client-1.test is not on the list", alertBadCertificate), refusedByRule("tls: out of memory", alertInternalError)},
		{
			"last", "server-hostname",
			func(d *desk) Input { return foreignClient(d, alertBadCertificate, "server.test") },
			func(d *desk) Input { return foreignClient(d, alertUnknownCA, "server.test") },
		},
		{"last", "no-sni-default-cert", address("192.0.2.1"), address("other.test")},
		{"last", "getcertificate-skipped", address("192.0.2.1"), address("other.test")},
		{"last", "reset-hides-alert", lateReset(outcome.Reset), lateReset(outcome.Timeout)},
	}
}
