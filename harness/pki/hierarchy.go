package pki

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"shakedown/harness/x509wire"
)

// A Hierarchy is the certificates and keys of a [Spec]. Each entity is made, or
// read from disk, when it is first asked for, so that a scenario pays only for
// what it presents and trusts. Goroutines may share a Hierarchy.
type Hierarchy struct {
	clock    time.Time
	entities map[string]*entity
}

// An entity is one name of the Spec with its key and its certificate, each made
// once, on demand.
type entity struct {
	hierarchy *Hierarchy
	name      string
	spec      Entity
	// issuer signs the certificate; the entity itself where it is self-signed.
	issuer *entity
	// sameKey is the entity whose key this one uses, nil for a key of its own.
	sameKey *entity
	key     func() (crypto.Signer, error)
	// draft and minted are those of an entity that is not from disk.
	draft  *draft
	minted func() (minted, error)
	// pair and bundle read an entity that comes from disk.
	pair   func() (*Credential, error)
	bundle func() (*Bundle, error)
}

// A minted certificate, and the key that its owner signs with: the
// certificate's own unless a flaw says otherwise.
type minted struct {
	der []byte
	key crypto.Signer
}

// Mint checks the whole spec and returns its hierarchy. Validity counts from
// clock, in whole seconds. Every error names the entity: an issuer that is not
// defined, a cycle, an unknown key kind, usage or flaw.
func Mint(spec Spec, clock time.Time) (*Hierarchy, error) {
	h := &Hierarchy{clock: clock.Truncate(time.Second), entities: make(map[string]*entity, len(spec))}
	names := slices.Sorted(maps.Keys(spec))
	for _, name := range names {
		h.entities[name] = &entity{hierarchy: h, name: name, spec: spec[name]}
	}
	rsaKeys := 0
	for _, name := range names {
		e := h.entities[name]
		var err error
		if e.spec.FromDisk() {
			err = h.wireDisk(e)
		} else {
			err = h.wireMinted(e, &rsaKeys)
		}
		if err != nil {
			return nil, fmt.Errorf("entity %q: %w", name, err)
		}
	}
	for _, name := range names {
		if err := h.entities[name].checkCycles(); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// wireMinted resolves the names that an entity refers to and prepares its key
// and certificate.
func (h *Hierarchy) wireMinted(e *entity, rsaKeys *int) error {
	e.issuer = e
	if e.spec.Issuer != "" && !e.spec.SelfSigned {
		issuer, err := h.lookup(e.spec.Issuer)
		if err != nil {
			return fmt.Errorf("issuer: %w", err)
		}
		e.issuer = issuer
	}
	if e.spec.SameKeyAs != "" {
		other, err := h.lookup(e.spec.SameKeyAs)
		if err != nil {
			return fmt.Errorf("same_key_as: %w", err)
		}
		e.sameKey = other
		e.key = func() (crypto.Signer, error) { return other.key() }
	} else {
		generate, err := keyGenerator(e.spec.Key, rsaKeys)
		if err != nil {
			return err
		}
		e.key = sync.OnceValues(generate)
	}
	var err error
	if e.draft, err = newDraft(e, h.clock); err != nil {
		return err
	}
	e.minted = sync.OnceValues(func() (minted, error) {
		m, err := e.draft.mint()
		if err != nil {
			return m, fmt.Errorf("entity %q: %w", e.name, err)
		}
		return m, nil
	})
	return nil
}

// wireDisk prepares the reading of an entity that comes from files. What the
// spec says beside the files does not matter to it.
func (h *Hierarchy) wireDisk(e *entity) error {
	if len(e.spec.Flaws) > 0 {
		return fmt.Errorf("flaw %q cannot be made in a certificate from disk", e.spec.Flaws[0])
	}
	if e.spec.Pick != "" && e.spec.Pick != PickLast {
		return fmt.Errorf("unknown pick %q%s", e.spec.Pick, suggest(string(e.spec.Pick), []string{string(PickLast)}))
	}
	if e.spec.Cert == "" && e.spec.Bundle == "" {
		return errors.New("a key from disk needs its certificate (cert)")
	}
	e.issuer = e
	e.pair = sync.OnceValues(func() (*Credential, error) {
		if e.spec.Cert == "" {
			return nil, fmt.Errorf("entity %q: a bundle has no private key", e.name)
		}
		key := e.spec.KeyFile
		if key == "" {
			key = e.spec.Cert
		}
		return LoadKeyPair(e.spec.Cert, key)
	})
	e.bundle = sync.OnceValues(e.loadBundle)
	e.key = func() (crypto.Signer, error) {
		c, err := e.pair()
		if err != nil {
			return nil, err
		}
		return c.Key, nil
	}
	return nil
}

// loadBundle reads the certificates of an entity from disk and picks those that
// the spec asks for.
func (e *entity) loadBundle() (*Bundle, error) {
	file := e.spec.Bundle
	if file == "" {
		file = e.spec.Cert
	}
	b, err := LoadBundle(file)
	if err != nil {
		return nil, err
	}
	if e.spec.Pick == PickLast {
		b.Certificates = b.Certificates[len(b.Certificates)-1:]
	}
	return b, nil
}

func (h *Hierarchy) lookup(name string) (*entity, error) {
	if e, ok := h.entities[name]; ok {
		return e, nil
	}
	return nil, fmt.Errorf("unknown entity %q%s", name, suggest(name, slices.Sorted(maps.Keys(h.entities))))
}

// checkCycles follows issuers, and then shared keys, from e.
func (e *entity) checkCycles() error {
	seen := map[*entity]bool{}
	for at := e; at.issuer != at; at = at.issuer {
		if seen[at] {
			return fmt.Errorf("entity %q: its issuers go round in a circle through %q", e.name, at.name)
		}
		seen[at] = true
	}
	clear(seen)
	for at := e; at.sameKey != nil; at = at.sameKey {
		if seen[at] {
			return fmt.Errorf("entity %q: same_key_as goes round in a circle through %q", e.name, at.name)
		}
		seen[at] = true
	}
	return nil
}

// Certificates returns the DER certificates of an entity: one that was minted,
// or all that its file holds and a Go program would read.
func (h *Hierarchy) Certificates(name string) ([][]byte, error) {
	e, err := h.lookup(name)
	if err != nil {
		return nil, err
	}
	if e.bundle == nil {
		m, err := e.minted()
		if err != nil {
			return nil, err
		}
		return [][]byte{m.der}, nil
	}
	b, err := e.bundle()
	if err != nil {
		return nil, fmt.Errorf("entity %q: %w", name, err)
	}
	if e.spec.Pick == PickLast && len(b.Certificates) > 1 {
		return b.Certificates[len(b.Certificates)-1:], nil
	}
	return b.Certificates, nil
}

// Skipped returns the certificates that a Go program loses from an entity's
// trust file without a word. It is nil for a minted entity, and for a file that
// does not load at all.
func (h *Hierarchy) Skipped(name string) []Skipped {
	e, err := h.lookup(name)
	if err != nil || e.bundle == nil {
		return nil
	}
	b, err := e.bundle()
	if err != nil {
		return nil
	}
	return b.Skipped
}

// issued returns what a certificate that e signs says of its issuer: the name
// and the key identifier.
func (e *entity) issued() (name, keyID []byte, err error) {
	key, err := e.key()
	if err != nil {
		return nil, nil, err
	}
	if e.pair == nil {
		_, id, err := publicKey(key.Public())
		return commonName(e.draft.subject), id, err
	}
	pair, err := e.pair()
	if err != nil {
		return nil, nil, err
	}
	c, err := x509wire.Parse(pair.Chain[0])
	if err != nil {
		return nil, nil, err
	}
	return bytes.Clone(c.RawSubject), bytes.Clone(c.SubjectKeyID), nil
}
