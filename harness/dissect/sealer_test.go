package dissect

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

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
