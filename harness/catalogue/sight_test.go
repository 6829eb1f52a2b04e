package catalogue

import (
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// result is what became of one cell with one connection.
func result(transport, tls string, c harness.ConnectionResult) harness.Result {
	return harness.Result{Transport: transport, TLS: tls, Connections: []harness.ConnectionResult{c}}
}

func refused(client, server harness.SideResult) harness.ConnectionResult {
	return harness.ConnectionResult{
		Outcome: "refused", RefusedBy: "server", At: "Certificate", Cause: "client-expired",
		Alert: &harness.AlertResult{From: "server", Code: 45, Name: "certificate_expired"}, Client: client, Server: server,
	}
}

func line(s *sight) string {
	return strings.Join([]string{s.over(), s.client, s.server, s.alert, s.end}, " | ")
}

func TestCellsThatLookTheSameAreOneRow(t *testing.T) {
	sc := scenario.Healthy()
	server := harness.SideResult{HandshakeError: "expired"}
	at12 := refused(harness.SideResult{HandshakeError: "remote error: tls: expired certificate"}, server)
	later := refused(harness.SideResult{LateError: "remote error: tls: expired certificate"}, server)
	rows := merged(sights(sc, []harness.Result{result("tcp", "1.2", at12), result("tcp", "1.3", later), result("quic", "1.3", later)}))
	want := []string{
		"TLS 1.2 | `remote error: tls: expired certificate` | `expired` | `certificate_expired` (45) | the server refuses at Certificate",
		"TLS 1.3, QUIC | completes the handshake, then `remote error: tls: expired certificate` | `expired` | `certificate_expired` (45) | the server refuses at Certificate",
	}
	if len(rows) != len(want) {
		t.Fatalf("got %d rows, want %d", len(rows), len(want))
	}
	for i, row := range rows {
		if got := line(row); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

func TestHowAConnectionEnds(t *testing.T) {
	sc := scenario.Healthy()
	for want, c := range map[string]harness.ConnectionResult{
		"TLS 1.3 | no error | no error | none | established": {Outcome: "established"},
		"TLS 1.3 | no error | no error | none | established, resumed": {
			Outcome: "established", Negotiated: harness.NegotiatedResult{Resumed: true},
		},
		"TLS 1.3 | `EOF` | no error | none | the transport ends": {
			Outcome: "broken", Client: harness.SideResult{HandshakeError: "EOF"},
		},
		"TLS 1.3 | is not started | does not start: `no PEM` | none | the server does not load": {
			Outcome: "unloadable", Side: "server", Server: harness.SideResult{HandshakeError: "no PEM"},
		},
		"TLS 1.3 | does not start: `no name` | `EOF` | none | the client does not load": {
			Outcome: "unloadable", Side: "client", Client: harness.SideResult{HandshakeError: "no name"}, Server: harness.SideResult{HandshakeError: "EOF"},
		},
		"TLS 1.3 | no error | no error | none; `CRYPTO_BUFFER_EXCEEDED` (0xd) | the client refuses": {
			Outcome: "refused", RefusedBy: "client", Close: &harness.CloseResult{From: "client", Code: 13, Name: "CRYPTO_BUFFER_EXCEEDED"},
		},
		"TLS 1.3 | no error | no error | none; application error 0x103 | established": {
			Outcome: "established", Close: &harness.CloseResult{From: "server", Code: 0x103, Name: "application error"},
		},
		"TLS 1.3 | no error | no error | `internal_error` (80), from the server | the transport ends": {
			Outcome: "broken", Alert: &harness.AlertResult{From: "server", Code: 80, Name: "internal_error"},
		},
	} {
		// A second cell, so that the first does not stand for all.
		rows := sights(sc, []harness.Result{result("tcp", "1.3", c), result("quic", "1.3", c)})
		if got := line(rows[0]); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Files that do not load are told of once, and do not load in any cell.
func TestWhatIsToldOnceStandsForEveryCell(t *testing.T) {
	rows := sights(scenario.Healthy(), []harness.Result{result("tcp", "1.2", harness.ConnectionResult{Outcome: "unloadable", Side: "server"})})
	if got := rows[0].over(); got != "TLS 1.2 and 1.3, QUIC" {
		t.Errorf("got %s", got)
	}
}

func TestBothDeadlinesWhereTheScenarioTakesEither(t *testing.T) {
	either, one := "timeout", deadlines[0]
	for _, c := range []struct {
		text     string
		expected *string
		want     int
	}{{deadlines[0], &either, 2}, {deadlines[1], &either, 2}, {deadlines[0], &one, 1}, {deadlines[0], nil, 1}, {"EOF", &either, 1}} {
		if got := alternatives(c.text, c.expected); len(got) != c.want {
			t.Errorf("%q: got %q, want %d of them", c.text, got, c.want)
		}
	}
}

func TestSteady(t *testing.T) {
	for text, want := range map[string]string{
		"read tcp 127.0.0.1:46005->127.0.0.1:46756: i/o timeout":  "read tcp 127.0.0.1:…->127.0.0.1:…: i/o timeout",
		`"server.test" (serial 4d9eaa26c41a841a002ef6a0c538f579)`: `"server.test" (serial …)`,
		"server offered [0x9a6a5aaa v2]":                          "server offered […]",
		"received invalid offset 17354 on crypto stream":          "received invalid offset N on crypto stream",
		"handshake message of length 390727 bytes exceeds":        "handshake message of length N bytes exceeds",
		"tls: client offered only unsupported versions: [303]":    "tls: client offered only unsupported versions: [303]",
	} {
		if got := steady(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// A text is the same over TCP and QUIC, but not the same where the other side decided.
func TestLookalikes(t *testing.T) {
	var list lookalikes
	for _, said := range []struct{ text, cause string }{
		{"tls: failed to verify certificate: x509: certificate signed by unknown authority", "server-untrusted-ca"},
		{"CRYPTO_ERROR 0x12a (local): tls: failed to verify certificate: x509: certificate signed by unknown authority", "server-self-signed"},
		{"remote error: tls: bad record MAC", "corrupt-record"},
		{"local error: tls: bad record MAC", "altered-on-path"},
		{"words of its own", "policy-refused"},
	} {
		list = list.add(outcome.Client, said.text, said.cause)
	}
	var got []string
	for _, l := range list {
		for _, t := range l.texts {
			got = append(got, t.write()+": "+strings.Join(t.causes, " "))
		}
	}
	want := []string{
		"`tls: failed to verify certificate: x509: certificate signed by unknown authority` (QUIC: `CRYPTO_ERROR 0x12a (local): …`): server-untrusted-ca server-self-signed",
		"`remote error: tls: bad record MAC`: corrupt-record",
		"`local error: tls: bad record MAC`: altered-on-path",
		"`words of its own`: policy-refused",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if last := list[len(list)-1]; !last.loose || last.heading != others {
		t.Errorf("a text that no rule knows stands under %q", last.heading)
	}
}
