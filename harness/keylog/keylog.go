// Package keylog reads and holds the secrets of the SSLKEYLOGFILE format
// (RFC 9850).
//
// For most uses, give a [Log] to tls.Config.KeyLogWriter through a writer that
// guards it, and look secrets up with [Log.Secret]. The zero Log is empty and
// ready. A Log is not safe for concurrent use.
package keylog

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
)

// A Label says what a secret is for.
type Label string

// The labels that TLS 1.2, TLS 1.3 and QUIC use (RFC 9850 2).
const (
	ClientRandom           Label = "CLIENT_RANDOM" // TLS 1.2 master secret
	ClientEarlyTraffic     Label = "CLIENT_EARLY_TRAFFIC_SECRET"
	ClientHandshakeTraffic Label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
	ServerHandshakeTraffic Label = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
	ClientTraffic          Label = "CLIENT_TRAFFIC_SECRET_0"
	ServerTraffic          Label = "SERVER_TRAFFIC_SECRET_0"
	Exporter               Label = "EXPORTER_SECRET"
	EarlyExporter          Label = "EARLY_EXPORTER_SECRET"
)

// Random is a ClientHello.random, by which secrets are filed.
type Random [32]byte

type entry struct {
	label  Label
	random Random
}

// A Log is one side's secrets.
type Log struct {
	secrets map[entry][]byte
}

// Add files a secret. The first secret of a label and random stays.
func (l *Log) Add(label Label, random Random, secret []byte) {
	if l.secrets == nil {
		l.secrets = make(map[entry][]byte, 8)
	}
	e := entry{label, random}
	if _, ok := l.secrets[e]; !ok {
		l.secrets[e] = bytes.Clone(secret)
	}
}

// Secret returns the secret of that label for that ClientHello.random, nil if
// there is none.
func (l *Log) Secret(label Label, random Random) []byte {
	return l.secrets[entry{label, random}]
}

// Secrets returns every secret of that label, in the order of their randoms. A
// resumed TLS 1.2 session has the secret of another connection.
func (l *Log) Secrets(label Label) [][]byte {
	var entries []entry
	for e := range l.secrets {
		if e.label == label {
			entries = append(entries, e)
		}
	}
	sort.Slice(entries, func(i, j int) bool { return bytes.Compare(entries[i].random[:], entries[j].random[:]) < 0 })
	secrets := make([][]byte, len(entries))
	for i, e := range entries {
		secrets[i] = l.secrets[e]
	}
	return secrets
}

// Len returns the number of secrets.
func (l *Log) Len() int { return len(l.secrets) }

// Clone returns a copy that shares no map with l.
func (l *Log) Clone() Log {
	c := Log{}
	for e, s := range l.secrets {
		c.Add(e.label, e.random, s)
	}
	return c
}

// Merge adds the secrets of another log; those already there stay.
func (l *Log) Merge(other *Log) {
	for e, s := range other.secrets {
		l.Add(e.label, e.random, s)
	}
}

// Parse adds every line of an SSLKEYLOGFILE. Comments and blank lines are
// skipped, and so are labels it does not know, as RFC 9850 2 asks. A line that
// is damaged is an error, which names it; the lines before it stay added.
func (l *Log) Parse(text []byte) error {
	for n := 1; len(text) > 0; n++ {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		if err := l.parseLine(bytes.TrimSpace(line)); err != nil {
			return fmt.Errorf("key log line %d: %w", n, err)
		}
	}
	return nil
}

func (l *Log) parseLine(line []byte) error {
	if len(line) == 0 || line[0] == '#' {
		return nil
	}
	parts := bytes.Fields(line)
	if len(parts) != 3 {
		return fmt.Errorf("%d words, want a label, a client random and a secret", len(parts))
	}
	var random Random
	if len(parts[1]) != 64 {
		return fmt.Errorf("the client random has %d hexadecimal digits, want 64", len(parts[1]))
	}
	if _, err := hex.Decode(random[:], parts[1]); err != nil {
		return fmt.Errorf("client random: %w", err)
	}
	if len(parts[2]) > 256 {
		return fmt.Errorf("the secret has %d hexadecimal digits, no secret is that long", len(parts[2]))
	}
	secret := make([]byte, hex.DecodedLen(len(parts[2])))
	if _, err := hex.Decode(secret, parts[2]); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	l.Add(Label(parts[0]), random, secret)
	return nil
}

// String returns the log in the SSLKEYLOGFILE format, in a stable order. It
// holds secrets.
func (l *Log) String() string {
	lines := make([]string, 0, len(l.secrets))
	for e, s := range l.secrets {
		lines = append(lines, fmt.Sprintf("%s %x %x\n", e.label, e.random, s))
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}
