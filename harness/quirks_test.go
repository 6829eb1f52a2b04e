package harness

import (
	"context"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/transcript"
)

// A stack in costume behaves like another one, and the recording is that of the
// other: nothing in it was changed on the path, and its key logs open all of it.
func TestAQuirkIsTheStacksOwn(t *testing.T) {
	for name, text := range map[string]string{
		"the request names other schemes": `server: {quirks: [{message: CertificateRequest, rewrite: {schemes: [ecdsa_secp256r1_sha256]}}]}`,
		"the request names no CA":         `server: {quirks: [{message: CertificateRequest, rewrite: {extension: {type: 47, remove: true}}}]}`,
		"an extension nobody asked for":   `server: {quirks: [{message: EncryptedExtensions, rewrite: {extension: {type: 60000, data: "00"}}}]}`,
		"the server's random is another":  `server: {quirks: [{message: ServerHello, rewrite: {random: "` + strings.Repeat("5a", 32) + `"}}]}`,
		"the client offers other groups":  `client: {quirks: [{message: ClientHello, rewrite: {groups: [X25519MLKEM768]}}]}`,
		"the client offers an extension":  `client: {quirks: [{message: ClientHello, rewrite: {extension: {type: 49, data: ""}}}]}`,
		"the client shows another": "pki: {other: {issuer: client-ca, usage: [client]}}\n" +
			`client: {quirks: [{message: Certificate, rewrite: {certificates: [other, client-ca]}}]}`,
		"two things at once": `server: {quirks: [{message: EncryptedExtensions, rewrite: {extension: {type: 60000, data: "00"}}}, {message: CertificateRequest, rewrite: {schemes: [ecdsa_secp256r1_sha256]}}]}`,
		"with tickets": "server: {tickets: true, quirks: [{message: EncryptedExtensions, rewrite: {extension: {type: 60000, data: \"00\"}}}]}\n" +
			"client: {tickets: true}\nscript: [connect, connect]\n",
	} {
		ready, err := newStage(parse(t, "matrix: {transport: [tcp], tls: [\"1.3\"]}\n"+text), goldenNow, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, carrier := range []Carrier{Memory, Loopback} {
			p := newPlay(ready, ready.scenario.Cells[0], Options{Carrier: carrier})
			connections, err := p.run(context.Background())
			if r := p.result(connections, err, 0); r.Status != Passed {
				t.Errorf("%s over %s: %s %s %+v", name, carrier, r.Status, r.Reason, r.Mismatches)
				continue
			}
			for _, c := range connections {
				seemsWhole(t, name, c)
			}
		}
	}
}

// seemsWhole checks that a recording reads as if nobody had touched it.
func seemsWhole(t *testing.T, name string, c *Connection) {
	t.Helper()
	for _, s := range c.Timeline.Steps {
		if s.Err != nil {
			t.Errorf("%s, step %d %s: %v", name, s.N, s.Name, s.Err)
		}
		if slices.Contains(s.Marks, transcript.Rewritten) || slices.Contains(s.Marks, transcript.Injected) {
			t.Errorf("%s, step %d %s: the path seems to have done something: %v", name, s.N, s.Name, s.Marks)
		}
	}
	if len(c.Diagnosis.Causes) > 0 {
		t.Errorf("%s: a handshake that succeeds has the cause %s", name, c.Diagnosis.Causes[0].ID)
	}
}

// In the recordings of the built-in scenarios nothing was changed on the path.
func TestBuiltInQuirksLeaveNoTrace(t *testing.T) {
	tried := 0
	for _, sc := range builtIn(t) {
		if len(sc.Client.Quirks)+len(sc.Server.Quirks) == 0 && !sc.Server.LateRequest {
			continue
		}
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			tried++
			for _, s := range connections[0].Timeline.Steps {
				if s.Err != nil || len(s.Marks) > 0 {
					t.Errorf("%s %s, step %d %s: %v, marks %v", sc.ID, cell, s.N, s.Name, s.Err, s.Marks)
				}
			}
		}
	}
	if tried == 0 {
		t.Error("no scenario has a quirk")
	}
}

// A quirk that cannot be had is never passed over.
func TestAQuirkThatDoesNotHappenIsTold(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{
			"its message is never sent",
			"matrix: {transport: [tcp], tls: [\"1.3\"]}\nclient: {present: [], quirks: [{message: CertificateVerify, rewrite: {append: \"00\"}}]}\nexpect: {outcome: refused}\n",
			"no such message was sent",
		},
		{
			"TLS 1.2 goes on",
			"matrix: {transport: [tcp], tls: [\"1.2\"]}\nclient: {quirks: [{message: ClientHello, rewrite: {extension: {type: 60000, data: \"00\"}}}]}\n",
			"in TLS 1.2 its peer has to refuse before Finished",
		},
	} {
		ready, err := newStage(parse(t, test.text), goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, r, _ := ready.play(context.Background(), ready.scenario.Cells[0], Options{Carrier: Memory}, hooks{})
		said := r.Reason
		for _, m := range r.Mismatches {
			said += " " + m.Got
		}
		if r.Status == Passed || !strings.Contains(said, test.want) {
			t.Errorf("%s: %s, %q, want %q", test.name, r.Status, said, test.want)
		}
	}
}
