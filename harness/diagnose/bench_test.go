package diagnose

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// healthyInput is a TLS 1.3 handshake with certificates on both sides, as the
// dissector shows it.
func healthyInput(t testing.TB, believe bool) Input {
	t.Helper()
	p := healthyPair(t)
	client, server := p.settings(t)
	message := func(from outcome.Role, m tlswire.Message) *dissect.Step {
		return &dissect.Step{From: from, Kind: dissect.KindHandshake, Name: m.Name(), Message: m, Bytes: 100}
	}
	certificates := func(list ...*entity) *tlswire.Certificate {
		m := &tlswire.Certificate{}
		for _, raw := range raws(list...) {
			m.Entries = append(m.Entries, tlswire.CertificateEntry{Data: raw})
		}
		return m
	}
	in := Input{Timeline: &dissect.Timeline{Transport: outcome.TCP, Version: tls13, ALPN: "lab/1", Steps: []*dissect.Step{
		message(outcome.Client, &tlswire.ClientHello{Version: tls12, SupportedVersions: []uint16{tls13}, ALPN: []string{"lab/1"}, ServerName: "server.test"}),
		message(outcome.Server, &tlswire.ServerHello{Version: tls12, SelectedVersion: tls13}),
		message(outcome.Server, &tlswire.EncryptedExtensions{ALPN: "lab/1"}),
		message(outcome.Server, &tlswire.CertificateRequest{CertificateAuthorities: [][]byte{p.clientRoot.cert.RawSubject}}),
		message(outcome.Server, certificates(p.server, p.serverCA)),
		message(outcome.Server, &tlswire.CertificateVerify{}),
		message(outcome.Server, &tlswire.Finished{}),
		message(outcome.Client, certificates(p.client, p.clientCA)),
		message(outcome.Client, &tlswire.CertificateVerify{}),
		message(outcome.Client, &tlswire.Finished{}),
	}}}
	for i, s := range in.Timeline.Steps {
		s.N = i + 1
	}
	in.Client = transcript.Side{Settings: client, Outcome: outcome.Outcome{Role: outcome.Client, Known: true, Complete: true, PeerCertificates: raws(p.server, p.serverCA), Rejected: []string{""}}}
	in.Server = transcript.Side{Settings: server, Outcome: outcome.Outcome{Role: outcome.Server, Known: true, Complete: true, PeerCertificates: raws(p.client, p.clientCA)}}
	if believe {
		in.Client.Outcome.VerifiedChains = [][][]byte{raws(p.server, p.serverCA, p.serverRoot)}
		in.Server.Outcome.VerifiedChains = [][][]byte{raws(p.client, p.clientCA, p.clientRoot)}
	}
	return in
}

// BenchmarkDiagnose is a healthy mutual handshake with intermediates: cold checks
// every signature itself, verified takes the endpoints' word for those that they
// have checked, warm remembers everything.
func BenchmarkDiagnose(b *testing.B) {
	for _, bb := range []struct {
		name           string
		believe, reuse bool
	}{{"cold", false, false}, {"verified", true, false}, {"warm", false, true}} {
		b.Run(bb.name, func(b *testing.B) {
			in := healthyInput(b, bb.believe)
			in.Signatures = &Signatures{}
			b.ReportAllocs()
			for b.Loop() {
				if !bb.reuse {
					in.Signatures = &Signatures{}
				}
				if d := Diagnose(in); len(d.Causes) > 0 {
					b.Fatal(d.Causes)
				}
			}
		})
	}
}

