package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"shakedown/harness/outcome"
	"shakedown/harness/peertest"
)

// A wardrobe is what a person could have on disk, healthy.
type wardrobe struct {
	h                *Hierarchy
	leaf, ca, root   []byte // DER
	cert, chain, key []byte // PEM
	otherKey         []byte
}

func newWardrobe(t testing.TB) wardrobe {
	h := mint(t, healthy())
	list := ders(t, h, "server", "server-ca", "server-root")
	return wardrobe{
		h: h, leaf: list[0], ca: list[1], root: list[2],
		cert: certPEM(list[0]), chain: certPEM(list[0], list[1]),
		key: keyOf(t, h, "server"), otherKey: keyOf(t, h, "client"),
	}
}

func indent(b []byte) []byte {
	return []byte("tls.crt: |\n    " + strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", "\n    ") + "\n")
}

func literal(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte(`\n`)) }

func wide(b []byte, mark bool, little bool) []byte {
	var out []byte
	units := utf16.Encode([]rune(string(b)))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

func withBOM(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }

func crOnly(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r")) }

func onOneLine(b []byte) []byte {
	return append(bytes.ReplaceAll(bytes.TrimSpace(b), []byte("\n"), []byte(" ")), '\n')
}

func glue(blocks ...[]byte) []byte {
	var out []byte
	for _, b := range blocks {
		out = append(out, bytes.TrimSpace(b)...)
	}
	return append(out, '\n')
}

func withoutEnd(b []byte) []byte { return b[:bytes.LastIndex(b, []byte("-----END"))] }

func damageBase64(b []byte) []byte { return bytes.Replace(b, []byte("\nMI"), []byte("\nM!"), 1) }

func relabel(b []byte, to string) []byte {
	block, _ := pem.Decode(b)
	return pem.EncodeToMemory(&pem.Block{Type: to, Bytes: block.Bytes})
}

func decoded(b []byte) []byte {
	block, _ := pem.Decode(b)
	return block.Bytes
}

func base64Of(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b) + "\n") }

const (
	noPEM    = "tls: failed to find any PEM data in certificate input"
	noKeyPEM = "tls: failed to find any PEM data in key input"
)

// What loads in Go loads here, and gives the same chain.
func TestLoadKeyPair(t *testing.T) {
	w := newWardrobe(t)
	text := []byte("Bag Attributes\n    localKeyID: 01 02\nsubject=CN = server.test\n\n")
	parameters := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")})
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	sec1, err := x509.ParsePKCS8PrivateKey(decoded(w.key))
	if err != nil {
		t.Fatal(err)
	}
	sec1DER, err := x509.MarshalECPrivateKey(sec1.(ecdsaKey))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		cert, key []byte // the key is in the certificate's file where it is nil
		chain     int
	}{
		{"a pair", w.cert, w.key, 1},
		{"a chain", w.chain, w.key, 2},
		{"CRLF line ends", bytes.ReplaceAll(w.chain, []byte("\n"), []byte("\r\n")), w.key, 2},
		{"bag attributes", join(text, w.cert, text, w.chain), join(text, w.key), 3},
		{"EC PARAMETERS before the key", w.cert, join(parameters, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1DER})), 1},
		{"key and chain in one file", join(w.key, w.chain), nil, 2},
		{"chain and key in one file", join(w.chain, w.key), nil, 2},
		{"a byte order mark before a comment", withBOM(join([]byte("# chain\n"), w.chain)), w.key, 2},
		{"a certificate that is commented out", join([]byte("# "), bytes.ReplaceAll(bytes.TrimSpace(w.cert), []byte("\n"), []byte("\n# ")), []byte("\n"), w.chain), w.key, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			certFile := write(t, dir, "server.crt", tt.cert)
			keyFile := certFile
			if tt.key != nil {
				keyFile = write(t, dir, "server.key", tt.key)
			}
			c, err := LoadKeyPair(certFile, keyFile)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Chain) != tt.chain || !bytes.Equal(c.Chain[0], w.leaf) || c.Source != certFile || len(c.Skipped) != 0 {
				t.Errorf("got %d certificates from %s, skipped %v", len(c.Chain), c.Source, c.Skipped)
			}
			if !samePublicKey(c.Key.Public(), parsed(t, w.h, "server").RawSubjectPublicKeyInfo) {
				t.Error("the key is not the certificate's")
			}
		})
	}
}

