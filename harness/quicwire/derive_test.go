package quicwire

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"testing"
)

// TestDerive holds the keys that are derived against crypto/hkdf's, for secrets of
// every length up to one that HMAC hashes first, and several keys of one secret.
func TestDerive(t *testing.T) {
	for _, tt := range []struct {
		suite uint16
		hash  func() hash.Hash
	}{{suiteAES128, sha256.New}, {suiteChaCha20, sha256.New}, {suiteAES256, sha512.New384}} {
		for length := range 200 {
			secret := bytes.Repeat([]byte{byte(length), 0xa5}, length)[:length]
			keys, err := derive(tt.suite, secret)
			if err != nil {
				t.Fatal(err)
			}
			for _, label := range []string{"quic key", "client in", "quicv2 ku", ""} {
				size := 12 + length%20
				info := append(binary.BigEndian.AppendUint16(nil, uint16(size)), byte(len("tls13 ")+len(label)))
				info = append(append(info, "tls13 "+label...), 0)
				want, err := hkdf.Expand(tt.hash, secret, string(info), size)
				if err != nil {
					t.Fatal(err)
				}
				if got := keys.label(label, size); !bytes.Equal(got, want) {
					t.Errorf("suite %04x, secret of %d bytes, %q: %x, want %x", tt.suite, length, label, got, want)
				}
			}
			if got, want := keys.mac.Size(), tt.hash().Size(); got != want {
				t.Errorf("the hash of suite %04x has %d bytes, want %d", tt.suite, got, want)
			}
		}
	}
}

// TestInitialHalves holds each side's Initial keys against those of both.
func TestInitialHalves(t *testing.T) {
	for _, v := range []Version{Version1, Version2} {
		id := []byte{0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08} // RFC 9001 A.1
		client, server, err := InitialProtection(v, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, half := range []struct {
			of   func(Version, []byte) (*Protection, error)
			want *Protection
		}{{ClientInitialProtection, client}, {ServerInitialProtection, server}} {
			got, err := half.of(v, id)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.secret, half.want.secret) || got.iv != half.want.iv || !bytes.Equal(got.hp, half.want.hp) {
				t.Errorf("%v: the secret is %x, want %x", v, got.secret, half.want.secret)
			}
		}
		if bytes.Equal(client.secret, server.secret) {
			t.Errorf("%v: both sides have the secret %x", v, client.secret)
		}
	}
	if _, err := ClientInitialProtection(0x0a0a0a0a, nil); err == nil {
		t.Error("there are keys of a version that nobody speaks")
	}
}
