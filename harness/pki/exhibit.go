package pki

import (
	"crypto/x509"
	"errors"
	"path/filepath"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/x509wire"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// An exhibit is one file as far as it can be understood, also where a Go
// program would not read it.
type exhibit struct {
	path  string
	certs []*x509wire.Certificate
	// leaf is the certificate that the file is about, nil for a file of CAs.
	leaf *x509wire.Certificate
	// keys and requests are SubjectPublicKeyInfos: of private keys, of CSRs.
	keys, requests [][]byte
	// blindKey and blindCert are there and cannot be looked into: an
	// encrypted key, PKCS#12, a certificate in damaged PEM.
	blindKey, blindCert bool
	// trouble says why a Go program reads it not or not completely.
	trouble string
	// other says what a file is that is none of these.
	other string
}

// clean says that a Go program reads all of it as it is.
func (x *exhibit) clean() bool { return x.trouble == "" }

// look reads a file and finds out what is in it.
func look(path string) *exhibit {
	x := &exhibit{path: path}
	data, err := readFile(path, roleCertificate)
	if err != nil {
		x.other = err.Error()
		if load := (*LoadError)(nil); errors.As(err, &load) {
			x.other = firstText(load.Detail, load.Go)
		}
		return x
	}
	x.examine(data)
	return x
}

func firstText(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// examine looks into PEM blocks; without any, into what else the bytes may be.
func (x *exhibit) examine(data []byte) {
	parts := scan(data)
	if len(parts) == 0 {
		x.examineForeign(data)
		return
	}
	for _, p := range parts {
		if !p.read() && x.trouble == "" {
			x.trouble = p.ail.detail
		}
		x.examinePart(p)
	}
}

func (x *exhibit) examineForeign(data []byte) {
	ail, kind, der, inside := foreign(data)
	if inside != nil && !isForeign(inside) {
		x.examine(inside)
		x.trouble = ail.detail
		return
	}
	switch kind {
	case derUnknown:
		x.other = ail.detail
		x.guess(ail)
		return
	case derCRL, derPublicKey:
		x.other = ail.detail
		return
	}
	if kind != derRequest { // being one is said already
		x.trouble = ail.detail
	}
	x.examineDER(kind, der)
}

// isForeign says that what came out of a file is again no PEM, which is not
// looked into any further.
func isForeign(data []byte) bool { return len(scan(data)) == 0 }

// guess takes a file without readable content for what its name says, so that
// an empty server.key is still the server's key.
func (x *exhibit) guess(ail ailment) {
	if ail != empty && ail != javaKeyStore && ail != puttyKey {
		return
	}
	switch ending := strings.ToLower(filepath.Ext(x.path)); {
	case ending == ".key" || ending == ".ppk" || strings.Contains(strings.ToLower(filepath.Base(x.path)), "key.pem"):
		x.blindKey = true
	case ending == ".crt" || ending == ".cer" || ending == ".cert" || ending == ".pem" || ending == ".jks":
		x.blindCert = true
	}
	if x.blindKey || x.blindCert {
		x.trouble, x.other = ail.detail, ""
	}
}

// examineDER looks into one DER encoding.
func (x *exhibit) examineDER(kind derKind, der []byte) {
	switch kind {
	case derCertificate:
		x.addCertificate(der)
	case derRequest:
		x.addRequest(der)
	case derPKCS7:
		for _, c := range certificatesOfPKCS7(der) {
			x.addCertificate(c)
		}
	case derPKCS12:
		x.blindCert, x.blindKey = true, true
	case derKey:
		x.addKey(der)
	case derEncryptedKey:
		x.blindKey = true
	}
}

// examinePart looks into one PEM block.
func (x *exhibit) examinePart(p part) {
	switch {
	case p.isCertificate() && p.der != nil:
		if p.read() && p.label != "CERTIFICATE" && x.trouble == "" {
			x.trouble = otherBlock(p).detail
		}
		x.addCertificate(p.der)
	case p.isCertificate():
		x.blindCert = true
	case p.isKey() && p.der != nil:
		x.addKey(p.der)
		if p.read() && x.blindKey && x.trouble == "" {
			x.trouble = keyForm(p.block).detail
		}
	case p.isKey():
		x.blindKey = true
	case p.label == "PKCS7" || p.label == "CMS":
		x.trouble = otherBlock(p).detail
		x.examineDER(derPKCS7, p.der)
	case strings.HasSuffix(p.label, "CERTIFICATE REQUEST"):
		x.addRequest(p.der)
	case p.label != "EC PARAMETERS" && x.other == "":
		x.other = otherBlock(p).detail
	}
}

// addCertificate adds what can be read of a certificate. OpenSSL's TRUSTED
// CERTIFICATE has its own data behind the certificate.
func (x *exhibit) addCertificate(der []byte) {
	var whole cryptobyte.String
	if rest := cryptobyte.String(der); rest.ReadASN1Element(&whole, asn1.SEQUENCE) {
		der = whole
	}
	c, err := x509wire.Parse(der)
	if err != nil || c.RawPublicKey == nil {
		x.blindCert = true
		if x.trouble == "" {
			_, ail := certificateAilment(der)
			x.trouble = ail.detail
		}
		return
	}
	if c.Std == nil && x.trouble == "" {
		_, ail := certificateAilment(der)
		x.trouble = ail.detail
	}
	x.certs = append(x.certs, c)
}

func (x *exhibit) addRequest(der []byte) {
	if request, err := x509.ParseCertificateRequest(der); err == nil {
		x.requests = append(x.requests, request.RawSubjectPublicKeyInfo)
		return
	}
	x.blindCert = true
}

func (x *exhibit) addKey(der []byte) {
	key, err := parsePrivateKey(der)
	if err != nil {
		x.blindKey = true
		return
	}
	if info, err := x509.MarshalPKIXPublicKey(key.Public()); err == nil {
		x.keys = append(x.keys, info)
	}
}

// certificatesOfPKCS7 returns the certificates of a SignedData (RFC 2315 9.1).
func certificatesOfPKCS7(der []byte) (certificates [][]byte) {
	var outer, content, signed, list, c cryptobyte.String
	whole := cryptobyte.String(der)
	explicit := asn1.Tag(0).ContextSpecific().Constructed()
	if !whole.ReadASN1(&outer, asn1.SEQUENCE) || !outer.SkipASN1(asn1.OBJECT_IDENTIFIER) || !outer.ReadASN1(&content, explicit) ||
		!content.ReadASN1(&signed, asn1.SEQUENCE) || !signed.SkipASN1(asn1.INTEGER) || !signed.SkipASN1(asn1.SET) ||
		!signed.SkipASN1(asn1.SEQUENCE) || !signed.ReadASN1(&list, explicit) {
		return nil
	}
	for list.ReadASN1Element(&c, asn1.SEQUENCE) {
		certificates = append(certificates, c)
	}
	return certificates
}

// hints says which sides the file's name speaks of.
func (x *exhibit) hints(role outcome.Role) bool {
	name := strings.ToLower(filepath.Base(x.path))
	return strings.Contains(name, string(role)) && !strings.Contains(name, string(role.Peer()))
}

// stem is the file's name without its ending, for pairs such as a.crt and a.key.
func (x *exhibit) stem() string {
	name := strings.ToLower(filepath.Base(x.path))
	name = strings.TrimSuffix(name, filepath.Ext(name))
	for _, word := range []string{"cert", "crt", "key", "chain"} {
		name = strings.Trim(strings.ReplaceAll(name, word, ""), "-_. ")
	}
	return name
}
