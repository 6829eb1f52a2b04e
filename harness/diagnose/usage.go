package diagnose

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// allows says that a certificate's extended key usage permits what the verifier
// wants. "If the extension is present, then the certificate MUST only be used
// for one of the purposes indicated" (RFC 5280 4.2.1.12,
// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12).
func allows(c *x509.Certificate, want x509.ExtKeyUsage) bool {
	return len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, want) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

func endEntityUsage(v *verification, certs []*certificate, i int) (string, bool) {
	if i != 0 || allows(certs[0].std, v.usage) {
		return "", false
	}
	return fmt.Sprintf("its extended key usage is %s, without %s", usages(certs[0]), v.wanted()), true
}

func intermediateUsage(v *verification, certs []*certificate, i int) (string, bool) {
	if i == 0 || allows(certs[i].std, v.usage) {
		return "", false
	}
	return fmt.Sprintf("its extended key usage is %s, which shuts out %s for everything below it", usages(certs[i]), v.wanted()), true
}

func (v *verification) wanted() string {
	if v.of == outcome.Server {
		return "serverAuth"
	}
	return "clientAuth"
}

func usages(c *certificate) string {
	return strings.Join(c.tolerant().ExtKeyUsage, ", ")
}

// tooManyIntermediates counts as crypto/x509 does, self-issued certificates included.
func tooManyIntermediates(_ *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i].std
	below := i - 1
	if i == 0 || !c.BasicConstraintsValid || c.MaxPathLen < 0 || below <= c.MaxPathLen {
		return "", false
	}
	detail := fmt.Sprintf("its path length constraint is %d, and there are %d CAs below it", c.MaxPathLen, below)
	if below == 1 {
		detail = fmt.Sprintf("its path length constraint is %d, and there is a CA below it", c.MaxPathLen)
	}
	// "The maximum number of non-self-issued intermediate certificates that may
	// follow this certificate" (RFC 5280 4.2.1.9).
	own := 0
	for _, b := range certs[1:i] {
		if b.selfIssued() {
			own++
		}
	}
	if own > 0 && below-own <= c.MaxPathLen {
		detail += "; RFC 5280 4.2.1.9 does not count those that are issued by themselves, Go does"
	}
	return detail, true
}

func issuerNotCA(v *verification, certs []*certificate, i int) (string, bool) {
	if i == 0 {
		return "", false
	}
	c := certs[i].std
	first := c.Version < 3 && !c.BasicConstraintsValid
	switch {
	case first && certs[i].anchorOf.has(v.by), c.BasicConstraintsValid && c.IsCA:
		return "", false
	case first:
		return fmt.Sprintf("it is of version %d and cannot say that it is a CA", c.Version), true
	case c.BasicConstraintsValid:
		return "its basicConstraints say CA:FALSE, and it issued " + certs[i-1].name(), true
	}
	return "it has no basicConstraints, and it issued " + certs[i-1].name(), true
}

func issuerMayNotSign(_ *verification, certs []*certificate, i int) (string, bool) {
	if i == 0 || certs[i].std.KeyUsage == 0 || certs[i].std.KeyUsage&x509.KeyUsageCertSign != 0 {
		return "", false
	}
	if c := certs[i].std; !c.IsCA {
		return "", false // that it is no CA says it all
	}
	return "its key usage leaves out keyCertSign, and it issued " + certs[i-1].name(), true
}

// weakSignature is of what was signed with SHA-1 or MD5. Nobody checks the
// signature of a trust anchor, or of whatever signed itself.
func weakSignature(v *verification, certs []*certificate, i int) (string, bool) {
	switch a := certs[i].std.SignatureAlgorithm; a {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
		if i == len(certs)-1 && (certs[i].anchorOf.has(v.by) || certs[i].selfIssued()) {
			return "", false
		}
		return "its issuer signed it with " + a.String(), true
	}
	return "", false
}

// unsupportedSignature is of an algorithm that crypto/x509 cannot verify, such as
// Ed448 and ML-DSA. The old ones have a row of their own.
func unsupportedSignature(v *verification, certs []*certificate, i int) (string, bool) {
	if i == len(certs)-1 || !errors.Is(v.shelf.signed(certs[i], certs[i+1]), x509.ErrUnsupportedAlgorithm) {
		return "", false
	}
	if _, weak := weakSignature(v, certs, i); weak {
		return "", false
	}
	return fmt.Sprintf("its issuer signed it with %s, which Go cannot verify", field.Shorten(certs[i].tolerant().SignatureAlgorithm, 60)), true
}

// otherKeyID is a remark: the certificate names another key as its issuer's than the
// one that signed it. Key identifiers are hints to Go; OpenSSL and GnuTLS do not
// take such a certificate for its issuer.
func otherKeyID(_ *verification, certs []*certificate, i int) (string, bool) {
	if i == len(certs)-1 || !keyIDsDiffer(certs[i], certs[i+1]) {
		return "", false
	}
	return fmt.Sprintf("it names %s as its issuer's key, and %s, whose key signed it, says that it is %s; OpenSSL and GnuTLS find no issuer then, Go does",
		keyID(certs[i].std.AuthorityKeyId), certs[i+1].name(), keyID(certs[i+1].std.SubjectKeyId)), true
}

// tooWeakKey is of an RSA key that crypto/rsa does not verify with at all.
func tooWeakKey(_ *verification, certs []*certificate, i int) (string, bool) {
	if i == 0 || !tinyRSA(certs[i].std) {
		return "", false
	}
	return fmt.Sprintf("its RSA key has %d bits; crypto/rsa does not use keys below 1024 bits", certs[i].std.PublicKey.(*rsa.PublicKey).N.BitLen()), true
}

// shortKey is a remark: Go takes the key, OpenSSL does not load it.
func shortKey(_ *verification, certs []*certificate, i int) (string, bool) {
	key, ok := certs[i].std.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() >= 2048 || i > 0 && key.N.BitLen() < 1024 {
		return "", false
	}
	return fmt.Sprintf("its RSA key has %d bits; OpenSSL refuses keys below 2048 bits at its default security level", key.N.BitLen()), true
}

// noDigitalSignature is a remark. RFC 8446 4.4.2.2: "if the certificate's
// KeyUsage extension is present, the digitalSignature bit MUST be set"
// (https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2.2). Go does not check.
func noDigitalSignature(_ *verification, certs []*certificate, i int) (string, bool) {
	u := certs[i].std.KeyUsage
	if i != 0 || u == 0 || u&x509.KeyUsageDigitalSignature != 0 {
		return "", false
	}
	return fmt.Sprintf("its key usage is %s, without digitalSignature; OpenSSL and GnuTLS refuse it in a handshake, Go does not",
		strings.Join(certs[i].tolerant().KeyUsage, ", ")), true
}

func criticalExtension(_ *verification, certs []*certificate, i int) (string, bool) {
	list := certs[i].std.UnhandledCriticalExtensions
	if len(list) == 0 {
		return "", false
	}
	var ids, known []string
	for _, id := range list[:min(len(list), maxNames)] {
		if id.Equal(oidNameConstraints) {
			known = append(known, fmt.Sprintf("its critical name constraints have a form that Go does not know: %s", strings.Join(unknownForms(certs[i]), ", ")))
			continue
		}
		ids = append(ids, id.String())
	}
	if len(ids) > 0 {
		known = append(known, "nobody knows its critical extension "+strings.Join(ids, ", "))
	}
	return strings.Join(known, "; "), true
}
