package diagnose

import (
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// TestContradictions gives the diagnosis facts that cannot all be true, and facts
// that no rule accounts for: it names no cause, and shows what there is.
func TestContradictions(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	tests := []struct {
		name string
		in   func(*desk) Input
		// says are parts of the facts that must be shown.
		says []string
	}{
		{
			"complete, and failed",
			func(d *desk) Input {
				in := d.both(refuses(outcome.UnknownAuthority, "x509: certificate signed by unknown authority", d.serverCA), told(alertBadCertificate), tcp(d.flight(alert(client, 2, alertBadCertificate, false))...))
				in.Client.Outcome.Complete = true
				in.Client.Settings.Trust = raws(d.clientRoot)
				return in
			},
			[]string{"the client reports both a complete handshake and the error of one", "unknown authority"},
		},
		{
			"a chain that verified, and did not",
			func(d *desk) Input {
				in := d.both(nil, refuses(outcome.Expired, "x509: certificate has expired", d.pair.client), tcp(d.flight(sends(client, d.pair.client, d.clientCA), finishedStep(client), alert(server, 2, alertCertificateExpired, false))...))
				in.Server.Outcome.VerifiedChains = [][][]byte{raws(d.pair.client, d.clientCA, d.clientRoot)}
				return in
			},
			[]string{"the server reports a verified chain and that verification failed (expired)"},
		},
		{
			"each was told by the other",
			func(d *desk) Input {
				return d.both(told(alertBadCertificate), told(alertUnknownCA), tcp(clientHello(250), serverHello()))
			},
			[]string{"neither has decided", "bad_certificate", "unknown_ca"},
		},
		{
			"another alert than the one that was sent",
			func(d *desk) Input {
				return d.both(told(alertHandshakeFailure), refuses(outcome.Expired, "x509: certificate has expired", nil), tcp(d.flight(sends(client, d.pair.client, d.clientCA), finishedStep(client), alert(server, 2, alertCertificateExpired, false))...))
			},
			[]string{"the client was told handshake_failure, and what the server sent is alert certificate_expired"},
		},
		{
			"a client that misses a client's certificate",
			func(d *desk) Input {
				return d.both(refuses(outcome.NoCertificate, "tls: client didn't provide a certificate", nil), told(alertCertificateRequired), tcp(d.flight(alert(client, 2, alertCertificateRequired, false))...))
			},
			[]string{"the client reports that no client certificate came"},
		},
		{
			"a server that looks for a name",
			func(d *desk) Input {
				return d.both(nil, refuses(outcome.Hostname, "x509: certificate is valid for a, not b", d.pair.client), tcp(d.flight(sends(client, d.pair.client, d.clientCA), finishedStep(client))...))
			},
			[]string{"servers look for none"},
		},
		{
			"an error that is everybody's",
			func(d *desk) Input {
				f := told(alertInternalError)
				f.Local = &outcome.LocalAlert{Code: alertInternalError, HasCode: true}
				return d.both(f, nil, tcp(d.flight()...))
			},
			[]string{"both its own decision and the other side's"},
		},

		// Facts that agree with each other, and with no rule.
		{
			"expired, by a clock that is right, and it is valid",
			func(d *desk) Input {
				return d.both(nil, refuses(outcome.Expired, "x509: certificate has expired or is not yet valid", d.pair.client), tcp(d.flight(sends(client, d.pair.client, d.clientCA), finishedStep(client), alert(server, 2, alertCertificateExpired, false))...))
			},
			[]string{"its own verification: expired", "the server sends alert certificate_expired"},
		},
		{
			"a verifier that knows a reason of its own",
			func(d *desk) Input {
				return d.both(refuses("moon-phase", "x509: wrong phase of the moon", d.pair.server), told(alertBadCertificate), tcp(d.flight(alert(client, 2, alertBadCertificate, false))...))
			},
			[]string{"moon-phase", "wrong phase of the moon"},
		},
		{
			"an alert that nobody has assigned",
			func(d *desk) Input {
				return d.both(told(200), decides(200, "tls: \x1b[31mout of cheese"), tcp(clientHello(250), serverHello(), alert(server, 2, 200, false)))
			},
			[]string{"out of cheese"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Diagnose(tt.in(newDesk(t)))
			if len(d.Causes) > 0 {
				t.Errorf("a cause is named: %v\n%s", said(d), story(d))
			}
			var facts []string
			for _, e := range d.Unexplained {
				facts = append(facts, e.Text)
			}
			all := strings.Join(facts, "\n")
			for _, s := range tt.says {
				if !strings.Contains(all, s) {
					t.Errorf("nothing says %q:\n%s", s, all)
				}
			}
			if strings.ContainsRune(all, '\x1b') {
				t.Errorf("a control character is shown as it is: %q", all)
			}
			for i, f := range facts {
				for _, other := range facts[:i] {
					if f == other {
						t.Errorf("said twice: %s", f)
					}
				}
			}
		})
	}
}

// TestWhatIsExplainedIsNotUnexplained: facts are laid out only where no cause is.
func TestWhatIsExplainedIsNotUnexplained(t *testing.T) {
	for _, tt := range twins() {
		if d := Diagnose(tt.is(newDesk(t))); len(d.Causes) > 0 && len(d.Unexplained) > 0 {
			t.Errorf("%s/%s: both causes %v and unexplained facts", tt.table, tt.id, said(d).causes)
		}
	}
}

// FuzzErrors feeds arbitrary errors to the mode that has nothing else. Whatever
// they say, the diagnosis ends without a panic, is sure of nothing that the error
// alone can mean, and says well what it says.
func FuzzErrors(f *testing.F) {
	p := healthyPair(f)
	clientSet, serverSet := p.settings(f)
	f.Add("remote error: tls: bad certificate", true, uint8(42), "", p.server.raw(), []byte{})
	f.Add("tls: failed to verify certificate: x509: certificate signed by unknown authority", true, uint8(0), "unknown-authority", p.serverCA.raw(), []byte{})
	f.Add("tls: client didn't provide a certificate", false, uint8(116), "no-certificate", []byte{0x30}, []byte{})
	f.Add("tls: first record does not look like a TLS handshake", true, uint8(0), "", []byte{}, []byte("HTTP/1.1"))
	f.Add("timeout: no recent network activity\x1b[31m", false, uint8(255), "hostname", p.client.raw(), []byte{0})
	f.Fuzz(func(t *testing.T, text string, ofClient bool, code uint8, kind string, named, header []byte) {
		fail := &outcome.Failure{Text: text, Op: outcome.OpHandshake, RecordHeader: header}
		switch {
		case kind != "":
			fail.Local, fail.Verify = &outcome.LocalAlert{}, &outcome.VerifyFailure{Kind: outcome.VerifyKind(kind), Certificate: named, Host: text}
		case code > 0:
			fail.Peer = &outcome.PeerAlert{Code: code}
		default:
			fail.Transport = outcome.EOF
		}
		in := Input{Server: transcript.Side{Settings: serverSet, Outcome: outcome.Outcome{Known: true, Handshake: fail}}}
		if ofClient {
			in = Input{Client: transcript.Side{Settings: clientSet, Outcome: outcome.Outcome{Known: true, Handshake: fail}}}
		}
		d := Diagnose(in)
		wellSaid(t, d)
		if d.Mode != ErrorsOnly {
			t.Errorf("mode %q, want %q", d.Mode, ErrorsOnly)
		}
		if len(d.Causes) == 0 && len(d.Unexplained) == 0 && d.Outcome != Established {
			t.Errorf("neither a cause nor a fact: %v", said(d))
		}
	})
}
