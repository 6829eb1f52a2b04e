package diagnose

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"shakedown/harness/outcome"
)

// respell returns the CA with its name in capitals, as what it issues would write it.
func respell(ca *entity) *entity {
	c := *ca.cert
	c.RawSubject, c.Subject = nil, pkix.Name{CommonName: strings.ToUpper(ca.cert.Subject.CommonName)}
	return &entity{cert: &c, key: ca.key}
}

// resigned returns a certificate whose signature says that it is of another algorithm.
func resigned(t testing.TB, e *entity, oid asn1.ObjectIdentifier) *entity {
	t.Helper()
	old, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})
	if err != nil {
		t.Fatal(err)
	}
	other, err := asn1.Marshal(oid)
	if err != nil || len(other) != len(old) {
		t.Fatalf("%v does not fit in place of ecdsa-with-SHA256: %v", oid, err)
	}
	cert, err := x509.ParseCertificate(bytes.ReplaceAll(e.raw(), old, other))
	if err != nil {
		t.Fatal(err)
	}
	return &entity{cert: cert, key: e.key}
}

// TestWhatGoSeesOtherwise are chains on which Go and RFC 5280 differ, or that Go
// cannot judge: the first fault says so.
func TestWhatGoSeesOtherwise(t *testing.T) {
	root := issue(t, nil, ca("Root"))
	issuing := issue(t, root, ca("Issuing CA"))
	organization := func(names ...string) option {
		return func(c *x509.Certificate) {
			var list []struct{ Base asn1.RawValue }
			for _, n := range names {
				der, err := asn1.Marshal(pkix.Name{Organization: []string{n}}.ToRDNSequence())
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, struct{ Base asn1.RawValue }{asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: der}})
			}
			der, err := asn1.Marshal(struct {
				Permitted []struct{ Base asn1.RawValue } `asn1:"optional,tag:0"`
			}{list})
			if err != nil {
				t.Fatal(err)
			}
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: oidNameConstraints, Value: der})
		}
	}
	below := func(o option, leaf ...option) []*entity {
		i := issue(t, root, ca("I", o))
		return []*entity{issue(t, i, serverLeaf(leaf...)), i}
	}
	tests := []struct {
		name string
		sent []*entity
		// want is the id, and what the sentence begins with or holds.
		want, detail string
		remark       bool
	}{
		{"the issuer's name in capitals", []*entity{issue(t, respell(issuing), serverLeaf()), issuing}, "server-issuer-respelled", "issued it, and it writes that name CN=ISSUING CA", false},
		{"an algorithm that Go does not know", []*entity{resigned(t, issue(t, issuing, serverLeaf()), asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 9}), issuing}, "server-unsupported-signature", "its issuer signed it with 1.2.840.10045.4.3.9, which Go cannot verify", false},
		{"a directory name that is permitted", below(organization("corp"), func(c *x509.Certificate) { c.Subject.Organization = []string{"CORP "} }, reordered), "", "", false},
		{"a directory name that is not", below(organization("Corp"), func(c *x509.Certificate) { c.Subject.Organization = []string{"Other"} }, reordered), "server-name-constraint", "directoryName", true},
		{"a host is that host alone", below(func(c *x509.Certificate) { c.PermittedEmailAddresses = []string{"corp.test"} }, func(c *x509.Certificate) { c.EmailAddresses = []string{"a@mail.corp.test"} }), "server-name-constraint", `rfc822Name "a@mail.corp.test" is not permitted`, true},
		{"and one that RFC 5280 does not exclude", below(func(c *x509.Certificate) { c.ExcludedEmailAddresses = []string{"corp.test"} }, func(c *x509.Certificate) { c.EmailAddresses = []string{"a@mail.corp.test"} }), "server-name-constraint", "which RFC 5280 4.2.1.10 would permit", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := hierarchy{presented: tt.sent, trust: []*entity{root}, name: "server.test", clock: testClock, other: testClock}
			v, err := h.analyse(t, outcome.Server), h.verify(outcome.Server)
			if (err == nil) != (len(ids(v)) == 0) || err != nil && !agrees(err, v) {
				t.Errorf("crypto/x509 says %v, the analysis found %v", err, ids(v))
			}
			switch {
			case tt.want == "" && len(v.faults) > 0:
				t.Errorf("got %s: %s, want nothing", v.faults[0].id, v.faults[0].detail)
			case tt.want == "":
			case len(v.faults) == 0:
				t.Errorf("got nothing, want %s", tt.want)
			default:
				f := v.faults[0]
				if detail := strings.ReplaceAll(f.detail, strings.ToUpper(salt), ""); f.id != tt.want || !strings.Contains(detail, tt.detail) || f.rule.remark != tt.remark {
					t.Errorf("got %s: %s (a remark: %v), want %s with %q", f.id, f.detail, f.rule.remark, tt.want, tt.detail)
				}
			}
		})
	}
}