// Rows L01 to L07 of what crypto/tls refuses: the same words from Go, a cause
// of one's own for each, and where it can be cured, a command that does.
func TestLoadKeyPairErrors(t *testing.T) {
	w := newWardrobe(t)
	rsaHierarchy := mint(t, Spec{"server": {Key: "rsa-2048"}})
	negative := mint(t, with("server", func(e *Entity) { e.Flaws = []string{"negative-serial"} }))
	damaged := mint(t, with("server", func(e *Entity) { e.Flaws = []string{"damaged"} }))
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{"server.test"}}, mustCredential(t, w.h, "server").Key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: parsed(t, w.h, "server").RawSubjectPublicKeyInfo})
	parameters := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")})
	skipping := func(role, label string) string {
		what := `"CERTIFICATE" PEM block in certificate input`
		if role == "key" {
			what = `PEM block with type ending in "PRIVATE KEY" in key input`
		}
		return "tls: failed to find " + what + " after skipping PEM blocks of the following types: [" + label + "]"
	}
	const failedKey = "tls: failed to parse private key"
	tests := []struct {
		name      string
		cert, key []byte
		role, id  string
		gos       string // the exact text of Go
		detail    string // a part of it
		cured     bool   // the command makes a file that loads
	}{
		{"L01 swapped", w.key, w.cert, "certificate", "swapped-files", "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched", "the certificate is in ", false},
		{"L01 two keys", w.key, w.key, "certificate", "wrong-block", "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched", "a private key and no certificate", false},
		{"L02 another key", w.cert, w.otherKey, "key", "wrong-key", "tls: private key does not match public key", "a key (ECDSA P-256) that is not the other half of the certificate's (ECDSA P-256)", false},
		{"L02 the issuer first", certPEM(w.ca, w.leaf), w.key, "certificate", "server-chain-wrong-order", "tls: private key does not match public key", "the key belongs to certificate 2 (CN=server.test)", true},
		{"L02 the issuers first", certPEM(w.root, w.ca, w.leaf), w.key, "certificate", "server-chain-wrong-order", "tls: private key does not match public key", "the key belongs to certificate 3 (CN=server.test)", true},
		{"L02 a byte order mark before a chain", withBOM(w.chain), w.key, "certificate", "not-pem", "tls: private key does not match public key", "UTF-8 byte order mark, so that Go silently skips the first certificate", true},
		{"L02 a damaged first certificate", bytes.Join([][]byte{damageBase64(w.cert), certPEM(w.ca)}, nil), w.key, "certificate", "not-pem", "tls: private key does not match public key", "damaged base64, so that Go silently skips", false},
		{"L02 two keys in the file", w.cert, bytes.Join([][]byte{w.otherKey, w.key}, nil), "key", "wrong-key", "tls: private key does not match public key", "key 2 is the certificate's", false},
		{"L03 another kind of key", w.cert, keyOf(t, rsaHierarchy, "server"), "key", "key-type", "tls: private key type does not match public key type", "a key (RSA 2048) that is not the other half of the certificate's (ECDSA P-256)", false},

		{"L04 DER", w.leaf, w.key, "certificate", "not-pem", noPEM, "a certificate in DER", true},
		{"L04 UTF-16", wide(w.chain, true, true), w.key, "certificate", "not-pem", noPEM, "UTF-16", true},
		{"L04 UTF-16 big endian", wide(w.chain, true, false), w.key, "certificate", "not-pem", noPEM, "UTF-16", true},
		{"L04 UTF-16 without a mark", wide(w.chain, false, true), w.key, "certificate", "not-pem", noPEM, "UTF-16 without a byte order mark", true},
		{"L04 a byte order mark", withBOM(w.cert), w.key, "certificate", "not-pem", noPEM, "UTF-8 byte order mark", true},
		{"L04 indented YAML", indent(w.chain), w.key, "certificate", "not-pem", noPEM, "indented PEM", true},
		{`L04 literal \n`, literal(w.chain), w.key, "certificate", "not-pem", noPEM, `literal \n`, true},
		{`L04 literal \n in quotes`, []byte(`"` + string(literal(w.chain)) + `"`), w.key, "certificate", "not-pem", noPEM, `literal \n`, true},
		{"L04 one line", onOneLine(w.cert), w.key, "certificate", "not-pem", noPEM, "one line", true},
		{"L04 base64 twice", base64Of(w.chain), w.key, "certificate", "not-pem", noPEM, "base64 once more", true},
		{"L04 quotes", []byte(`"` + strings.TrimSpace(string(w.cert)) + `"` + "\n"), w.key, "certificate", "not-pem", noPEM, "quotes", true},
		{"L04 CR only", crOnly(w.chain), w.key, "certificate", "not-pem", noPEM, "CR only", true},
		{"L04 truncated", withoutEnd(w.cert), w.key, "certificate", "not-pem", noPEM, "truncated", false},
		{"L04 truncated in the END line", w.cert[:len(w.cert)-8], w.key, "certificate", "not-pem", noPEM, "truncated", false},
		{"L04 damaged base64", damageBase64(w.cert), w.key, "certificate", "not-pem", noPEM, "damaged base64", false},
		{"L04 cat without newline", glue(w.cert, certPEM(w.ca)), w.key, "certificate", "not-pem", noPEM, "without a newline between", true},
		{"L04 empty", nil, w.key, "certificate", "not-pem", noPEM, "empty", false},
		{"L04 white space", []byte(" \n"), w.key, "certificate", "not-pem", noPEM, "empty", false},
		{"L04 base64 without armour", base64Of(w.leaf), w.key, "certificate", "not-pem", noPEM, "base64 without armour", true},
		{"L04 base64 lines without armour", bytes.TrimSuffix(bytes.TrimPrefix(w.cert, []byte("-----BEGIN CERTIFICATE-----\n")), []byte("-----END CERTIFICATE-----\n")), w.key, "certificate", "not-pem", noPEM, "base64 without armour", true},
		{"L04 text before BEGIN", []byte("cert: " + string(w.cert)), w.key, "certificate", "not-pem", noPEM, "other text", true},
		{"L04 text after END", []byte(strings.TrimSpace(string(w.cert)) + " # server\n"), w.key, "certificate", "not-pem", noPEM, "other text", true},
		{"L04 another END", bytes.Replace(w.cert, []byte("END CERT"), []byte("END CERF"), 1), w.key, "certificate", "not-pem", noPEM, "END line names another type", false},
		{"L04 an OpenSSH public key", []byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI a@b\n"), w.key, "certificate", "not-pem", noPEM, "OpenSSH public key", false},
		{"L04 a web page", []byte("<!DOCTYPE html><html><body>404</body></html>"), w.key, "certificate", "not-pem", noPEM, "web page", false},
		{"L04 a Java key store", []byte("\xfe\xed\xfe\xed\x00\x00\x00\x02"), w.key, "certificate", "not-pem", noPEM, "Java key store", false},
		{"L04 binary", []byte("\x7fELF\x02\x01\x01"), w.key, "certificate", "not-pem", noPEM, "binary data", false},
		{"L04 text", []byte("hello\n"), w.key, "certificate", "not-pem", noPEM, "text that holds no PEM", false},
		{"L04 a DER request", request, w.key, "certificate", "not-pem", noPEM, "CSR in DER", false},
		{"L04 a DER public key", decoded(public), w.key, "certificate", "not-pem", noPEM, "public key in DER", false},

		{"L04 a key in DER", w.cert, decoded(w.key), "key", "not-pem", noKeyPEM, "a private key in DER", true},
		{"L04 a key in UTF-16", w.cert, wide(w.key, true, true), "key", "not-pem", noKeyPEM, "UTF-16", true},
		{"L04 a key behind a byte order mark", w.cert, withBOM(w.key), "key", "not-pem", noKeyPEM, "UTF-8 byte order mark", true},
		{`L04 a key with literal \n`, w.cert, literal(w.key), "key", "not-pem", noKeyPEM, `literal \n`, true},
		{"L04 a key on one line", w.cert, onOneLine(w.key), "key", "not-pem", noKeyPEM, "one line", true},
		{"L04 an indented key", w.cert, indent(w.key), "key", "not-pem", noKeyPEM, "indented", true},
		{"L04 an empty key", w.cert, nil, "key", "not-pem", noKeyPEM, "empty", false},
		{"L04 a key without armour", w.cert, base64Of(decoded(w.key)), "key", "not-pem", noKeyPEM, "without armour", true},

		{"L05 a CSR", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}), w.key, "certificate", "wrong-block", skipping("certificate", "CERTIFICATE REQUEST"), "a CSR", false},
		{"L05 an old CSR", pem.EncodeToMemory(&pem.Block{Type: "NEW CERTIFICATE REQUEST", Bytes: request}), w.key, "certificate", "wrong-block", skipping("certificate", "NEW CERTIFICATE REQUEST"), "a CSR", false},
		{"L05 a public key", public, w.key, "certificate", "wrong-block", skipping("certificate", "PUBLIC KEY"), "a public key", false},
		{"L05 X509 CERTIFICATE", relabel(w.cert, "X509 CERTIFICATE"), w.key, "certificate", "wrong-block", skipping("certificate", "X509 CERTIFICATE"), "old label", true},
		{"L05 something else", relabel(w.cert, "DH PARAMETERS"), w.key, "certificate", "wrong-block", skipping("certificate", "DH PARAMETERS"), `type "DH PARAMETERS"`, false},

		{"L06 a public key", w.cert, public, "key", "key-block", skipping("key", "PUBLIC KEY"), "a public key", false},
		{"L06 only EC PARAMETERS", w.cert, parameters, "key", "key-block", skipping("key", "EC PARAMETERS"), "only EC PARAMETERS", false},
		{"L06 a certificate", w.cert, w.cert, "key", "key-block", "tls: found a certificate rather than a key in the PEM for the private key", "a certificate and no private key", false},

		{"L07 a damaged key", w.cert, relabel(w.cert, "PRIVATE KEY"), "key", "key-unusable", failedKey, "labelled as a private key and holds a certificate", false},
		{"L07 rubbish", w.cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("rubbish")}), "key", "key-unusable", failedKey, "damaged", false},

		{"C44 a negative serial", certPEM(ders(t, negative, "server")...), keyOf(t, negative, "server"), "certificate", "server-negative-serial", "x509: negative serial number", "negative serial number -4711", false},
		{"C43 a damaged certificate", certPEM(ders(t, damaged, "server")...), keyOf(t, damaged, "server"), "certificate", "server-cert-garbage", "x509: malformed extension OID field", "a damaged certificate", false},
		{"C43 a key for a certificate", relabel(w.key, "CERTIFICATE"), w.key, "certificate", "server-cert-garbage", "x509: malformed tbs certificate", "labelled as a certificate and holds a private key", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			certFile, keyFile := write(t, dir, "my server.pem", tt.cert), write(t, dir, "server.key", tt.key)
			load := loadError(t, certFile, keyFile)
			if load.Go != tt.gos {
				t.Errorf("Go says %q, want %q", load.Go, tt.gos)
			}
			if load.Role != tt.role || load.Cause(outcome.Server) != tt.id {
				t.Errorf("%s of the %s file, want %s of the %s file", load.Cause(outcome.Server), load.Role, tt.id, tt.role)
			}
			if !strings.Contains(load.Detail, tt.detail) {
				t.Errorf("it is %q, want %q", load.Detail, tt.detail)
			}
			if tt.cured {
				checkCure(t, load, certFile, keyFile)
			}
			// Nothing that the person gave is ever changed.
			for file, data := range map[string][]byte{certFile: tt.cert, keyFile: tt.key} {
				if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, data) {
					t.Errorf("%s was changed (%v)", file, err)
				}
			}
		})
	}
}

