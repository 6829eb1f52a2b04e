// Package keylog reads and holds the secrets of the SSLKEYLOGFILE format
// (RFC 9850).
//
// For most uses, give a [Log] to tls.Config.KeyLogWriter through a writer that
// guards it, and look secrets up with [Log.Secret]. The zero Log is empty and
// ready. A Log is not safe for concurrent use. The secrets of many connections
// that are read at the same time belong in a [Store], over which each
// connection has a Log of its own ([View]).
package keylog

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
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

// labels are all of them.
var labels = [...]Label{
	ClientRandom, ClientEarlyTraffic, ClientHandshakeTraffic, ServerHandshakeTraffic, ClientTraffic, ServerTraffic, Exporter, EarlyExporter,
}

// A premaster is the label of a line that is not filed under a client random:
// "RSA", the first eight bytes of the encrypted premaster secret, and that secret.
// NSS wrote such lines before it had CLIENT_RANDOM; OpenSSL writes them still, beside
// the connection's CLIENT_RANDOM, which says as much.
const premaster = "RSA"

// Random is a ClientHello.random, by which secrets are filed.
type Random [32]byte

// A Log is one side's secrets.
type Log struct {
	// own are nil until there is one.
	own *secrets
	// under are stores whose secrets the log shows behind its own.
	under []*Store
}

// Add files a secret. The first secret of a label and random stays.
func (l *Log) Add(label Label, random Random, secret []byte) {
	l.add(label, random, bytes.Clone(secret))
}

// add is Add of a secret that the log may keep as it is. It returns whether the
// log did not have it yet.
func (l *Log) add(label Label, random Random, secret []byte) bool {
	if l.own == nil {
		l.own = new(secrets)
	}
	return l.own.add(label, random, secret)
}

// Secret returns the secret of that label for that ClientHello.random, nil if
// there is none.
func (l *Log) Secret(label Label, random Random) []byte {
	if s := l.own.find(label, random); s != nil {
		return s
	}
	for _, store := range l.under {
		if s := store.Secret(label, random); s != nil {
			return s
		}
	}
	return nil
}

// Len returns the number of secrets, those of the stores below included. It
// grows with every secret that is added.
func (l *Log) Len() int {
	n := l.own.len()
	for _, store := range l.under {
		n += store.Len()
	}
	return n
}

// Masters returns up to limit master secrets of TLS 1.2, whatever connection
// they were made for: the log's own, by client random, then those of the stores
// below, the latest first.
func (l *Log) Masters(limit int) [][]byte {
	masters := l.Labelled(ClientRandom, limit)
	for _, store := range l.under {
		masters = append(masters, store.masters(limit-len(masters))...)
	}
	return masters
}

// Labelled returns up to limit secrets of a label, whatever connection they are
// of, by client random. It looks into no stores.
func (l *Log) Labelled(label Label, limit int) [][]byte {
	var of []Random
	for e := range l.own.all() {
		if e.label == label {
			of = append(of, e.random)
		}
	}
	slices.SortFunc(of, func(a, b Random) int { return bytes.Compare(a[:], b[:]) })
	var found [][]byte
	for _, random := range of[:min(len(of), limit)] {
		found = append(found, l.own.find(label, random))
	}
	return found
}

// Clone returns a copy that shares no map with l. It looks into the same stores.
func (l *Log) Clone() Log {
	c := Log{under: l.under}
	for e, s := range l.own.all() {
		c.Add(e.label, e.random, s)
	}
	return c
}

// Merge adds the secrets of another log; those already there stay.
func (l *Log) Merge(other *Log) {
	for e, s := range other.own.all() {
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
	label, random, secret, err := parseLine(line)
	if err == nil && label != "" {
		l.add(label, random, secret)
	}
	return err
}

// parseLine reads one line. The label is empty if there is nothing in it.
func parseLine(line []byte) (label Label, random Random, secret []byte, err error) {
	if len(line) == 0 || line[0] == '#' {
		return "", random, nil, nil
	}
	parts, n := words(line)
	if n != len(parts) {
		return "", random, nil, fmt.Errorf("%d words, want a label, a client random and a secret", n)
	}
	if string(parts[0]) == premaster && len(parts[1]) == 16 {
		return "", random, nil, nil
	}
	if len(parts[1]) != 64 {
		return "", random, nil, fmt.Errorf("the client random has %d hexadecimal digits, want 64", len(parts[1]))
	}
	if _, err := hex.Decode(random[:], parts[1]); err != nil {
		return "", random, nil, fmt.Errorf("client random: %w", err)
	}
	if len(parts[2]) > 256 {
		return "", random, nil, fmt.Errorf("the secret has %d hexadecimal digits, no secret is that long", len(parts[2]))
	}
	secret = make([]byte, hex.DecodedLen(len(parts[2])))
	if _, err := hex.Decode(secret, parts[2]); err != nil {
		return "", random, nil, fmt.Errorf("secret: %w", err)
	}
	return labelOf(parts[0]), random, secret, nil
}

// words returns a line's first three words, and how many there are. Between two of
// them is one space (RFC 9850 2); several are understood, and tabs.
func words(line []byte) (first [3][]byte, n int) {
	if bytes.IndexByte(line, '\t') >= 0 {
		line = bytes.ReplaceAll(line, []byte("\t"), []byte(" "))
	}
	for ; len(line) > 0; n++ {
		word, rest, _ := bytes.Cut(line, []byte(" "))
		if n < len(first) {
			first[n] = word
		}
		line = bytes.TrimLeft(rest, " ")
	}
	return first, n
}

// labelOf returns a label, without a copy of one that every connection has.
func labelOf(word []byte) Label {
	for _, label := range labels {
		if string(word) == string(label) {
			return label
		}
	}
	return Label(word)
}

// String returns the log's own secrets, without those of stores below, in the
// SSLKEYLOGFILE format and in a stable order. It holds secrets.
func (l *Log) String() string {
	lines := make([]string, 0, l.own.len())
	for e, s := range l.own.all() {
		lines = append(lines, fmt.Sprintf("%s %x %x\n", e.label, e.random, s))
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}
