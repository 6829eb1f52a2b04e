package dissect

import (
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// TestRFC8448 dissects the RFC's example of a handshake.
func TestRFC8448(t *testing.T) {
	golden(t, "rfc8448-3", Transcript(readTrace(t, rfc8448)))
}

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
