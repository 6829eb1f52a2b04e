package x509wire

import (
	"math/bits"
	"strconv"
)

// Object identifiers that names depend on, by content.
const (
	oidRSA      = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
	oidRSAPSS   = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
	oidEC       = "\x2a\x86\x48\xce\x3d\x02\x01"
	oidDSA      = "\x2a\x86\x48\xce\x38\x04\x01"
	oidSHA1     = "\x2b\x0e\x03\x02\x1a"
	oidSHA256   = "\x60\x86\x48\x01\x65\x03\x04\x02\x01"
	oidSHA384   = "\x60\x86\x48\x01\x65\x03\x04\x02\x02"
	oidSHA512   = "\x60\x86\x48\x01\x65\x03\x04\x02\x03"
	oidEd25519  = "\x2b\x65\x70"
	oidEd448    = "\x2b\x65\x71"
	oidX25519   = "\x2b\x65\x6e"
	oidX448     = "\x2b\x65\x6f"
	oidMLDSA44  = "\x60\x86\x48\x01\x65\x03\x04\x03\x11"
	oidMLDSA65  = "\x60\x86\x48\x01\x65\x03\x04\x03\x12"
	oidMLDSA87  = "\x60\x86\x48\x01\x65\x03\x04\x03\x13"
	oidCurveK1  = "\x2b\x81\x04\x00\x0a"
	oidCurve224 = "\x2b\x81\x04\x00\x21"
	oidCurve256 = "\x2a\x86\x48\xce\x3d\x03\x01\x07"
	oidCurve384 = "\x2b\x81\x04\x00\x22"
	oidCurve521 = "\x2b\x81\x04\x00\x23"
	oidBrain256 = "\x2b\x24\x03\x03\x02\x08\x01\x01\x07"
	oidBrain384 = "\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"
	oidBrain512 = "\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"
)

// signatureNames are the algorithms that issuers sign with, named as crypto/x509 names them.
var signatureNames = map[string]string{
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02": "MD2-RSA",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04": "MD5-RSA",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05": "SHA1-RSA",
	"\x2b\x0e\x03\x02\x1d":                 "SHA1-RSA",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b": "SHA256-RSA",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c": "SHA384-RSA",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d": "SHA512-RSA",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e": "SHA224-RSA",
	"\x2a\x86\x48\xce\x38\x04\x03":         "DSA-SHA1",
	"\x60\x86\x48\x01\x65\x03\x04\x03\x02": "DSA-SHA256",
	"\x2a\x86\x48\xce\x3d\x04\x01":         "ECDSA-SHA1",
	"\x2a\x86\x48\xce\x3d\x04\x03\x01":     "ECDSA-SHA224",
	"\x2a\x86\x48\xce\x3d\x04\x03\x02":     "ECDSA-SHA256",
	"\x2a\x86\x48\xce\x3d\x04\x03\x03":     "ECDSA-SHA384",
	"\x2a\x86\x48\xce\x3d\x04\x03\x04":     "ECDSA-SHA512",
	oidEd25519:                             "Ed25519",
	oidEd448:                               "Ed448",
	oidMLDSA44:                             "ML-DSA-44",
	oidMLDSA65:                             "ML-DSA-65",
	oidMLDSA87:                             "ML-DSA-87",
}

// curveNames are the named curves of RFC 5480 and their kin.
var curveNames = map[string]string{
	oidCurve224: "P-224",
	oidCurve256: "P-256",
	oidCurve384: "P-384",
	oidCurve521: "P-521",
	oidCurveK1:  "secp256k1",
	oidBrain256: "brainpoolP256r1",
	oidBrain384: "brainpoolP384r1",
	oidBrain512: "brainpoolP512r1",
}

// keyNames are the public key algorithms that have no parameters.
var keyNames = map[string]string{
	oidEd25519: "Ed25519",
	oidEd448:   "Ed448",
	oidX25519:  "X25519",
	oidX448:    "X448",
	oidMLDSA44: "ML-DSA-44",
	oidMLDSA65: "ML-DSA-65",
	oidMLDSA87: "ML-DSA-87",
}

