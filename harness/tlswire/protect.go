package tlswire

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
)

// A Protection opens the records that one side has protected under one key, in
// the order in which they were sent. It is not safe for concurrent use.
//
// Protections only open. They exist to read a recording with its key log, so
// they check each record's authentication but take no care to hide, by their
// timing, why a record does not open.
type Protection struct {
	cipher recordCipher
	// seq is the number of records that were opened.
	seq uint64
	// suite and secret are what TLS 1.3 derives the next keys from, and tell
	// that the content type is inside the protection.
	suite  *suite13
	secret []byte
}

// A recordCipher undoes one kind of protection.
type recordCipher interface {
	// open returns the plaintext of the seq'th record. It changes nothing if
	// the record does not open.
	open(seq uint64, rec Record) ([]byte, error)
}

// ErrRecordMAC says that a record's authentication failed: the key is not the
// one it was protected with, or it is not the next record under that key, or
// its bytes were changed.
var ErrRecordMAC = errors.New("bad record MAC")

// Open returns the content type and content of the next record. The sequence
// number goes on only if the record opens, so a record that was never the
// sender's does not keep the ones after it from being read.
func (p *Protection) Open(rec Record) (ContentType, []byte, error) {
	plaintext, err := p.cipher.open(p.seq, rec)
	if err != nil {
		return 0, nil, fmt.Errorf("open record %d: %w", p.seq, err)
	}
	inner := rec.Type
	if p.suite != nil {
		if inner, plaintext, err = innerPlaintext(plaintext); err != nil {
			return 0, nil, fmt.Errorf("open record %d: %w", p.seq, err)
		}
	}
	p.seq++
	return inner, plaintext, nil
}

// Seek makes the seq'th record the next one. Where a capture lacks records, the
// number of the one behind them is found by trying.
func (p *Protection) Seek(seq uint64) { p.seq = seq }

// Opened returns how many records were opened: the sequence number of the next.
func (p *Protection) Opened() uint64 { return p.seq }

// An aeadCipher is an AEAD whose nonce is the sequence number mixed into an IV:
// every suite of TLS 1.3 (RFC 8446 5.3) and TLS 1.2's ChaCha20-Poly1305
// (RFC 7905 2).
type aeadCipher struct {
	aead cipher.AEAD
	iv   [12]byte
	// additional writes the additional data of a record.
	additional func(seq uint64, rec Record, plaintextLen int) [13]byte
	// additionalLen is how much of that is used.
	additionalLen int
	// nonce and data are the last record's, kept so that they need no new memory.
	nonce [12]byte
	data  [13]byte
}

func (c *aeadCipher) open(seq uint64, rec Record) ([]byte, error) {
	if len(rec.Payload) < c.aead.Overhead() {
		return nil, fmt.Errorf("%d bytes are too few for an authentication tag", len(rec.Payload))
	}
	// RFC 8446 5.3: "The padded sequence number is XORed with either the static
	// client_write_iv or server_write_iv (depending on the role)."
	c.nonce = c.iv
	for i := range 8 {
		c.nonce[4+i] ^= byte(seq >> (56 - 8*i))
	}
	c.data = c.additional(seq, rec, len(rec.Payload)-c.aead.Overhead())
	plaintext, err := c.aead.Open(nil, c.nonce[:], rec.Payload, c.data[:c.additionalLen])
	if err != nil {
		return nil, ErrRecordMAC
	}
	return plaintext, nil
}

// additional12 is what TLS 1.2 authenticates beside the content, with an AEAD
// or with a MAC.
//
//	additional_data = seq_num + TLSCompressed.type +
//	                  TLSCompressed.version + TLSCompressed.length; (RFC 5246 6.2.3.3)
func additional12(seq uint64, rec Record, plaintextLen int) (a [13]byte) {
	binary.BigEndian.PutUint64(a[:], seq)
	a[8] = byte(rec.Type)
	binary.BigEndian.PutUint16(a[9:], rec.Version)
	binary.BigEndian.PutUint16(a[11:], uint16(plaintextLen))
	return a
}
