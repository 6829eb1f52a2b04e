package quicwire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vectors are the named values of one file of fixtures/rfc9001.
type vectors map[string][]byte

func readVectors(t testing.TB, name string) vectors {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "rfc9001", name))
	if err != nil {
		t.Fatal(err)
	}
	v, current := vectors{}, ""
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "#") || line == "":
		case !strings.HasPrefix(line, " "):
			current = line
		default:
			b, err := hex.DecodeString(strings.TrimSpace(line))
			if err != nil {
				t.Fatalf("%s: %s: %v", name, current, err)
			}
			v[current] = append(v[current], b...)
		}
	}
	return v
}

// get returns a value that must be there.
func (v vectors) get(t testing.TB, name string) []byte {
	t.Helper()
	if len(v[name]) == 0 {
		t.Fatalf("the vectors have no %q", name)
	}
	return v[name]
}

// each runs a test for both versions' vectors.
func each(t *testing.T, test func(t *testing.T, version Version, v vectors)) {
	for _, file := range []string{"quic-v1.txt", "quic-v2.txt"} {
		t.Run(file, func(t *testing.T) {
			v := readVectors(t, file)
			test(t, Version(binary.BigEndian.Uint32(v.get(t, "version"))), v)
		})
	}
}

func equal(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s = %x, want %x", what, got, want)
	}
}

// seal protects a packet: what Open undoes. The RFCs' own packets check it.
func (k *Protection) seal(header []byte, numberLength int, number uint64, payload []byte) []byte {
	nonce := k.iv
	for i := range 8 {
		nonce[ivSize-1-i] ^= byte(number >> (8 * i))
	}
	packet := k.aead.Seal(bytes.Clone(header), nonce[:], payload, header)
	at := len(header) - numberLength
	if err := k.makeMask(packet[at+4:]); err != nil {
		panic(err)
	}
	bits := byte(0x1f)
	if header[0]&0x80 != 0 {
		bits = 0x0f
	}
	packet[0] ^= k.mask[0] & bits
	for i := range numberLength {
		packet[at+i] ^= k.mask[1+i]
	}
	return packet
}

// clientPayload is the 1162-byte payload of the client Initial in A.2.
func (v vectors) clientPayload(t testing.TB) []byte {
	payload := make([]byte, 1162)
	copy(payload, v.get(t, "client_initial_crypto_frame"))
	return payload
}
