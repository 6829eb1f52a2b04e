package diagnose

import (
	"testing"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// firstCause is the cause that is named first, empty for none.
func firstCause(d Diagnosis) string {
	if len(d.Causes) == 0 {
		return ""
	}
	return d.Causes[0].ID
}

// TestLikelierFirst holds what is named first against a look-alike in which the
// evidence lies the other way.
func TestLikelierFirst(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	expires := refuses(outcome.Expired, "x509: certificate has expired or is not yet valid", nil)
	none := refuses(outcome.NoCertificate, "tls: client didn't provide a certificate", nil)
	narrow := func(d *desk, schemes ...tlswire.SignatureScheme) Input {
		request := requestStep()
		request.Message = &tlswire.CertificateRequest{SignatureSchemes: schemes}
		steps := []*dissect.Step{clientHello(250), serverHello(), extensions(), request, sends(server, d.pair.server, d.serverCA), signs13(server), finishedStep(server), sends(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false)}
		return d.one(server, none, tcp(steps...))
	}
	unselected := func(d *desk, offered string) Input {
		hello := offer(func(m *tlswire.ClientHello) { m.ALPN = []string{offered} })
		return d.one(client, decides(alertNoApplicationProto, "tls: server did not select an ALPN protocol"), quic(hello, serverHello(), extensions(), alert(client, 2, alertNoApplicationProto, false)))
	}
	for _, tt := range []struct {
		name string
		in   func(*desk) Input
		want string
	}{
		{"a client by whose clock everything is long out of date", func(d *desk) Input {
			d.client.Clock = testClock.Add(300 * 24 * time.Hour)
			in := d.one(client, expires, tcp(d.flight(alert(client, 2, alertBadCertificate, false))...))
			in.Recorded = d.client.Clock
			return in
		}, "client-clock-ahead"},
		{"a client by whose clock both certificates ended yesterday", func(d *desk) Input {
			d.client.Clock = testClock.Add(91 * 24 * time.Hour)
			in := d.one(client, expires, tcp(d.flight(alert(client, 2, alertBadCertificate, false))...))
			in.Recorded = d.client.Clock
			return in
		}, "server-expired"},
		{"a server whose certificate ended yesterday by its own clock, and is accepted", func(d *desk) Input {
			d.server.Clock = testClock.Add(91 * 24 * time.Hour)
			in := d.one(server, expires, tcp(d.flight(sends(client, d.pair.client, d.clientCA), signs13(client), finishedStep(client), alert(server, 2, alertCertificateExpired, false))...))
			in.Recorded = d.server.Clock
			return in
		}, "server-clock-ahead"},
		{"a server whose certificate ended yesterday, and of which nobody has taken it", func(d *desk) Input {
			d.server.Clock = testClock.Add(91 * 24 * time.Hour)
			in := d.one(server, expires, tcp(d.flight(sends(client, d.pair.client, d.clientCA), alert(server, 2, alertCertificateExpired, false))...))
			in.Recorded = d.server.Clock
			return in
		}, "client-expired"},
		{"a request for RSA alone", func(d *desk) Input { return narrow(d, tlswire.RSAPKCS1SHA256, tlswire.RSAPSSRSAESHA256) }, "client-sigalg-mismatch"},
		{"a request for RSA and ECDSA", func(d *desk) Input { return narrow(d, tlswire.RSAPSSRSAESHA256, tlswire.ECDSASecp256r1SHA256) }, "client-no-cert"},
		{"a QUIC server that selects nothing for http/1.1", func(d *desk) Input { return unselected(d, "http/1.1") }, "alpn-h2-vs-http11"},
		{"a QUIC server that selects nothing for h3", func(d *desk) Input { return unselected(d, "h3") }, "alpn-server-none"},
	} {
		if d := Diagnose(tt.in(newDesk(t))); firstCause(d) != tt.want {
			t.Errorf("%s: got %v, want %s first\n%s", tt.name, said(d), tt.want, story(d))
		} else {
			wellSaid(t, d)
		}
	}
}
