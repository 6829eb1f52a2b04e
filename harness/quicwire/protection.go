package quicwire

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"
)

// The TLS cipher suites that QUIC packets are protected with (RFC 9001 5.3).
const (
	suiteAES128   uint16 = 0x1301 // TLS_AES_128_GCM_SHA256
	suiteAES256   uint16 = 0x1302 // TLS_AES_256_GCM_SHA384
	suiteChaCha20 uint16 = 0x1303 // TLS_CHACHA20_POLY1305_SHA256
)

const (
	ivSize     = 12
	sampleSize = 16
	// tagSize is the size of every AEAD's authentication tag.
	tagSize = 16
	// maskSize is the number of bytes of the mask that are used (RFC 9001 5.4.1).
	maskSize = 5
)

// ErrAuthentication says that a packet's authentication tag is not what the key
// makes it: the key is another one, or the packet was changed on its way.
var ErrAuthentication = errors.New("packet does not authenticate under this key")

// A Protection opens the packets that one side sends at one encryption level.
// It is not safe for concurrent use.
type Protection struct {
	suite   uint16
	dialect *dialect
	secret  []byte
	aead    cipher.AEAD
	iv      [ivSize]byte
	// block makes the mask for AES suites, hp is the key for ChaCha20.
	block cipher.Block
	hp    []byte
	// nonce and mask are scratch space, here so that they need no allocation.
	nonce [ivSize]byte
	mask  [sampleSize]byte
}

// NewProtection derives the key, IV and header protection key from a TLS
// traffic secret (RFC 9001 5.1), which nobody may change behind that.
func NewProtection(v Version, suite uint16, secret []byte) (*Protection, error) {
	d, err := v.dialect()
	if err != nil {
		return nil, err
	}
	p := &Protection{suite: suite, dialect: d}
	keys, err := p.install(secret)
	if err != nil {
		return nil, err
	}
	hp := keys.label(d.hp, keySize(suite))
	if suite == suiteChaCha20 {
		p.hp = bytes.Clone(hp)
		return p, nil
	}
	if p.block, err = aes.NewCipher(hp); err != nil {
		return nil, fmt.Errorf("header protection key: %w", err)
	}
	return p, nil
}

// Of says that the protection is what [NewProtection] makes of these.
func (k *Protection) Of(v Version, suite uint16, secret []byte) bool {
	d, err := v.dialect()
	return err == nil && k.dialect == d && k.suite == suite && bytes.Equal(k.secret, secret)
}

// install derives the packet protection key and IV from secret, and returns what
// derives the other keys.
func (p *Protection) install(secret []byte) (*deriver, error) {
	keys, err := derive(p.suite, secret)
	if err != nil {
		return nil, err
	}
	if p.aead, err = newAEAD(p.suite, keys.label(p.dialect.key, keySize(p.suite))); err != nil {
		return nil, fmt.Errorf("packet protection key: %w", err)
	}
	p.secret = secret
	copy(p.iv[:], keys.label(p.dialect.iv, ivSize))
	return keys, nil
}

// Next returns the protection after a key update: "The endpoint creates a new
// write secret from the existing write secret", and a key and an IV from it.
// "The header protection key is not updated." (RFC 9001 6.1)
func (p *Protection) Next() (*Protection, error) {
	keys, err := derive(p.suite, p.secret)
	if err != nil {
		return nil, err
	}
	secret := keys.secret(p.dialect.update)
	next := &Protection{suite: p.suite, dialect: p.dialect, block: p.block, hp: p.hp}
	if _, err := next.install(secret); err != nil {
		return nil, err
	}
	return next, nil
}

// keySize returns the size of the suite's AEAD key, which is also that of its
// header protection key; 0 for a suite that is not supported.
func keySize(suite uint16) int {
	switch suite {
	case suiteAES128:
		return 16
	case suiteAES256, suiteChaCha20:
		return 32
	}
	return 0
}

