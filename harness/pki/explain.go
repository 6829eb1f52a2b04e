package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/x509wire"
)

// The roles in which files are given.
const (
	roleCertificate = "certificate"
	roleKey         = "key"
	roleTrust       = "trust"
)

// A given file is one whose reading is explained.
type given struct {
	file, role string
	data       []byte
	parts      []part
}

func give(file, role string, data []byte) given {
	return given{file: file, role: role, data: data, parts: scan(data)}
}

// fails makes the error: what is wrong with the file, by its catalogue id.
func (g given) fails(id string, err error, ail ailment) *LoadError {
	e := &LoadError{File: g.file, Role: g.role, CauseID: id, Detail: ail.detail, Command: ail.command(g.file, g.role), err: err}
	if err != nil {
		e.Go = err.Error()
	}
	return e
}

// explainPair says why tls.X509KeyPair refuses. It goes through the same steps
// in the same order: find a certificate, find a key, parse both, compare.
func explainPair(certFile, keyFile string, certData, keyData []byte, err error) *LoadError {
	cert, key := give(certFile, roleCertificate, certData), give(keyFile, roleKey, keyData)
	chain := firstBlocks(cert.parts, func(p part) bool { return p.label == "CERTIFICATE" })
	if len(chain) == 0 {
		return explainNoCertificate(cert, key, err)
	}
	keys := firstBlocks(key.parts, part.isKey)
	if len(keys) == 0 {
		return explainNoKey(cert, key, err)
	}
	leaf, parseErr := x509.ParseCertificate(chain[0].der)
	if parseErr != nil {
		return explainCertificate(cert, chain[0].der, err)
	}
	signer, parseErr := parsePrivateKey(keys[0].der)
	if parseErr != nil || keys[0].block.Type == "OPENSSH PRIVATE KEY" {
		return key.fails("key-unusable", err, keyForm(keys[0].block))
	}
	if leaf.PublicKey == nil {
		return cert.fails("key-unusable", err, ailment{"a certificate whose key is of a kind that Go does not support (" + wireKey(chain[0].der) + ")", newKey})
	}
	return explainMismatch(cert, key, chain, keys, leaf, signer, err)
}

// firstBlocks returns the parts of a kind that encoding/pem reads.
func firstBlocks(parts []part, kind func(part) bool) (found []part) {
	for _, p := range parts {
		if p.read() && kind(p) {
			found = append(found, p)
		}
	}
	return found
}

// unread returns the first part of a kind that encoding/pem passes over, if it
// stands before the line.
func unread(parts []part, kind func(part) bool, before int) (part, bool) {
	for _, p := range parts {
		if !p.read() && kind(p) && p.line < before {
			return p, true
		}
	}
	return part{}, false
}

const anyLine = int(^uint(0) >> 1)

func explainNoCertificate(cert, key given, err error) *LoadError {
	if p, ok := unread(cert.parts, part.isCertificate, anyLine); ok {
		return cert.fails("not-pem", err, p.ail)
	}
	if keys := firstBlocks(cert.parts, part.isKey); len(keys) > 0 {
		holds := "a private key and no certificate"
		if certificates := firstBlocks(key.parts, part.isCertificate); len(certificates) > 0 {
			e := cert.fails("swapped-files", err, ailment{detail: "a private key; the certificate is in " + quoteFile(key.file)})
			return e
		}
		return cert.fails("wrong-block", err, ailment{detail: holds})
	}
	return cert.failsWithoutBlock("not-pem", "wrong-block", err)
}

func explainNoKey(cert, key given, err error) *LoadError {
	if p, ok := unread(key.parts, part.isKey, anyLine); ok {
		return key.fails("not-pem", err, p.ail)
	}
	if certificates := firstBlocks(key.parts, part.isCertificate); len(certificates) > 0 {
		detail := "a certificate and no private key"
		if cert.file == key.file {
			detail = "a certificate and no private key; name the file that has the key"
		}
		return key.fails("key-block", err, ailment{detail: detail})
	}
	return key.failsWithoutBlock("not-pem", "key-block", err)
}

