package diagnose

import (
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// perhapsTwins are, for each row, the alert that it fits and one that it does not;
// and what else stands behind all that shows.
func perhapsTwins() []twin {
	client, server := outcome.Client, outcome.Server
	var list []twin
	for _, row := range perhapsRows {
		list = append(list, twin{"perhaps", row.id, unstapled(row.of, row.alerts[len(row.alerts)-1]), unstapled(row.of, alertCertificateExpired)})
	}
	for _, row := range neverCameRows {
		list = append(list, twin{
			"perhaps", row.id,
			func(d *desk) Input { return d.one(server, endsBy(outcome.EOF), tcp(transportStep(client, "FIN"))) },
			func(d *desk) Input {
				return d.one(server, endsBy(outcome.EOF), tcp(clientHello(250), transportStep(client, "FIN")))
			},
		})
	}
	refused := func(groups ...uint16) func(*desk) Input {
		return func(d *desk) Input {
			hello := offer(func(m *tlswire.ClientHello) { m.SupportedGroups = groups })
			return d.one(client, told(alertHandshakeFailure), tcp(hello, alert(server, 2, alertHandshakeFailure, false)))
		}
	}
	lacking := func(d *desk, sent ...*entity) Input {
		d.server.Trust = nil
		request := requestStep()
		request.Message = &tlswire.CertificateRequest{CertificateAuthorities: [][]byte{d.serverRoot.cert.RawSubject}}
		steps := []*dissect.Step{clientHello(250), serverHello(), extensions(), request, sends(server, d.pair.server, d.serverCA), signs13(server), finishedStep(server)}
		return d.one(client, told(alertCertificateRequired), tcp(append(steps, sends(client, sent...), alert(server, 2, alertCertificateRequired, false))...))
	}
	unasked := func(d *desk, more ...*dissect.Step) Input {
		steps := append([]*dissect.Step{clientHello(250), serverHello(), extensions()}, more...)
		in := d.one(client, nil, tcp(append(steps, sends(server, d.pair.server, d.serverCA), signs13(server), finishedStep(server), finishedStep(client), transportStep(server, "FIN"))...))
		in.Client.Outcome.Late = endsBy(outcome.EOF)
		return in
	}
	return append(
		list,
		twin{"perhaps", "altered-on-path", refused(groupX25519, groupP256), refused(0x0019)},
		twin{"perhaps", "altered-on-path", func(d *desk) Input { return issuerComesFirst(d, tls12) }, func(d *desk) Input { return issuerComesFirst(d, tls13) }},
		twin{"perhaps", "bundle-partly-read", func(d *desk) Input { return lacking(d) }, func(d *desk) Input { return lacking(d, d.pair.client, d.clientCA) }},
		twin{"perhaps", "proxy-reoriginates", func(d *desk) Input { return unasked(d) }, func(d *desk) Input { return unasked(d, requestStep()) }},
	)
}

// issuerComesFirst is a client that gets the server's chain with the issuer first,
// and looks for the name in it.
func issuerComesFirst(d *desk, version uint16) Input {
	steps := []*dissect.Step{clientHello(250), sends(outcome.Server, d.serverCA, d.pair.server), alert(outcome.Client, 2, alertBadCertificate, false)}
	return d.one(outcome.Client, refuses(outcome.Hostname, "x509: certificate is not valid for any names, but wanted to match server.test", nil), timeline(outcome.TCP, version, steps...))
}

// TestOneBitOff: names that differ in one bit of a letter within a word are the same
// name, damaged; numbered and lettered CAs are not.
func TestOneBitOff(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"Client Root", "Client Roou", true},
		{"Client Root", "Client Root", false},
		{"Client Root", "Client Ross", false}, // two letters
		{"Client Root", "Client Roow", false}, // two bits
		{"Client Root", "Client rOOT", false},
		{"Client Root", "client Root", false}, // another spelling
		{"Client CA 2", "Client CA 3", false},
		{"Client CA B", "Client CA C", false},
		{"Client CA D", "Client CA E", false}, // one bit, and a word of its own
		{"Client Root", "Client Roots", false},
	} {
		if got := misspelt([]byte(tt.a), []byte(tt.b)); got != tt.want {
			t.Errorf("%q for %q: got %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}
