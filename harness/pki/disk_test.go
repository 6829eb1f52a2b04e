package pki

import (
	"bytes"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
)

// Entities from disk stand beside minted ones, and can issue them.
func TestMintFromDisk(t *testing.T) {
	w := newWardrobe(t)
	dir := t.TempDir()
	chain, key := write(t, dir, "chain.pem", w.chain), write(t, dir, "server.key", w.key)
	combined := write(t, dir, "combined.pem", append(bytes.Clone(w.key), w.chain...))
	caFile := write(t, dir, "ca.pem", certPEM(w.ca))
	caKey := write(t, dir, "ca.key", keyOf(t, w.h, "server-ca"))
	h := mint(t, Spec{
		"pair":     {Cert: chain, KeyFile: key},
		"combined": {Cert: combined},
		"alone":    {Cert: caFile},
		"bundle":   {Bundle: chain},
		"top":      {Bundle: chain, Pick: PickLast},
		"missing":  {Cert: chain, KeyFile: dir + "/missing.key"},
		"ca":       {Cert: caFile, KeyFile: caKey},
		"partly":   {Bundle: write(t, dir, "partly.pem", withBOM(certPEM(w.ca, w.root)))},
		"minted":   {Issuer: "ca", DNS: []string{"minted.test"}},
		"orphan":   {Issuer: "alone"},
		// What a scenario overrides in a healthy entity leaves the rest behind.
		"server": {Cert: chain, KeyFile: key, Issuer: "no-such-ca", DNS: []string{"server.test"}},
	})
	for _, tt := range []struct {
		present []string
		chain   int
		source  string
	}{
		{[]string{"pair"}, 2, chain},
		{[]string{"combined"}, 2, combined},
		{[]string{"pair", "alone"}, 3, chain},
		{[]string{"server"}, 2, chain},
		{[]string{"minted", "ca"}, 2, caFile},
	} {
		c, err := h.Credential(tt.present)
		if err != nil {
			t.Errorf("%v: %v", tt.present, err)
			continue
		}
		leaf, err := x509.ParseCertificate(c.Chain[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Chain) != tt.chain || c.Source != tt.source || !samePublicKey(c.Key.Public(), leaf.RawSubjectPublicKeyInfo) {
			t.Errorf("%v: %d certificates from %s", tt.present, len(c.Chain), c.Source)
		}
	}
	for name, want := range map[string]int{"pair": 2, "combined": 2, "alone": 1, "bundle": 2, "top": 1, "missing": 2} {
		certificates, err := h.Certificates(name)
		if err != nil || len(certificates) != want {
			t.Errorf("%s: %d certificates, %v; want %d", name, len(certificates), err, want)
		}
	}
	if top, _ := h.Certificates("top"); !bytes.Equal(top[0], w.ca) {
		t.Error("the last certificate of the bundle is another one")
	}
	if err := parsed(t, h, "minted").CheckSignatureFrom(parsed(t, h, "ca")); err != nil {
		t.Errorf("minted under a CA from disk: %v", err)
	}

	if lost := h.Skipped("partly"); len(lost) != 1 || !bytes.Equal(lost[0].Raw, w.ca) {
		t.Errorf("skipped %+v", lost)
	}
	if lost := h.Skipped("minted"); lost != nil {
		t.Errorf("a minted entity has skipped %+v", lost)
	}
	var load *LoadError
	if _, err := h.Credential([]string{"missing"}); !errors.As(err, &load) || load.Role != "key" || load.CauseID != "file-missing" {
		t.Errorf("a missing key: %v", err)
	}
	if _, err := h.Credential([]string{"alone"}); err == nil || !strings.Contains(err.Error(), "none of alone has a private key") {
		t.Errorf("a certificate alone: %v", err)
	}
	if _, err := h.Certificates("orphan"); err == nil || !strings.Contains(err.Error(), `entity "orphan": issuer "alone"`) {
		t.Errorf("an issuer without a key: %v", err)
	}
}
