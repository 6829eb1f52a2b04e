package diagnose

import (
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"testing"

	"shakedown/harness/outcome"
)

// A pkiMaker mints random hierarchies: CAs in layers, some of them certified more
// than once, with faults here and there, and a chain of them that is sent in any
// order, with gaps, repetitions and strangers.
type pkiMaker struct {
	*rand.Rand
	t testing.TB
}

func (m *pkiMaker) chance(p float64) bool { return m.Float64() < p }

// flaws are what can be wrong with one certificate, or only looks wrong.
var flaws = []option{
	expired, tomorrow, unknownCritical,
	func(c *x509.Certificate) { c.IsCA = false },
	func(c *x509.Certificate) { c.BasicConstraintsValid, c.IsCA = false, false },
	func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign },
	func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 0, true },
	func(c *x509.Certificate) { c.MaxPathLen = 1 },
	func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} },
	func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} },
	func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{testPolicy(9)} },
	func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"corp.test"} },
	func(c *x509.Certificate) { c.ExcludedDNSDomains = []string{"server.test"} },
	func(c *x509.Certificate) {
		c.ExcludedIPRanges = []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
	},
	func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 },
	policySpec{policies: []int{1}, require: 0, inhibit: -1, inhibitAny: -1}.option(),
	policySpec{policies: []int{1}, mappings: [][2]int{{1, 0}}, require: -1, inhibit: -1, inhibitAny: -1}.option(),
}

// flawed adds a flaw now and then, two rarely. A basicConstraints without CA has
// no path length, and one that is left out has none either.
func (m *pkiMaker) flawed(o []option, p float64) []option {
	for m.chance(p) {
		o = append(o, flaws[m.IntN(len(flaws))])
		p /= 4
	}
	return append(o, func(c *x509.Certificate) {
		if !c.IsCA {
			c.MaxPathLen, c.MaxPathLenZero = 0, false
		}
		slices.SortStableFunc(c.ExtraExtensions, func(a, b pkix.Extension) int { return cmp.Compare(a.Id.String(), b.Id.String()) })
		c.ExtraExtensions = slices.CompactFunc(c.ExtraExtensions, func(a, b pkix.Extension) bool { return a.Id.Equal(b.Id) })
	})
}

// A layer is one CA: its key, and its certificates from different issuers.
type layer struct {
	name  string
	certs []*entity
}

// hierarchy mints one. Layer 0 are roots.
func (m *pkiMaker) hierarchy(of outcome.Role) hierarchy {
	var layers [][]*layer
	for depth := range 1 + m.IntN(4) {
		var row []*layer
		for n := range 1 + m.IntN(2) {
			l := &layer{name: fmt.Sprintf("CA %d %d", depth, n)}
			if depth == 0 {
				l.certs = append(l.certs, issue(m.t, nil, m.flawed(ca(l.name), 0.1)))
			} else {
				above := layers[depth-1]
				l.certs = append(l.certs, issue(m.t, m.of(above), m.flawed(ca(l.name), 0.15)))
				for m.chance(0.3) { // cross-signed, renewed, or self-issued with another key
					l.certs = append(l.certs, issueWithKey(m.t, m.of(above), l.certs[0].key, m.flawed(ca(l.name), 0.4)))
				}
				if m.chance(0.1) {
					l.certs = append(l.certs, issue(m.t, l.certs[0], m.flawed(ca(l.name), 0.1)))
				}
			}
			row = append(row, l)
		}
		layers = append(layers, row)
	}
	leaf := serverLeaf()
	h := hierarchy{clock: testClock, other: testClock}
	if of == outcome.Client {
		leaf = clientLeaf()
	} else if h.name = "server.test"; m.chance(0.08) {
		h.name = "other.test"
	}
	h.presented = []*entity{issue(m.t, m.of(layers[len(layers)-1]), m.flawed(leaf, 0.12))}
	for depth := len(layers) - 1; depth >= 0; depth-- {
		for _, l := range layers[depth] {
			for _, c := range l.certs {
				if (depth > 0 || m.chance(0.2)) && m.chance(0.93) {
					h.presented = append(h.presented, c)
				}
				if depth == 0 && m.chance(0.8) || m.chance(0.03) {
					h.trust = append(h.trust, c)
				}
			}
		}
	}
	if m.chance(0.15) {
		h.presented = append(h.presented, h.presented[m.IntN(len(h.presented))])
	}
	if m.chance(0.5) {
		m.Shuffle(len(h.presented)-1, func(i, j int) { h.presented[i+1], h.presented[j+1] = h.presented[j+1], h.presented[i+1] })
	}
	return h
}

// of returns one of a row's certificates, whose key then signs.
func (m *pkiMaker) of(row []*layer) *entity {
	l := row[m.IntN(len(row))]
	return l.certs[m.IntN(len(l.certs))]
}

// TestChainAgreesWithVerify holds random hierarchies against crypto/x509's
// decision, for servers and for clients: a path is found if and only if Verify
// accepts, it is one of Verify's, and where Verify refuses the first fault is of
// the kind of its error, on a certificate that the error names.
func TestChainAgreesWithVerify(t *testing.T) {
	const hierarchies = 600
	refused, paths, kinds := 0, 0, map[outcome.VerifyKind]int{}
	for n := range hierarchies {
		of := []outcome.Role{outcome.Server, outcome.Client}[n%2]
		m := pkiMaker{rand.New(rand.NewPCG(1, uint64(n))), t}
		h := m.hierarchy(of)
		v := h.analyse(t, of)
		chains, err := h.chains(of)
		paths += len(v.others)
		switch {
		case (err == nil) != (len(ids(v)) == 0):
			t.Errorf("hierarchy %d (%d sent): crypto/x509 says %v, the analysis found %v", n, len(h.presented), err, ids(v))
		case err != nil && !agrees(err, v):
			t.Errorf("hierarchy %d (%d sent): crypto/x509 says %v, the analysis begins with %v", n, len(h.presented), err, ids(v))
		case err != nil && !v.fits(v.path, verifyFailure(err)):
			t.Errorf("hierarchy %d (%d sent): crypto/x509 says %v, which is not of the path %s, with %v", n, len(h.presented), err, v.path.way(), ids(v))
		case err == nil && !slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool { return isPath(v.path, chain) }):
			t.Errorf("hierarchy %d: the analysis shows %s, which is none of Verify's %d chains", n, v.path.way(), len(chains))
		}
		if err != nil {
			refused++
			kinds[kindOf(err)]++
		}
	}
	t.Logf("%d of %d are refused, %v; %d further paths", refused, hierarchies, kinds, paths)
	if refused < hierarchies/4 || refused > hierarchies*3/4 || len(kinds) < 8 || paths < hierarchies/4 {
		t.Errorf("%d of %d hierarchies are refused, for %d kinds of reasons, with %d further paths: want a mixture", refused, hierarchies, len(kinds), paths)
	}
}

func isPath(p *path, chain []*x509.Certificate) bool {
	return slices.EqualFunc(p.certs, chain, func(c *certificate, want *x509.Certificate) bool { return c.std.Equal(want) })
}