// BenchmarkSignature is the measure: one P-256 check.
func BenchmarkSignature(b *testing.B) {
	p := healthyPair(b)
	for b.Loop() {
		if err := p.serverCA.cert.CheckSignature(p.server.cert.SignatureAlgorithm, p.server.cert.RawTBSCertificate, p.server.cert.Signature); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSignatureChecks counts the checks of a healthy handshake: one for each
// certificate that was sent, none for the trust anchors' own signatures, and none
// at all for chains that the endpoints have verified.
func TestSignatureChecks(t *testing.T) {
	for _, tt := range []struct {
		name    string
		believe bool
		want    int
	}{{"cold", false, 4}, {"verified by the endpoints", true, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			in := healthyInput(t, tt.believe)
			in.Signatures = &Signatures{}
			d := Diagnose(in)
			if d.Outcome != Established || len(d.Causes) > 0 || len(d.Further) > 0 {
				t.Errorf("got %s, causes %v, further %v, want an established handshake without any", d.Outcome, d.Causes, d.Further)
			}
			if got := in.Signatures.done.Len(); got != tt.want {
				t.Errorf("%d signatures were checked, want %d", got, tt.want)
			}
		})
	}
}

// A hostile chain is one that a stranger could send to keep a diagnosis busy.
type hostile struct {
	name string
	h    hierarchy
	want string // the fault that is named all the same
}

func hostileChains(t testing.TB) []hostile {
	t.Helper()
	root := issue(t, nil, ca("Root"))

	var names []string
	for i := range 10_000 {
		names = append(names, fmt.Sprintf("host-%d.example.test", i))
	}
	crowded := hierarchy{presented: []*entity{issue(t, root, serverLeaf(dns(names...)))}, trust: []*entity{root}, name: "absent.test", clock: testClock}

	// Every certificate of the pool is issued by every other: cross-signed CAs of
	// ten names and keys, each of which could be extended for ever.
	var pool []*entity
	signsLists := func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign }
	for i := range 10 {
		pool = append(pool, issue(t, nil, ca(fmt.Sprintf("CA %d", i), signsLists)))
	}
	leaf := issue(t, pool[0], serverLeaf())
	cyclic := hierarchy{presented: []*entity{leaf}, trust: []*entity{root}, name: "server.test", clock: testClock}
	for i := range 10 {
		for j := range 10 {
			cyclic.presented = append(cyclic.presented, issueWithKey(t, pool[j], pool[i].key, ca(fmt.Sprintf("CA %d", i), signsLists)))
		}
	}

	// The same, and as many ways to a trust anchor, each of which is judged.
	mazy := cyclic
	mazy.trust, mazy.name = []*entity{pool[9]}, "absent.test"

	// The same, and the verifier has a list of a thousand revoked certificates of
	// each CA.
	listed := mazy
	for _, by := range pool {
		listed.lists = append(listed.lists, longList(t, by, 1000))
	}

	// As many certificates for the name are known from elsewhere, each of which the
	// verifier might trust.
	standIns := cyclic
	for range 100 {
		standIns.also = append(standIns.also, issue(t, pool[1], serverLeaf()))
	}

	// The same, with policies to follow down each way.
	busy := policySpec{require: 0, inhibit: -1, inhibitAny: -1}
	for p := range 12 {
		busy.policies = append(busy.policies, p+1)
		for q := range 12 {
			busy.mappings = append(busy.mappings, [2]int{p + 1, q + 1})
		}
	}
	mapped := hierarchy{presented: []*entity{leaf}, trust: []*entity{pool[9]}, name: "absent.test", clock: testClock}
	for i := range 10 {
		for j := range 10 {
			mapped.presented = append(mapped.presented, issueWithKey(t, pool[j], pool[i].key, ca(fmt.Sprintf("CA %d", i), busy.option())))
		}
	}

	// Each of many CAs has names, and a say in those of all below it.
	governed := hierarchy{trust: []*entity{root}, name: "server.test", clock: testClock}
	above := root
	for i := range 60 {
		above = issue(t, above, ca(fmt.Sprintf("CA %d", i), func(c *x509.Certificate) {
			for n := range 40 {
				c.DNSNames = append(c.DNSNames, fmt.Sprintf("ca-%d-%d.test", i, n))
				c.ExcludedDNSDomains = append(c.ExcludedDNSDomains, fmt.Sprintf("none-%d-%d.test", i, n))
			}
			if i == 0 {
				c.ExcludedDNSDomains = append(c.ExcludedDNSDomains, "server.test")
			}
		}))
		governed.presented = append([]*entity{above}, governed.presented...)
	}
	governed.presented = append([]*entity{issue(t, above, serverLeaf())}, governed.presented...)

	// All of one name: each has to be tried.
	namesakes := hierarchy{presented: []*entity{leaf}, trust: []*entity{root}, name: "server.test", clock: testClock}
	for range 100 {
		namesakes.presented = append(namesakes.presented, issue(t, root, ca("CA 0")))
	}

	// Every policy of each CA is mapped to every policy of the next: as a tree that
	// doubles with each CA, or grows thirtyfold.
	multiplying := func(depth, policies int) hierarchy {
		s := noPolicies
		s.require = 0
		for p := range policies {
			s.policies = append(s.policies, p+1)
			for q := range policies {
				s.mappings = append(s.mappings, [2]int{p + 1, q + 1})
			}
		}
		specs := slices.Repeat([]policySpec{s}, depth)
		specs[0] = noPolicies
		return policyChain(t, root, specs, false)
	}

	return []hostile{
		{"10,000 names", crowded, "server-hostname"},
		{"100 certificates in cycles", cyclic, "server-untrusted-ca"},
		{"100 certificates in cycles below a trust anchor", mazy, "server-hostname"},
		{"100 certificates in cycles of which there are lists", listed, "server-hostname"},
		{"100 certificates in cycles, and 100 that could stand in", standIns, "server-untrusted-ca"},
		{"100 certificates in cycles that map policies", mapped, "server-hostname"},
		{"60 CAs with names and constraints", governed, "server-name-constraint"},
		{"100 namesakes", namesakes, "server-wrong-intermediate"},
		{"policies that double 90 times", multiplying(90, 2), "server-certificate-policy"},
		{"policies that grow thirtyfold", multiplying(10, 30), "server-certificate-policy"},
	}
}

// longList is a CRL of n certificates.
func longList(t testing.TB, by *entity, n int) []byte {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: testClock.Add(-day), NextUpdate: testClock.Add(day)}
	for i := range n {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(int64(i + 1)), RevocationTime: testClock.Add(-hour)})
	}
	signer := *by.cert
	signer.KeyUsage = x509.KeyUsageCRLSign
	der, err := x509.CreateRevocationList(rand.Reader, l, &signer, by.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// The search for a path ends, whatever a stranger sends: one without a bound
// would run into the test's own deadline.
func TestHostileChainsAreAnalysed(t *testing.T) {
	for _, tt := range hostileChains(t) {
		t.Run(tt.name, func(t *testing.T) {
			if got := ids(tt.h.analyse(t, outcome.Server)); !slices.Contains(got, tt.want) {
				t.Errorf("got faults %v, want %s", got, tt.want)
			}
		})
	}
}

// BenchmarkHostile is what a stranger's certificates can cost.
func BenchmarkHostile(b *testing.B) {
	for _, tt := range hostileChains(b) {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				tt.h.analyse(b, outcome.Server)
			}
		})
	}
}