func mustCredential(t testing.TB, h *Hierarchy, present ...string) *Credential {
	t.Helper()
	c, err := h.Credential(present)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func loadError(t *testing.T, certFile, keyFile string) *LoadError {
	t.Helper()
	_, err := LoadKeyPair(certFile, keyFile)
	var load *LoadError
	if !errors.As(err, &load) {
		t.Fatalf("LoadKeyPair = %v, want a *LoadError", err)
	}
	if strings.Contains(load.Command, "{") && !strings.Contains(load.Command, "awk") {
		t.Errorf("the command is not complete: %s", load.Command)
	}
	return load
}

// checkCure runs the command and loads what it made in place of the file.
func checkCure(t *testing.T, load *LoadError, certFile, keyFile string) {
	t.Helper()
	peertest.Program(t, "openssl")
	if load.Command == "" {
		t.Fatal("no command cures it")
	}
	shell(t, filepath.Dir(load.File), load.Command)
	cured := strings.TrimSuffix(load.File, filepath.Ext(load.File)) + "-converted"
	if load.Role == "certificate" {
		certFile = cured + ".crt"
	} else {
		keyFile = cured + ".key"
	}
	if _, err := LoadKeyPair(certFile, keyFile); err != nil {
		t.Errorf("after %s\n%v", load.Command, err)
	}
}

// Each certificate that a Go program loses from a chain is named.
func TestLoadKeyPairSkipped(t *testing.T) {
	w := newWardrobe(t)
	dir := t.TempDir()
	keyFile := write(t, dir, "server.key", w.key)
	certFile := write(t, dir, "server.crt", bytes.Join([][]byte{w.cert, indent(certPEM(w.ca)), relabel(certPEM(w.root), "TRUSTED CERTIFICATE")}, nil))
	c, err := LoadKeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Chain) != 1 || len(c.Skipped) != 2 {
		t.Fatalf("%d certificates, skipped %v", len(c.Chain), c.Skipped)
	}
	if s := c.Skipped[0]; !strings.Contains(s.Reason, "indented") || !bytes.Equal(s.Raw, w.ca) || s.Line < 10 {
		t.Errorf("skipped %+v", s)
	}
	if s := c.Skipped[1]; s.Type != "TRUSTED CERTIFICATE" || !bytes.Equal(s.Raw, w.root) {
		t.Errorf("skipped %+v", s)
	}
}

