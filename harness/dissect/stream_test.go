package dissect

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// TestRFC8448 dissects the RFC's example of a handshake.
func TestRFC8448(t *testing.T) {
	golden(t, "rfc8448-3", Transcript(readTrace(t, rfc8448)))
}

const (
	rfc8448 = "../tlswire/testdata/rfc8448-3.txt"
	// mutual12 is a mutual handshake of crypto/tls in TLS 1.2. It differs from
	// those that tests record only in that it is always the same.
	mutual12 = "testdata/mutual-tls12.txt"
)

// readTrace reads a trace: each record in hexadecimal under a line that names
// its sender, and the secrets of the client's key log.
func readTrace(t testing.TB, path string) *transcript.Transcript {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := newScript()
	secrets := map[keylog.Label][]byte{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || word == "#":
		case word == "client" || word == "server":
			s.sends(outcome.Role(word), nil)
		case word == "secret":
			label, value, _ := strings.Cut(rest, " ")
			secrets[keylog.Label(label)] = unhex(t, value)
		default:
			u := &s.Units[len(s.Units)-1]
			u.Sent = append(u.Sent, unhex(t, strings.ReplaceAll(line, " ", ""))...)
		}
	}
	for label, secret := range secrets {
		s.ClientKeys.Add(label, clientRandom(s.Transcript), secret)
	}
	return s.Transcript
}

