package quicwire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
)

// maxInfo is more than any label of QUIC's takes, with what is around it, and more
// than any hash.
const maxInfo = 64

// A deriver derives keys from one secret. Each begins with the same HMAC key, which
// is set up once.
type deriver struct {
	mac hash.Hash
	// room is where a label is put together, and then its key, here so that they
	// need no allocation.
	room [maxInfo]byte
}

// derive returns the deriver of a secret, with the suite's hash.
func derive(suite uint16, secret []byte) (*deriver, error) {
	switch suite {
	case suiteAES128, suiteChaCha20:
		return &deriver{mac: hmac.New(sha256.New, secret)}, nil
	case suiteAES256:
		return &deriver{mac: hmac.New(sha512.New384, secret)}, nil
	}
	return nil, fmt.Errorf("cipher suite 0x%04x does not protect QUIC packets here", suite)
}

// label returns HKDF-Expand-Label with an empty context (RFC 8446 7.1), of at most
// as many bytes as the hash has. It is valid until the next call. One block of
// HKDF-Expand is enough for these (RFC 5869 2.3):
//
//	T(1) = HMAC-Hash(PRK, T(0) | info | 0x01)
//
// where T(0) is empty.
func (d *deriver) label(label string, size int) []byte {
	info := binary.BigEndian.AppendUint16(d.room[:0], uint16(size))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "...)
	info = append(info, label...)
	info = append(info, 0, 1)
	d.mac.Reset()
	d.mac.Write(info)
	return d.mac.Sum(d.room[:0])[:size]
}

// secret is a label's as long as the hash, which stays.
func (d *deriver) secret(label string) []byte {
	return bytes.Clone(d.label(label, d.mac.Size()))
}