// reordered puts the organization first in a subject, where the subtree has it.
func reordered(c *x509.Certificate) {
	der, err := asn1.Marshal(append(pkix.Name{Organization: c.Subject.Organization}.ToRDNSequence(), pkix.Name{CommonName: c.Subject.CommonName}.ToRDNSequence()...))
	if err != nil {
		panic(err)
	}
	c.RawSubject = der
}

// TestRemarks are what a chain that is accepted can have all the same.
func TestRemarks(t *testing.T) {
	root := issue(t, nil, ca("Root"))
	upper := issue(t, root, ca("Upper CA"))
	lower := issue(t, upper, ca("Lower CA"))
	leaf := issue(t, lower, serverLeaf())
	renamed := *lower.cert
	renamed.SubjectKeyId = []byte{1, 2, 3, 4, 5}
	renamedKey := entity{cert: &renamed, key: lower.key}
	tests := []struct {
		name string
		sent []*entity
		on   *entity
		want string
	}{
		{"as it should be", []*entity{leaf, lower, upper}, nil, ""},
		{"the wrong way round", []*entity{leaf, upper, lower}, upper, "chain-out-of-order"},
		{"with the root", []*entity{leaf, lower, upper, root}, root, "chain-extra"},
		{"with one of them twice", []*entity{leaf, lower, upper, lower}, lower, "chain-extra"},
		{"with another key identifier", []*entity{issue(t, &renamedKey, serverLeaf()), lower, upper}, nil, "key-ids-differ"},
		{"with a stranger", []*entity{leaf, lower, upper, issue(t, nil, ca("Stranger"))}, nil, "chain-extra"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := hierarchy{presented: tt.sent, trust: []*entity{root}, name: "server.test", clock: testClock, other: testClock}
			v := h.analyse(t, outcome.Server)
			switch {
			case len(ids(v)) > 0:
				t.Errorf("got the faults %v, want remarks alone", ids(v))
			case tt.want == "" && len(v.faults) > 0:
				t.Errorf("got %s: %s, want nothing", v.faults[0].id, v.faults[0].detail)
			case tt.want == "":
			case len(v.faults) != 1 || v.faults[0].id != tt.want:
				t.Errorf("got %v, want %s", v.faults, tt.want)
			case tt.on != nil && !bytes.Equal(v.faults[0].on.raw, tt.on.raw()):
				t.Errorf("got %s on %s, want it on %s", tt.want, v.faults[0].on.name(), tt.on.cert.Subject)
			}
		})
	}
}

