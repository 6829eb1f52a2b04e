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

// A version that nobody speaks has no keys.
func TestInitialProtectionOfAnUnknownVersion(t *testing.T) {
	if _, _, err := InitialProtection(0x0a0a0a0a, nil); err == nil {
		t.Error("there are keys of a version that nobody speaks")
	}
}

// A protection is told apart from those of another version, suite or secret.
func TestProtectionOf(t *testing.T) {
	secret := bytes.Repeat([]byte{1}, sha256.Size)
	p, err := NewProtection(Version1, suiteAES128, secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		version Version
		suite   uint16
		secret  []byte
		want    bool
	}{
		{Version1, suiteAES128, bytes.Clone(secret), true},
		{Version2, suiteAES128, secret, false},
		{0x0a0a0a0a, suiteAES128, secret, false},
		{Version1, suiteChaCha20, secret, false},
		{Version1, suiteAES128, secret[1:], false},
		{Version1, suiteAES128, nil, false},
	} {
		if got := p.Of(tt.version, tt.suite, tt.secret); got != tt.want {
			t.Errorf("of %v, suite %04x, secret %x: %v, want %v", tt.version, tt.suite, tt.secret, got, tt.want)
		}
	}
}
