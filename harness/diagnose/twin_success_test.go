package diagnose

import (
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
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
	before := func(role outcome.Role, shown func(*desk) *entity, next func(*desk) Input) func(*desk) Input {
		return func(d *desk) Input {
			in := next(d)
			*in.side(role.Peer()) = transcript.Side{}
			in.Before = []*dissect.Timeline{tcp(d.flight(sends(client, shown(d), d.clientCA), finishedStep(client), dataStep(server))...)}
			return in
		}
	}
	other := func(d *desk) *entity { return issue(d.t, issue(d.t, nil, ca("Dropped CA")), clientLeaf()) }
	closes := func(more ...*dissect.Step) func(*desk) Input {
		return func(d *desk) Input {
			in := d.one(server, nil, tcp(d.flight(append([]*dissect.Step{sends(client, d.pair.client, d.clientCA), finishedStep(client)}, append(more, alert(server, 1, 0, false))...)...)...))
			in.Server.Outcome.VerifiedChains = [][][]byte{raws(d.pair.client, d.clientCA, d.clientRoot)}
			return in
		}
	}
	return []twin{
		{
			"remembered", "client-ca-hint-mismatch", // of its place among them see TestACertificateBeforeIsRemembered
			func(d *desk) Input {
				in := d.one(server, refuses(outcome.NoCertificate, "tls: client didn't provide a certificate", nil), refusedForNone(d))
				in.Before = []*dissect.Timeline{tcp(d.flight(sends(client, other(d)), finishedStep(client), dataStep(server))...)}
				return in
			},
			func(d *desk) Input { // the client itself says that it has none any more
				d.client.Credentials = nil
				in := d.both(told(alertCertificateRequired), refuses(outcome.NoCertificate, "tls: client didn't provide a certificate", nil), refusedForNone(d))
				in.Before = []*dissect.Timeline{tcp(d.flight(sends(client, other(d)), finishedStep(client), dataStep(server))...)}
				return in
			},
		},
		{"remembered", "resumed-old-identity", before(client, other, resumed(func(*desk, *Input) {})), before(client, own, resumed(func(*desk, *Input) {}))},
		{"connection", "app-close", closes(), closes(dataStep(server))},
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

// refusedForNone is a server that names the client's CA and gets no certificate.
func refusedForNone(d *desk) *dissect.Timeline {
	client, server := outcome.Client, outcome.Server
	request := requestStep()
	request.Message = &tlswire.CertificateRequest{CertificateAuthorities: [][]byte{d.clientRoot.cert.RawSubject}}
	return tcp(clientHello(250), serverHello(), request, sends(server, d.pair.server), finishedStep(server), sends(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false))
}

// TestACertificateBeforeIsRemembered holds the place of a candidate that is among
// them in any case: first, if the client has shown a certificate of a CA that the
// server does not name any more.
func TestACertificateBeforeIsRemembered(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	d := newDesk(t)
	in := d.one(server, refuses(outcome.NoCertificate, "tls: client didn't provide a certificate", nil), refusedForNone(d))
	of := func(leaf *entity, issuer ...*entity) *dissect.Timeline {
		return tcp(d.flight(sends(client, append([]*entity{leaf}, issuer...)...), finishedStep(client), dataStep(server))...)
	}
	for _, tt := range []struct {
		name   string
		before []*dissect.Timeline
		first  string
	}{
		{"nothing before", nil, "client-no-cert?"},
		{"one of a CA that is not named any more", []*dissect.Timeline{of(issue(t, issue(t, nil, ca("Dropped CA")), clientLeaf()))}, "client-ca-hint-mismatch?"},
		{"one that would do", []*dissect.Timeline{of(d.pair.client, d.clientCA)}, "client-no-cert?"},
		{"none before either", []*dissect.Timeline{tcp(d.flight(sends(client))...)}, "client-no-cert?"},
	} {
		in.Before = tt.before
		got := Diagnose(in)
		wellSaid(t, got)
		if causes := said(got).causes; len(causes) == 0 || causes[0] != tt.first {
			t.Errorf("%s: got causes %v, want %s first", tt.name, causes, tt.first)
		}
	}
}
