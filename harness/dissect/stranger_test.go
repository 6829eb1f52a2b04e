package dissect

import (
	"crypto/tls"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// TestInjectedUnits puts records into the stream that the sender never sent.
func TestInjectedUnits(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		rec := healthy(version).record(t)
		rec.Facts = nil
		want := wireSteps(Transcript(rec))
		forged := [][]byte{
			plain(tlswire.AlertType, []byte{2, 40}),
			plain(tlswire.ChangeCipherSpec, []byte{1}),
			plain(tlswire.Handshake, []byte{20, 0, 0, 1, 9}),
			plain(tlswire.Handshake, rec.Units[0].Sent[5:]),
			plain(tlswire.ApplicationData, make([]byte, 40)),
			plain(tlswire.Handshake, []byte{1, 0, 9}),
			[]byte("220 mail.example.test ESMTP\r\n"),
			{22, 3},
		}
		c := *rec
		c.Units = nil
		for _, u := range rec.Units {
			for _, b := range forged {
				for _, from := range []outcome.Role{outcome.Client, outcome.Server} {
					c.Units = append(c.Units, transcript.Unit{From: from, Sent: b, Seq: u.Seq, Marks: []transcript.Mark{transcript.Injected}})
				}
			}
			c.Units = append(c.Units, u)
		}
		for i := range c.Units {
			c.Units[i].Index = i
		}
		tl := Transcript(&c)
		own := *tl
		own.Steps = slices.DeleteFunc(slices.Clone(tl.Steps), func(s *Step) bool { return slices.Contains(s.Marks, transcript.Injected) })
		if diff := cmp.Diff(want, wireSteps(&own)); diff != "" {
			t.Errorf("%s: what was injected disturbs (-without +with):\n%s", tlswire.VersionName(version), diff)
		}
		if got, least := len(tl.Steps)-len(own.Steps), len(rec.Units)*2*len(forged); got < least {
			t.Errorf("%s: %d steps of injected units, want at least %d", tlswire.VersionName(version), got, least)
		}
	}
}