// failsWithoutBlock explains a file that has none of the blocks it should have:
// unreadID where there is no PEM at all, otherID where there are other blocks.
func (g given) failsWithoutBlock(unreadID, otherID string, err error) *LoadError {
	if len(g.parts) == 0 {
		ail, kind, der, _ := foreign(g.data)
		return g.fails(unreadID, err, fillContents(ail, kind, der, g.role))
	}
	for _, p := range g.parts {
		if !p.read() {
			return g.fails(unreadID, err, p.ail)
		}
	}
	return g.fails(otherID, err, otherBlock(g.parts[0]))
}

// fillContents completes the command for PKCS#12 with what is to be taken out of it.
func fillContents(ail ailment, kind derKind, der []byte, role string) ailment {
	if kind != derPKCS12 {
		return ail
	}
	contents := map[string]string{roleCertificate: "-nokeys", roleKey: "-nocerts -nodes", roleTrust: "-cacerts -nokeys"}[role]
	if bytes.Contains(der, oidRC2) {
		contents += " -legacy"
	}
	ail.cure = strings.ReplaceAll(ail.cure, "{contents}", contents)
	return ail
}

// everyCertificate writes all certificates of a file under the usual label.
// "openssl x509" would keep only the first.
const everyCertificate = "openssl crl2pkcs7 -nocrl -certfile {in} | openssl pkcs7 -print_certs -out {out}"

// otherBlock says what a block is that stands where a certificate or a key should.
func otherBlock(p part) ailment {
	switch p.label {
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return ailment{
			"a CSR: a request for a certificate, which a CA has yet to sign",
			"openssl x509 -req -in {in} -CA ca.crt -CAkey ca.key -CAcreateserial -copy_extensions copyall -out {out}",
		}
	case "PKCS7", "CMS":
		return ailment{"PKCS#7 in PEM", "openssl pkcs7 -in {in} -print_certs -out {out}"}
	case "TRUSTED CERTIFICATE":
		return ailment{"an OpenSSL TRUSTED CERTIFICATE", everyCertificate}
	case "X509 CERTIFICATE":
		return ailment{"a certificate under the old label X509 CERTIFICATE", everyCertificate}
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return ailment{detail: "a public key, which is neither a certificate nor a private key"}
	case "X509 CRL":
		return ailment{detail: "a certificate revocation list"}
	case "EC PARAMETERS":
		return ailment{detail: "only EC PARAMETERS: the name of a curve without a key"}
	case "CERTIFICATE":
		return ailment{detail: "a certificate"}
	}
	if p.isKey() {
		return ailment{detail: "a private key"}
	}
	return ailment{detail: fmt.Sprintf("a PEM block of type %q", field.Shorten(p.label, 40))}
}

// explainCertificate says why crypto/x509 does not parse the end-entity certificate.
func explainCertificate(g given, der []byte, err error) *LoadError {
	id, ail := certificateAilment(der)
	e := g.fails(id, err, ail)
	e.Sided = id != "key-unusable"
	return e
}

// certificateAilment says what is wrong with a certificate that crypto/x509
// does not parse, and the catalogue's id without its side.
func certificateAilment(der []byte) (id string, ail ailment) {
	c, err := x509wire.Parse(der)
	switch {
	case err != nil:
		if kind := identify(der); kind != derUnknown {
			return "cert-garbage", ailment{detail: "a block that is labelled as a certificate and holds " + derForms[kind].detail}
		}
		return "cert-garbage", ailment{detail: "a block that is labelled as a certificate and holds none"}
	case c.Serial != nil && c.Serial.Sign() < 0:
		return "negative-serial", ailment{detail: fmt.Sprintf("a certificate with the negative serial number %s, made by an old CA tool: it has to be issued again", c.Serial)}
	case strings.Contains(c.StdErr.Error(), "unsupported elliptic curve"):
		return "key-unusable", ailment{"a certificate whose key is of a kind that Go does not support (" + c.PublicKey + ")", newKey}
	case len(c.Problems) > 0:
		return "cert-garbage", ailment{detail: "a damaged certificate: " + field.Printable(c.Problems[0].Error())}
	}
	return "cert-garbage", ailment{detail: "a certificate that Go does not parse: " + strings.TrimPrefix(c.StdErr.Error(), "x509: ")}
}

