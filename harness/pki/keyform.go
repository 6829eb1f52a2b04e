package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

var errNoKey = errors.New("no private key that Go reads")

// parsePrivateKey reads PKCS#8, PKCS#1 and SEC 1, as crypto/tls does.
func parsePrivateKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if signer, ok := key.(crypto.Signer); ok {
			return signer, nil
		}
		return nil, errNoKey
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errNoKey
}

// keyNames are the private keys that Go does not read, by the content of the
// OBJECT IDENTIFIER that names algorithm or curve.
var keyNames = map[string]string{
	"\x2b\x81\x04\x00\x0a":                 "secp256k1",
	"\x2b\x65\x71":                         "Ed448",
	"\x2b\x65\x6e":                         "X25519",
	"\x2b\x65\x6f":                         "X448",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a": "RSA-PSS",
	"\x2a\x86\x48\xce\x38\x04\x01":         "DSA",
	"\x2b\x24\x03\x03\x02\x08\x01\x01\x07": "brainpoolP256r1",
	"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b": "brainpoolP384r1",
	"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d": "brainpoolP512r1",
	"\x60\x86\x48\x01\x65\x03\x04\x03\x11": "ML-DSA-44",
	"\x60\x86\x48\x01\x65\x03\x04\x03\x12": "ML-DSA-65",
	"\x60\x86\x48\x01\x65\x03\x04\x03\x13": "ML-DSA-87",
	"\x2a\x86\x48\xce\x3d\x03\x01\x01":     "P-192",
	"\x2a\x81\x1c\xcf\x55\x01\x82\x2d":     "SM2",
}

const newKey = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {out}"

// explicitCurve stands for a curve that is written out in numbers.
const explicitCurve = "explicit parameters"

// keyForm says what a private key is that crypto/tls does not read.
func keyForm(block *pem.Block) ailment {
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return ailment{"an encrypted PKCS#8 key", "openssl pkey -in {in} -out {out}"}
	case strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		cipher, _, _ := strings.Cut(block.Headers["DEK-Info"], ",") // behind it stands the initialization vector (RFC 1421 4.6.1.3)
		return ailment{"an encrypted key in the traditional format (" + cipher + ")", "openssl pkey -in {in} -out {out}"}
	case block.Type == "OPENSSH PRIVATE KEY":
		return ailment{"an OpenSSH key", `cp {in} {out} && chmod 600 {out} && ssh-keygen -p -N "" -m PKCS8 -f {out}`}
	}
	name, ok := keyAlgorithm(block.Bytes)
	if ok && name == explicitCurve {
		return ailment{"an EC key with explicit parameters instead of a named curve", "openssl ec -in {in} -param_enc named_curve -out {out}"}
	}
	if ok && name != "" {
		return ailment{"a key of a kind that Go does not support (" + name + "); another key and a certificate for it are needed", newKey}
	}
	if kind := identify(block.Bytes); kind != derUnknown && kind != derKey {
		return ailment{"a block that is labelled as a private key and holds " + derForms[kind].detail, ""}
	}
	return ailment{"a damaged private key", ""}
}

// keyAlgorithm finds the algorithm or curve of a PKCS#8 or SEC 1 key. The name
// is empty where the structure is a key's and the algorithm is not one of those
// that are known to be unsupported.
func keyAlgorithm(der []byte) (name string, ok bool) {
	var inside, algorithm, id, secret cryptobyte.String
	var version int
	whole := cryptobyte.String(der)
	if !whole.ReadASN1(&inside, asn1.SEQUENCE) || !inside.ReadASN1Integer(&version) {
		return "", false
	}
	if rest := inside; rest.ReadASN1(&algorithm, asn1.SEQUENCE) {
		if !algorithm.ReadASN1(&id, asn1.OBJECT_IDENTIFIER) || !rest.PeekASN1Tag(asn1.OCTET_STRING) {
			return "", false
		}
		if name, known := keyNames[string(id)]; known {
			return name, true
		}
		return curveName(algorithm), true
	}
	var parameters cryptobyte.String
	if inside.PeekASN1Tag(asn1.INTEGER) {
		// DSA's own format is six numbers.
		return "DSA", version == 0 && dsaNumbers(inside)
	}
	if !inside.ReadASN1(&secret, asn1.OCTET_STRING) {
		return "", false
	}
	if inside.ReadASN1(&parameters, asn1.Tag(0).ContextSpecific().Constructed()) {
		return curveName(parameters), true
	}
	return "", version == 1
}

// curveName names the curve of ECParameters (RFC 5480 2.1.1), empty for one that
// is not known to be unsupported.
func curveName(parameters cryptobyte.String) string {
	var id cryptobyte.String
	switch {
	case parameters.PeekASN1Tag(asn1.SEQUENCE):
		return explicitCurve
	case parameters.ReadASN1(&id, asn1.OBJECT_IDENTIFIER):
		return keyNames[string(id)]
	}
	return ""
}

// dsaNumbers says that exactly five INTEGERs follow.
func dsaNumbers(s cryptobyte.String) bool {
	for range 5 {
		if !s.SkipASN1(asn1.INTEGER) {
			return false
		}
	}
	return s.Empty()
}

// samePublicKey says that a key is the other half of a SubjectPublicKeyInfo.
func samePublicKey(key crypto.PublicKey, info []byte) bool {
	own, err := x509.MarshalPKIXPublicKey(key)
	return err == nil && bytes.Equal(own, info)
}
