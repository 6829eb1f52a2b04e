package diagnose

import (
	"crypto/sha256"
	"crypto/x509"
	"sync"
)

// Signatures remembers the result of checking one certificate's signature with
// another's key. Checking a P-256 signature costs about as much as everything
// else in a diagnosis, and the cells of a matrix share their certificates. It
// is safe for concurrent use; the zero value is ready.
type Signatures struct {
	mu   sync.Mutex
	done map[signaturePair]error
}

type signaturePair struct{ child, issuer [sha256.Size]byte }

// Check returns the error of verifying child's signature with issuer's key.
// A nil receiver remembers nothing.
func (s *Signatures) Check(child, issuer *x509.Certificate) error {
	verify := func() error {
		return issuer.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	}
	if s == nil {
		return verify()
	}
	pair := signaturePair{sha256.Sum256(child.Raw), sha256.Sum256(issuer.RawSubjectPublicKeyInfo)}
	s.mu.Lock()
	err, ok := s.done[pair]
	s.mu.Unlock()
	if ok {
		return err
	}
	err = verify()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		s.done = make(map[signaturePair]error)
	}
	s.done[pair] = err
	return err
}
