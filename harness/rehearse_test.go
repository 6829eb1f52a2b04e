package harness

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"shakedown/harness/scenario"
)

// What is rewritten on QUIC and does not fit into a datagram is refused before
// anything runs, at its place in the file.
func TestRehearseRefusesWhatDoesNotFit(t *testing.T) {
	const head = "pki: {other: {issuer: server-ca, usage: [server], dns: [server.test]}, long: {issuer: server-ca, usage: [server], dns: [server.test], key: rsa-4096}}\n"
	for _, tt := range []struct {
		name, wire, at string
	}{
		{"a longer chain", `{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [other, server-ca, client-ca, client]}, mode: impersonate}}`, "2:56: Certificate"},
		{"a longer key", `{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [long, server-ca]}, mode: impersonate}}`, "2:56: Certificate"},
		{"a shorter chain with a longer signature", `{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [long]}, mode: impersonate}}`, "2:56: Certificate"},
		{"a longer key, not proven", `{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [long, server-ca]}}}`, "2:56: Certificate"},
		{"the client's longer chain", `{on: {from: client, message: Certificate}, do: {rewrite: {certificates: [client, client-ca, server-ca, other]}, mode: impersonate}}`, "2:56: Certificate"},
		{"a large message twice", `{on: {from: server, message: Certificate}, do: {rewrite: {duplicate: true}, mode: impersonate}}`, "2:56: Certificate"},
		{"messages put in", `{on: {from: server, message: CertificateVerify}, do: {rewrite: {insert: "04 0000b0 ` + strings.Repeat("5a", 0xb0) + `"}}}`, "2:62: CertificateVerify"},
		{"a long extension", `{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: "` + strings.Repeat("5a", 200) + `"}}, mode: impersonate}}`, "2:50: EncryptedExtensions"},
		{"bytes behind the last", `{on: {message: CertificateRequest}, do: {rewrite: {append: "` + strings.Repeat("5a", 200) + `"}}}`, "2:49: CertificateRequest"},
		{"a hello of two datagrams", `{on: {message: ClientHello}, do: {rewrite: {extension: {type: 60000, data: "` + strings.Repeat("5a", 1200) + `"}}}}`, "2:42: ClientHello"},
		{"two that are too long together", `{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: "` + strings.Repeat("5a", 90) + `"}}}}, {on: {message: CertificateRequest}, do: {rewrite: {append: "` + strings.Repeat("5a", 90) + `"}}}`, "2:"},
	} {
		sc := parse(t, head+"wire: ["+tt.wire+"]\nmatrix: {transport: [quic]}\n")
		err := Rehearse(context.Background(), sc)
		var wrong scenario.Errors
		if !errors.As(err, &wrong) || len(wrong) != 1 {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := wrong[0].Error(); !strings.HasPrefix(got, "test:"+tt.at) ||
			!strings.Contains(got, " cannot be rewritten so in the cell quic 1.3: ") || !strings.Contains(got, "no more than 1,452 arrive; rewrite less, or do it over TCP\n") {
			t.Errorf("%s:\n%s", tt.name, got)
		}

		over := parse(t, head+"wire: ["+tt.wire+"]\nmatrix: {transport: [tcp], tls: [\"1.3\"]}\n")
		if err := Rehearse(context.Background(), over); err != nil {
			t.Errorf("%s, over TCP: %v", tt.name, err)
		}
	}
}

// Every connection of a script is looked at: here only the second, for which the
// server has a shorter chain, gets longer.
func TestRehearsePlaysTheScript(t *testing.T) {
	const text = `
pki: {server: {key: rsa-4096, issuer: server-ca, usage: [server], dns: [server.test]}, short: {issuer: server-ca, usage: [server], dns: [server.test]}}
wire: [{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [server, server-ca]}, mode: impersonate}}]
matrix: {transport: [quic]}
`
	if err := Rehearse(context.Background(), parse(t, text)); err != nil {
		t.Errorf("without the script: %v", err)
	}
	sc := parse(t, text+"script: [connect, {reload: {server: {present: [short, server-ca]}}}, connect]\nexpect: [{}, {}]\n")
	if err := Rehearse(context.Background(), sc); err == nil {
		t.Error("the second connection was not looked at")
	}
}

// What fits by one byte is accepted, runs, and does so each time: what a run leaves
// to chance (the lengths of signatures and of transport parameters, connection IDs)
// decides nothing.
func TestRehearseAcceptsWhatFits(t *testing.T) {
	large := "pki: {server-ca: {key: rsa-4096}, server: {key: rsa-3072, issuer: server-ca, usage: [server], dns: [server.test]}}\n"
	for _, tt := range []struct {
		name, head, wire string
		// least is what fits at least.
		least int
	}{
		{"EncryptedExtensions", "", `{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: "%s"}}, mode: impersonate}}`, 130},
		{"CertificateRequest", "", `{on: {message: CertificateRequest}, do: {rewrite: {append: "00%s"}}}`, 130},
		{"the client's Certificate", "", `{on: {from: client, message: Certificate}, do: {rewrite: {append: "00%s"}}}`, 130},
		{"a ClientHello", "", `{on: {message: ClientHello}, do: {rewrite: {extension: {type: 60000, data: "%s"}}, mode: impersonate}}`, 700},
		{"a short ClientHello", "client: {groups: [X25519]}\n", `{on: {message: ClientHello}, do: {rewrite: {extension: {type: 60000, data: "%s"}}, mode: impersonate}}`, 800},
		{"a HelloRetryRequest", "server: {groups: [P-384]}\nclient: {groups: [X25519, P-384]}\n", `{on: {message: HelloRetryRequest}, do: {rewrite: {extension: {type: 60000, data: "%s"}}}}`, 130},
		{"the second of two hellos", "server: {groups: [P-384]}\nclient: {groups: [X25519, P-384]}\n", `{on: {message: ClientHello}, do: {rewrite: {extension: {type: 60000, data: "%s"}}, mode: impersonate}}`, 700},
		{"the end of a long flight", large, `{on: {from: server, message: CertificateVerify}, do: {rewrite: {append: "00%s"}}}`, 130},
	} {
		with := func(n int) *scenario.Scenario {
			return parse(t, tt.head+"wire: ["+fmt.Sprintf(tt.wire, strings.Repeat("5a", n))+"]\nmatrix: {transport: [quic]}\ntimeout: 200ms\n")
		}
		fits := func(n int) bool { return Rehearse(context.Background(), with(n)) == nil }
		most := sort.Search(1400, func(n int) bool { return !fits(n) }) - 1
		if most < tt.least || most >= 1399 {
			t.Errorf("%s: %d bytes more fit, want %d at least", tt.name, most, tt.least)
			continue
		}
		for range 8 {
			if !fits(most) || fits(most+1) {
				t.Errorf("%s: %d bytes more fit, and then not, or one more", tt.name, most)
				break
			}
		}
		report, err := RunSuite(context.Background(), []*scenario.Scenario{with(most)}, SuiteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r := report.Results[0]; r.Status == Errored {
			t.Errorf("%s, %d bytes more: %s", tt.name, most, r.Reason)
		}
	}
}

// No built-in scenario rewrites more than fits. They are not rehearsed when they
// are read.
func TestBuiltInRewritesFit(t *testing.T) {
	rehearsed := 0
	for _, sc := range builtIn(t) {
		for _, cell := range sc.Cells {
			rehearsed += newRehearsal(sc, cell).longer
		}
		if err := Rehearse(context.Background(), sc); err != nil {
			t.Errorf("%s: %v", sc.ID, err)
		}
	}
	if rehearsed == 0 {
		t.Error("there is nothing to rehearse")
	}
}

// A rehearsal ends when its context does.
func TestRehearseIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	sc := parse(t, "wire: [{on: {message: CertificateRequest}, do: {rewrite: {duplicate: true}}}]\nmatrix: {transport: [quic]}\n")
	if err := Rehearse(ctx, sc); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to be cancelled", err)
	}
}