func TestMalformedRecords(t *testing.T) {
	tests := []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"an empty handshake record", plain(tlswire.Handshake, nil), "client: empty handshake record: a handshake record must not be empty (RFC 8446 5.1)"},
		{"an alert of three bytes", plain(tlswire.AlertType, []byte{2, 40, 0}), "client: malformed alert: parse alert: 3 bytes, want 2"},
		{"an empty alert", plain(tlswire.AlertType, nil), "client: malformed alert: parse alert: 0 bytes, want 2"},
		{"two alerts", plain(tlswire.AlertType, []byte{1, 90, 1, 0}), "client: alert user_canceled: warning user_canceled (90)"},
		{"an alert of no level", plain(tlswire.AlertType, []byte{7, 200}), "client: alert alert 200: level 7 alert 200 (200)"},
		{"a heartbeat", plain(tlswire.Heartbeat, []byte{1, 0, 0}), "client: heartbeat: 3 bytes"},
		{"the start of a message", plain(tlswire.Handshake, []byte{1, 0, 1, 0, 3, 3}), "client: ClientHello: incomplete: 6 of 260 bytes so far"},
		{"the start of a message's header", plain(tlswire.Handshake, []byte{1, 0}), "client: ClientHello: incomplete: 2 bytes so far"},
		{"the start of a record", []byte{22, 3, 1, 0, 9, 1}, "client: incomplete record: incomplete: 6 of 14 bytes of a record so far"},
		{"one byte", []byte{22}, "client: incomplete record: incomplete: 1 byte of a record so far"},
		{"a message that is too short", plain(tlswire.Handshake, []byte{2, 0, 0, 1, 3}), "client: ServerHello: parse ServerHello: legacy_version at offset 4: needs 2 bytes, 1 are left"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tl := Transcript(newScript().sends(outcome.Client, tt.bytes).Transcript)
			if got := names(tl)[0]; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestStrangers(t *testing.T) {
	hello := healthy(tls.VersionTLS13).record(t).Units[0].Sent
	tests := []struct {
		bytes string
		want  []string
	}{
		{"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n", []string{`HTTP response: no TLS: "HTTP/1.1 400 Bad Request"`}},
		{"GET / HTTP/1.1\r\n", []string{`HTTP request: no TLS: "GET / HTTP/1.1"`}},
		{"SSH-2.0-OpenSSH_9.2\r\n", []string{`SSH banner: no TLS: "SSH-2.0-OpenSSH_9.2"`}},
		{"220 mail.example.test ESMTP Postfix\r\n", []string{`SMTP banner: no TLS: "220 mail.example.test ESMTP Postfix"`}},
		{"220 ready\r\n", []string{`SMTP or FTP banner: no TLS: "220 ready"`}},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []string{`HTTP/2 preface: no TLS: "PRI * HTTP/2.0"`}},
		{"\x00\x00\x12\x04\x00\x00\x00\x00\x00", []string{`HTTP/2 SETTINGS: no TLS: "\x00\x00\x12\x04\x00\x00\x00\x00\x00"`}},
		{"\x00\x00\x00\x08\x04\xd2\x16\x2f", []string{`PostgreSQL SSLRequest: no TLS: "\x00\x00\x00\x08\x04\xd2\x16/"`}},
		{"<?xml version='1.0'?>", []string{`XMPP stream: no TLS: "<?xml version='1.0'?>"`}},
		{"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037", []string{`LDAP StartTLS: no TLS: "0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037"`}},
		{"\x07\x00\x00\x00\x0a8.0.33", []string{`MySQL greeting: no TLS: "\x07\x00\x00\x00\x0a8.0.33"`}},
		{"hello\x1b[31m", []string{`unknown bytes: no TLS: "hello\x1b[31m"`}},
		{"hello\nworld\n", []string{`cleartext: no TLS: "hello"`}},
		{"PROXY TCP4 10.0.0.1 10.0.0.2 1234 443\r\n" + string(hello), []string{
			`PROXY protocol: no TLS: "PROXY TCP4 10.0.0.1 10.0.0.2 1234 443"`,
			"ClientHello: server.test · TLS 1.3 · X25519MLKEM768, x25519 +3 groups · ALPN lab/1",
		}},
		{"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c0123456789ab" + string(hello), []string{
			`PROXY protocol: no TLS: "\x0d\x0a\x0d\x0a\x00\x0d\x0aQUIT\x0a!\x11\x00\x0c0123456789ab"`,
			"ClientHello: server.test · TLS 1.3 · X25519MLKEM768, x25519 +3 groups · ALPN lab/1",
		}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.12q", tt.bytes), func(t *testing.T) {
			tl := Transcript(newScript().sends(outcome.Client, []byte(tt.bytes)).Transcript)
			var want []string
			for i, w := range tt.want {
				want = append(want, "client: "+w)
				kind := KindTransport
				if i > 0 {
					kind = KindHandshake
				}
				if tl.Steps[i].Kind != kind {
					t.Errorf("%s is of kind %s, want %s", tl.Steps[i].Name, tl.Steps[i].Kind, kind)
				}
			}
			if diff := cmp.Diff(want, names(tl)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestStartTLS speaks cleartext before it begins TLS, on both sides.
func TestStartTLS(t *testing.T) {
	rec := healthy(tls.VersionTLS12).record(t)
	s := newScript().
		sends(outcome.Server, []byte("220 mail.example.test ESMTP\r\n")).
		sends(outcome.Client, []byte("STARTTLS\r\n")).
		sends(outcome.Server, []byte("220 go ahead\r\n"))
	for _, u := range rec.Units {
		if u.Kind == transcript.Data {
			s.sends(u.From, u.Sent)
		}
	}
	s.ClientKeys = rec.ClientKeys
	tl := Transcript(s.Transcript)
	if tl.Version != tls.VersionTLS12 || tl.Unread != 0 || tl.Steps[1].Name != "cleartext" || tl.Steps[3].Name != "ClientHello" {
		t.Errorf("got:\n%s", format(tl))
	}
}

func TestOldVersionsStayClosed(t *testing.T) {
	rec := healthy(tls.VersionTLS12).record(t)
	for i := range rec.Units {
		if hello := rec.Units[i].Sent; rec.Units[i].From == outcome.Server && hello[5] == byte(tlswire.TypeServerHello) {
			hello[10] = 1 // legacy_version
			break
		}
	}
	closed := 0
	for _, s := range Transcript(rec).Steps {
		if s.Err != nil && s.Err.Error() == "the record protection of TLS 1.0 is not read" {
			closed++
		}
	}
	if closed != 5 {
		t.Errorf("%d records of TLS 1.0 stay closed, want 5", closed)
	}
}
