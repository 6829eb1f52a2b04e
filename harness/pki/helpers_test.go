package pki

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func sprint(v any) string { return fmt.Sprint(v) }

// shell runs a command in dir and returns what it printed.
func shell(t *testing.T, dir, command string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", command, err, out)
	}
	return string(out)
}

func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func certPEM(certificates ...[]byte) []byte {
	var b bytes.Buffer
	for _, der := range certificates {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return b.Bytes()
}

func keyPEM(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// ders returns the first certificate of each entity.
func ders(t testing.TB, h *Hierarchy, names ...string) (list [][]byte) {
	t.Helper()
	for _, name := range names {
		certificates, err := h.Certificates(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, certificates[0])
	}
	return list
}

// keyOf returns the private key of an entity as PEM.
func keyOf(t testing.TB, h *Hierarchy, name string) []byte {
	t.Helper()
	c, err := h.Credential([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return keyPEM(t, c.Key)
}

// ecdsaKey is the private key of the healthy hierarchy's entities.
type ecdsaKey = *ecdsa.PrivateKey
