package quicwire

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// InitialProtection returns what opens the Initial packets of the client and of
// the server. Everybody on the path can derive it: Initial packets "use a secret
// derived from the Destination Connection ID field from the client's first
// Initial packet" (RFC 9001 5.2), or, after a Retry, from the first Initial
// packet that answers it.
func InitialProtection(v Version, destinationID []byte) (client, server *Protection, err error) {
	keys, err := initialSecret(v, destinationID)
	if err != nil {
		return nil, nil, err
	}
	if client, err = initialSide(v, keys, clientInitial); err != nil {
		return nil, nil, err
	}
	if server, err = initialSide(v, keys, serverInitial); err != nil {
		return nil, nil, err
	}
	return client, server, nil
}

// The labels of the two sides' secrets (RFC 9001 5.2).
const (
	clientInitial = "client in"
	serverInitial = "server in"
)

// initialSecret returns what both sides' secrets are derived from.
func initialSecret(v Version, destinationID []byte) (*deriver, error) {
	d, err := v.dialect()
	if err != nil {
		return nil, fmt.Errorf("derive Initial secrets: %w", err)
	}
	secret, err := hkdf.Extract(sha256.New, destinationID, []byte(d.salt))
	if err != nil {
		return nil, fmt.Errorf("derive Initial secrets: %w", err)
	}
	keys, err := derive(suiteAES128, secret)
	if err != nil {
		return nil, fmt.Errorf("derive Initial secrets: %w", err)
	}
	return keys, nil
}

// initialSide derives one side's protection. "Initial packets use
// AEAD_AES_128_GCM", whatever TLS negotiates later (RFC 9001 5).
func initialSide(v Version, initial *deriver, label string) (*Protection, error) {
	p, err := NewProtection(v, suiteAES128, initial.secret(label))
	if err != nil {
		return nil, fmt.Errorf("derive Initial secrets: %w", err)
	}
	return p, nil
}
