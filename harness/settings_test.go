package harness

import (
	"context"
	"testing"

	"shakedown/harness/scenario"
)

// Every setting that a scenario can name reaches the stacks, in every cell.
func TestSettingsTakeEffect(t *testing.T) {
	tests := map[string]string{
		"client auth none: a certificate is never asked for": `
server: {client_auth: none}
expect: {outcome: established}`,
		"client auth request: an untrusted certificate is taken unverified": `
pki: {stranger: {issuer: stranger-root, usage: [client]}, stranger-root: {ca: true}}
server: {client_auth: request}
client: {present: [stranger], send: forced}
expect: {outcome: established, cause: server-request-only}`,
		"client auth require-any: nothing is verified": `
pki: {stranger: {issuer: stranger-root, usage: [client]}, stranger-root: {ca: true}}
server: {client_auth: require-any}
client: {present: [stranger], send: forced}
expect: {outcome: established, cause: server-requires-any}`,
		"client auth require-any: none is refused": `
server: {client_auth: require-any}
client: {present: []}
expect: {outcome: refused, refused_by: server, cause: client-no-cert}`,
		"client auth verify-if-given: none is fine": `
server: {client_auth: verify-if-given}
client: {present: []}
expect: {outcome: established}`,
		"client auth verify-if-given: a wrong one is refused": `
pki: {stranger: {issuer: stranger-root, usage: [client]}, stranger-root: {ca: true}}
server: {client_auth: verify-if-given}
client: {present: [stranger, stranger-root], send: forced}
expect: {outcome: refused, refused_by: server, alert: unknown_ca, cause: client-untrusted-ca}`,
		"the server's clock decides over the client's certificate": `
server: {clock: +1y}
expect: {outcome: refused, refused_by: server, alert: certificate_expired, cause: server-clock-ahead, server_error: "is after"}`,
		"the client's clock decides over the server's certificate": `
client: {clock: -1y}
expect: {outcome: refused, refused_by: client, cause: client-clock-behind, client_error: "is before"}`,
		"the scenario's clock moves both and what is minted": `
clock: 2031-05-06T07:08:09Z
pki: {client: {not_after: -1h}}
expect: {outcome: refused, cause: client-expired, server_error: "current time 2031-05-06T07:08:09Z is after 2031-05-06T06:08:09Z"}`,
		"a client that verifies nothing accepts a stranger": `
pki: {rogue-root: {ca: true}}
client: {trust: [rogue-root], verify: none}
expect: {outcome: established}`,
		"the name that the client asks for": `
pki: {server: {dns: ["*.test"], ip: []}}
client: {server_name: a.b.test}
expect: {outcome: refused, refused_by: client, cause: server-wildcard-depth, client_error: "valid for *.test, not a.b.test"}`,
		"an address instead of a name": `
client: {server_name: 127.0.0.1}
expect: {outcome: established}`,
		"suites, where TLS 1.2 takes them": `
matrix: {transport: [tcp], tls: ["1.2"]}
server: {suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]}
client: {suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]}
expect: {outcome: refused, refused_by: server, at: ClientHello, alert: handshake_failure, cause: cipher-mismatch, server_error: "client offered: [c02b]"}`,
		"groups": `
matrix: {tls: ["1.3"]}
server: {groups: [P-521]}
client: {groups: [X25519]}
expect: {outcome: refused, refused_by: server, alert: handshake_failure, cause: curve-mismatch, server_error: "no key exchanges supported by both"}`,
		"groups in TLS 1.2 hide behind the suites' text": `
matrix: {transport: [tcp], tls: ["1.2"]}
server: {groups: [P-521]}
client: {groups: [X25519]}
expect: {outcome: refused, alert: handshake_failure, cause: curve-mismatch, server_error: "no cipher suite supported by both"}`,
		"protocols": `
server: {alpn: [a, lab/1]}
client: {alpn: [lab/1, b]}
expect: {outcome: established}`,
		"no protocol, which QUIC demands": `
matrix: {transport: [quic]}
client: {alpn: []}
expect: {outcome: refused, refused_by: server, alert: no_application_protocol, cause: alpn-client-none}`,
		"an RSA key, another hash, another curve": `
pki: {server: {key: rsa-2048, signature: sha384}, client: {key: ed25519}, client-ca: {key: ecdsa-p384}}
expect: {outcome: established}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			report, err := RunSuite(context.Background(), []*scenario.Scenario{parse(t, "title: a setting\n"+text)}, SuiteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if r.Status == Errored {
					t.Errorf("%s %s: %s", r.Transport, r.TLS, r.Reason)
				}
				for _, m := range r.Mismatches {
					t.Errorf("%s %s: %s: got %q, want %q", r.Transport, r.TLS, m.Field, m.Got, m.Want)
				}
			}
		})
	}
}