// TestUnreadableIsNotAll has a certificate that nobody can read in a chain with
// other faults: all of them are named, and none is made up for what is not read.
func TestUnreadableIsNotAll(t *testing.T) {
	root := issue(t, nil, ca("Root"))
	issuing := issue(t, root, ca("Issuing CA"))
	leaf := issue(t, issuing, serverLeaf(expired, dns("other.test")))
	h := hierarchy{presented: []*entity{leaf, issuing}, trust: []*entity{root}, name: "server.test", clock: testClock, other: testClock}
	in := h.input(outcome.Server)
	broken := bytes.Replace(issuing.raw(), []byte{0x06, 0x03, 0x55, 0x1d}, []byte{0x07, 0x03, 0x55, 0x1d}, 1)
	in.Server.Settings.Credentials[0].Chain[1] = broken
	v := read(in).server
	if want := []string{"server-cert-garbage", "server-expired", "server-hostname"}; !slices.Equal(ids(v), want) {
		t.Errorf("got %v, want %v", ids(v), want)
	}
	if !bytes.Equal(v.faults[0].on.raw, broken) {
		t.Errorf("got garbage on %s, want it on the intermediate", v.faults[0].on.name())
	}
	in.Server.Settings.Credentials[0].Chain[0] = []byte{0x30, 0}
	if got := ids(read(in).server); !slices.Equal(got, []string{"server-cert-garbage", "server-cert-garbage"}) {
		t.Errorf("with an end entity that nobody can read either: got %v", got)
	}
}

// TestRevocationLists says which certificate a list is about, and what is wrong
// with the list. Go looks at none, so all are remarks.
func TestRevocationLists(t *testing.T) {
	root := issue(t, nil, ca("Root", func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign }))
	issuing := issue(t, root, ca("Issuing CA", func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign }))
	namesake := issue(t, root, ca("Issuing CA", func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign }))
	silent := issue(t, root, ca("Silent CA"))
	leaf, other := issue(t, issuing, clientLeaf()), issue(t, issuing, clientLeaf())
	list := func(by *entity, until time.Duration, revoked ...*entity) []byte {
		l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: testClock.Add(-day), NextUpdate: testClock.Add(until)}
		for _, r := range revoked {
			l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: r.cert.SerialNumber, RevocationTime: testClock.Add(-hour)})
		}
		signer := *by.cert
		signer.KeyUsage = x509.KeyUsageCRLSign
		der, err := x509.CreateRevocationList(rand.Reader, l, &signer, by.key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	tests := []struct {
		name  string
		sent  []*entity
		lists [][]byte
		on    *entity
		want  string
	}{
		{"another one is revoked", []*entity{leaf, issuing}, [][]byte{list(issuing, day, other), list(root, day)}, nil, ""},
		{"the end entity", []*entity{leaf, issuing}, [][]byte{list(root, day), list(issuing, day, other, leaf)}, leaf, "client-revoked"},
		{"the intermediate", []*entity{leaf, issuing}, [][]byte{list(root, day, issuing)}, issuing, "client-revoked"},
		{"out of date", []*entity{leaf, issuing}, [][]byte{list(issuing, -hour)}, leaf, "crl-stale"},
		{"of the CA before it was rotated", []*entity{leaf, issuing}, [][]byte{list(namesake, day, leaf)}, leaf, "crl-untrusted"},
		{"of a CA that may sign none", []*entity{issue(t, silent, clientLeaf()), silent}, [][]byte{list(silent, day)}, nil, "crl-untrusted"},
		{"no list at all", []*entity{leaf, issuing}, [][]byte{{0x30, 0}}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := hierarchy{presented: tt.sent, trust: []*entity{root}, clock: testClock, other: testClock}
			in := h.input(outcome.Client)
			in.Server.Settings.CRLs = tt.lists
			v := read(in).client
			switch {
			case len(ids(v)) > 0:
				t.Errorf("got the faults %v, want remarks alone", ids(v))
			case tt.want == "" && len(v.faults) > 0:
				t.Errorf("got %s: %s, want nothing", v.faults[0].id, v.faults[0].detail)
			case tt.want == "":
			case len(v.faults) != 1 || v.faults[0].id != tt.want:
				t.Errorf("got %v, want %s", v.faults, tt.want)
			case tt.on != nil && !bytes.Equal(v.faults[0].on.raw, tt.on.raw()):
				t.Errorf("got %s on %s, want it on %s", tt.want, v.faults[0].on.name(), tt.on.cert.Subject)
			}
		})
	}
}
