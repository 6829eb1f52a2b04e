package x509wire

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// rich returns a template with every extension that Parse reads.
func rich(tb testing.TB) *x509.Certificate {
	tb.Helper()
	uri, err := url.Parse("spiffe://test/server")
	if err != nil {
		tb.Fatal(err)
	}
	_, permitted, err := net.ParseCIDR("10.0.0.0/8")
	if err != nil {
		tb.Fatal(err)
	}
	return &x509.Certificate{
		SerialNumber:                big.NewInt(4711),
		Subject:                     pkix.Name{CommonName: "server.test", Organization: []string{"Acme, Inc."}, Country: []string{"CH"}},
		NotBefore:                   time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		NotAfter:                    time.Date(2052, 1, 2, 3, 4, 5, 0, time.UTC),
		DNSNames:                    []string{"server.test", "*.server.test"},
		IPAddresses:                 []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP("::1")},
		URIs:                        []*url.URL{uri},
		EmailAddresses:              []string{"a@b.test"},
		KeyUsage:                    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageDecipherOnly,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		UnknownExtKeyUsage:          []asn1OID{{1, 3, 6, 1, 4, 1, 32473, 9}},
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
		ExtraExtensions: []pkix.Extension{
			{Id: asn1OID{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}},
			{Id: asn1OID{1, 3, 6, 1, 4, 1, 32473, 1}, Critical: true, Value: []byte{5, 0}},
		},
	}
}

var testKeys = sync.OnceValue(func() map[string]crypto.Signer {
	keys := map[string]crypto.Signer{}
	for name, curve := range map[string]elliptic.Curve{"ECDSA P-224": elliptic.P224(), "ECDSA P-256": elliptic.P256(), "ECDSA P-521": elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			panic(err)
		}
		keys[name] = key
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	keys["RSA 2048"] = key
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	keys["Ed25519"] = edwards
	return keys
})

// sign returns the certificate of a template that signs itself.
func sign(tb testing.TB, template *x509.Certificate, key string) []byte {
	tb.Helper()
	signer := testKeys()[key]
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func TestParse(t *testing.T) {
	c, err := Parse(sign(t, rich(t), "ECDSA P-256"))
	if err != nil {
		t.Fatal(err)
	}
	one := 1
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"problems", c.Problems, []Problem(nil)},
		{"crypto/x509's reason", c.StdErr, error(nil)},
		{"version", c.Version, 3},
		{"serial", c.Serial, big.NewInt(4711)},
		{"signature algorithm", c.SignatureAlgorithm, "ECDSA-SHA256"},
		{"subject", c.Subject, `CN=server.test,O=Acme\, Inc.,C=CH`},
		{"issuer", c.Issuer, c.Subject},
		{"self-issued", c.SelfIssued(), true},
		{"not before", c.NotBefore, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"not after", c.NotAfter, time.Date(2052, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"public key", c.PublicKey, "ECDSA P-256"},
		{"DNS", c.DNS, []string{"server.test", "*.server.test"}},
		{"IP", c.IP, []string{"127.0.0.1", "::1"}},
		{"URI", c.URI, []string{"spiffe://test/server"}},
		{"email", c.Email, []string{"a@b.test"}},
		{"key usage", c.KeyUsage, []string{"digitalSignature", "keyCertSign", "decipherOnly"}},
		{"extended key usage", c.ExtKeyUsage, []string{"serverAuth", "clientAuth", "1.3.6.1.4.1.32473.9"}},
		{"CA", c.IsCA && c.HasBasicConstraints && c.HasSAN && c.HasKeyUsage, true},
		{"path length", *c.PathLen, one},
		{"key identifier", c.SubjectKeyID, []byte{1, 2, 3}},
		{"authority key identifier", c.AuthorityKeyID, []byte{4, 5, 6}},
		{"permitted", c.Permitted, []string{"dns:corp.test", "ip:10.0.0.0/8"}},
		{"excluded", c.Excluded, []string{"dns:evil.test"}},
		{"OCSP", c.OCSP, []string{"http://ocsp.test"}},
		{"issuers", c.CAIssuers, []string{"http://ca.test/ca.crt"}},
		{"CRL", c.CRL, []string{"http://ca.test/ca.crl"}},
		{"must staple", c.MustStaple, true},
		{"unhandled critical", c.UnhandledCritical, []string{"1.3.6.1.4.1.32473.1"}},
		{"extensions", len(c.Extensions), len(c.Std.Extensions)},
		{"signature", c.Signature, c.Std.Signature},
		{"tbsCertificate", c.RawTBS, c.Std.RawTBSCertificate},
		{"public key bytes", c.RawPublicKey, c.Std.RawSubjectPublicKeyInfo},
		{"subject bytes", c.RawSubject, c.Std.RawSubject},
		{"issuer bytes", c.RawIssuer, c.Std.RawIssuer},
	} {
		if got, want := fmt.Sprint(tt.got), fmt.Sprint(tt.want); got != want {
			t.Errorf("%s = %s, want %s", tt.what, got, want)
		}
	}
}

