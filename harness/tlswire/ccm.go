package tlswire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

// A ccm is AES in Counter with CBC-MAC mode (RFC 3610), which the standard
// library does not have. Small devices speak it (RFC 6655, RFC 7251), and TLS 1.3
// names two suites of it (RFC 8446 B.4).
type ccm struct {
	block  cipher.Block
	tagLen int // M: 16, or 8 for the suites that end in _8
}

// ccmNonceLen is the size of every nonce of TLS, so the length of a message takes
// the three other bytes of a block: L is 15-12.
const ccmNonceLen = 12

func newCCM(key []byte) (cipher.AEAD, error)  { return newCCMOf(key, 16) }
func newCCM8(key []byte) (cipher.AEAD, error) { return newCCMOf(key, 8) }

func newCCMOf(key []byte, tagLen int) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &ccm{block, tagLen}, nil
}

func (c *ccm) NonceSize() int { return ccmNonceLen }
func (c *ccm) Overhead() int  { return c.tagLen }

var errCCM = errors.New("message authentication failed")

// Open takes the tag off and undoes the encryption.
func (c *ccm) Open(dst, nonce, ciphertext, additional []byte) ([]byte, error) {
	if len(ciphertext) < c.tagLen {
		return nil, errCCM
	}
	sealed, tag := ciphertext[:len(ciphertext)-c.tagLen], ciphertext[len(ciphertext)-c.tagLen:]
	start := len(dst)
	out := append(dst, sealed...)
	plaintext := out[start:]
	stream, mask := c.counter(nonce)
	stream.XORKeyStream(plaintext, sealed)
	want := c.tag(nonce, plaintext, additional, mask)
	if subtle.ConstantTimeCompare(want[:c.tagLen], tag) != 1 {
		return nil, errCCM
	}
	return out, nil
}

// Seal encrypts and adds the tag. Only tests seal.
func (c *ccm) Seal(dst, nonce, plaintext, additional []byte) []byte {
	stream, mask := c.counter(nonce)
	tag := c.tag(nonce, plaintext, additional, mask)
	start := len(dst)
	out := append(dst, plaintext...)
	stream.XORKeyStream(out[start:], plaintext)
	return append(out, tag[:c.tagLen]...)
}

// counter returns the key stream and what masks the tag: "The authentication
// value U is computed by encrypting T with the key stream block S_0 and
// truncating it to the desired length", and the message with S_1 and those
// behind it (RFC 3610 2.3).
func (c *ccm) counter(nonce []byte) (stream cipher.Stream, mask [aes.BlockSize]byte) {
	var a0 [aes.BlockSize]byte
	a0[0] = byte(len(a0) - 1 - len(nonce) - 1) // L-1
	copy(a0[1:], nonce)
	stream = cipher.NewCTR(c.block, a0[:])
	stream.XORKeyStream(mask[:], mask[:])
	return stream, mask
}

// tag is the masked CBC-MAC over the flags and the nonce, the additional data
// with its length, and the message (RFC 3610 2.2).
func (c *ccm) tag(nonce, plaintext, additional []byte, mask [aes.BlockSize]byte) (x [aes.BlockSize]byte) {
	// The first block, B_0: "64*Adata + 8*M' + L'", the nonce, and the message's
	// length in the L bytes that are left.
	lengthLen := len(x) - 1 - len(nonce)
	binary.BigEndian.PutUint64(x[8:], uint64(len(plaintext)))
	x[0] = byte(8*((c.tagLen-2)/2) + lengthLen - 1)
	copy(x[1:], nonce)
	if len(additional) > 0 {
		x[0] |= 64
	}
	c.block.Encrypt(x[:], x[:])
	if len(additional) > 0 {
		// Two bytes are enough for the length of what TLS authenticates.
		length := binary.BigEndian.AppendUint16(nil, uint16(len(additional)))
		c.absorb(&x, append(length, additional...))
	}
	c.absorb(&x, plaintext)
	subtle.XORBytes(x[:], x[:], mask[:])
	return x
}

// absorb goes on with the CBC-MAC, "padding with zeroes if necessary".
func (c *ccm) absorb(x *[aes.BlockSize]byte, data []byte) {
	for len(data) > 0 {
		n := subtle.XORBytes(x[:], x[:], data)
		data = data[n:]
		c.block.Encrypt(x[:], x[:])
	}
}

// newCCM12 is AES-CCM as TLS 1.2 uses it: its nonces are those of AES-GCM (RFC
// 6655 3).
func newCCM12(_ *suite12, _, key, iv []byte) (recordCipher, error) { return ccm12(newCCM, key, iv) }

func newCCM812(_ *suite12, _, key, iv []byte) (recordCipher, error) { return ccm12(newCCM8, key, iv) }

func ccm12(of func(key []byte) (cipher.AEAD, error), key, iv []byte) (recordCipher, error) {
	aead, err := of(key)
	if err != nil {
		return nil, fmt.Errorf("AES-CCM: %w", err)
	}
	return &gcm12{aead, [4]byte(iv)}, nil
}
