package main

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shakedown/harness/pki"
)

// folder writes certificates and keys of a hierarchy into files of their names:
// "a.pem" is the certificate of a, "a.key" its private key.
func folder(t *testing.T, spec pki.Spec, names ...string) string {
	t.Helper()
	h, err := pki.Mint(spec, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range names {
		entity, isKey := strings.CutSuffix(name, ".key")
		entity = strings.TrimSuffix(entity, ".pem")
		credential, err := h.Credential([]string{entity})
		if err != nil {
			t.Fatal(err)
		}
		block := &pem.Block{Type: "CERTIFICATE", Bytes: credential.Chain[0]}
		if isKey {
			der, err := x509.MarshalPKCS8PrivateKey(credential.Key)
			if err != nil {
				t.Fatal(err)
			}
			block = &pem.Block{Type: "PRIVATE KEY", Bytes: der}
		}
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var twoServers = pki.Spec{
	"ca":  {CA: true},
	"one": {Issuer: "ca", Usage: []string{"server"}, DNS: []string{"one.test"}},
	"two": {Issuer: "ca", Usage: []string{"server"}, DNS: []string{"two.test"}},
}

// A folder with two servers: the person says which, and the key and the CA go with it.
func TestDebugAsksWhatOnlyAPersonCanDecide(t *testing.T) {
	dir := folder(t, twoServers, "ca.pem", "one.pem", "one.key", "two.pem", "two.key")
	f := newFake(t).onTerminal()
	f.stdin = strings.NewReader("what?\n2\nfor the next reader")
	if code := f.run(t.Context(), "debug", dir); code != 0 {
		t.Fatalf("exit code %d: %s", code, f.err.String())
	}
	if len(f.screens) != 1 {
		t.Fatalf("%d screens", len(f.screens))
	}
	got := f.screens[0].Start.PKI["server"]
	if filepath.Base(got.Cert) != "two.pem" || filepath.Base(got.KeyFile) != "two.key" {
		t.Errorf("the server has %s and %s", got.Cert, got.KeyFile)
	}
	if trust := f.screens[0].Start.PKI["client-trust"]; filepath.Base(trust.Bundle) != "ca.pem" {
		t.Errorf("the client trusts %q", trust.Bundle)
	}
	for _, want := range []string{"--server-cert could be any of these", "  1  " + dir, "which one is it, 1 to 2? which one is it"} {
		if !strings.Contains(f.err.String(), want) {
			t.Errorf("no %q in\n%s", want, f.err.String())
		}
	}
	if notes := strings.Join(f.screens[0].Notes, "\n"); !strings.Contains(notes, "the same by flags: shakedown debug --server-cert") {
		t.Errorf("the screen says nothing of the assignment: %s", notes)
	}
	rest := make([]byte, 32)
	if n, _ := f.stdin.Read(rest); string(rest[:n]) != "for the next reader" {
		t.Errorf("the question swallowed what follows: %q is left", rest[:n])
	}
}

// A chosen certificate decides about the rest, and nothing is asked.
func TestDebugFlagDecidesWhatGoesWithIt(t *testing.T) {
	dir := folder(t, twoServers, "ca.pem", "one.pem", "one.key", "two.pem", "two.key")
	f := newFake(t).onTerminal()
	if code := f.run(t.Context(), "debug", dir, "--server-cert", filepath.Join(dir, "one.pem")); code != 0 {
		t.Fatalf("exit code %d: %s", code, f.err.String())
	}
	if got := f.screens[0].Start.PKI["server"]; filepath.Base(got.KeyFile) != "one.key" {
		t.Errorf("the server has the key %s", got.KeyFile)
	}
}

// Nobody answers: the choices are listed, and it is wrong usage.
func TestDebugWithoutAnAnswer(t *testing.T) {
	dir := folder(t, twoServers, "ca.pem", "one.pem", "one.key", "two.pem", "two.key")
	for _, f := range []*fake{newFake(t), newFake(t).onTerminal()} {
		code := f.run(t.Context(), "debug", dir)
		if code != 2 || len(f.screens) != 0 {
			t.Errorf("exit code %d, %d screens", code, len(f.screens))
		}
		if !strings.Contains(f.err.String(), "error: --server-cert could be "+filepath.Join(dir, "one.pem")+" or "+filepath.Join(dir, "two.pem")) {
			t.Errorf("the choices are not listed:\n%s", f.err.String())
		}
	}
}
