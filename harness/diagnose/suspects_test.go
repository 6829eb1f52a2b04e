package diagnose

import (
	"crypto/x509"
	"slices"
	"testing"

	"shakedown/harness/outcome"
)

// TestOneErrorAlone is what one side's error and its own files leave, nothing else
// being known.
func TestOneErrorAlone(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	at := func(f *outcome.Failure, host string) *outcome.Failure {
		f.Verify.Host = host
		return f
	}
	tests := []struct {
		name string
		in   func(*desk) Input
		// causes must be there in that order, the first of them at the top; not must
		// be ruled out.
		causes, not []string
		further     []string
	}{
		{
			"a name, and the certificate that does not have it",
			func(d *desk) Input {
				leaf := issue(d.t, d.serverCA, serverLeaf(dns("*.test")))
				d.client.ServerName = "a.b.test"
				return d.log(client, at(refuses(outcome.Hostname, "x509: certificate is valid for *.test, not a.b.test", leaf), "a.b.test"))
			},
			[]string{"server-wildcard-depth"},
			[]string{"server-hostname?", "server-missing-intermediate"},
			nil,
		},
		{
			"a root of the client's own that has expired",
			func(d *desk) Input {
				root := issue(d.t, nil, ca("Old Root", expired))
				d.client.Trust = raws(root)
				return d.log(client, refuses(outcome.Expired, "x509: certificate has expired or is not yet valid: current time 2026-03-01T12:00:00Z is after 2026-02-19T12:00:00Z", root))
			},
			[]string{"server-root-expired?", "client-clock-ahead?"},
			[]string{"server-expired?", "server-intermediate-expired?", "server-not-reloaded?"},
			nil,
		},
		{
			"an intermediate that has expired",
			func(d *desk) Input {
				return d.log(client, refuses(outcome.Expired, "x509: certificate has expired or is not yet valid: current time 2026-03-01T12:00:00Z is after 2026-02-19T12:00:00Z", issue(d.t, d.serverRoot, ca("Old CA", expired))))
			},
			[]string{"server-intermediate-expired?", "client-clock-ahead?"},
			[]string{"server-expired?", "server-root-expired?"},
			nil,
		},
		{
			"a chain that ends in an intermediate",
			func(d *desk) Input {
				return d.log(client, refuses(outcome.UnknownAuthority, "x509: certificate signed by unknown authority", d.serverCA))
			},
			[]string{"server-untrusted-ca?", "server-mitm?"},
			[]string{"server-self-signed?", "client-trust-empty?", "client-trust-wrong-file?"},
			nil,
		},
		{
			"nothing to trust",
			func(d *desk) Input {
				d.client.Trust = nil
				return d.log(client, refuses(outcome.UnknownAuthority, "x509: certificate signed by unknown authority", d.pair.server))
			},
			[]string{"client-trust-empty"},
			[]string{"server-untrusted-ca?"},
			nil, // and nothing of it is said to bite next
		},
		{
			"a server that is told bad_certificate, and whose own chain is in order",
			func(d *desk) Input { return d.log(server, told(alertBadCertificate)) },
			[]string{"server-untrusted-ca?", "server-hostname?", "client-clock-behind?", "client-trust-empty?", "server-revoked?"},
			[]string{"server-expired?", "server-cn-only?", "server-self-signed?", "no-sni-default-cert?", "getcertificate-skipped?", "server-eku-clientauth?", "server-ip-no-ip-san?", "quic-silence?"},
			nil,
		},
		{
			"a server that is told bad_certificate, and whose own certificate has expired",
			func(d *desk) Input {
				d.server.Credentials = credential(d.t, issue(d.t, d.serverCA, serverLeaf(expired)), d.serverCA)
				return d.log(server, told(alertBadCertificate))
			},
			[]string{"server-expired?"},
			nil, nil,
		},
		{
			"a client that is told certificate_required, and has one",
			func(d *desk) Input { return d.log(client, told(alertCertificateRequired)) },
			[]string{"client-ca-hint-mismatch?", "client-missing-intermediate?"},
			[]string{"client-no-cert?", "client-key-unsupported?", "ech-rejected?", "client-self-signed?", "server-p224?"},
			nil,
		},
		{
			"a client that is told certificate_required, and has none",
			func(d *desk) Input {
				d.client.Credentials = nil
				return d.log(client, told(alertCertificateRequired))
			},
			[]string{"client-no-cert?"},
			[]string{"client-ca-hint-mismatch?", "client-self-signed?"},
			nil,
		},
		{
			"a client that is told unsupported_certificate, and whose own is for servers",
			func(d *desk) Input {
				d.client.Credentials = credential(d.t, issue(d.t, d.clientCA, clientLeaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })), d.clientCA)
				return d.log(client, told(alertUnsupportedCert))
			},
			[]string{"client-eku-serverauth?"},
			nil, nil,
		},
		{
			"a client of which only the error is known",
			func(d *desk) Input {
				d.client = outcome.Settings{}
				return d.log(client, told(alertCertificateRequired))
			},
			[]string{"client-no-cert?", "client-ca-hint-mismatch?"},
			nil, nil,
		},
		{
			"a verifier of which only the error is known",
			func(d *desk) Input {
				d.client = outcome.Settings{}
				return d.log(client, refuses(outcome.UnknownAuthority, "x509: certificate signed by unknown authority", nil))
			},
			[]string{"server-untrusted-ca?", "client-trust-empty?"},
			nil, nil,
		},
		{
			"time is up over TCP",
			func(d *desk) Input {
				return d.log(client, &outcome.Failure{Text: "read tcp 192.0.2.1:5->192.0.2.2:443: i/o timeout", Transport: outcome.Timeout})
			},
			[]string{"blackhole?", "large-hello-dropped?"},
			[]string{"quic-silence?"},
			nil,
		},
		{
			"time is up over QUIC",
			func(d *desk) Input {
				return d.log(client, &outcome.Failure{Text: "timeout: no recent network activity", Transport: outcome.Timeout})
			},
			[]string{"quic-silence?", "quic-mtu-blackhole?", "quic-client-flight-lost?"},
			[]string{"blackhole?", "large-hello-dropped?"},
			nil,
		},
		{
			"no error at all",
			func(d *desk) Input { return d.log(server, nil) },
			nil,
			[]string{"server-never-asks", "server-requires-any"},
			nil,
		},
		{
			"a text that nobody knows",
			func(d *desk) Input { return d.log(client, &outcome.Failure{Text: "computer says no"}) },
			nil,
			[]string{"server-untrusted-ca?"},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Diagnose(tt.in(newDesk(t)))
			wellSaid(t, d)
			got := said(d)
			if d.Mode != ErrorsOnly {
				t.Errorf("mode %q", d.Mode)
			}
			last := -1
			for i, id := range tt.causes {
				at := slices.Index(got.causes, id)
				if at < 0 || at < last || i == 0 && at != 0 {
					t.Errorf("got causes %v, want %v among them in that order", got.causes, tt.causes)
					break
				}
				last = at
			}
			if len(tt.causes) == 0 && len(got.causes) > 0 {
				t.Errorf("got causes %v, want none", got.causes)
			}
			for _, id := range tt.not {
				if slices.Contains(got.causes, id) {
					t.Errorf("%s is not ruled out: %v", id, got.causes)
				}
			}
			if !slices.Equal(got.further, tt.further) {
				t.Errorf("got further %v, want %v", got.further, tt.further)
			}
			if len(d.Causes) > 1 && (len(d.Missing) == 0 || d.Missing[0].Try == "") {
				t.Errorf("several causes, and nothing says how to tell them apart: %+v", d.Missing)
			}
		})
	}
}
