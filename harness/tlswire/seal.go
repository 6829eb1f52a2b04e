package tlswire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Seal protects content as the next record under this key: what [Protection.Open]
// of another Protection of the same key opens. It counts on like Open does, so
// that one Protection either opens or seals. Those of TLS 1.3 can seal, and of TLS
// 1.2 AES-GCM and ChaCha20-Poly1305.
func (p *Protection) Seal(typ ContentType, content []byte) ([]byte, error) {
	c, ok := p.cipher.(sealer)
	if !ok {
		return nil, errors.New("seal: only AES-GCM and ChaCha20-Poly1305 can seal records")
	}
	rec := Record{Type: typ, Version: VersionTLS12}
	plaintext := content
	if p.suite != nil {
		// opaque_type: "always set to the value 23 (application_data)";
		// legacy_record_version: "always 0x0303" (RFC 8446 5.2).
		rec.Type = ApplicationData
		plaintext = append(append(make([]byte, 0, len(content)+1), content...), byte(typ))
	}
	if len(plaintext) > maxPlaintext+1 {
		return nil, fmt.Errorf("seal: %d bytes do not fit into a record", len(content))
	}
	sealed := c.seal(p.seq, rec, plaintext)
	p.seq++
	return sealed, nil
}

// A sealer is a recordCipher that can protect too. It returns the whole record.
type sealer interface {
	seal(seq uint64, rec Record, plaintext []byte) []byte
}

// maxPlaintext is the most that one record holds: "The length MUST NOT exceed
// 2^14 bytes" (RFC 8446 5.1).
const maxPlaintext = 1 << 14

// seal returns the whole record.
func (c *aeadCipher) seal(seq uint64, rec Record, plaintext []byte) []byte {
	c.nonce = c.iv
	for i := range 8 {
		c.nonce[4+i] ^= byte(seq >> (56 - 8*i))
	}
	out := make([]byte, RecordHeaderLen, RecordHeaderLen+len(plaintext)+c.aead.Overhead())
	out[0] = byte(rec.Type)
	binary.BigEndian.PutUint16(out[1:], rec.Version)
	binary.BigEndian.PutUint16(out[3:], uint16(len(plaintext)+c.aead.Overhead()))
	rec.Payload = make([]byte, len(plaintext)+c.aead.Overhead()) // its length is what is authenticated
	c.data = c.additional(seq, rec, len(plaintext))
	return c.aead.Seal(out, c.nonce[:], plaintext, c.data[:c.additionalLen])
}

// seal returns the whole record. The part of the nonce that is sent is the sequence
// number, as RFC 5288 3 allows and everybody does.
func (c *gcm12) seal(seq uint64, rec Record, plaintext []byte) []byte {
	size := ExplicitNonceLen + len(plaintext) + c.aead.Overhead()
	out := make([]byte, RecordHeaderLen+ExplicitNonceLen, RecordHeaderLen+size)
	out[0] = byte(rec.Type)
	binary.BigEndian.PutUint16(out[1:], rec.Version)
	binary.BigEndian.PutUint16(out[3:], uint16(size))
	binary.BigEndian.PutUint64(out[RecordHeaderLen:], seq)
	nonce := append(c.salt[:len(c.salt):len(c.salt)], out[RecordHeaderLen:]...)
	additional := additional12(seq, rec, len(plaintext))
	return c.aead.Seal(out, nonce, plaintext, additional[:])
}

// Skip counts one record that was protected under this key by somebody else.
func (p *Protection) Skip() { p.seq++ }

// AppendRecord appends content to b as records without protection.
func AppendRecord(b []byte, typ ContentType, version uint16, content []byte) []byte {
	for first := true; first || len(content) > 0; first = false {
		n := min(len(content), maxPlaintext)
		b = append(b, byte(typ))
		b = binary.BigEndian.AppendUint16(b, version)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
		b, content = append(b, content[:n]...), content[n:]
	}
	return b
}
