package diagnose

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"net/url"
	"slices"
	"testing"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A hierarchy is one chain with what its verifier has, as the table test mints it.
type hierarchy struct {
	presented []*entity
	trust     []*entity
	name      string
	clock     time.Time
	other     time.Time
	also      []*entity
	lists     [][]byte // the verifier's CRLs
}

// verify is crypto/x509's decision.
func (h *hierarchy) verify(of outcome.Role) error {
	_, err := h.chains(of)
	return err
}

// chains are those that crypto/x509 accepts.
func (h *hierarchy) chains(of outcome.Role) ([][]*x509.Certificate, error) {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, e := range h.trust {
		roots.AddCert(e.cert)
	}
	for _, e := range h.presented[1:] {
		intermediates.AddCert(e.cert)
	}
	usage := x509.ExtKeyUsageClientAuth
	if of == outcome.Server {
		usage = x509.ExtKeyUsageServerAuth
	}
	return h.presented[0].cert.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: h.clock, DNSName: h.name, KeyUsages: []x509.ExtKeyUsage{usage},
	})
}

// analyse is ours.
func (h *hierarchy) analyse(t testing.TB, of outcome.Role) *verification {
	t.Helper()
	r := read(h.input(of))
	if t, ok := t.(*testing.T); ok {
		nothingMissed(t, h.input(of))
	}
	if of == outcome.Server {
		return r.server
	}
	return r.client
}

// input is the two sides' settings, and nothing that happened.
func (h *hierarchy) input(of outcome.Role) Input {
	mine := outcome.Settings{Role: of, Known: true, Clock: h.other, SendForced: true}
	mine.Credentials = []outcome.Credential{{Chain: raws(h.presented...)}}
	theirs := outcome.Settings{Role: of.Peer(), Known: true, Clock: h.clock, Trust: raws(h.trust...), ServerName: h.name, ClientAuth: outcome.AuthRequire, CRLs: h.lists}
	in := Input{}
	*in.side(of) = transcript.Side{Settings: mine}
	*in.side(of.Peer()) = transcript.Side{Settings: theirs}
	for _, e := range h.also {
		in.Also = append(in.Also, Known{Raw: e.raw(), Source: "extra.pem"})
	}
	return in
}

// ids are the decisive faults.
func ids(v *verification) []string {
	var list []string
	for _, f := range v.faults {
		if !f.rule.remark {
			list = append(list, f.id)
		}
	}
	return list
}

var unknownCritical = func(c *x509.Certificate) {
	c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Critical: true, Value: []byte{5, 0}})
}

