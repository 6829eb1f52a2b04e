package diagnose

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"sync"
	"time"

	"shakedown/harness/field"
)

var oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

func constrains(c *certificate) bool {
	for _, e := range c.std.Extensions {
		if e.Id.Equal(oidNameConstraints) {
			return true
		}
	}
	return false
}

// nameConstraints is the rule: one hit for each certificate that has a name for
// which a CA above it is not authorized, with that CA.
func nameConstraints(v *verification, certs []*certificate) []hit {
	var list []hit
	for at, c := range certs {
		for _, above := range certs[at+1:] {
			if !constrains(above) {
				continue
			}
			if said := v.shelf.forbids(above, c); said != "" {
				detail := fmt.Sprintf("%s is not authorized for one of its names: %s", above.name(), field.Shorten(said, 200))
				if strict, judged := v.shelf.strictly(above, c); judged && strict == "" {
					detail += ", which RFC 5280 4.2.1.10 would permit"
				}
				list = append(list, hit{at: at, detail: detail})
			}
		}
	}
	return list
}

// maxForbidden is how many pairs of certificates crypto/x509 is asked about: a
// chain has a handful, one that was made to keep a diagnosis busy has thousands.
const maxForbidden = 128

// forbids returns what crypto/x509 has against the names of a certificate under
// that CA, empty for nothing. Each pair is asked for once, however many paths
// there are.
func (s *shelf) forbids(ca, c *certificate) string {
	if subjectAltName(c.std) == nil {
		return "" // no other names count for crypto/x509
	}
	pair := [2]*certificate{ca, c}
	if said, ok := s.forbidden[pair]; ok {
		return said
	}
	if len(s.forbidden) >= maxForbidden {
		said, _ := s.strictly(ca, c)
		return said
	}
	if s.forbidden == nil {
		s.forbidden = make(map[[2]*certificate]string, 4)
	}
	s.forbidden[pair] = constraintError(ca.std, c.std)
	return s.forbidden[pair]
}

// constraintError asks crypto/x509 itself, with copies of the two certificates in
// which nothing but the names and the constraints can be wrong.
func constraintError(ca, c *x509.Certificate) string {
	roots := x509.NewCertPool()
	above, below := unconditional(ca), unconditional(c)
	below.RawIssuer = above.RawSubject
	roots.AddCert(above)
	_, err := below.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: someTime, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName {
		return ""
	}
	return invalid.Detail
}

var someTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// unconditional returns a copy with the names and the constraints of the
// original, valid at any time, for any usage and under any policy, and signed by
// a key that fits whatever it is asked about.
func unconditional(c *x509.Certificate) *x509.Certificate {
	u := *c
	u.NotBefore, u.NotAfter = someTime, someTime
	u.Version, u.BasicConstraintsValid, u.IsCA, u.MaxPathLen, u.KeyUsage = 3, true, true, -1, 0
	u.UnhandledCriticalExtensions = nil
	u.Policies, u.PolicyMappings = nil, nil
	u.RequireExplicitPolicy, u.RequireExplicitPolicyZero = 0, false
	u.PublicKeyAlgorithm, u.SignatureAlgorithm, u.RawTBSCertificate = x509.Ed25519, x509.PureEd25519, nil
	u.PublicKey, u.Signature = everybodys()
	return &u
}

// everybodys returns the key of all unconditional copies, and its signature of nothing.
var everybodys = sync.OnceValues(func() (public crypto.PublicKey, signature []byte) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return key.Public(), ed25519.Sign(key, nil)
})
