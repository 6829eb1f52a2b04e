package scenario

import (
	"slices"
	"testing"
	"time"

	"shakedown/harness/pki"
	"shakedown/harness/tlswire"
)

// The words of a scenario are those that the rest of the harness uses.
func TestWordsAreThoseOfTheHarness(t *testing.T) {
	var types []string
	for code := range 256 {
		types = append(types, tlswire.HandshakeType(code).String())
	}
	for _, m := range messages {
		if m != "HelloRetryRequest" && !slices.Contains(types, m) { // which has ServerHello's type
			t.Errorf("%s is no handshake message of tlswire", m)
		}
	}
	for _, g := range groupNames {
		for _, name := range []string{g.name, g.alias} {
			if id, ok := tlswire.GroupByName(name); !ok || id != uint16(g.id) {
				t.Errorf("%s is group 0x%04x here and 0x%04x (%v) in tlswire", name, g.id, id, ok)
			}
		}
	}
	for _, s := range suites12 {
		if got := tlswire.CipherSuiteName(s.ID); got != s.Name {
			t.Errorf("suite 0x%04x is %s here and %s in tlswire", s.ID, s.Name, got)
		}
	}
	for _, name := range []string{"close_notify", "handshake_failure", "bad_certificate", "certificate_required", "no_application_protocol", "ech_required"} {
		if !slices.Contains(alerts, name) {
			t.Errorf("%s is no alert", name)
		}
	}
	if slices.ContainsFunc(alerts, func(name string) bool { return name == "alert 1" || name == "" }) {
		t.Errorf("a code without a name is an alert: %v", alerts)
	}
}

// Every word for a certificate is one that package pki can mint.
func TestWordsCanBeMinted(t *testing.T) {
	spec := pki.Spec{}
	add := func(name string, e pki.Entity) { spec[name] = e }
	for _, key := range keyKinds {
		if key != "rsa-3072" && key != "rsa-4096" { // slow to make, and read by the same code as rsa-2048
			add(key, pki.Entity{Key: key, Issuer: "issuer"}) // rsa-512 cannot sign for itself
		}
	}
	add("issuer", pki.Entity{CA: true})
	for _, hash := range hashes {
		add(hash, pki.Entity{Signature: hash})
	}
	add("usages", pki.Entity{KeyUsage: keyUsages, Usage: []string{"server", "client", "any", "1.2.3.4"}})
	h, err := pki.Mint(spec, time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for name := range spec {
		if _, err := h.Certificates(name); err != nil {
			t.Error(err)
		}
	}
}
