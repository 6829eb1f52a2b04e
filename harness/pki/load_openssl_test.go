package pki

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/peertest"
)

// Files as OpenSSL and OpenSSH make them.
func TestLoadKeyPairForeign(t *testing.T) {
	peertest.Program(t, "openssl")
	w := newWardrobe(t)
	const failedKey = "tls: failed to parse private key"
	skipping := func(label string) string {
		return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [` + label + "]"
	}
	const genkey = "openssl genpkey -out made -algorithm "
	tests := []struct {
		name     string
		make     string // the command that makes the file "made" of server.crt, chain.crt and server.key
		role, id string // what the file is given as
		gos      string
		detail   string
		// password is what the person types when the command asks; with it the
		// command must make a file that loads. Where it is empty and cured is
		// set, the command asks nothing.
		password string
		cured    bool
	}{
		{"PKCS#12 as certificate", "openssl pkcs12 -export -inkey server.key -in chain.crt -passout pass:secret -out made", "certificate", "not-pem", noPEM, "PKCS#12", "secret", true},
		{"PKCS#12 as key", "openssl pkcs12 -export -inkey server.key -in chain.crt -passout pass:secret -out made", "key", "not-pem", noKeyPEM, "PKCS#12", "secret", true},
		{"PKCS#12 of old", "openssl pkcs12 -export -legacy -inkey server.key -in chain.crt -passout pass:secret -out made", "certificate", "not-pem", noPEM, "PKCS#12", "secret", true},
		{"PKCS#7 in DER", "openssl crl2pkcs7 -nocrl -certfile chain.crt -outform DER -out made", "certificate", "not-pem", noPEM, "PKCS#7 in DER", "", true},
		{"PKCS#7 in PEM", "openssl crl2pkcs7 -nocrl -certfile chain.crt -out made", "certificate", "wrong-block", skipping("PKCS7"), "PKCS#7 in PEM", "", true},
		{"TRUSTED CERTIFICATE", "openssl x509 -in server.crt -trustout -addtrust serverAuth -out made", "certificate", "wrong-block", skipping("TRUSTED CERTIFICATE"), "OpenSSL TRUSTED CERTIFICATE", "", true},
		{"a certificate in DER", "openssl x509 -in server.crt -outform DER -out made", "certificate", "not-pem", noPEM, "a certificate in DER", "", true},
		{"a CSR", "openssl req -new -key server.key -subj /CN=server.test -out made", "certificate", "wrong-block", skipping("CERTIFICATE REQUEST"), "a CSR", "", false},
		{"a CSR in DER", "openssl req -new -key server.key -subj /CN=server.test -outform DER -out made", "certificate", "not-pem", noPEM, "CSR in DER", "", false},

		{"an encrypted PKCS#8 key", "openssl pkcs8 -topk8 -in server.key -passout pass:secret -out made", "key", "key-unusable", failedKey, "encrypted PKCS#8", "secret", true},
		{"an encrypted PKCS#8 key in DER", "openssl pkcs8 -topk8 -in server.key -passout pass:secret -outform DER -out made", "key", "not-pem", noKeyPEM, "encrypted PKCS#8 key in DER", "secret", true},
		{"an encrypted PKCS#8 key of old", "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in server.key -passout pass:secret -outform DER -out made", "key", "not-pem", noKeyPEM, "encrypted PKCS#8 key in DER", "secret", true},
		{"an encrypted traditional key", "openssl ec -in server.key -aes128 -passout pass:secret -out made", "key", "key-unusable", failedKey, "encrypted key in the traditional format (AES-128-CBC)", "secret", true},
		{"secp256k1", genkey + "EC -pkeyopt ec_paramgen_curve:secp256k1", "key", "key-unusable", failedKey, "secp256k1", "", false},
		{"secp256k1 in SEC 1", "openssl ecparam -name secp256k1 -genkey -noout -out made", "key", "key-unusable", failedKey, "secp256k1", "", false},
		{"Ed448", genkey + "ED448", "key", "key-unusable", failedKey, "Ed448", "", false},
		{"RSA-PSS", genkey + "RSA-PSS -pkeyopt rsa_keygen_bits:2048", "key", "key-unusable", failedKey, "RSA-PSS", "", false},
		{"DSA", "openssl dsaparam -genkey -noout -out made 1024", "key", "key-unusable", failedKey, "(DSA)", "", false},
		{"DSA in its own format", "openssl dsaparam -genkey -noout 1024 | openssl pkey -traditional -out made", "key", "key-unusable", failedKey, "(DSA)", "", false},
		{"X25519", genkey + "X25519", "key", "key-unusable", "tls: found unknown private key type in PKCS#8 wrapping", "X25519", "", false},
		{"brainpool", genkey + "EC -pkeyopt ec_paramgen_curve:brainpoolP256r1", "key", "key-unusable", failedKey, "brainpoolP256r1", "", false},
		{"explicit parameters", "openssl ec -in server.key -param_enc explicit -out made", "key", "key-unusable", failedKey, "explicit parameters", "", true},
		{"explicit parameters in PKCS#8", "openssl ec -in server.key -param_enc explicit | openssl pkcs8 -topk8 -nocrypt -out made", "key", "key-unusable", failedKey, "explicit parameters", "", true},
		{"an Ed448 certificate", "openssl req -x509 -newkey ed448 -nodes -keyout other -subj /CN=a -out made", "certificate", "key-unusable", "tls: unknown public key algorithm", "a certificate whose key is of a kind that Go does not support (Ed448)", "", false},
		{"a secp256k1 certificate", "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -keyout other -subj /CN=a -out made", "certificate", "key-unusable", "x509: unsupported elliptic curve", "(ECDSA secp256k1)", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			certFile, keyFile := write(t, dir, "server.crt", w.cert), write(t, dir, "server.key", w.key)
			write(t, dir, "chain.crt", w.chain)
			shell(t, dir, tt.make)
			made := filepath.Join(dir, "made")
			if tt.role == "key" {
				keyFile = made
			} else {
				certFile = made
			}
			load := loadError(t, certFile, keyFile)
			if load.Go != tt.gos {
				t.Errorf("Go says %q, want %q", load.Go, tt.gos)
			}
			if load.File != made || load.Role != tt.role || load.Cause(outcome.Client) != tt.id || !strings.Contains(load.Detail, tt.detail) {
				t.Errorf("got %+v, want %s of the %s file: %s", load, tt.id, tt.role, tt.detail)
			}
			if !tt.cured {
				return
			}
			if tt.password != "" {
				load.Command = strings.Replace(load.Command, " -in ", " -passin pass:"+tt.password+" -in ", 1)
			}
			checkCure(t, load, certFile, keyFile)
		})
	}
}

func TestLoadKeyPairOpenSSH(t *testing.T) {
	peertest.Program(t, "ssh-keygen")
	w := newWardrobe(t)
	dir := t.TempDir()
	certFile, keyFile := write(t, dir, "server.crt", w.cert), filepath.Join(dir, "id")
	// ssh-keygen cannot turn PKCS#8 into its own format, so the key is its own.
	shell(t, dir, `ssh-keygen -q -t ecdsa -b 256 -N "" -f id`)
	before, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	load := loadError(t, certFile, keyFile)
	if load.CauseID != "key-unusable" || load.Go != "tls: failed to parse private key" || load.Detail != "an OpenSSH key" {
		t.Errorf("got %+v", load)
	}
	shell(t, dir, load.Command)
	// The key is readable then, and not the certificate's.
	load = loadError(t, certFile, filepath.Join(dir, "id-converted.key"))
	if load.CauseID != "wrong-key" {
		t.Errorf("after the command: %+v", load)
	}
	if after, err := os.ReadFile(keyFile); err != nil || string(after) != string(before) {
		t.Errorf("the person's key was changed (%v)", err)
	}
}

// The commands for trust files.
func TestLoadBundleForeign(t *testing.T) {
	peertest.Program(t, "openssl")
	w := newWardrobe(t)
	for _, tt := range []struct{ name, make, detail string }{
		{"PKCS#7", "openssl crl2pkcs7 -nocrl -certfile chain.crt -out made", "PKCS#7 in PEM"},
		{"PKCS#7 in DER", "openssl crl2pkcs7 -nocrl -certfile chain.crt -outform DER -out made", "PKCS#7 in DER"},
		{"PKCS#12", "openssl pkcs12 -export -nokeys -in chain.crt -passout pass:secret -out made", "PKCS#12"},
		{"TRUSTED", "openssl x509 -in chain.crt -trustout -addtrust serverAuth -out made", "TRUSTED CERTIFICATE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "chain.crt", certPEM(w.ca, w.root))
			shell(t, dir, tt.make)
			_, err := LoadBundle(filepath.Join(dir, "made"))
			load, ok := err.(*LoadError)
			if !ok || load.CauseID != "bundle-unread" || !strings.Contains(load.Detail, tt.detail) {
				t.Fatalf("got %+v", err)
			}
			shell(t, dir, strings.Replace(load.Command, "pkcs12 -in", "pkcs12 -passin pass:secret -in", 1))
			if b, err := LoadBundle(filepath.Join(dir, "made-converted.pem")); err != nil || len(b.Certificates) == 0 {
				t.Errorf("after %s\n%v", load.Command, err)
			}
		})
	}
}