func newAEAD(suite uint16, key []byte) (cipher.AEAD, error) {
	if suite == suiteChaCha20 {
		return chacha20poly1305.New(key)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// An Opened packet is one whose protection has been removed.
type Opened struct {
	// Bytes are the unprotected header and, behind it, the payload.
	Bytes []byte
	// Header is the unprotected header, packet number included, Payload the
	// frames. Both are parts of Bytes.
	Header, Payload []byte
	// Number is the packet number, NumberLength the bytes that it took.
	Number       uint64
	NumberLength int
	// KeyPhase is the Key Phase bit of a 1-RTT packet, Updates the number of key
	// updates before the keys that it is under (see [KeyPhases]).
	KeyPhase bool
	Updates  int
}

// Open removes p's header protection and packet protection (RFC 9001 5.4 and
// 5.3). largest is the largest packet number seen from this sender in this
// packet number space, -1 for none. Header and payload are appended to dst,
// which must not overlap the packet.
func (k *Protection) Open(dst []byte, p *Packet, largest int64) (Opened, error) {
	start := len(dst)
	dst, err := k.unmask(dst, p)
	if err != nil {
		return Opened{}, err
	}
	return k.unseal(dst, start, p, largest)
}

// unmask appends the header to dst with its protection removed.
//
// "in sampling packet ciphertext for header protection, the Packet Number field
// is assumed to be 4 bytes long (its maximum possible encoded length)" (RFC 9001
// 5.4.2).
func (k *Protection) unmask(dst []byte, p *Packet) ([]byte, error) {
	if len(p.Raw) < p.number+4+sampleSize {
		return nil, fmt.Errorf("%v packet of %d bytes is too short for a header protection sample: %w", p.Type, len(p.Raw), ErrTruncated)
	}
	if err := k.makeMask(p.Raw[p.number+4:]); err != nil {
		return nil, err
	}
	first := p.Raw[0]
	if p.LongHeader() {
		first ^= k.mask[0] & 0x0f // Reserved Bits and Packet Number Length
	} else {
		first ^= k.mask[0] & 0x1f // the same and the Key Phase bit (RFC 9001 5.4.1)
	}
	start := len(dst)
	length := int(first&3) + 1
	dst = append(dst, p.Raw[:p.number+length]...)
	dst[start] = first
	for i := range length {
		dst[start+p.number+i] ^= k.mask[1+i]
	}
	return dst, nil
}

// makeMask fills k.mask from the sample of a packet.
func (k *Protection) makeMask(sample []byte) error {
	if k.block != nil {
		k.block.Encrypt(k.mask[:], sample[:sampleSize]) // AES-ECB, RFC 9001 5.4.3
		return nil
	}
	// "The first 4 bytes of the sampled ciphertext are the block counter. [...]
	// The remaining 12 bytes are used as the nonce." (RFC 9001 5.4.4)
	c, err := chacha20.NewUnauthenticatedCipher(k.hp, sample[4:sampleSize])
	if err != nil {
		return fmt.Errorf("header protection key: %w", err)
	}
	c.SetCounter(binary.LittleEndian.Uint32(sample))
	k.mask = [sampleSize]byte{}
	c.XORKeyStream(k.mask[:maskSize], k.mask[:maskSize])
	return nil
}

// unseal appends the payload behind the unprotected header, which starts at
// dst[start].
func (k *Protection) unseal(dst []byte, start int, p *Packet, largest int64) (Opened, error) {
	header := dst[start:]
	length := len(header) - p.number
	var truncated uint64
	for _, b := range header[p.number:] {
		truncated = truncated<<8 | uint64(b)
	}
	number := DecodePacketNumber(largest, truncated, length)
	// "The nonce, N, is formed by combining the packet protection IV with the
	// packet number" (RFC 9001 5.3).
	k.nonce = k.iv
	for i := range 8 {
		k.nonce[ivSize-1-i] ^= byte(number >> (8 * i))
	}
	if len(p.Raw)-len(header) < tagSize {
		return Opened{}, fmt.Errorf("%v packet has no room for an authentication tag: %w", p.Type, ErrTruncated)
	}
	out, err := k.aead.Open(dst, k.nonce[:], p.Raw[len(header):], header)
	if err != nil {
		return Opened{}, ErrAuthentication
	}
	all := out[start:]
	return Opened{
		Bytes: all, Header: all[:len(header):len(header)], Payload: all[len(header):],
		Number: number, NumberLength: length,
		KeyPhase: p.Type == OneRTT && header[0]&0x04 != 0,
	}, nil
}