// Row L10, and what a Go program would wait for.
func TestLoadMissing(t *testing.T) {
	w := newWardrobe(t)
	dir := t.TempDir()
	cert, key := write(t, dir, "server.crt", w.cert), write(t, dir, "server.key", w.key)
	missing := filepath.Join(dir, "missing")
	tests := []struct{ name, cert, key, role, gos, detail string }{
		{"no certificate file", missing, key, "certificate", "open " + missing + ": no such file or directory", "no such file"},
		{"no key file", cert, missing, "key", "open " + missing + ": no such file or directory", "no such file"},
		{"a directory", dir, key, "certificate", "read " + dir + ": is a directory", "a directory"},
		{"a device", "/dev/null", key, "certificate", "", "a device"},
	}
	if runtime.GOOS == "windows" {
		t.Skip("the texts and the special files are those of Unix")
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			load := loadError(t, tt.cert, tt.key)
			if load.Role != tt.role || load.CauseID != "file-missing" || load.Go != tt.gos || !strings.Contains(load.Detail, tt.detail) {
				t.Errorf("got %+v", load)
			}
		})
	}
	t.Run("too large", func(t *testing.T) {
		large := write(t, dir, "large.pem", nil)
		if err := os.Truncate(large, maxFile+1); err != nil {
			t.Fatal(err)
		}
		if load := loadError(t, large, key); !strings.Contains(load.Detail, "more than 16 MB") {
			t.Errorf("got %+v", load)
		}
	})
	t.Run("unreadable", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may read every file")
		}
		if err := os.Chmod(key, 0); err != nil {
			t.Fatal(err)
		}
		if load := loadError(t, cert, key); load.CauseID != "file-missing" || !strings.Contains(load.Go, "permission denied") {
			t.Errorf("got %+v", load)
		}
	})
}

