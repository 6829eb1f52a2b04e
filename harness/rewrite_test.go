package harness

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// Where a link impersonates, a handshake succeeds whatever the two sides have
// seen, as long as neither minds: hellos that differ, so that not one secret is
// the same on both sides, signatures by any kind of key, and a second hello.
func TestImpersonationHoldsBothSidesTogether(t *testing.T) {
	random := strings.Repeat("5a", 32)
	for name, text := range map[string]string{
		"nothing is changed that counts":    `wire: [{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: ""}}, mode: impersonate}}]`,
		"the client's random is another":    `wire: [{on: {message: ClientHello}, do: {rewrite: {random: "` + random + `"}, mode: impersonate}}]`,
		"the server's random is another":    `wire: [{on: {message: ServerHello}, do: {rewrite: {random: "` + random + `"}, mode: impersonate}}]`,
		"the server is asked for another":   `wire: [{on: {message: ClientHello}, do: {rewrite: {server_name: other.test}, mode: impersonate}}]`,
		"the groups are others":             `wire: [{on: {message: ClientHello}, do: {rewrite: {groups: [X25519MLKEM768]}, mode: impersonate}}]`,
		"the request names no CA":           `wire: [{on: {message: CertificateRequest}, do: {rewrite: {extension: {type: 47, remove: true}}, mode: impersonate}}]`,
		"nobody is asked":                   "server: {client_auth: none}\n" + `wire: [{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: "00"}}, mode: impersonate}}]`,
		"there are two hellos":              "server: {groups: [P-384]}\nclient: {groups: [X25519, P-384]}\n" + `wire: [{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: "00"}}, mode: impersonate}}]`,
		"the retry is another":              "server: {groups: [P-384]}\nclient: {groups: [X25519, P-384]}\n" + `wire: [{on: {message: ServerHello}, do: {rewrite: {random: "` + random + `"}, mode: impersonate}}]`,
		"the client shows another":          "pki: {other: {issuer: client-ca, usage: [client]}}\n" + `wire: [{on: {from: client, message: Certificate}, do: {rewrite: {certificates: [other, client-ca]}, mode: impersonate}}]`,
		"an RSA key signs for an ECDSA one": "pki: {other: {issuer: server-ca, usage: [server], dns: [server.test], key: rsa-2048}}\nmatrix: {transport: [tcp], tls: [\"1.3\"]}\n" + `wire: [{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [other, server-ca]}, mode: impersonate}}]`,
		"Ed25519 signs for it":              "pki: {other: {issuer: server-ca, usage: [server], dns: [server.test], key: ed25519}}\n" + `wire: [{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [other, server-ca]}, mode: impersonate}}]`,
		"P-384 signs for it":                "pki: {other: {issuer: server-ca, usage: [server], dns: [server.test], key: ecdsa-p384}}\n" + `wire: [{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [other, server-ca]}, mode: impersonate}}]`,
		"both sides are others":             "pki: {other: {issuer: server-ca, usage: [server], dns: [server.test]}, another: {issuer: client-ca, usage: [client]}}\n" + `wire: [{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [other, server-ca]}, mode: impersonate}}, {on: {from: client, message: Certificate}, do: {rewrite: {certificates: [another, client-ca]}, mode: impersonate}}]`,
		"and faults of other kinds as well": `wire: [{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: "00"}}, mode: impersonate, delay: 1ms}}, {when: {transport: tcp}, on: {from: client, nth: every}, do: {split: 3}}]`,
	} {
		if !strings.Contains(text, "matrix:") {
			text = "matrix: {tls: [\"1.3\"]}\n" + text
		}
		for _, carrier := range []Carrier{Memory, Loopback} {
			ready, err := newStage(parse(t, text), goldenNow, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range ready.scenario.Cells {
				p := newPlay(ready, cell, Options{Carrier: carrier})
				connections, err := p.run(context.Background())
				r := p.result(connections, err, 0)
				if r.Status != Passed {
					t.Errorf("%s, %s over %s: %s %s %+v", name, cell, carrier, r.Status, r.Reason, r.Mismatches)
					continue
				}
				for _, s := range connections[0].Timeline.Steps {
					if s.Err != nil {
						t.Errorf("%s, %s over %s, step %d %s: %v", name, cell, carrier, s.N, s.Name, s.Err)
					}
				}
			}
		}
	}
}

// Several messages come in one QUIC datagram. Only those that arrive as others are
// said to be rewritten, in the words for each: the same over QUIC as over TCP, where
// each has a record of its own.
func TestOnlyWhatIsRewrittenIsSaidToBe(t *testing.T) {
	ids := []string{"wire/intercepted", "wire/protocol-not-offered", "wire/client-certificates-emptied", "wire/server-signature-damaged"}
	found := 0
	for _, sc := range builtIn(t) {
		if !slices.Contains(ids, sc.ID) {
			continue
		}
		found++
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		said := map[outcome.Transport][]string{}
		for _, cell := range sc.Cells {
			if cell.TLS != "1.3" {
				continue
			}
			for _, s := range playedAsExpected(t, ready, cell)[0].Timeline.Steps {
				_, way, changed := strings.Cut(s.Summary, dissect.OnPath)
				if marked := slices.Contains(s.Marks, transcript.Rewritten); marked != changed {
					t.Errorf("%s %s: %s is marked %v, and its summary is %q", sc.ID, cell, s.Name, s.Marks, s.Summary)
				}
				if changed && !slices.Contains(s.Marks, transcript.Retransmission) { // what is sent again depends on timers
					said[cell.Transport] = append(said[cell.Transport], string(s.From)+" "+s.Name+": "+way)
				}
			}
		}
		if len(said) != 2 || len(said[outcome.TCP]) == 0 {
			t.Errorf("%s: rewritten is %q", sc.ID, said)
		}
		if diff := cmp.Diff(said[outcome.TCP], said[outcome.QUIC]); diff != "" {
			t.Errorf("%s: what is rewritten (-TCP +QUIC):\n%s", sc.ID, diff)
		}
	}
	if found != len(ids) {
		t.Errorf("%d of %d scenarios are there", found, len(ids))
	}
}

// A datagram that would not arrive whole is an error of the run, which says so.
func TestARewriteThatDoesNotFitIsAnError(t *testing.T) {
	sc := parse(t, "matrix: {transport: [quic]}\nwire: [{on: {from: server, message: Certificate}, do: {rewrite: {duplicate: true}, mode: impersonate}}]\n")
	report, err := RunSuite(context.Background(), []*scenario.Scenario{sc}, SuiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := report.Results[0]
	if r.Status != Errored || !strings.HasPrefix(r.Reason, "connection 1: carry out a rewrite on what the server sent: the datagram has ") || !strings.Contains(r.Reason, "no more than 1,452 arrive") {
		t.Errorf("%s: %s", r.Status, r.Reason)
	}
}

// A Certificate that is longer than a record is rewritten as a whole, and one that
// nobody means to change passes as it is cut.
func TestAMessageOfSeveralRecordsIsRewritten(t *testing.T) {
	var pki, present strings.Builder
	for i := range 80 { // some 30 KB, where a record holds 16
		name := "extra" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		pki.WriteString(", " + name + ": {ca: true}")
		present.WriteString(", " + name)
	}
	head := "pki: {server: {dns: [server.test]}" + pki.String() + "}\nserver: {present: [server, server-ca" + present.String() + "]}\nmatrix: {transport: [tcp], tls: [\"1.3\"]}\n"
	for name, wire := range map[string]string{
		"itself":     `{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [server, server-ca]}, mode: impersonate}}`,
		"before it":  `{on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 60000, data: "00"}}, mode: impersonate}}`,
		"behind it":  `{on: {from: client, message: Certificate}, do: {rewrite: {certificates: [client, client-ca]}, mode: impersonate}}`,
		"and longer": `{on: {from: server, message: Certificate}, do: {rewrite: {certificates: [server, server-ca` + present.String() + `, client, client-ca]}, mode: impersonate}}`,
	} {
		report, err := RunSuite(context.Background(), []*scenario.Scenario{parse(t, head+"wire: ["+wire+"]\n")}, SuiteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r := report.Results[0]; r.Status != Passed {
			t.Errorf("%s: %s %s %+v %+v", name, r.Status, r.Reason, r.Mismatches, r.Client)
		}
	}
}
