package quicwire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"
)

// ErrIntegrity says that a Retry packet's tag does not fit the connection ID
// that the client had chosen: the Retry answers another packet, or was changed.
var ErrIntegrity = errors.New("retry integrity tag does not match")

// CheckRetry checks a Retry packet's integrity tag, which covers the
// Destination Connection ID of the client's first Initial packet (RFC 9001 5.8).
func CheckRetry(p *Packet, originalDestinationID []byte) error {
	if p.Type != Retry {
		return fmt.Errorf("check Retry: this is a %v packet", p.Type)
	}
	tag, err := retryTag(p, originalDestinationID)
	if err != nil {
		return fmt.Errorf("check Retry: %w", err)
	}
	if subtle.ConstantTimeCompare(tag, p.IntegrityTag) != 1 {
		return ErrIntegrity
	}
	return nil
}

// retryTag seals nothing, with the Retry Pseudo-Packet as associated data.
func retryTag(p *Packet, originalDestinationID []byte) ([]byte, error) {
	d, err := p.Version.dialect()
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher([]byte(d.retryKey))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	pseudo := make([]byte, 0, 1+len(originalDestinationID)+len(p.Raw))
	pseudo = append(pseudo, byte(len(originalDestinationID)))
	pseudo = append(pseudo, originalDestinationID...)
	pseudo = append(pseudo, p.Raw[:len(p.Raw)-len(p.IntegrityTag)]...)
	return aead.Seal(nil, []byte(d.retryNonce), nil, pseudo), nil
}
