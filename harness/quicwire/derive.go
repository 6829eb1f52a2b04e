package quicwire

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
)

// A deriver derives keys from one secret.
type deriver struct {
	// inner and outer are the blocks that HMAC-SHA-256 puts before what it hashes:
	// the secret, filled up with zeros, XOR a constant each (RFC 2104 2).
	inner, outer [sha256.BlockSize]byte
	// mac is for other hashes and longer secrets, nil for this one; used says that
	// it is not new.
	mac  hash.Hash
	used bool
}

// derive returns the deriver of a secret, with the suite's hash.
func derive(suite uint16, secret []byte) (*deriver, error) {
	switch suite {
	case suiteAES128, suiteChaCha20:
		if len(secret) > sha256.BlockSize {
			return &deriver{mac: hmac.New(sha256.New, secret)}, nil
		}
		const ipad, opad = 0x36, 0x5c
		d := new(deriver)
		copy(d.inner[:], secret)
		for i, b := range d.inner {
			d.inner[i], d.outer[i] = b^ipad, b^opad
		}
		return d, nil
	case suiteAES256:
		return &deriver{mac: hmac.New(sha512.New384, secret)}, nil
	}
	return nil, fmt.Errorf("cipher suite 0x%04x does not protect QUIC packets here", suite)
}

// size returns the size of the hash.
func (d *deriver) size() int {
	if d.mac == nil {
		return sha256.Size
	}
	return d.mac.Size()
}

// label returns HKDF-Expand-Label with an empty context (RFC 8446 7.1), of at most
// as many bytes as the hash has. One block of HKDF-Expand is enough for these
// (RFC 5869 2.3):
//
//	T(1) = HMAC-Hash(PRK, T(0) | info | 0x01)
//
// where T(0) is empty.
func (d *deriver) label(label string, size int) []byte {
	info := make([]byte, 0, 64)
	info = binary.BigEndian.AppendUint16(info, uint16(size))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "...)
	info = append(info, label...)
	info = append(info, 0, 1)
	if d.mac == nil {
		return d.hmac(info)[:size]
	}
	if d.used {
		d.mac.Reset()
	}
	d.used = true
	d.mac.Write(info)
	return d.mac.Sum(info[:0])[:size]
}

// hmac returns HMAC-SHA-256 of a text of at most 64 bytes, in its place. A connection
// derives twenty keys, each from one block of text, and crypto/hmac sets up and
// saves the state of two hashes for each secret, which takes longer than the
// hashing (RFC 2104 2):
//
//	H(K XOR opad, H(K XOR ipad, text))
func (d *deriver) hmac(text []byte) []byte {
	var inner [sha256.BlockSize + 64]byte
	copy(inner[:], d.inner[:])
	n := copy(inner[sha256.BlockSize:], text)
	hashed := sha256.Sum256(inner[:sha256.BlockSize+n])
	var outer [sha256.BlockSize + sha256.Size]byte
	copy(outer[:], d.outer[:])
	copy(outer[sha256.BlockSize:], hashed[:])
	hashed = sha256.Sum256(outer[:])
	return append(text[:0], hashed[:]...)
}