func TestParseAlgorithms(t *testing.T) {
	tests := []struct {
		key       string
		algorithm x509.SignatureAlgorithm
		want      string
	}{
		{"ECDSA P-224", x509.ECDSAWithSHA256, "ECDSA-SHA256"},
		{"ECDSA P-256", x509.ECDSAWithSHA384, "ECDSA-SHA384"},
		{"ECDSA P-521", x509.ECDSAWithSHA512, "ECDSA-SHA512"},
		{"RSA 2048", x509.SHA1WithRSA, "SHA1-RSA"},
		{"RSA 2048", x509.SHA256WithRSA, "SHA256-RSA"},
		{"RSA 2048", x509.SHA384WithRSAPSS, "SHA384-RSAPSS"},
		{"Ed25519", x509.PureEd25519, "Ed25519"},
	}
	for _, tt := range tests {
		t.Run(tt.want+" "+tt.key, func(t *testing.T) {
			template := rich(t)
			template.SignatureAlgorithm = tt.algorithm
			c, err := Parse(sign(t, template, tt.key))
			if err != nil {
				t.Fatal(err)
			}
			if c.PublicKey != tt.key || c.SignatureAlgorithm != tt.want {
				t.Errorf("got %s signed with %s, want %s signed with %s", c.PublicKey, c.SignatureAlgorithm, tt.key, tt.want)
			}
			if name := c.Std.SignatureAlgorithm.String(); name != tt.want {
				t.Errorf("crypto/x509 calls it %s, not %s", name, tt.want)
			}
		})
	}
}

// replace changes the first occurrence of a part, which must be there and keep its length.
func replace(t *testing.T, der []byte, from, to string) []byte {
	t.Helper()
	if len(from) != len(to) || !bytes.Contains(der, []byte(from)) {
		t.Fatalf("cannot replace %x by %x", from, to)
	}
	return bytes.Replace(der, []byte(from), []byte(to), 1)
}

// A certificate that crypto/x509 refuses keeps everything but what is damaged.
func TestParseDamaged(t *testing.T) {
	der := sign(t, rich(t), "ECDSA P-256")
	whole, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		der  []byte
		std  string // what crypto/x509 says
		part string // where we found a problem, "" for nowhere
		want func(*Certificate) bool
	}{
		{
			"a negative serial number", replace(t, der, "\x02\x02\x12\x67", "\x02\x02\xff\x67"),
			"x509: negative serial number", "",
			func(c *Certificate) bool { return c.Serial.Int64() == -153 },
		},
		{
			"a serial number of another type", replace(t, der, "\x02\x02\x12\x67", "\x04\x02\x12\x67"),
			"x509: malformed serial number", "serialNumber",
			func(c *Certificate) bool { return c.Serial == nil },
		},
		{
			"a time without seconds' digits", replace(t, der, "260102030405Z", "2601020304xyZ"),
			"x509: malformed UTCTime", "notBefore",
			func(c *Certificate) bool { return c.NotBefore.IsZero() && !c.NotAfter.IsZero() },
		},
		{
			"an extension without its identifier", replace(t, der, "\x06\x03\x55\x1d\x25", "\x07\x03\x55\x1d\x25"),
			"x509: malformed extension OID field", "extensions",
			func(c *Certificate) bool { return c.ExtKeyUsage == nil && c.IsCA },
		},
		{
			"an extension twice", replace(t, der, "\x06\x03\x55\x1d\x0e", "\x06\x03\x55\x1d\x0f"),
			"x509: certificate contains duplicate extension", "keyUsage",
			func(c *Certificate) bool { return c.SubjectKeyID == nil },
		},
		{
			"an address of three bytes", replace(t, der, "\x87\x04\x7f\x00\x00\x01\x87\x10", "\x87\x03\x7f\x00\x00\x82\x00\x10"),
			"x509: cannot parse IP address of length 3", "subjectAltName",
			func(c *Certificate) bool { return len(c.IP) == 0 && c.DNS[0] == "server.test" },
		},
		{
			"trailing bytes", append(bytes.Clone(der), 0, 0),
			"x509: trailing data", "Certificate",
			func(*Certificate) bool { return true },
		},
		{
			"the last byte missing", der[:len(der)-1],
			"x509: malformed certificate", "Certificate",
			func(c *Certificate) bool { return c.MustStaple },
		},
		{
			"half of it missing", der[:len(der)/2],
			"x509: malformed certificate", "Certificate",
			func(c *Certificate) bool { return c.Signature == nil && len(c.KeyUsage) > 0 },
		},
		{
			"an unknown curve", replace(t, der, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x06"),
			"x509: unsupported elliptic curve", "",
			func(c *Certificate) bool { return c.PublicKey == "ECDSA 1.2.840.10045.3.1.6" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(tt.der)
			if err != nil {
				t.Fatal(err)
			}
			if c.Std != nil || c.StdErr == nil || !strings.HasPrefix(c.StdErr.Error(), tt.std) {
				t.Errorf("crypto/x509 says %v, want %s", c.StdErr, tt.std)
			}
			switch {
			case tt.part == "" && len(c.Problems) > 0:
				t.Errorf("problems %v, want none", c.Problems)
			case tt.part != "" && (len(c.Problems) == 0 || c.Problems[0].Part != tt.part):
				t.Errorf("problems %v, want one of %s first", c.Problems, tt.part)
			}
			if c.Subject != whole.Subject || c.Issuer != whole.Issuer || c.PublicKey == "" {
				t.Errorf("subject %q, issuer %q, key %q: all could be read", c.Subject, c.Issuer, c.PublicKey)
			}
			if !tt.want(c) {
				t.Errorf("got %+v", c)
			}
		})
	}
}

