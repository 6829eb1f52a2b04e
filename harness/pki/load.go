package pki

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"shakedown/harness/field"
)

// maxFile bounds what is read of a file. The largest CA bundles have a few
// hundred kilobytes.
const maxFile = 16 << 20

// A Bundle is the certificates of a trust file, as a Go program reads them.
type Bundle struct {
	// Certificates are DER, in the file's order.
	Certificates [][]byte
	// Source is the file.
	Source string
	// Skipped are the parts that a Go program silently loses.
	Skipped []Skipped
}

// LoadKeyPair reads a certificate chain and its private key as
// tls.LoadX509KeyPair does. The two files may be the same. The error is a
// [*LoadError].
func LoadKeyPair(certFile, keyFile string) (*Credential, error) {
	return loadKeyPair(readFile, certFile, keyFile)
}

// A reader returns what a file holds that is given in a role.
type reader func(name, role string) ([]byte, error)

func loadKeyPair(read reader, certFile, keyFile string) (*Credential, error) {
	cert, err := read(certFile, roleCertificate)
	if err != nil {
		return nil, err
	}
	key := cert
	if keyFile != certFile {
		if key, err = read(keyFile, roleKey); err != nil {
			return nil, err
		}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, explainPair(certFile, keyFile, cert, key, err)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, &LoadError{File: keyFile, Role: roleKey, CauseID: "key-unusable", Detail: fmt.Sprintf("a key of type %T cannot sign", pair.PrivateKey)}
	}
	return &Credential{Chain: pair.Certificate, Key: signer, Source: certFile, Skipped: lostInPair(certFile, cert)}, nil
}

// CheckCertificate says why a file gives no certificate, whatever the key is. The
// error is a [*LoadError], without the words that a Go program would have for it.
func CheckCertificate(file string) error {
	data, err := readFile(file, roleCertificate)
	if err != nil {
		return err
	}
	certificate := give(file, roleCertificate, data)
	chain := firstBlocks(certificate.parts, func(p part) bool { return p.label == "CERTIFICATE" })
	if len(chain) == 0 {
		return explainNoCertificate(certificate, given{}, nil)
	}
	if _, err := x509.ParseCertificate(chain[0].der); err != nil {
		return explainCertificate(certificate, chain[0].der, nil)
	}
	return nil
}

// CheckKey says why a file gives no private key, as [CheckCertificate] does.
func CheckKey(file string) error {
	data, err := readFile(file, roleKey)
	if err != nil {
		return err
	}
	key := give(file, roleKey, data)
	keys := firstBlocks(key.parts, part.isKey)
	if len(keys) == 0 {
		return explainNoKey(given{}, key, nil)
	}
	if _, err := parsePrivateKey(keys[0].der); err != nil || keys[0].block.Type == "OPENSSH PRIVATE KEY" {
		return key.fails("key-unusable", nil, keyForm(keys[0].block))
	}
	return nil
}

// LoadBundle reads trust anchors as x509.CertPool.AppendCertsFromPEM does, and
// lists what that function skips without a word. A file that yields no
// certificate is a [*LoadError].
func LoadBundle(file string) (*Bundle, error) { return loadBundle(readFile, file) }

func loadBundle(read reader, file string) (*Bundle, error) {
	data, err := read(file, roleTrust)
	if err != nil {
		return nil, err
	}
	b := &Bundle{Source: file, Certificates: appendable(data), Skipped: lostInBundle(file, data)}
	if len(b.Certificates) == 0 {
		return nil, explainBundle(file, data)
	}
	return b, nil
}

// appendable returns the certificates that AppendCertsFromPEM adds to a pool.
func appendable(data []byte) (certificates [][]byte) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return certificates
		}
		if block.Type != "CERTIFICATE" || len(block.Headers) != 0 {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			continue
		}
		certificates = append(certificates, block.Bytes)
	}
}

// holdsKey says that a file has a private key beside its certificates.
func holdsKey(file string) bool {
	data, err := readFile(file, roleCertificate)
	return err == nil && bytes.Contains(data, []byte("PRIVATE KEY-----"))
}

// readFile reads a regular file. It does not wait for pipes and devices.
func readFile(name, role string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, missing(name, role, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, missing(name, role, err)
	}
	if mode := info.Mode(); !mode.IsRegular() && !mode.IsDir() {
		return nil, &LoadError{File: name, Role: role, CauseID: "file-missing", Detail: fileKind(mode) + ", not a regular file"}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, missing(name, role, err)
	}
	if len(data) > maxFile {
		return nil, &LoadError{File: name, Role: role, CauseID: "not-pem", Detail: fmt.Sprintf("more than %d MB, which no certificate or key has", maxFile>>20)}
	}
	return data, nil
}

func missing(name, role string, err error) error {
	e := &LoadError{File: name, Role: role, Go: err.Error(), CauseID: "file-missing", err: err}
	switch {
	case errors.Is(err, os.ErrNotExist):
		e.Detail = "there is no such file"
	case errors.Is(err, os.ErrPermission):
		e.Detail = "this user must not read it"
		e.Command = "ls -l " + shellQuote(name)
	case errors.Is(err, syscall.EISDIR):
		e.Detail = "a directory"
		e.Command = "ls " + shellQuote(name)
	}
	return e
}

func fileKind(mode os.FileMode) string {
	switch {
	case mode&os.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&os.ModeSocket != 0:
		return "a socket"
	case mode&os.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}

// quoteFile writes a file's name so that it is safe to print.
func quoteFile(name string) string { return field.Printable(name) }