// writeTrace writes what readTrace reads.
func writeTrace(t testing.TB, path, title string, rec *transcript.Transcript) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", title)
	for line := range strings.Lines(rec.ClientKeys.String()) {
		words := strings.Fields(line)
		fmt.Fprintf(&b, "secret %s %s\n", words[0], words[2])
	}
	for _, u := range rec.Units {
		if u.Kind != transcript.Data {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", u.From)
		for part := range slices.Chunk(u.Sent, 32) {
			fmt.Fprintf(&b, "% x\n", part)
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRecordedTrace dissects the recorded trace, or records it anew.
func TestRecordedTrace(t *testing.T) {
	if *update {
		writeTrace(t, mutual12, "A mutual handshake of crypto/tls with itself in TLS 1.2, and the master secret.",
			healthy(tls.VersionTLS12).record(t))
	}
	golden(t, "recorded-tls12", Transcript(readTrace(t, mutual12)))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A script writes transcripts by hand.
type script struct{ *transcript.Transcript }

func newScript() *script {
	return &script{&transcript.Transcript{Transport: outcome.TCP}}
}

// sends appends a delivered unit.
func (s *script) sends(from outcome.Role, b []byte) *script {
	seq := uint64(2*len(s.Units) + 1)
	s.Units = append(s.Units, transcript.Unit{
		Index: len(s.Units), From: from, Sent: b, Seq: seq, Deliveries: []transcript.Delivery{{Seq: seq + 1}},
	})
	return s
}

// plain returns an unprotected record.
func plain(typ tlswire.ContentType, content []byte) []byte {
	return append([]byte{byte(typ), 3, 3, byte(len(content) >> 8), byte(len(content))}, content...)
}

// A sealer protects records of TLS_AES_128_GCM_SHA256, with a key schedule of
// the standard library.
type sealer struct {
	secret []byte
	seq    byte
}

func expand(secret []byte, label string, n int) []byte {
	info := fmt.Sprintf("%c%c%ctls13 %s%c", 0, n, len("tls13 ")+len(label), label, 0)
	out, err := hkdf.Expand(sha256.New, secret, info, n)
	if err != nil {
		panic(err)
	}
	return out
}

func (s *sealer) seal(typ tlswire.ContentType, content []byte, padding int) []byte {
	block, err := aes.NewCipher(expand(s.secret, "key", 16))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	nonce := expand(s.secret, "iv", 12)
	nonce[11] ^= s.seq
	s.seq++
	inner := append(append(bytes.Clone(content), byte(typ)), make([]byte, padding)...)
	header := []byte{byte(tlswire.ApplicationData), 3, 3, 0, byte(len(inner) + 16)}
	return append(header, aead.Seal(nil, nonce, inner, header)...)
}

// names are the steps' names and summaries, with who sent them.
func names(tl *Timeline) []string {
	var list []string
	for _, s := range tl.Steps {
		list = append(list, fmt.Sprintf("%s: %s: %s", s.From, s.Name, s.Summary))
	}
	return list
}

// mutual13 is a recorded TLS 1.3 handshake with the suite that sealer speaks.
func mutual13(t *testing.T) *transcript.Transcript {
	t.Helper()
	rec := healthy(tls.VersionTLS13).record(t)
	if suite := Transcript(rec).CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skipf("this machine prefers %s, and the test seals with TLS_AES_128_GCM_SHA256", tls.CipherSuiteName(suite))
	}
	return rec
}

// logWithout returns the log without the secrets of those labels.
func logWithout(log *keylog.Log, labels ...keylog.Label) keylog.Log {
	var c keylog.Log
	for line := range strings.Lines(log.String()) {
		label, _, _ := strings.Cut(line, " ")
		if !slices.Contains(labels, keylog.Label(label)) {
			if err := c.Parse([]byte(line)); err != nil {
				panic(err)
			}
		}
	}
	return c
}

// clientRandom is the random of a transcript's first ClientHello.
func clientRandom(rec *transcript.Transcript) keylog.Random {
	return keylog.Random(rec.Units[0].Sent[11:])
}

func TestKeyUpdateIsFollowed(t *testing.T) {
	rec := mutual13(t)
	s := &script{rec}
	s.Units, s.Facts = s.Units[:slices.IndexFunc(s.Units, func(u transcript.Unit) bool { return u.Kind == transcript.FIN })], nil
	// The client's first records under application keys.
	s.Units = s.Units[:len(s.Units)-1] // its close_notify
	first := &sealer{secret: rec.ClientKeys.Secret(keylog.ClientTraffic, clientRandom(rec))}
	second := &sealer{secret: expand(first.secret, "traffic upd", 32)}
	third := &sealer{secret: expand(second.secret, "traffic upd", 32)}
	before := len(Transcript(rec).Steps)
	s.sends(outcome.Client, first.seal(tlswire.ApplicationData, []byte("one"), 9))
	s.sends(outcome.Client, first.seal(tlswire.Handshake, []byte{24, 0, 0, 1, 1}, 0))
	s.sends(outcome.Client, second.seal(tlswire.ApplicationData, []byte("second"), 0))
	s.sends(outcome.Client, second.seal(tlswire.Handshake, []byte{24, 0, 0, 1, 0}, 0))
	s.sends(outcome.Client, third.seal(tlswire.AlertType, []byte{1, 0}, 0))
	tl := Transcript(rec)
	want := []string{
		"client: application data: 3 bytes",
		"client: KeyUpdate: new keys from here on, and asks for the other side's",
		"client: application data: 6 bytes",
		"client: KeyUpdate: new keys from here on",
		"client: alert close_notify: warning close_notify (0)",
	}
	if diff := cmp.Diff(want, names(tl)[before:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFinishedAndKeyUpdateInOneRecord is what no stack may send, and what must
// not disturb.
func TestFinishedAndKeyUpdateInOneRecord(t *testing.T) {
	rec := mutual13(t)
	finished := slices.IndexFunc(Transcript(rec).Steps, func(s *Step) bool { return s.From == outcome.Server && s.Name == "Finished" })
	last := Transcript(rec).Steps[finished]
	s := &sealer{secret: rec.ServerKeys.Secret(keylog.ServerHandshakeTraffic, clientRandom(rec)), seq: 4}
	raw, _ := last.Tree().Buffer(messageBuffer)
	rec.Units[last.Unit].Sent = s.seal(tlswire.Handshake, append(bytes.Clone(raw.Bytes), 24, 0, 0, 1, 0), 0)
	tl := Transcript(rec)
	if tl.Unread != 0 {
		t.Errorf("%d units stay unread:\n%s", tl.Unread, format(tl))
	}
}

func TestWithoutKeys(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		rec := healthy(version).record(t)
		rec.ClientKeys, rec.ServerKeys = keylog.Log{}, keylog.Log{}
		rec.Facts = nil
		golden(t, fmt.Sprintf("no-keys-tls1%d", version-tls.VersionTLS10), Transcript(rec))
		for _, s := range Transcript(rec).Steps {
			if s.Err != nil && !errors.Is(s.Err, ErrNoKey) {
				t.Errorf("step %d, %s: %v, want %v", s.N, s.Name, s.Err, ErrNoKey)
			}
			if s.Err != nil && (s.Message != nil || s.Alert != nil) {
				t.Errorf("step %d, %s: read although no key is known", s.N, s.Name)
			}
		}
	}
}

func TestWrongKeys(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		rec := healthy(version).record(t)
		other := healthy(version).record(t)
		random := clientRandom(rec)
		rec.ClientKeys, rec.ServerKeys = keylog.Log{}, keylog.Log{}
		for line := range strings.Lines(other.ClientKeys.String()) {
			label, rest, _ := strings.Cut(line, " ")
			_, secret, _ := strings.Cut(rest, " ")
			rec.ClientKeys.Add(keylog.Label(label), random, unhex(t, strings.TrimSpace(secret)))
		}
		tl := Transcript(rec)
		unread := 0
		for _, s := range tl.Steps {
			if s.Err == nil {
				continue
			}
			unread++
			if !errors.Is(s.Err, tlswire.ErrRecordMAC) || !strings.HasPrefix(s.Summary, "encrypted, and does not open: ") {
				t.Errorf("%s: step %d, %s: %q, %v", tlswire.VersionName(version), s.N, s.Name, s.Summary, s.Err)
			}
		}
		if unread < 5 || tl.Unread != unread {
			t.Errorf("%s: %d steps do not open, Unread = %d", tlswire.VersionName(version), unread, tl.Unread)
		}
	}
}

// TestEitherLogIsEnough dissects every handshake with one end's key log alone,
// where that end logs what is needed.
func TestEitherLogIsEnough(t *testing.T) {
	tests := []struct {
		handshake string
		log       outcome.Role
		unread    int
	}{
		{"mutual-tls13", outcome.Client, 0},
		{"mutual-tls13", outcome.Server, 0},
		{"mutual-tls12", outcome.Client, 0},
		{"mutual-tls12", outcome.Server, 0},
		{"hello-retry-tls13", outcome.Client, 0},
		{"client-refuses-server-tls13", outcome.Client, 0},
		{"client-refuses-server-tls13", outcome.Server, 0},
		{"no-client-certificate-tls13", outcome.Server, 0},
		// The server fails before it logs CLIENT_RANDOM: the client's Finished stays closed.
		{"no-client-certificate-tls12", outcome.Client, 0},
		{"no-client-certificate-tls12", outcome.Server, 1},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s by the %s's log", tt.handshake, tt.log), func(t *testing.T) {
			i := slices.IndexFunc(handshakes, func(h handshake) bool { return h.name == tt.handshake })
			rec := handshakes[i].pair(t).record(t)
			*rec.Keys(tt.log.Peer()) = keylog.Log{}
			if tl := Transcript(rec); tl.Unread != tt.unread {
				t.Errorf("%d units stay unread, want %d:\n%s", tl.Unread, tt.unread, format(tl))
			}
		})
	}
}

// TestLateKeys follows a connection whose key log comes when all is sent.
func TestLateKeys(t *testing.T) {
	for _, h := range handshakes {
		t.Run(h.name, func(t *testing.T) {
			rec := h.pair(t).record(t)
			want := format(Transcript(rec))
			client, server := rec.ClientKeys, rec.ServerKeys
			rec.ClientKeys, rec.ServerKeys = keylog.Log{}, keylog.Log{}
			d := New(rec)
			for i := range rec.Units {
				d.Add(&rec.Units[i])
				d.Timeline()
			}
			for _, f := range rec.Facts {
				d.AddFact(f)
			}
			before := d.Timeline()
			text := format(before)
			rec.ClientKeys, rec.ServerKeys = client, server
			if diff := cmp.Diff(want, format(d.Timeline())); diff != "" {
				t.Errorf("(-keys at once +keys late):\n%s", diff)
			}
			if after := format(before); after != text {
				t.Errorf("the timeline from before the keys has changed (-before +after):\n%s", cmp.Diff(text, after))
			}
		})
	}
}

// TestApplicationKeysAlone has a key log that begins behind the handshake.
func TestApplicationKeysAlone(t *testing.T) {
	rec := healthy(tls.VersionTLS13).record(t)
	whole := Transcript(rec)
	rec.ClientKeys = logWithout(&rec.ClientKeys, keylog.ClientHandshakeTraffic, keylog.ServerHandshakeTraffic)
	rec.ServerKeys = logWithout(&rec.ServerKeys, keylog.ClientHandshakeTraffic, keylog.ServerHandshakeTraffic)
	tl := Transcript(rec)
	closed := 0
	for i, s := range tl.Steps {
		switch {
		case s.Level == Handshake:
			closed++
			if !errors.Is(s.Err, ErrNoKey) {
				t.Errorf("step %d, %s: %v, want %v", s.N, s.Name, s.Err, ErrNoKey)
			}
		case s.Name != whole.Steps[i].Name:
			t.Errorf("step %d is %s, want %s", s.N, s.Name, whole.Steps[i].Name)
		}
	}
	if closed != 8 || tl.Unread != closed {
		t.Errorf("%d steps of the handshake stay closed, Unread = %d, want 8", closed, tl.Unread)
	}
}

func TestResumedWithoutTheEarlierKeys(t *testing.T) {
	p := resumed(t, tls.VersionTLS12)
	p.earlier = nil
	rec := p.record(t)
	// Another connection's key is in the log, which does not fit.
	other := healthy(tls.VersionTLS12).record(t)
	rec.ClientKeys.Merge(&other.ClientKeys)
	for _, s := range Transcript(rec).Steps {
		if s.Level == Application && !errors.Is(s.Err, ErrNoKey) {
			t.Errorf("step %d, %s: %v, want %v", s.N, s.Name, s.Err, ErrNoKey)
		}
	}
}

// TestTamperedRandom has a path that changes ClientHello.random: the two ends
// file their secrets under different randoms, and hold different ones.
func TestTamperedRandom(t *testing.T) {
	p := healthy(tls.VersionTLS13)
	p.receive = func(n int, record []byte) []byte {
		if n > 0 {
			return record
		}
		record = bytes.Clone(record)
		record[11] ^= 0xff
		return record
	}
	rec := p.record(t)
	random := clientRandom(rec)
	if rec.ClientKeys.Secret(keylog.ServerHandshakeTraffic, random) == nil || rec.ServerKeys.Secret(keylog.ServerHandshakeTraffic, random) != nil {
		t.Fatal("the two ends have seen the same random")
	}
	golden(t, "tampered-random-tls13", Transcript(rec))
}

func TestEarlyData(t *testing.T) {
	base := resumed(t, tls.VersionTLS13).record(t)
	if suite := Transcript(base).CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skipf("this machine prefers %s, and the test seals with TLS_AES_128_GCM_SHA256", tls.CipherSuiteName(suite))
	}
	secret := bytes.Repeat([]byte{7}, 32)
	build := func(withKey bool) *Timeline {
		rec := *base
		rec.ClientKeys, rec.Facts = base.ClientKeys.Clone(), nil
		early := &sealer{secret: secret}
		var units []transcript.Unit
		for i, u := range base.Units {
			if i == 0 {
				u.Sent = withEarlyData(u.Sent)
			}
			units = append(units, u)
			if i == 0 {
				for range 2 {
					units = append(units, transcript.Unit{From: outcome.Client, Sent: early.seal(tlswire.ApplicationData, []byte("early"), 0), Seq: u.Seq})
				}
			}
		}
		for i := range units {
			units[i].Index = i
		}
		rec.Units = units
		if withKey {
			rec.ClientKeys.Add(keylog.ClientEarlyTraffic, clientRandom(base), secret)
		}
		return Transcript(&rec)
	}
	without, with := build(false), build(true)
	for i, want := range []struct{ name, summary string }{{"early data", "early data, no key"}, {"application data", "5 bytes"}} {
		tl := []*Timeline{without, with}[i]
		for _, s := range tl.Steps[1:3] {
			if s.Name != want.name || s.Summary != want.summary || s.Level != Early {
				t.Errorf("step %d is %s %s: %s, want early %s: %s", s.N, s.Level, s.Name, s.Summary, want.name, want.summary)
			}
		}
		// What follows is read in either case, the client's Finished included.
		for _, s := range tl.Steps[3:] {
			if s.Err != nil {
				t.Errorf("step %d, %s: %v", s.N, s.Name, s.Err)
			}
		}
	}
	if without.Unread != 2 || with.Unread != 0 {
		t.Errorf("Unread = %d without the key and %d with it, want 2 and 0", without.Unread, with.Unread)
	}
}

// withEarlyData puts an early_data extension in front of the others. The keys
// of the handshake no longer fit such a ClientHello, but a key log does not ask.
func withEarlyData(record []byte) []byte {
	b := bytes.Clone(record)
	at := 5 + 4 + 2 + 32
	at += 1 + int(b[at])                   // session identifier
	at += 2 + int(b[at])<<8 + int(b[at+1]) // cipher suites
	at += 1 + int(b[at])                   // compression methods
	extensions := at + 2                   // behind their length
	grow := func(at, width int) {
		n := 4
		for i := at + width - 1; i >= at; i-- {
			n += int(b[i])
			b[i] = byte(n)
			n >>= 8
		}
	}
	grow(3, 2)
	grow(6, 3)
	grow(at, 2)
	return slices.Insert(b, extensions, 0, 42, 0, 0)
}

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
