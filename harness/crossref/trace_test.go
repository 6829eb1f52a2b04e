package crossref

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reference reads one file of fixtures/rfc8448: a handshake without its
// records. The key log is derived from the client's private key.
func reference(t testing.TB, name string) Input {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "rfc8448", name))
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Timeline: &dissect.Timeline{}, Transcript: &transcript.Transcript{}}
	var private []byte
	for block := range strings.SplitSeq(string(text), "\n\n") {
		title, body, _ := strings.Cut(strings.TrimSpace(block), "\n")
		switch from, _, _ := strings.Cut(title, " "); {
		case from == "#":
		case title == "client private key":
			private = unhex(t, body)
		default:
			s := &dissect.Step{N: len(in.Timeline.Steps) + 1, From: outcome.Role(from), Kind: dissect.KindHandshake, Unit: -1}
			setRaw(t, s, unhex(t, body), tlswire.VersionTLS13)
			in.Timeline.Steps = append(in.Timeline.Steps, s)
		}
	}
	deriveKeys(t, in, private)
	return in
}

// setRaw makes raw the message of a step.
func setRaw(t testing.TB, s *dissect.Step, raw []byte, version uint16) {
	t.Helper()
	m, err := tlswire.ParseHandshake(raw, version)
	s.Raw, s.Bytes, s.Message, s.Err = raw, len(raw), m, err
	if err != nil {
		s.Message = nil
		return
	}
	s.Name = m.Name()
}

// deriveKeys fills the key log with TLS 1.3's handshake secrets (RFC 8446 7.1).
func deriveKeys(t testing.TB, in Input, private []byte) {
	t.Helper()
	r := tell(in.Timeline, nil).runs[0]
	choice := r.choice()
	curve := ecdh.X25519()
	if choice.KeyShare.Group == tlswire.GroupSecp256r1 {
		curve = ecdh.P256()
	}
	key, err := curve.NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	public, err := curve.NewPublicKey(choice.KeyShare.Key)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := key.ECDH(public)
	if err != nil {
		t.Fatal(err)
	}
	derive := func(secret []byte, label string, context []byte) []byte {
		info := append([]byte{0, 32, byte(len("tls13 " + label))}, "tls13 "+label...)
		info = append(append(info, byte(len(context))), context...)
		out, err := hkdf.Expand(sha256.New, secret, string(info), 32)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	extract := func(secret, salt []byte) []byte {
		out, err := hkdf.Extract(sha256.New, secret, salt)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	empty := sha256.Sum256(nil)
	zero := make([]byte, 32)
	handshake := extract(shared, derive(extract(zero, zero), "derived", empty[:]))
	var all []byte
	for _, m := range r.messages[:r.server.index+1] {
		if m == r.retry {
			first := sha256.Sum256(all)
			all = append([]byte{byte(tlswire.TypeMessageHash), 0, 0, 32}, first[:]...)
		}
		all = append(all, m.raw...)
	}
	hash := sha256.Sum256(all)
	random := as[tlswire.ClientHello](r.hello).Random
	in.Transcript.ClientKeys.Add(keylog.ClientHandshakeTraffic, random, derive(handshake, "c hs traffic", hash[:]))
	in.Transcript.ClientKeys.Add(keylog.ServerHandshakeTraffic, random, derive(handshake, "s hs traffic", hash[:]))
}

// The traces of whole records, with their key logs.
const (
	trace13 = "../tlswire/testdata/rfc8448-3.txt"
	trace12 = "../dissect/testdata/mutual-tls12.txt"
)

// recording reads a trace: each record in hexadecimal under a line that names
// its sender, and the secrets of the client's key log.
func recording(t testing.TB, path string) *transcript.Transcript {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rec := &transcript.Transcript{Transport: outcome.TCP}
	secrets := map[keylog.Label][]byte{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || word == "#":
		case word == "client" || word == "server":
			n := len(rec.Units)
			rec.Units = append(rec.Units, transcript.Unit{
				Index: n, From: outcome.Role(word), Seq: uint64(2*n + 1), Deliveries: []transcript.Delivery{{Seq: uint64(2*n + 2)}},
			})
		case word == "secret":
			label, value, _ := strings.Cut(rest, " ")
			secrets[keylog.Label(label)] = unhex(t, value)
		default:
			u := &rec.Units[len(rec.Units)-1]
			u.Sent = append(u.Sent, unhex(t, line)...)
		}
	}
	random := keylog.Random(rec.Units[0].Sent[11:])
	for label, secret := range secrets {
		rec.ClientKeys.Add(label, random, secret)
	}
	return rec
}

// of returns the input of a recording.
func of(rec *transcript.Transcript) Input {
	return Input{Timeline: dissect.Transcript(rec), Transcript: rec}
}
