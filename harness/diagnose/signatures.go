package diagnose

import (
	"crypto/sha256"
	"crypto/x509"
	"sync"

	"shakedown/harness/recall"
)

// Signatures remembers what was found out about certificates: their parsed form and
// their names, whether they are for a name, and the result of checking one certificate's
// signature with another's key.
// Checking a P-256 signature costs about as much as everything else in a
// diagnosis, and the cells of a matrix share their certificates. It is safe for
// concurrent use; the zero value is ready.
type Signatures struct {
	done  recall.Answers[signaturePair, error]
	named recall.Answers[naming, nameVerdict]

	mu     sync.Mutex
	parsed map[string]*parsing
}

// A naming is a certificate, and a name that is looked for in it.
type naming struct {
	cert *x509.Certificate
	name string
}

type signaturePair struct{ child, issuer [sha256.Size]byte }

type parsing struct {
	cert *x509.Certificate
	err  error
	// subject and issuer are its names as they are shown, whole and key the hashes of
	// all of it and of its key; all are empty where there is no cert.
	subject, issuer string
	whole, key      [sha256.Size]byte
}

// remembered is how many certificates or pairs are kept. A suite has a few
// hundred; a process that watches strangers' handshakes starts over at the limit.
const remembered = 8192

// Check returns the error of verifying child's signature with issuer's key.
// A nil receiver remembers nothing.
func (s *Signatures) Check(child, issuer *x509.Certificate) error {
	if s == nil {
		return checkSignature(child, issuer)
	}
	return s.check(signaturePair{sha256.Sum256(child.Raw), sha256.Sum256(issuer.RawSubjectPublicKeyInfo)}, child, issuer)
}

func checkSignature(child, issuer *x509.Certificate) error {
	return issuer.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
}

// checkParsed is Check for certificates that were parsed here.
func (s *Signatures) checkParsed(child, issuer *parsing) error {
	if s == nil {
		return checkSignature(child.cert, issuer.cert)
	}
	return s.check(signaturePair{child.whole, issuer.key}, child.cert, issuer.cert)
}

// check checks a pair once.
func (s *Signatures) check(pair signaturePair, child, issuer *x509.Certificate) error {
	return s.done.Of(pair, remembered, func() error { return checkSignature(child, issuer) })
}

// parse returns der as crypto/x509 reads it, or why it does not. The certificate
// is shared: nobody may change it.
func (s *Signatures) parse(der []byte) *parsing {
	if s == nil {
		cert, err := x509.ParseCertificate(der)
		return &parsing{cert: cert, err: err}
	}
	s.mu.Lock()
	p := s.parsed[string(der)]
	s.mu.Unlock()
	if p != nil {
		return p
	}
	p = new(parsing)
	if p.cert, p.err = x509.ParseCertificate(der); p.err == nil {
		p.subject, p.issuer = nameOf(p.cert.RawSubject), nameOf(p.cert.RawIssuer)
		p.whole, p.key = sha256.Sum256(p.cert.Raw), sha256.Sum256(p.cert.RawSubjectPublicKeyInfo)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parsed == nil || len(s.parsed) >= remembered {
		s.parsed = make(map[string]*parsing)
	}
	s.parsed[string(der)] = p
	return p
}

// judgeName is [judgeName], of which the result is remembered.
func (s *Signatures) judgeName(c *x509.Certificate, name string) nameVerdict {
	if s == nil || name == "" {
		return judgeName(c, name)
	}
	return s.named.Of(naming{c, name}, remembered, func() nameVerdict { return judgeName(c, name) })
}
