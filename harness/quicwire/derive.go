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
	// padded is the secret of HMAC-SHA-256, filled up with zeros to a block.
	padded [sha256.BlockSize]byte
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
		d := new(deriver)
		copy(d.padded[:], secret)
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
	const ipad, opad = 0x36, 0x5c
	var inner [sha256.BlockSize + 64]byte
	for i, b := range d.padded {
		inner[i] = b ^ ipad
	}
	n := copy(inner[sha256.BlockSize:], text)
	hashed := sha256.Sum256(inner[:sha256.BlockSize+n])
	var outer [sha256.BlockSize + sha256.Size]byte
	for i, b := range d.padded {
		outer[i] = b ^ opad
	}
	copy(outer[sha256.BlockSize:], hashed[:])
	hashed = sha256.Sum256(outer[:])
	return append(text[:0], hashed[:]...)
}