func TestParseNothing(t *testing.T) {
	for _, der := range []string{"", "\x30", "\x04\x00", "\x30\x80\x00\x00", "\x30\x00", "\x30\x02\x05\x00", "\x30\x85\x00\x00\x00\x00\x01\x00", "-----BEGIN CERTIFICATE-----"} {
		c, err := Parse([]byte(der))
		if err == nil {
			t.Errorf("Parse(%q) found a certificate", der)
		}
		if c == nil || c.StdErr == nil || len(c.Problems) == 0 {
			t.Errorf("Parse(%q) = %+v; want what was tried", der, c)
		}
	}
}

// Extensions of a certificate of version 1 count for nothing, in crypto/x509 and here.
func TestExtensionsOfVersion1(t *testing.T) {
	der := sign(t, rich(t), "ECDSA P-256")
	at := bytes.Index(der, []byte{0xa0, 3, 2, 1, 2})
	if at < 0 {
		t.Fatal("the certificate has no version")
	}
	old := slices.Clone(der)
	old[at+4] = 0
	c, err := Parse(old)
	if err != nil || c.Version != 1 || c.IsCA || len(c.DNS) > 0 || len(c.Extensions) > 0 {
		t.Errorf("version %d, CA %v, names %v, %d extensions, %v", c.Version, c.IsCA, c.DNS, len(c.Extensions), err)
	}
	if c.Std == nil || len(c.Problems) != 1 || !strings.Contains(c.Problems[0].Text, "version 1 has no extensions") {
		t.Errorf("crypto/x509: %v; problems: %v", c.StdErr, c.Problems)
	}
}

// Cut off at every length, a certificate is read as far as it goes.
func TestParseTruncated(t *testing.T) {
	der := sign(t, rich(t), "ECDSA P-256")
	for n := range der {
		c, _ := Parse(der[:n])
		if len(c.Problems) == 0 {
			t.Fatalf("cut to %d of %d bytes, no problem was found", n, len(der))
		}
		checkCover(t, der[:n])
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sign(f, rich(f), "ECDSA P-256"))
	f.Add(sign(f, rich(f), "RSA 2048"))
	f.Add(sign(f, &x509.Certificate{SerialNumber: big.NewInt(1)}, "Ed25519"))
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := Parse(der)
		if c == nil {
			t.Fatal("no certificate")
		}
		checkCover(t, der)
		if c.Std == nil {
			return
		}
		// Where crypto/x509 reads it, both read the same.
		if err != nil {
			t.Fatalf("crypto/x509 reads it, Parse says %v", err)
		}
		for _, same := range []struct {
			what      string
			ours, std any
		}{
			{"serial number", c.Serial, c.Std.SerialNumber},
			{"version", c.Version, c.Std.Version},
			{"not before", c.NotBefore.UTC(), c.Std.NotBefore.UTC()},
			{"not after", c.NotAfter.UTC(), c.Std.NotAfter.UTC()},
			{"DNS names", len(c.DNS), len(c.Std.DNSNames)},
			{"URIs", len(c.URI), len(c.Std.URIs)},
			{"addresses", len(c.IP), len(c.Std.IPAddresses)},
			{"CA", c.IsCA, c.Std.IsCA},
			{"subject", c.RawSubject, c.Std.RawSubject},
			{"public key", c.RawPublicKey, c.Std.RawSubjectPublicKeyInfo},
			{"extensions", len(c.Extensions), len(c.Std.Extensions)},
		} {
			if ours, std := fmt.Sprint(same.ours), fmt.Sprint(same.std); ours != std {
				t.Errorf("%s: %s, crypto/x509 reads %s", same.what, ours, std)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	leaf := rich(b)
	leaf.PermittedDNSDomains, leaf.PermittedIPRanges, leaf.ExcludedDNSDomains, leaf.CRLDistributionPoints, leaf.ExtraExtensions = nil, nil, nil, nil, nil
	for name, template := range map[string]*x509.Certificate{"leaf": leaf, "rich": rich(b)} {
		der := sign(b, template, "ECDSA P-256")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(der); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFields(b *testing.B) {
	der := sign(b, rich(b), "ECDSA P-256")
	for b.Loop() {
		Fields(der, 0, "certificate")
	}
}
