package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"shakedown/harness/x509wire"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// A derKind is what a DER encoding is.
type derKind int

const (
	derUnknown derKind = iota
	derCertificate
	derRequest
	derCRL
	derPKCS7
	derPKCS12
	derKey
	derEncryptedKey
	derPublicKey
)

// derForms say what each kind is and how it becomes PEM.
var derForms = map[derKind]ailment{
	derCertificate:  {"a certificate in DER, not PEM", "openssl x509 -inform DER -in {in} -out {out}"},
	derRequest:      {"a CSR in DER: a request for a certificate, not a certificate", "openssl x509 -req -inform DER -in {in} -CA ca.crt -CAkey ca.key -CAcreateserial -copy_extensions copyall -out {out}"},
	derCRL:          {"a certificate revocation list in DER", ""},
	derPKCS7:        {"PKCS#7 in DER", "openssl pkcs7 -inform DER -in {in} -print_certs -out {out}"},
	derPKCS12:       {"PKCS#12, which holds certificates and key behind a password", "openssl pkcs12 -in {in} {contents} -out {out}"},
	derKey:          {"a private key in DER, not PEM", "openssl pkey -inform DER -in {in} -out {out}"},
	derEncryptedKey: {"an encrypted PKCS#8 key in DER", "openssl pkey -inform DER -in {in} -out {out}"},
	derPublicKey:    {"a public key in DER", ""},
}

// identify says what a DER encoding is by trying what Go reads, then by what
// tells the containers apart.
func identify(der []byte) derKind {
	var outer cryptobyte.String
	whole := cryptobyte.String(der)
	if !whole.ReadASN1(&outer, asn1.SEQUENCE) {
		return derUnknown
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		return derCertificate
	}
	if _, err := x509.ParseCertificateRequest(der); err == nil {
		return derRequest
	}
	if _, err := x509.ParseRevocationList(der); err == nil {
		return derCRL
	}
	if _, err := parsePrivateKey(der); err == nil {
		return derKey
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return derPublicKey
	}
	if kind := identifyContainer(outer); kind != derUnknown {
		return kind
	}
	if _, ok := keyAlgorithm(der); ok {
		return derKey
	}
	if c, err := x509wire.Parse(der); err == nil && c.RawPublicKey != nil && c.Issuer != "" {
		return derCertificate
	}
	return derUnknown
}

var (
	oidSignedData = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
	oidData       = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
	oidPKCS5      = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x05")
	oidPKCS12PBE  = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01")
	// RC2 with 40 bits, which OpenSSL 3 reads only with -legacy.
	oidRC2 = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06")
)

// identifyContainer tells PKCS#7, PKCS#12 and encrypted PKCS#8 apart by their
// first elements.
func identifyContainer(inside cryptobyte.String) derKind {
	var id, first cryptobyte.String
	if rest := inside; rest.ReadASN1(&id, asn1.OBJECT_IDENTIFIER) {
		if bytes.Equal(id, oidSignedData) {
			return derPKCS7
		}
		return derUnknown
	}
	var version int
	if rest := inside; rest.ReadASN1Integer(&version) {
		var auth cryptobyte.String
		if version == 3 && rest.ReadASN1(&auth, asn1.SEQUENCE) && auth.ReadASN1(&id, asn1.OBJECT_IDENTIFIER) &&
			(bytes.Equal(id, oidData) || bytes.Equal(id, oidSignedData)) {
			return derPKCS12
		}
		return derUnknown
	}
	rest := inside
	if rest.ReadASN1(&first, asn1.SEQUENCE) && first.ReadASN1(&id, asn1.OBJECT_IDENTIFIER) && rest.PeekASN1Tag(asn1.OCTET_STRING) &&
		(bytes.HasPrefix(id, oidPKCS5) || bytes.HasPrefix(id, oidPKCS12PBE)) {
		return derEncryptedKey
	}
	return derUnknown
}

// foreign says what a file without PEM blocks is. Inside is what it would be
// after the cure where that is text; der is the encoding that it holds.
func foreign(data []byte) (ail ailment, kind derKind, der, inside []byte) {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 {
		return empty, derUnknown, nil, nil
	}
	if kind := identify(data); kind != derUnknown {
		return derForms[kind], kind, data, nil
	}
	if ail, text, ok := wideText(data); ok {
		return ail, derUnknown, nil, text
	}
	if decoded := unbase64(string(trimmed)); decoded != nil {
		if bytes.Contains(decoded, pemBegin) {
			return base64Twice, derUnknown, nil, decoded
		}
		if kind := identify(decoded); kind != derUnknown {
			if bytes.ContainsAny(trimmed, "\r\n") {
				return noArmourWrap, kind, decoded, nil
			}
			return noArmour, kind, decoded, nil
		}
	}
	return strange(trimmed), derUnknown, nil, nil
}

// wideText recognises PEM in UTF-16.
func wideText(data []byte) (ailment, []byte, bool) {
	tries := []struct {
		ailment
		mark  string
		order binary.ByteOrder
	}{
		{utf16Text, "\xff\xfe", binary.LittleEndian},
		{utf16Text, "\xfe\xff", binary.BigEndian},
		{utf16LE, "", binary.LittleEndian},
		{utf16BE, "", binary.BigEndian},
	}
	for _, try := range tries {
		rest, ok := bytes.CutPrefix(data, []byte(try.mark))
		if !ok {
			continue
		}
		units := make([]uint16, 0, len(rest)/2)
		for ; len(rest) >= 2; rest = rest[2:] {
			units = append(units, try.order.Uint16(rest))
		}
		if text := string(utf16.Decode(units)); strings.Contains(text, string(pemBegin)) {
			return try.ailment, []byte(text), true
		}
	}
	return ailment{}, nil, false
}

// strange says what a file is that nothing can be made of.
func strange(data []byte) ailment {
	has := func(prefix string) bool {
		return len(data) >= len(prefix) && strings.EqualFold(string(data[:len(prefix)]), prefix)
	}
	switch {
	case has("\xfe\xed\xfe\xed"):
		return javaKeyStore
	case has("ssh-"), has("ecdsa-sha2-"), has("---- BEGIN SSH2"):
		return sshPublicKey
	case has("PuTTY-User-Key-File"):
		return puttyKey
	case has("<!doctype html"), has("<html"):
		return webPage
	}
	for _, o := range data[:min(len(data), 512)] {
		if o < 0x20 && o != '\n' && o != '\r' && o != '\t' {
			return otherBinary
		}
	}
	return otherText
}
