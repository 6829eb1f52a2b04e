package diagnose

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
)

var errTooManyChecks = errors.New("too many signatures to check")

// A path is a run of certificates, each signed by the next, from the end entity
// upwards.
type path struct {
	certs []*certificate
	// anchored says that it ends in a trust anchor of the verifying side.
	anchored bool
	// refused says that its last certificate has the issuer's name and did not sign
	// the one below it: the verifier has tried it, and the path is none.
	refused bool
	// faults are in the order in which the verifier comes to them.
	faults []fault
	judged bool
}

func (p *path) top() *certificate { return p.certs[len(p.certs)-1] }

func (p *path) has(c *certificate) bool { return slices.Contains(p.certs, c) }

// decisive counts the faults for which the verifier would refuse the path.
func (p *path) decisive() int {
	n := 0
	for _, f := range p.faults {
		if !f.rule.remark {
			n++
		}
	}
	return n
}

// maxVisits bounds a search. A chain has a handful of certificates; a pool made
// to be walked for ever stops here.
const maxVisits = 512

// maxPaths is how many paths are kept: more than crypto/x509 finds with the hundred
// signatures that it checks.
const maxPaths = 128

// A search walks from the end entity to a trust anchor, depth first, over pairs
// whose signature is good, in the order in which crypto/x509 tries them. It keeps
// the best path: one that ends in a trust anchor before one that does not, then
// the one with the fewest faults.
type search struct {
	*verification
	// borrow lets it use certificates that were neither sent nor are trusted,
	// mended those that stand unread in the files of the two sides.
	borrow, mended bool
	visits         int
	best           *path
	// all keeps every path and goes on where one is good; over ends the search.
	all, over bool
	paths     []*path
	// tried are paths whose last link does not hold.
	tried []*path
}

// bestPath returns the best path from the end entity, which has at least that
// one certificate.
func (v *verification) bestPath(borrow bool) *path {
	s := search{verification: v, borrow: borrow}
	s.walk([]*certificate{v.leaf()})
	return s.best
}

// walk extends the path upwards, and reports whether the search is over.
func (s *search) walk(certs []*certificate) bool {
	s.visits++
	last := certs[len(certs)-1]
	anchored := last.anchorOf.has(s.by) || s.mended && last.lostAnchorOf.has(s.by)
	if anchored {
		// One that was sent as well is an intermediate too, below another anchor.
		if s.consider(certs, true) || last == s.leaf() || !slices.Contains(s.presented, last) {
			return s.over
		}
	}
	extended := false
	for _, issuer := range s.issuers(last) {
		if s.visits >= maxVisits {
			s.over = s.best != nil
			break
		}
		if inPath(issuer, certs) {
			continue
		}
		if !s.shelf.links(last, issuer) {
			if s.all && len(s.tried) < maxListed {
				s.tried = append(s.tried, &path{certs: append(slices.Clip(certs), issuer), refused: true})
			}
			continue
		}
		extended = true
		if s.walk(append(slices.Clip(certs), issuer)) {
			return true
		}
	}
	if extended || anchored || s.over {
		return s.over
	}
	return s.consider(certs, false)
}

// consider keeps the path if it is the best so far, and reports whether none
// could be better.
func (s *search) consider(certs []*certificate, anchored bool) bool {
	p := &path{certs: certs, anchored: anchored}
	if anchored {
		s.judgePath(p)
	}
	if s.best == nil || better(p, s.best) {
		s.best = p
	}
	if s.all {
		s.paths = append(s.paths, p)
		s.over = len(s.paths) >= maxPaths
	} else {
		s.over = anchored && p.decisive() == 0
	}
	return s.over
}

// judgePath finds the faults of a path, once.
func (v *verification) judgePath(p *path) {
	if !p.judged {
		p.judged, p.faults = true, v.judge(p.certs)
	}
}

func better(a, b *path) bool {
	if a.anchored != b.anchored {
		return a.anchored
	}
	if a.anchored {
		return a.decisive() < b.decisive()
	}
	if a.top().selfIssued() != b.top().selfIssued() {
		return a.top().selfIssued()
	}
	return len(a.certs) > len(b.certs)
}

// issuers returns the certificates whose subject is child's issuer: trust
// anchors first, then what was sent, then what is merely known; within each,
// those whose key identifier fits first.
func (s *search) issuers(child *certificate) []*certificate {
	var found []*certificate
	name := child.rawIssuer()
	for _, c := range s.shelf.all {
		if c.std == nil || !bytes.Equal(c.std.RawSubject, name) {
			continue
		}
		if s.borrow || c.anchorOf.has(s.by) || slices.Contains(s.presented, c) || s.mended && (c.lostAnchorOf.has(s.by) || c.lostBy.has(s.of)) {
			found = append(found, c)
		}
	}
	if len(found) < 2 {
		return found
	}
	slices.SortStableFunc(found, func(a, b *certificate) int {
		return s.distance(child, a) - s.distance(child, b)
	})
	return found
}

func (s *search) distance(child, issuer *certificate) int {
	d := 0
	switch {
	case issuer.anchorOf.has(s.by):
	case slices.Contains(s.presented, issuer):
		d = 1
	default:
		d = 2
	}
	return 3*d + keyIDDistance(child, issuer)
}

// keyIDDistance is crypto/x509's: first those whose identifiers are the same or are
// both left out, then those of which one has none, then the others.
func keyIDDistance(child, issuer *certificate) int {
	a, s := child.std.AuthorityKeyId, issuer.std.SubjectKeyId
	switch {
	case bytes.Equal(a, s):
		return 0
	case len(a) == 0 || len(s) == 0:
		return 1
	}
	return 2
}

// inPath says that the path already has a certificate of this name and key, as
// crypto/x509 decides it: mutual cross-signatures would make it endless.
func inPath(c *certificate, certs []*certificate) bool {
	for _, p := range certs {
		if bytes.Equal(p.std.RawSubject, c.std.RawSubject) &&
			bytes.Equal(p.std.RawSubjectPublicKeyInfo, c.std.RawSubjectPublicKeyInfo) &&
			bytes.Equal(subjectAltName(p.std), subjectAltName(c.std)) {
			return true
		}
	}
	return false
}

var oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

func subjectAltName(c *x509.Certificate) []byte {
	for _, e := range c.Extensions {
		if e.Id.Equal(oidSubjectAltName) {
			return e.Value
		}
	}
	return nil
}

// links says that issuer's key made child's signature, or that nobody can say
// because the verifier's stack does not know the algorithm, or refuses it or the
// key as too weak, which is a fault of its own and no gap.
func (s *shelf) links(child, issuer *certificate) bool {
	err := s.signed(child, issuer)
	if err == nil {
		return true
	}
	var insecure x509.InsecureAlgorithmError
	return errors.As(err, &insecure) || errors.Is(err, x509.ErrUnsupportedAlgorithm) || tinyRSA(issuer.std)
}

// tinyRSA says that crypto/rsa refuses to use the key at all.
func tinyRSA(c *x509.Certificate) bool {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	return ok && key.N.BitLen() < 1024
}