// algorithm splits an AlgorithmIdentifier into the content of its OBJECT
// IDENTIFIER and its parameters, which may be missing.
func algorithm(der []byte, e element) (id []byte, parameters element, ok bool) {
	c := e.cursor(der)
	first, err := c.next()
	if err != nil || first.tag != tagOID {
		return nil, element{}, false
	}
	parameters, err = c.next()
	return first.content(der), parameters, err == nil
}

// signatureName names the algorithm of an AlgorithmIdentifier, "" if it is none.
func signatureName(der []byte, e element) string {
	id, parameters, has := algorithm(der, e)
	if name, ok := signatureNames[string(id)]; ok {
		return name
	}
	if string(id) == oidRSAPSS {
		return pssHash(der, parameters, has) + "-RSAPSS"
	}
	return oid(id)
}

// pssHash returns the hash of RSASSA-PSS-params, whose default is SHA-1 (RFC 4055 3.1).
func pssHash(der []byte, parameters element, has bool) string {
	if !has {
		return "SHA1"
	}
	c := parameters.cursor(der)
	if c.peek() != context(0)|constructedBit {
		return "SHA1"
	}
	outer, err := c.next()
	if err != nil {
		return "SHA1"
	}
	inner := outer.cursor(der)
	hash, err := inner.next()
	if err != nil {
		return "SHA1"
	}
	id, _, _ := algorithm(der, hash)
	switch string(id) {
	case oidSHA1:
		return "SHA1"
	case oidSHA256:
		return "SHA256"
	case oidSHA384:
		return "SHA384"
	case oidSHA512:
		return "SHA512"
	}
	return oid(id)
}

// PublicKeyName names algorithm and size of a DER SubjectPublicKeyInfo ("ECDSA
// P-256", "RSA 2048"). It is empty for what is none.
func PublicKeyName(info []byte) string {
	c := cursor{der: info, end: len(info)}
	e, err := c.next()
	if err != nil || e.tag != tagSequence {
		return ""
	}
	return publicKeyName(info, e)
}

// publicKeyName names algorithm and size of a SubjectPublicKeyInfo.
func publicKeyName(der []byte, e element) string {
	c := e.cursor(der)
	first, err := c.next()
	if err != nil {
		return ""
	}
	id, parameters, _ := algorithm(der, first)
	if name, ok := keyNames[string(id)]; ok {
		return name
	}
	switch string(id) {
	case oidEC:
		if parameters.tag != tagOID {
			return "ECDSA with explicit parameters"
		}
		if name, ok := curveNames[string(parameters.content(der))]; ok {
			return "ECDSA " + name
		}
		return "ECDSA " + oid(parameters.content(der))
	case oidRSA:
		return sized("RSA", modulusBits(der, c))
	case oidRSAPSS:
		return sized("RSA-PSS", modulusBits(der, c))
	case oidDSA:
		p := parameters.cursor(der)
		modulus, err := p.next()
		if err != nil {
			return "DSA"
		}
		return sized("DSA", bitLength(modulus.content(der)))
	}
	return oid(id)
}

func sized(name string, size int) string {
	if size == 0 {
		return name
	}
	return name + " " + strconv.Itoa(size)
}

// modulusBits returns the modulus size of the RSAPublicKey in the BIT STRING
// that comes next, 0 if there is none to read.
func modulusBits(der []byte, c cursor) int {
	key, err := c.next()
	if err != nil || key.tag != tagBitString || key.end == key.body {
		return 0
	}
	inside := cursor{der: der, at: key.body + 1, end: key.end}
	pair, err := inside.next()
	if err != nil {
		return 0
	}
	numbers := pair.cursor(der)
	modulus, err := numbers.next()
	if err != nil || modulus.tag != tagInteger {
		return 0
	}
	return bitLength(modulus.content(der))
}

// bitLength returns the size of a positive INTEGER's content in bits.
func bitLength(b []byte) int {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0
	}
	return (len(b)-1)*8 + bits.Len8(b[0])
}