// Rows L08 and L09.
func TestLoadBundle(t *testing.T) {
	w := newWardrobe(t)
	negative := ders(t, mint(t, Spec{"r": {CA: true, Flaws: []string{"negative-serial"}}}), "r")[0]
	headers := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Headers: map[string]string{"friendlyName": "root"}, Bytes: w.root})
	two := certPEM(w.root, w.ca)
	tests := []struct {
		name    string
		data    []byte
		read    int
		skipped string // the reason of the first that is lost
		unread  string // what the file is, if nothing is read
		cured   bool
	}{
		{"two", two, 2, "", "", false},
		{"one and a key", append(bytes.Clone(w.key), two...), 2, "", "", false},
		{"L08 a byte order mark", withBOM(two), 1, "UTF-8 byte order mark", "", true},
		{"L08 a bad second block", bytes.Join([][]byte{certPEM(w.root), damageBase64(certPEM(w.ca))}, nil), 1, "damaged base64", "", false},
		{"L08 a truncated second block", withoutEnd(two), 1, "truncated", "", false},
		{"L08 a certificate that Go refuses", bytes.Join([][]byte{certPEM(w.root), certPEM(negative)}, nil), 1, "negative serial number", "", false},
		{"L08 a certificate with headers", bytes.Join([][]byte{certPEM(w.ca), headers}, nil), 1, "PEM headers", "", false},
		{"L08 rubbish in a block", bytes.Join([][]byte{certPEM(w.root), relabel(w.key, "CERTIFICATE")}, nil), 1, "holds a private key", "", false},
		{"L09 DER", w.root, 0, "", "a certificate in DER", true},
		{"L09 indented", indent(two), 0, "", "indented PEM", true},
		{"L09 no newline between blocks", glue(certPEM(w.root), certPEM(w.ca)), 0, "", "without a newline", true},
		{`L09 literal \n`, literal(two), 0, "", `literal \n`, true},
		{"L09 TRUSTED", relabel(certPEM(w.root), "TRUSTED CERTIFICATE"), 0, "", "OpenSSL TRUSTED CERTIFICATE", true},
		{"L09 a private key", w.key, 0, "", "a private key", false},
		{"L09 empty", nil, 0, "", "an empty file", false},
		{"L09 only a negative serial", certPEM(negative), 0, "", "negative serial number", false},
		{"L09 headers", headers, 0, "", "PEM headers", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := write(t, t.TempDir(), "ca.pem", tt.data)
			pool := x509.NewCertPool()
			if got := pool.AppendCertsFromPEM(tt.data); got != (tt.read > 0) {
				t.Fatalf("AppendCertsFromPEM = %v", got)
			}
			b, err := LoadBundle(file)
			if tt.read == 0 {
				var load *LoadError
				if !errors.As(err, &load) {
					t.Fatalf("LoadBundle = %v, want a *LoadError", err)
				}
				if load.CauseID != "bundle-unread" || load.Role != "trust" || load.Go != "" || !strings.Contains(load.Detail, tt.unread) {
					t.Errorf("got %+v", load)
				}
				cureBundle(t, tt.cured, load.Command, file)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Certificates) != tt.read || b.Source != file {
				t.Errorf("%d certificates from %s, want %d", len(b.Certificates), b.Source, tt.read)
			}
			switch {
			case tt.skipped == "" && len(b.Skipped) > 0:
				t.Errorf("skipped %+v", b.Skipped)
			case tt.skipped != "" && (len(b.Skipped) != 1 || !strings.Contains(b.Skipped[0].Reason, tt.skipped)):
				t.Errorf("skipped %+v, want one for %q", b.Skipped, tt.skipped)
			case tt.cured:
				cureBundle(t, true, b.Skipped[0].Command, file)
			}
		})
	}
}

// cureBundle runs a command and expects that nothing is lost then.
func cureBundle(t *testing.T, cured bool, command, file string) {
	t.Helper()
	if !cured {
		return
	}
	peertest.Program(t, "openssl")
	shell(t, filepath.Dir(file), command)
	b, err := LoadBundle(strings.TrimSuffix(file, ".pem") + "-converted.pem")
	if err != nil || len(b.Skipped) > 0 {
		t.Errorf("after %s\n%v %+v", command, err, b)
	}
}
