package pki

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"
)

// A CRL lists what the CA has revoked and nothing of others.
func TestCRL(t *testing.T) {
	spec := healthy()
	for _, name := range []string{"client", "server"} {
		e := spec[name]
		e.Flaws = []string{"revoked"}
		spec[name] = e
	}
	stale := spec["server-ca"]
	stale.Flaws = []string{"stale-crl"}
	spec["server-ca"] = stale
	h := mint(t, spec)
	for _, tt := range []struct {
		ca, lists string
		fresh     bool
	}{{"client-ca", "client", true}, {"server-ca", "server", false}, {"client-root", "", true}} {
		der, err := h.CRL(tt.ca)
		if err != nil {
			t.Fatal(err)
		}
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			t.Fatal(err)
		}
		if err := list.CheckSignatureFrom(parsed(t, h, tt.ca)); err != nil {
			t.Errorf("%s: %v", tt.ca, err)
		}
		if fresh := clock.Before(list.NextUpdate); fresh != tt.fresh {
			t.Errorf("%s: nextUpdate %s at %s", tt.ca, list.NextUpdate, clock)
		}
		var want []string
		if tt.lists != "" {
			want = []string{parsed(t, h, tt.lists).SerialNumber.String()}
		}
		var got []string
		for _, e := range list.RevokedCertificateEntries {
			got = append(got, e.SerialNumber.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", tt.ca, got, want)
		}
	}
	if _, err := h.CRL("nobody"); err == nil {
		t.Error("there is a list of a CA that does not exist")
	}
}

func TestOCSP(t *testing.T) {
	for _, tt := range []struct {
		flaws  []string
		status int
		fresh  bool
		signed bool
	}{
		{nil, ocsp.Good, true, true},
		{[]string{"revoked"}, ocsp.Revoked, true, true},
		{[]string{"unknown-to-ocsp"}, ocsp.Unknown, true, true},
		{[]string{"stale-ocsp"}, ocsp.Good, false, true},
		{[]string{"strange-ocsp"}, ocsp.Good, true, false},
	} {
		spec := healthy()
		e := spec["server"]
		e.Flaws = tt.flaws
		spec["server"] = e
		h := mint(t, spec)
		der, err := h.OCSP("server")
		if err != nil {
			t.Fatal(err)
		}
		r, err := ocsp.ParseResponseForCert(der, parsed(t, h, "server"), parsed(t, h, "server-ca"))
		if signed := err == nil; signed != tt.signed {
			t.Errorf("%v: %v", tt.flaws, err)
		}
		if err != nil {
			continue
		}
		if r.Status != tt.status || clock.Add(time.Minute).Before(r.NextUpdate) != tt.fresh {
			t.Errorf("%v: status %d until %s", tt.flaws, r.Status, r.NextUpdate)
		}
	}
}
