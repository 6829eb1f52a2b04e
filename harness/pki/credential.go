package pki

import (
	"bytes"
	"crypto"
	"fmt"
	"strings"

	"shakedown/harness/x509wire"
)

// A Credential is a certificate chain and the private key that signs for it.
type Credential struct {
	// Chain are DER certificates in the order in which they are sent.
	Chain [][]byte
	// Key signs. It belongs to Chain[0] in a healthy credential.
	Key crypto.Signer
	// Source says where it came from: the file, or the entities' names.
	Source string
	// Skipped are the parts of the file that a Go program silently loses.
	Skipped []Skipped
}

// Credential returns a chain of the entities' certificates in the order of
// present, with the private key of the first end entity among them, or of the
// first entity that has a key where all are certification authorities. So a
// chain with the issuer first keeps the key of the certificate behind it, as
// files in the wrong order do.
func (h *Hierarchy) Credential(present []string) (*Credential, error) {
	c := &Credential{Source: strings.Join(present, ", ")}
	fromCA := true
	for _, name := range present {
		e, err := h.lookup(name)
		if err != nil {
			return nil, err
		}
		chain, key, err := h.presented(e, c)
		if err != nil {
			return nil, err
		}
		c.Chain = append(c.Chain, chain...)
		if key != nil && (c.Key == nil || fromCA && !e.spec.CA) {
			c.Key, fromCA = key, e.spec.CA
		}
	}
	switch {
	case len(c.Chain) == 0:
		return nil, fmt.Errorf("present: no entity is named")
	case c.Key == nil:
		return nil, fmt.Errorf("present: none of %s has a private key", c.Source)
	}
	return c, nil
}

// presented returns what one entity adds to a credential. The key is nil for
// certificates from disk that came without one.
func (h *Hierarchy) presented(e *entity, to *Credential) ([][]byte, crypto.Signer, error) {
	if e.pair == nil {
		m, err := e.minted()
		if err != nil {
			return nil, nil, err
		}
		return [][]byte{m.der}, m.key, nil
	}
	if e.spec.Cert != "" && (e.spec.KeyFile != "" || holdsKey(e.spec.Cert)) {
		pair, err := e.pair()
		if err != nil {
			return nil, nil, fmt.Errorf("entity %q: %w", e.name, err)
		}
		to.Source = pair.Source
		to.Skipped = append(to.Skipped, pair.Skipped...)
		return pair.Chain, pair.Key, nil
	}
	b, err := e.bundle()
	if err != nil {
		return nil, nil, fmt.Errorf("entity %q: %w", e.name, err)
	}
	to.Skipped = append(to.Skipped, b.Skipped...)
	return b.Certificates, nil, nil
}

// PublicKey returns the PKIX public key in an entity's certificate.
func (h *Hierarchy) PublicKey(name string) ([]byte, error) {
	certificates, err := h.Certificates(name)
	if err != nil {
		return nil, err
	}
	c, err := x509wire.Parse(certificates[0])
	if err != nil {
		return nil, fmt.Errorf("the key of %q: %w", name, err)
	}
	return bytes.Clone(c.RawPublicKey), nil
}
