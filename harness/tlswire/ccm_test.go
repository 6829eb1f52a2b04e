package tlswire

import (
	"bytes"
	"crypto/aes"
	"testing"
)

// The first packet vector of RFC 3610 8, and one that NIST has with a nonce as
// long as those of TLS (SP 800-38C C.3).
func TestCCMVectors(t *testing.T) {
	for _, v := range []struct {
		name                                      string
		key, nonce, additional, plaintext, sealed string
		tagLen                                    int
	}{
		{
			"RFC 3610 packet vector 1",
			"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "00000003020100a0a1a2a3a4a5", "0001020304050607",
			"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
			"588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0", 8,
		},
		{
			"SP 800-38C example 3",
			"404142434445464748494a4b4c4d4e4f", "101112131415161718191a1b", "000102030405060708090a0b0c0d0e0f10111213",
			"202122232425262728292a2b2c2d2e2f3031323334353637",
			"e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951", 8,
		},
	} {
		block, err := aes.NewCipher(unhex(t, v.key))
		if err != nil {
			t.Fatal(err)
		}
		c := &ccm{block, v.tagLen}
		nonce, additional, plaintext, sealed := unhex(t, v.nonce), unhex(t, v.additional), unhex(t, v.plaintext), unhex(t, v.sealed)
		if got := c.Seal(nil, nonce, plaintext, additional); !bytes.Equal(got, sealed) {
			t.Errorf("%s: sealed %x, want %x", v.name, got, sealed)
		}
		before := bytes.Clone(sealed)
		if got, err := c.Open([]byte("x"), nonce, sealed, additional); err != nil || string(got) != "x"+string(plaintext) {
			t.Errorf("%s: opened %x, %v, want %x", v.name, got, err, plaintext)
		}
		if !bytes.Equal(sealed, before) {
			t.Errorf("%s: Open changed what it was given", v.name)
		}
		for i := range sealed {
			sealed[i] ^= 1
			if _, err := c.Open(nil, nonce, sealed, additional); err == nil {
				t.Errorf("%s: byte %d was changed, and it opens", v.name, i)
			}
			sealed[i] ^= 1
		}
		for n := range len(sealed) {
			if _, err := c.Open(nil, nonce, sealed[:n], additional); err == nil {
				t.Errorf("%s: it opens when cut off at %d", v.name, n)
			}
		}
	}
}
