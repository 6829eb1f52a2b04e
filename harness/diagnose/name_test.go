package diagnose

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"net"
	"strings"
	"testing"
)

// versionOne returns the certificate as one of version 1: the version, which stands
// first, is left out (RFC 5280 4.1), and the extensions stay. Its signature no
// longer fits, which no name depends on.
func versionOne(t *testing.T, e *entity) *x509.Certificate {
	t.Helper()
	var c struct {
		TBS       asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(e.raw(), &c); err != nil {
		t.Fatal(err)
	}
	rest, ok := bytes.CutPrefix(c.TBS.Bytes, []byte{0xa0, 3, 2, 1, 2})
	if !ok {
		t.Fatal("the certificate does not begin with version 3")
	}
	c.TBS = asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSequence, IsCompound: true, Bytes: rest}
	der, err := asn1.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	old, err := x509.ParseCertificate(der)
	if err != nil || old.Version != 1 {
		t.Fatalf("version %d, %v", old.Version, err)
	}
	return old
}

// A certificate of version 1 that has the right names in its extensions has no
// name to crypto/x509: that it has no SAN is not what an OpenSSL user sees.
func TestNamesThatTheVersionDisregards(t *testing.T) {
	root := issue(t, nil, ca("Root"))
	leaf := issue(t, root, serverLeaf(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} }))
	old := versionOne(t, leaf)
	for name, why := range map[string]nameFault{"server.test": nameCNOnly, "api.test": nameOther, "127.0.0.1": nameNoIPSAN} {
		v := judgeName(old, name)
		if v.why != why || !strings.Contains(v.detail, "they count for nothing because it is of version 1") {
			t.Errorf("%s: %q, %q", name, v.why, v.detail)
		}
		if v := judgeName(leaf.cert, name); strings.Contains(v.detail, "version") {
			t.Errorf("%s in version 3: %q", name, v.detail)
		}
	}
	v, f := &verification{name: "server.test"}, &fault{on: &certificate{raw: old.Raw, std: old}}
	if got := remedyName(v, f); !strings.Contains(got, `version 3, with the DNS SAN "server.test"`) {
		t.Errorf("the remedy is %q", got)
	}
	v.name = "127.0.0.1"
	if got := remedyAddress(v, f); !strings.Contains(got, "version 3, with the IP SAN 127.0.0.1") {
		t.Errorf("the remedy is %q", got)
	}
}

// TestNamesAreJudgedApart has a memory of several certificates and names: each pair is
// judged as it is alone.
func TestNamesAreJudgedApart(t *testing.T) {
	one, other := issue(t, nil, serverLeaf()).cert, issue(t, nil, serverLeaf(dns("other.test"))).cert
	s := new(Signatures)
	for range 2 {
		for _, c := range []*x509.Certificate{one, other} {
			for _, name := range []string{"server.test", "other.test", "127.0.0.1", "", " server.test"} {
				want := judgeName(c, name)
				if got := s.judgeName(c, name); got != want {
					t.Errorf("%s for %q: got %+v, want %+v", c.DNSNames, name, got, want)
				}
				if got := (*Signatures)(nil).judgeName(c, name); got != want {
					t.Errorf("%s for %q without a memory: got %+v, want %+v", c.DNSNames, name, got, want)
				}
			}
		}
	}
}

// TestShelf finds each of many certificates again, however many there are.
func TestShelf(t *testing.T) {
	s := newShelf(nil)
	var all []*certificate
	for i := range 3 * few {
		all = append(all, s.put([]byte{0x30, byte(i)}))
		for n, c := range all {
			if again := s.put([]byte{0x30, byte(n)}); again != c {
				t.Fatalf("of %d certificates, number %d is put there twice", len(all), n)
			}
		}
	}
	if len(s.all) != len(all) {
		t.Errorf("%d certificates stand there, want %d", len(s.all), len(all))
	}
}
