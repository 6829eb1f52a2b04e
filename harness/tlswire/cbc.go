package tlswire

import (
	"crypto/cipher"
	"crypto/rc4"
	"fmt"
	"hash"
)

// A cbcCipher is a block cipher in CBC mode with a MAC (RFC 5246 6.2.3.2).
//
//	struct {
//	    opaque IV[SecurityParameters.record_iv_length];
//	    block-ciphered struct {
//	        opaque content[TLSCompressed.length];
//	        opaque MAC[SecurityParameters.mac_length];
//	        uint8 padding[GenericBlockCipher.padding_length];
//	        uint8 padding_length;
//	    };
//	} GenericBlockCipher;
type cbcCipher struct {
	block cipher.Block
	mac   hash.Hash
	// encryptThenMAC says that the MAC covers the ciphertext (RFC 7366).
	encryptThenMAC bool
}

// EncryptThenMAC tells a protection that the two sides have agreed on the
// encrypt_then_mac extension. It changes nothing but CBC suites: "If a server
// receives an encrypt-then-MAC request extension from a client and then selects
// a stream or Authenticated Encryption with Associated Data (AEAD) ciphersuite,
// it MUST NOT send an encrypt-then-MAC response extension" (RFC 7366 3).
func (p *Protection) EncryptThenMAC() {
	if c, ok := p.cipher.(*cbcCipher); ok {
		c.encryptThenMAC = true
	}
}

func (c *cbcCipher) open(seq uint64, rec Record) ([]byte, error) {
	payload := rec.Payload
	if c.encryptThenMAC {
		if len(payload) < c.mac.Size() {
			return nil, fmt.Errorf("%d bytes are too few for a MAC", len(payload))
		}
		split := len(payload) - c.mac.Size()
		if err := checkMAC(c.mac, seq, rec, payload[:split], payload[split:]); err != nil {
			return nil, err
		}
		return c.decrypt(payload[:split])
	}
	plaintext, err := c.decrypt(payload)
	if err != nil {
		return nil, err
	}
	if len(plaintext) < c.mac.Size() {
		return nil, ErrRecordMAC
	}
	content := plaintext[: len(plaintext)-c.mac.Size() : len(plaintext)-c.mac.Size()]
	if err := checkMAC(c.mac, seq, rec, content, plaintext[len(content):]); err != nil {
		return nil, err
	}
	return content, nil
}

// decrypt returns what is between the IV and the padding.
func (c *cbcCipher) decrypt(payload []byte) ([]byte, error) {
	size := c.block.BlockSize()
	if len(payload) < 2*size || len(payload)%size != 0 {
		return nil, fmt.Errorf("%d bytes are not an IV and whole blocks of %d", len(payload), size)
	}
	plaintext := make([]byte, len(payload)-size)
	cipher.NewCBCDecrypter(c.block, payload[:size]).CryptBlocks(plaintext, payload[size:])
	// "Each uint8 in the padding data vector MUST be filled with the padding
	// length value. The receiver MUST check this padding and MUST use the
	// bad_record_mac alert to indicate padding errors."
	padding := plaintext[len(plaintext)-1]
	end := len(plaintext) - 1 - int(padding)
	if end < 0 {
		return nil, ErrRecordMAC
	}
	for _, b := range plaintext[end:] {
		if b != padding {
			return nil, ErrRecordMAC
		}
	}
	return plaintext[:end:end], nil
}

// An rc4Cipher is RC4 with a MAC (RFC 5246 6.2.3.1). Its key stream runs on
// from record to record.
type rc4Cipher struct {
	stream rc4.Cipher
	mac    hash.Hash
}

func (c *rc4Cipher) open(seq uint64, rec Record) ([]byte, error) {
	if len(rec.Payload) < c.mac.Size() {
		return nil, fmt.Errorf("%d bytes are too few for a MAC", len(rec.Payload))
	}
	// The stream goes on only if the record opens.
	stream := c.stream
	plaintext := make([]byte, len(rec.Payload))
	stream.XORKeyStream(plaintext, rec.Payload)
	end := len(plaintext) - c.mac.Size()
	if err := checkMAC(c.mac, seq, rec, plaintext[:end], plaintext[end:]); err != nil {
		return nil, err
	}
	c.stream = stream
	return plaintext[:end:end], nil
}
