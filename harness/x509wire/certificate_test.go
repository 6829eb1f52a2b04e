package x509wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/url"
	"testing"
	"time"
)

// minted returns a certificate with every extension that Parse reads.
func minted(tb testing.TB) []byte {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	uri, err := url.Parse("spiffe://test/server")
	if err != nil {
		tb.Fatal(err)
	}
	_, permitted, err := net.ParseCIDR("10.0.0.0/8")
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:                big.NewInt(4711),
		Subject:                     pkix.Name{CommonName: "server.test", Organization: []string{"Acme, Inc."}, Country: []string{"CH"}},
		NotBefore:                   time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		NotAfter:                    time.Date(2052, 1, 2, 3, 4, 5, 0, time.UTC),
		DNSNames:                    []string{"server.test", "*.server.test"},
		IPAddresses:                 []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP("::1")},
		URIs:                        []*url.URL{uri},
		EmailAddresses:              []string{"a@b.test"},
		KeyUsage:                    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid:       true,
		IsCA:                        true,
		MaxPathLen:                  1,
		SubjectKeyId:                []byte{1, 2, 3},
		AuthorityKeyId:              []byte{4, 5, 6},
		OCSPServer:                  []string{"http://ocsp.test"},
		IssuingCertificateURL:       []string{"http://ca.test/ca.crt"},
		CRLDistributionPoints:       []string{"http://ca.test/ca.crl"},
		PermittedDNSDomains:         []string{"corp.test"},
		PermittedIPRanges:           []*net.IPNet{permitted},
		ExcludedDNSDomains:          []string{"evil.test"},
		PermittedDNSDomainsCritical: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func BenchmarkParse(b *testing.B) {
	der := minted(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(der); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStd(b *testing.B) {
	der := minted(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x509.ParseCertificate(der); err != nil {
			b.Fatal(err)
		}
	}
}

func TestParse(t *testing.T) {
	der := minted(t)
	c, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Problems) > 0 {
		t.Errorf("problems in a healthy certificate: %v", c.Problems)
	}
	if got, want := c.Subject, `CN=server.test,O=Acme\, Inc.,C=CH`; got != want {
		t.Errorf("Subject = %s, want %s", got, want)
	}
}
