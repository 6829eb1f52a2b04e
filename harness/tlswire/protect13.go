package tlswire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
)

// A suite13 is a cipher suite of TLS 1.3 (RFC 8446 B.4).
type suite13 struct {
	id     uint16
	keyLen int
	hash   func() hash.Hash
	// hashLen is the size of the hash, and so of every secret.
	hashLen int
	aead    func(key []byte) (cipher.AEAD, error)
}

var suites13 = []suite13{
	{0x1301, 16, sha256.New, sha256.Size, newGCM},
	{0x1302, 32, sha512.New384, sha512.Size384, newGCM},
	{0x1303, chacha20poly1305.KeySize, sha256.New, sha256.Size, chacha20poly1305.New},
	{0x1304, 16, sha256.New, sha256.Size, newCCM},
	{0x1305, 16, sha256.New, sha256.Size, newCCM8},
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// NewTrafficKeys13 returns the protection that a TLS 1.3 traffic secret gives
// (RFC 8446 7.3), at its first record.
func NewTrafficKeys13(suite uint16, secret []byte) (*Protection, error) {
	for i := range suites13 {
		if s := &suites13[i]; s.id == suite {
			return newProtection13(s, secret)
		}
	}
	return nil, &SuiteError{VersionTLS13, suite}
}

func newProtection13(s *suite13, secret []byte) (*Protection, error) {
	if len(secret) != s.hashLen {
		return nil, fmt.Errorf("the traffic secret has %d bytes, want %d for %s", len(secret), s.hashLen, CipherSuiteName(s.id))
	}
	// [sender]_write_key = HKDF-Expand-Label(Secret, "key", "", key_length)
	// [sender]_write_iv  = HKDF-Expand-Label(Secret, "iv", "", iv_length)
	mac := hmac.New(s.hash, secret)
	var key, iv [sha512.Size384]byte
	expandLabel(mac, "key", key[:s.keyLen])
	expandLabel(mac, "iv", iv[:12])
	aead, err := s.aead(key[:s.keyLen])
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", CipherSuiteName(s.id), err)
	}
	return &Protection{
		suite:  s,
		secret: secret,
		cipher: &aeadCipher{aead: aead, iv: [12]byte(iv[:12]), additional: additional13, additionalLen: RecordHeaderLen},
	}, nil
}

// Next returns the protection that follows after a KeyUpdate (RFC 8446 7.2).
//
//	application_traffic_secret_N+1 =
//	    HKDF-Expand-Label(application_traffic_secret_N,
//	                      "traffic upd", "", Hash.length)
func (p *Protection) Next() (*Protection, error) {
	if p.suite == nil {
		return nil, errors.New("KeyUpdate is a message of TLS 1.3")
	}
	next := make([]byte, p.suite.hashLen)
	expandLabel(hmac.New(p.suite.hash, p.secret), "traffic upd", next)
	return newProtection13(p.suite, next)
}

// additional13 is the header of the record as it stands on the wire.
//
//	additional_data = TLSCiphertext.opaque_type ||
//	                  TLSCiphertext.legacy_record_version ||
//	                  TLSCiphertext.length (RFC 8446 5.2)
func additional13(_ uint64, rec Record, _ int) (a [13]byte) {
	a[0] = byte(rec.Type)
	binary.BigEndian.PutUint16(a[1:], rec.Version)
	binary.BigEndian.PutUint16(a[3:], uint16(len(rec.Payload)))
	return a
}

// innerPlaintext takes a TLSInnerPlaintext apart (RFC 8446 5.4).
//
//	struct {
//	    opaque content[TLSPlaintext.length];
//	    ContentType type;
//	    uint8 zeros[length_of_padding];
//	} TLSInnerPlaintext;
//
//	the receiving implementation scans the field from the end toward the
//	beginning until it finds a non-zero octet. This non-zero octet is the
//	content type of the message.
func innerPlaintext(b []byte) (ContentType, []byte, error) {
	end := len(b) - 1
	for end >= 0 && b[end] == 0 {
		end--
	}
	if end < 0 {
		return 0, nil, errors.New("the plaintext is all padding, without a content type")
	}
	return ContentType(b[end]), b[:end:end], nil
}

// expandLabel fills out, which is no longer than the hash, with
// HKDF-Expand-Label(Secret, label, "", len(out)) of RFC 8446 7.1. mac is keyed
// with the secret and is left as it was.
func expandLabel(mac hash.Hash, label string, out []byte) {
	// One block of HKDF-Expand is enough (RFC 5869 2.3):
	// T(1) = HMAC(PRK, T(0) | info | 0x01), with T(0) empty.
	info := make([]byte, 0, 32)
	info = append(info, 0, byte(len(out)), byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "...)
	info = append(info, label...)
	info = append(info, 0, 1)
	mac.Write(info)
	var block [sha512.Size384]byte
	copy(out, mac.Sum(block[:0]))
	mac.Reset()
}
