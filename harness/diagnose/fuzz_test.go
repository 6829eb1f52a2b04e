package diagnose

import (
	"crypto/x509"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// FuzzChain feeds arbitrary bytes as certificates. Whatever they are, the
// analysis ends without a panic; where crypto/x509 reads them all, it finds a
// fault if and only if Verify fails.
func FuzzChain(f *testing.F) {
	p := healthyPair(f)
	f.Add(p.server.raw(), p.serverCA.raw(), p.serverRoot.raw(), "server.test")
	f.Add(p.server.raw(), p.clientCA.raw(), p.serverRoot.raw(), "127.0.0.1")
	f.Add(issue(f, nil, serverLeaf(expired)).raw(), []byte{0x30}, p.serverRoot.raw(), "https://server.test:1/")
	f.Add(issue(f, p.serverCA, serverLeaf(unknownCritical, dns("*.test", "https://x.test"))).raw(), p.serverCA.raw(), p.serverCA.raw(), "a.b.test")
	governed := issue(f, p.serverRoot, ca("Governed CA", policySpec{policies: []int{0, 1}, mappings: [][2]int{{1, 2}}, require: 0, inhibit: 1, inhibitAny: 0}.option(), func(c *x509.Certificate) {
		c.PermittedDNSDomains, c.ExcludedURIDomains = []string{"test"}, []string{".corp.test"}
	}))
	f.Add(issue(f, governed, serverLeaf(policySpec{policies: []int{2}, require: -1, inhibit: -1, inhibitAny: -1}.option())).raw(), governed.raw(), p.serverRoot.raw(), "server.test")
	f.Add([]byte{}, []byte{}, []byte{}, "")
	f.Fuzz(func(t *testing.T, leaf, issuer, anchor []byte, name string) {
		in := Input{
			Client: transcript.Side{Settings: outcome.Settings{Known: true, Clock: testClock, Trust: [][]byte{anchor}, ServerName: name}},
			Server: transcript.Side{Settings: outcome.Settings{Known: true, Clock: testClock, Credentials: []outcome.Credential{{Chain: [][]byte{leaf, issuer}}}}},
			Also:   []Known{{Raw: issuer}, {Raw: anchor, Source: name}},
		}
		in.Client.Outcome = outcome.Outcome{Known: true, Handshake: &outcome.Failure{
			Text: name, Local: &outcome.LocalAlert{}, Verify: &outcome.VerifyFailure{Kind: outcome.UnknownAuthority, Certificate: leaf},
		}}
		in.Server.Outcome.Known = true
		wellSaid(t, Diagnose(in))
		nothingMissed(t, in)

		certs := make([]*x509.Certificate, 3)
		for i, raw := range [][]byte{leaf, issuer, anchor} {
			c, err := x509.ParseCertificate(raw)
			if err != nil {
				return
			}
			certs[i] = c
		}
		roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
		roots.AddCert(certs[2])
		intermediates.AddCert(certs[1])
		_, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: testClock, DNSName: name})
		if got := ids(read(in).server); (err == nil) != (len(got) == 0) {
			t.Errorf("crypto/x509 says %v, the analysis found %v", err, got)
		}
	})
}

// TestTruncated cuts a certificate at every length.
func TestTruncated(t *testing.T) {
	p := healthyPair(t)
	for n := range len(p.server.raw()) {
		in := Input{Server: transcript.Side{Settings: outcome.Settings{Known: true, Credentials: []outcome.Credential{{Chain: [][]byte{p.server.raw()[:n], p.serverCA.raw()}}}}}}
		d := Diagnose(in)
		if len(d.ServerChain) != 2 || len(d.ServerChain[0].Problems) == 0 {
			t.Fatalf("a certificate cut at byte %d has no problem: %+v", n, d.ServerChain)
		}
	}
}
