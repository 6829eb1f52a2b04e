package dissect

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// vector returns a named value of fixtures/rfc9001.
func vector(t testing.TB, file, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "rfc9001", file))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n"+name+"\n")
	if !found {
		t.Fatalf("%s has no %q", file, name)
	}
	var digits strings.Builder
	for _, line := range strings.Split(rest, "\n") {
		if !strings.HasPrefix(line, "  ") {
			break
		}
		digits.WriteString(strings.TrimSpace(line))
	}
	return must(hex.DecodeString(digits.String()))
}

// The packets of RFC 9001 A and RFC 9369 A make a conversation.
func TestQUICVectors(t *testing.T) {
	tests := []struct {
		name           string
		client, server string // files
		answer         string
		want           string
	}{
		{"version 1", "quic-v1.txt", "quic-v1.txt", "server_initial_packet", "ClientHello ServerHello"},
		{"version 2", "quic-v2.txt", "quic-v2.txt", "server_initial_packet", "ClientHello ServerHello"},
		// The server may answer in another version that is compatible (RFC 9368 2.3).
		{"compatible version negotiation", "quic-v1.txt", "quic-v2.txt", "server_initial_packet", "ClientHello ServerHello"},
		{"retry", "quic-v1.txt", "quic-v1.txt", "retry_packet", "ClientHello Retry"},
		{"retry in version 2", "quic-v2.txt", "quic-v2.txt", "retry_packet", "ClientHello Retry"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := &transcript.Transcript{Transport: outcome.QUIC, Units: []transcript.Unit{
				{Index: 0, From: outcome.Client, Seq: 1, Sent: vector(t, tt.client, "client_initial_packet")},
				{Index: 1, From: outcome.Server, Seq: 2, Sent: vector(t, tt.server, tt.answer)},
			}}
			tl := Transcript(tr)
			var names []string
			for _, s := range tl.Steps {
				names = append(names, s.Name)
				if s.Err != nil {
					t.Errorf("%s: %v", s.Name, s.Err)
				}
				checkTree(t, s)
			}
			if got := strings.Join(names, " "); got != tt.want || tl.Unread != 0 {
				t.Errorf("got %s, %d unread, want %s", got, tl.Unread, tt.want)
			}
		})
	}
}

// zeroRTT protects frames as a 0-RTT packet of version 1 with AES-128-GCM.
func zeroRTT(secret, id, frames []byte) []byte {
	expand := func(label string, size int) []byte {
		info := append([]byte{0, byte(size), byte(len("tls13 ") + len(label))}, "tls13 "+label+"\x00"...)
		return must(hkdf.Expand(sha256.New, secret, string(info), size))
	}
	aead := must(cipher.NewGCM(must(aes.NewCipher(expand("quic key", 16)))))
	header := slices.Concat([]byte{0xd0, 0, 0, 0, 1, byte(len(id))}, id, []byte{0, byte(1 + len(frames) + 16), 0})
	number := len(header) - 1
	packet := aead.Seal(bytes.Clone(header), expand("quic iv", 12), frames, header)
	mask := make([]byte, 16)
	must(aes.NewCipher(expand("quic hp", 16))).Encrypt(mask, packet[number+4:])
	packet[0] ^= mask[0] & 0x0f
	packet[number] ^= mask[1]
	return packet
}

// Early data is on the wire before the ServerHello says which cipher suite it is
// under: it waits for that.
func TestQUICEarlyData(t *testing.T) {
	healthy := quicPair{}.run(t)
	d := New(healthy)
	for i := range healthy.Units {
		d.Add(&healthy.Units[i])
	}
	secret := bytes.Repeat([]byte{5}, 32)
	tr := *healthy
	tr.ClientKeys = healthy.ClientKeys.Clone()
	tr.ClientKeys.Add(keylog.ClientEarlyTraffic, d.settled.clientRandom, secret)
	early := transcript.Unit{From: outcome.Client, Seq: healthy.Units[1].Seq, Sent: zeroRTT(secret, []byte("original"), []byte("\x0a\x00\x05early"))}
	tr.Units = slices.Insert(slices.Clone(healthy.Units), 2, early)
	for i := range tr.Units {
		tr.Units[i].Index, tr.Units[i].Marks = i, nil
	}
	tl := Transcript(&tr)
	if tl.Unread != 0 || len(named(tl, "protected packet")) != 0 {
		t.Errorf("%d packets unread:\n%s", tl.Unread, everything(tl))
	}
	s := named(tl, "STREAM")[0]
	if s.Level != Early || s.Unit != 2 || s.Summary != "stream 0 (opened by the client, bidirectional): 5 bytes" {
		t.Errorf("the early data is %s at level %s of datagram %d: %s", s.Name, s.Level, s.Unit, s.Summary)
	}
	checkTree(t, s)
}