func wireKey(der []byte) string {
	c, err := x509wire.Parse(der)
	if err != nil {
		return ""
	}
	return c.PublicKey
}

// explainMismatch says why key and certificate do not belong together. What was
// silently passed over, and a chain in the wrong order, come before a wrong key.
func explainMismatch(cert, key given, chain, keys []part, leaf *x509.Certificate, signer crypto.Signer, err error) *LoadError {
	if p, ok := unread(cert.parts, part.isCertificate, chain[0].line); ok {
		p.ail.detail += ", so that Go silently skips the first certificate"
		return cert.fails("not-pem", err, p.ail)
	}
	if i := slices.IndexFunc(cert.parts, func(p part) bool {
		return p.read() && p.isCertificate() && p.label != "CERTIFICATE" && p.line < chain[0].line
	}); i >= 0 {
		ail := otherBlock(cert.parts[i])
		ail.detail += ", so that Go silently skips the first certificate"
		return cert.fails("wrong-block", err, ail)
	}
	if p, ok := unread(key.parts, part.isKey, keys[0].line); ok {
		p.ail.detail += ", so that Go silently skips the first key"
		return key.fails("not-pem", err, p.ail)
	}
	for i, p := range chain[1:] {
		c, parseErr := x509wire.Parse(p.der)
		if parseErr == nil && samePublicKey(signer.Public(), c.RawPublicKey) {
			n := i + 2
			e := cert.fails("chain-wrong-order", err, ailment{
				fmt.Sprintf("a chain in the wrong order: the key belongs to certificate %d (%s), which has to stand first", n, field.Printable(c.Subject)),
				reorder(n),
			})
			e.Sided = true
			return e
		}
	}
	for i, p := range keys[1:] {
		other, parseErr := parsePrivateKey(p.der)
		if parseErr == nil && samePublicKey(other.Public(), leaf.RawSubjectPublicKeyInfo) {
			return key.fails("wrong-key", err, ailment{detail: fmt.Sprintf("a file with several keys: key %d is the certificate's, and Go reads only the first", i+2)})
		}
	}
	e := key.fails("wrong-key", err, ailment{
		detail: fmt.Sprintf("a key (%s) that is not the other half of the certificate's (%s) in %s", keyName(signer.Public()), wireKey(chain[0].der), quoteFile(cert.file)),
	})
	if reflect.TypeOf(signer.Public()) != reflect.TypeOf(leaf.PublicKey) {
		e.CauseID = "key-type"
	}
	e.Command = fmt.Sprintf("openssl x509 -in %s -noout -pubkey; openssl pkey -in %s -pubout", shellQuote(cert.file), shellQuote(key.file))
	return e
}

// reorder is the command that puts certificate n of a file before the others.
func reorder(n int) string {
	return fmt.Sprintf("(awk '/-----BEGIN/{n++} n==%d' {in}; awk '/-----BEGIN/{n++} n!=%d' {in}) > {out}", n, n)
}

// keyName names kind and size of a public key as x509wire does.
func keyName(key crypto.PublicKey) string {
	info, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return fmt.Sprintf("%T", key)
	}
	return x509wire.PublicKeyName(info)
}

// explainBundle says why AppendCertsFromPEM adds nothing.
func explainBundle(file string, data []byte) *LoadError {
	g := give(file, roleTrust, data)
	if p, ok := unread(g.parts, part.isCertificate, anyLine); ok {
		return g.fails("bundle-unread", nil, p.ail)
	}
	for _, p := range g.parts {
		if p.label == "CERTIFICATE" {
			return g.fails("bundle-unread", nil, refused(p.block))
		}
	}
	return g.failsWithoutBlock("bundle-unread", "bundle-unread", nil)
}

// refused says why AppendCertsFromPEM skips a CERTIFICATE block.
func refused(block *pem.Block) ailment {
	if len(block.Headers) > 0 {
		return ailment{"a certificate with PEM headers, which Go skips", `sed -e '/^[A-Za-z0-9-]*: /d' -e '/^$/d' {in} > {out}`}
	}
	_, ail := certificateAilment(block.Bytes)
	ail.cure = ""
	return ail
}
