package dissect

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

const (
	rfc8448 = "../tlswire/testdata/rfc8448-3.txt"
	// mutual12 is a mutual handshake of crypto/tls in TLS 1.2. It differs from
	// those that tests record only in that it is always the same.
	mutual12 = "testdata/mutual-tls12.txt"
)

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