// TestChainFaults holds each row against crypto/x509: a fault is found if and only
// if Verify fails, and its kind is the one that the verifier's typed error has.
func TestChainFaults(t *testing.T) {
	root := issue(t, nil, ca("Root"))
	issuing := issue(t, root, ca("Issuing CA"))
	tests := []struct {
		name string
		of   outcome.Role
		make func(t *testing.T) hierarchy
		want []string
	}{
		{"a healthy chain", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing}, trust: []*entity{root}, name: "server.test"}
		}, nil},
		{"the root is sent as well", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing, root}, trust: []*entity{root}, name: "server.test"}
		}, nil},
		{"intermediates in the wrong order", outcome.Server, func(t *testing.T) hierarchy {
			lower := issue(t, issuing, ca("Lower CA"))
			return hierarchy{presented: []*entity{issue(t, lower, serverLeaf()), issuing, lower}, trust: []*entity{root}, name: "server.test"}
		}, nil},
		{"an intermediate is the trust anchor", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf())}, trust: []*entity{issuing}}
		}, nil},
		{"the end entity is the trust anchor", outcome.Client, func(t *testing.T) hierarchy {
			leaf := issue(t, nil, clientLeaf())
			return hierarchy{presented: []*entity{leaf}, trust: []*entity{leaf}}
		}, nil},
		{"an unrelated certificate is sent as well", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing, issue(t, nil, ca("Other"))}, trust: []*entity{root}, name: "server.test"}
		}, nil},
		{"an old cross-sign of a trusted root is sent", outcome.Server, func(t *testing.T) hierarchy {
			old := issue(t, nil, ca("Old Root", expired))
			cross := issueWithKey(t, old, root.key, ca("Root", expired))
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing, cross}, trust: []*entity{root}, name: "server.test"}
		}, nil},
		{"no digitalSignature", outcome.Client, func(t *testing.T) hierarchy {
			leaf := issue(t, root, clientLeaf(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }))
			return hierarchy{presented: []*entity{leaf}, trust: []*entity{root}}
		}, nil},

		{"untrusted root, known", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing}, trust: []*entity{issue(t, nil, ca("Rogue"))}, also: []*entity{root}, name: "server.test"}
		}, []string{"server-untrusted-ca"}},
		{"untrusted root, in no file", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing}, trust: []*entity{issue(t, nil, ca("Rogue"))}, name: "server.test"}
		}, []string{"server-untrusted-ca", "server-missing-intermediate"}},
		{"self-signed", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, nil, serverLeaf())}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-self-signed"}},
		{"missing intermediate, known", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf())}, trust: []*entity{root}, also: []*entity{issuing}}
		}, []string{"client-missing-intermediate"}},
		{"the root instead of the intermediate", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf()), root}, trust: []*entity{root}, also: []*entity{issuing}}
		}, []string{"client-missing-intermediate"}},
		{"a gap and an untrusted root", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf())}, trust: []*entity{issue(t, nil, ca("Rogue"))}, also: []*entity{issuing, root}}
		}, []string{"client-untrusted-ca", "client-missing-intermediate"}},
		{"a sibling intermediate", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf()), issue(t, root, ca("Sibling CA"))}, trust: []*entity{root}, also: []*entity{issuing}}
		}, []string{"client-wrong-intermediate"}},
		{"a re-keyed intermediate", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf()), issue(t, root, ca("Issuing CA"))}, trust: []*entity{root}}
		}, []string{"client-wrong-intermediate"}},
		{"a re-keyed root", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing}, trust: []*entity{issue(t, nil, ca("Root"))}, name: "server.test"}
		}, []string{"server-ca-rotated"}},
		{"a re-keyed root, the old one sent", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing, root}, trust: []*entity{issue(t, nil, ca("Root"))}, name: "server.test"}
		}, []string{"server-ca-rotated"}},
		{"no trust anchors", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf()), issuing}}
		}, []string{"server-clientcas-empty"}},
		{"an end entity as trust anchor", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf()), issuing}, trust: []*entity{issue(t, issuing, serverLeaf())}}
		}, []string{"server-clientcas-wrong-file"}},

		{"expired", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf(expired)), issuing}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-expired"}},
		{"not yet valid", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf(tomorrow)), issuing}, trust: []*entity{root}}
		}, []string{"client-not-yet-valid"}},
		{"intermediate expired", outcome.Server, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", expired))
			return hierarchy{presented: []*entity{issue(t, i, serverLeaf()), i}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-intermediate-expired"}},
		{"root expired", outcome.Client, func(t *testing.T) hierarchy {
			old := issue(t, nil, ca("R", expired))
			return hierarchy{presented: []*entity{issue(t, old, clientLeaf())}, trust: []*entity{old}}
		}, []string{"client-root-expired"}},
		{"one of two roots of a key has expired", outcome.Client, func(t *testing.T) hierarchy {
			fresh := issue(t, nil, ca("R"))
			old := issueWithKey(t, nil, fresh.key, ca("R", expired))
			return hierarchy{presented: []*entity{issue(t, fresh, clientLeaf())}, trust: []*entity{old, fresh}}
		}, nil},
		{"the verifier's clock is a year behind", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf()), issuing}, trust: []*entity{root}, name: "server.test", clock: testClock.Add(-year), other: testClock}
		}, []string{"client-clock-behind"}},
		{"the verifier's clock is a year ahead", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, clientLeaf()), issuing}, trust: []*entity{root}, clock: testClock.Add(year), other: testClock}
		}, []string{"server-clock-ahead"}},
		{"expired, and the other side's clock is behind", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, issuing, serverLeaf(expired)), issuing}, trust: []*entity{root}, name: "server.test", clock: testClock, other: testClock.Add(-20 * day)}
		}, []string{"server-expired"}},

		{"another name", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf())}, trust: []*entity{root}, name: "api.example.test"}
		}, []string{"server-hostname"}},
		{"a wildcard one label short", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns("*.test")))}, trust: []*entity{root}, name: "a.b.test"}
		}, []string{"server-wildcard-depth"}},
		{"a wildcard and its base", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns("*.b.test")))}, trust: []*entity{root}, name: "b.test"}
		}, []string{"server-wildcard-depth"}},
		{"a port in the name", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf())}, trust: []*entity{root}, name: "server.test:8443"}
		}, []string{"servername-dirty"}},
		{"a scheme in the name", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf())}, trust: []*entity{root}, name: "https://server.test"}
		}, []string{"servername-dirty"}},
		{"a trailing dot", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf())}, trust: []*entity{root}, name: "server.test."}
		}, nil},
		{"an address and no IP SAN", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns("server.test")))}, trust: []*entity{root}, name: "127.0.0.1"}
		}, []string{"server-ip-no-ip-san"}},
		{"an IPv6 address in brackets", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns("server.test")))}, trust: []*entity{root}, name: "[::1]"}
		}, []string{"server-ip-no-ip-san"}},
		{"an address as a DNS name", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns("127.0.0.1")))}, trust: []*entity{root}, name: "127.0.0.1"}
		}, []string{"server-ip-in-dns-san"}},
		{"another address", outcome.Server, func(t *testing.T) hierarchy {
			leaf := issue(t, root, serverLeaf(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 7)} }))
			return hierarchy{presented: []*entity{leaf}, trust: []*entity{root}, name: "127.0.0.1"}
		}, []string{"server-ip-other-san"}},
		{"a common name alone", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns()))}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-cn-only"}},
		{"a URI alone", outcome.Server, func(t *testing.T) hierarchy {
			leaf := issue(t, root, serverLeaf(dns(), func(c *x509.Certificate) { c.URIs = []*url.URL{uri("spiffe://lab/server")} }))
			return hierarchy{presented: []*entity{leaf}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-uri-san-only"}},
		{"a URL as a DNS name", outcome.Server, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns("https://server.test")))}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-san-is-url"}},

		{"clientAuth on a server", outcome.Server, func(t *testing.T) hierarchy {
			leaf := issue(t, issuing, serverLeaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }))
			return hierarchy{presented: []*entity{leaf, issuing}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-eku-clientauth"}},
		{"serverAuth on a client", outcome.Client, func(t *testing.T) hierarchy {
			leaf := issue(t, issuing, clientLeaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
			return hierarchy{presented: []*entity{leaf, issuing}, trust: []*entity{root}}
		}, []string{"client-eku-serverauth"}},
		{"an intermediate for servers", outcome.Client, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
			return hierarchy{presented: []*entity{issue(t, i, clientLeaf()), i}, trust: []*entity{root}}
		}, []string{"client-intermediate-eku"}},
		{"any extended key usage", outcome.Client, func(t *testing.T) hierarchy {
			leaf := issue(t, root, clientLeaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }))
			return hierarchy{presented: []*entity{leaf}, trust: []*entity{root}}
		}, nil},
		{"a permitted subtree", outcome.Client, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"corp.test"} }))
			return hierarchy{presented: []*entity{issue(t, i, clientLeaf()), i}, trust: []*entity{root}}
		}, []string{"client-name-constraint"}},
		{"within the permitted subtree", outcome.Client, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"test"} }))
			return hierarchy{presented: []*entity{issue(t, i, clientLeaf()), i}, trust: []*entity{root}}
		}, nil},
		{"an excluded address", outcome.Server, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", func(c *x509.Certificate) {
				c.ExcludedIPRanges = []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
			}))
			return hierarchy{presented: []*entity{issue(t, i, serverLeaf()), i}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-name-constraint"}},
		{"path length 0 above a CA", outcome.Client, func(t *testing.T) hierarchy {
			short := issue(t, root, ca("Short", func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 0, true }))
			lower := issue(t, short, ca("Lower"))
			return hierarchy{presented: []*entity{issue(t, lower, clientLeaf()), lower, short}, trust: []*entity{root}}
		}, []string{"client-pathlen"}},
		{"an issuer that is no CA", outcome.Client, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", func(c *x509.Certificate) { c.IsCA = false }))
			return hierarchy{presented: []*entity{issue(t, i, clientLeaf()), i}, trust: []*entity{root}}
		}, []string{"client-issuer-not-ca"}},
		{"an issuer without basicConstraints", outcome.Server, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", func(c *x509.Certificate) { c.BasicConstraintsValid, c.IsCA = false, false }))
			return hierarchy{presented: []*entity{issue(t, i, serverLeaf()), i}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-issuer-not-ca"}},
		{"an issuer without keyCertSign", outcome.Client, func(t *testing.T) hierarchy {
			i := issue(t, root, ca("I", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }))
			return hierarchy{presented: []*entity{issue(t, i, clientLeaf()), i}, trust: []*entity{root}}
		}, []string{"client-issuer-no-keycertsign"}},
		{"SHA-1", outcome.Server, func(t *testing.T) hierarchy {
			leaf := issue(t, root, serverLeaf(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 }))
			return hierarchy{presented: []*entity{leaf}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-sha1"}},
		{"SHA-1 on the trust anchor alone", outcome.Server, func(t *testing.T) hierarchy {
			old := issue(t, nil, ca("Old", func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 }))
			return hierarchy{presented: []*entity{issue(t, old, serverLeaf())}, trust: []*entity{old}, name: "server.test"}
		}, nil},
		{"an unknown critical extension", outcome.Client, func(t *testing.T) hierarchy {
			return hierarchy{presented: []*entity{issue(t, root, clientLeaf(unknownCritical))}, trust: []*entity{root}}
		}, []string{"client-critical-ext"}},
		{"everything at once", outcome.Server, func(t *testing.T) hierarchy {
			i := issue(t, issue(t, nil, ca("Elsewhere")), ca("I", expired, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }))
			leaf := issue(t, i, serverLeaf(expired, dns("other.test"), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }))
			return hierarchy{presented: []*entity{leaf, i}, trust: []*entity{root}, name: "server.test"}
		}, []string{"server-expired", "server-hostname", "server-issuer-no-keycertsign", "server-intermediate-expired", "server-untrusted-ca", "server-missing-intermediate", "server-eku-clientauth"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.make(t)
			if h.clock.IsZero() {
				h.clock, h.other = testClock, testClock
			}
			v := h.analyse(t, tt.of)
			got, err := ids(v), h.verify(tt.of)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got faults %v, want %v", got, tt.want)
			}
			if (err == nil) != (len(got) == 0) {
				t.Errorf("crypto/x509 says %v, the analysis found %v", err, got)
			}
			if err != nil && len(v.faults) > 0 && !agrees(err, v) {
				t.Errorf("the first fault is not of the kind of crypto/x509's error %v: %v", err, got)
			}
		})
	}
}

// agrees says that the first of the faults is of the kind that the verifier's error has.
func agrees(err error, v *verification) bool {
	return len(v.faults) > 0 && slices.Contains(v.faults[0].rule.kinds, kindOf(err))
}

func kindOf(err error) outcome.VerifyKind { return verifyFailure(err).Kind }
