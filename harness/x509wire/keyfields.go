package x509wire

import (
	"strconv"
	"strings"

	"shakedown/harness/field"
)

// algorithm describes an AlgorithmIdentifier that goes by that name.
func (t *tree) algorithm(k kind, e element, name string) field.Field {
	if strings.HasPrefix(name, "SHA1-") || strings.HasSuffix(name, "-SHA1") || strings.HasPrefix(name, "MD5") || strings.HasPrefix(name, "MD2") {
		k.meaning = "A hash that is broken: Go refuses the signature unless this certificate is itself a trust anchor, and OpenSSL does from security level 1 on."
	}
	pss := false
	return t.node(k, e, name, func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			pss = string(e.content(t.der)) == oidRSAPSS
			return t.leaf(kindAlgorithmID, e, oid(e.content(t.der)))
		case i == 1 && e.tag == tagOID:
			value := oid(e.content(t.der))
			if curve, ok := curveNames[string(e.content(t.der))]; ok {
				value = curve + " (" + value + ")"
			}
			return t.leaf(kindCurve, e, value)
		case i == 1 && pss && e.tag == tagSequence:
			return t.pssParameters(e)
		case i == 1 && !e.constructed():
			return t.leaf(kindParameters, e, t.generic(e))
		}
		return t.any(e)
	})
}

// pssParameters describes RSASSA-PSS-params (RFC 4055 3.1). "When signing with
// RSASSA-PSS, [...] the salt" is as long as the hash in TLS (RFC 8446 4.2.3).
func (t *tree) pssParameters(e element) field.Field {
	const section = "RFC 4055 3.1"
	return t.node(kind{"RSASSA-PSS-params", section, "What is left out has the defaults of the RFC: SHA-1, a salt of 20 bytes."}, e, "", func(_ int, e element) field.Field {
		switch e.tag {
		case context(0) | constructedBit:
			return t.node(kind{label: "hashAlgorithm", section: section}, e, "", func(_ int, e element) field.Field {
				return t.algorithm(kind{label: "HashAlgorithm", section: section}, e, hashName(t.der, e))
			})
		case context(1) | constructedBit:
			return t.node(kind{label: "maskGenAlgorithm", section: section}, e, "", func(_ int, e element) field.Field {
				return t.node(kind{label: "MaskGenAlgorithm", section: section}, e, "", func(i int, e element) field.Field {
					switch {
					case i == 0 && e.tag == tagOID:
						return t.leaf(kindAlgorithmID, e, "MGF1 ("+oid(e.content(t.der))+")")
					case i == 1 && e.tag == tagSequence:
						return t.algorithm(kind{label: "parameters", section: section}, e, hashName(t.der, e))
					}
					return t.any(e)
				})
			})
		case context(2) | constructedBit:
			return t.node(kind{"saltLength", section, "In bytes; TLS wants as many as the hash has."}, e, "", t.anything)
		case context(3) | constructedBit:
			return t.node(kind{label: "trailerField", section: section}, e, "", t.anything)
		}
		return t.any(e)
	})
}

// hashName names the hash of an AlgorithmIdentifier, or writes its identifier.
func hashName(der []byte, e element) string {
	id, _, _ := algorithm(der, e)
	switch string(id) {
	case oidSHA1:
		return "SHA-1"
	case oidSHA256:
		return "SHA-256"
	case oidSHA384:
		return "SHA-384"
	case oidSHA512:
		return "SHA-512"
	}
	return oid(id)
}

func (t *tree) subjectPublicKeyInfo(e element) field.Field {
	name := publicKeyName(t.der, e)
	return t.node(kindPublicKey, e, name, func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagSequence:
			return t.algorithm(kindKeyAlgorithm, e, name)
		case i == 1 && e.tag == tagBitString:
			return t.wrap(kindKeyBits, e, field.Count(max(e.end-e.body-1, 0), "byte"), func(at, end int) {
				t.bits(at, end, func(at, end int) { t.publicKey(name, at, end) })
			})
		}
		return t.any(e)
	})
}

// publicKey adds the parts of a public key of that name.
func (t *tree) publicKey(name string, at, end int) {
	key := t.der[at:end]
	switch half := (len(key) - 1) / 2; {
	case strings.HasPrefix(name, "RSA"):
		t.parts("RFC 8017 A.1.1", at, end, t.rsaPublicKey)
	case strings.HasPrefix(name, "DSA"):
		t.parts("RFC 3279 2.3.2", at, end, func(_ int, e element) field.Field {
			return t.leaf(kind{label: "DSAPublicKey", section: "RFC 3279 2.3.2"}, e, octets(e.content(t.der)))
		})
	case strings.HasPrefix(name, "ECDSA") && len(key)%2 == 1 && len(key) > 1 && key[0] == 4:
		t.plain(kindPointForm, at, at+1, "4")
		t.plain(kindPointX, at+1, at+1+half, octets(key[1:1+half]))
		t.plain(kindPointY, at+1+half, end, octets(key[1+half:]))
	case strings.HasPrefix(name, "ECDSA"):
		t.plain(kindPoint, at, end, octets(key))
	case strings.HasPrefix(name, "ML-DSA"):
		t.plain(kind{"ML-DSA public key", "FIPS 204 5.1", "A key of ML-DSA: signatures that a quantum computer does not forge, many times as long as those of ECDSA."}, at, end, octets(key))
	default:
		t.plain(kind{label: "key", section: "RFC 8410 4"}, at, end, octets(key))
	}
}

func (t *tree) rsaPublicKey(_ int, e element) field.Field {
	return t.node(kind{label: "RSAPublicKey", section: "RFC 8017 A.1.1"}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagInteger:
			k := kind{label: "modulus", section: "RFC 8017 A.1.1"}
			size := bitLength(e.content(t.der))
			if size < 2048 {
				k.meaning = "Shorter than 2048 bits: Go (below 1024), OpenSSL and GnuTLS refuse it at their usual security levels."
			}
			return t.leaf(k, e, strconv.Itoa(size)+" bits")
		case i == 1 && e.tag == tagInteger:
			return t.leaf(kind{label: "publicExponent", section: "RFC 8017 A.1.1"}, e, t.generic(e))
		}
		return t.any(e)
	})
}

// signatureValue describes a signature. ECDSA's and DSA's are a pair of numbers;
// others are opaque.
func (t *tree) signatureValue(e element) field.Field { return t.signature(kindSignature, e) }

func (t *tree) signature(k kind, e element) field.Field {
	return t.wrap(k, e, field.Count(max(e.end-e.body-1, 0), "byte"), func(at, end int) {
		t.bits(at, end, func(at, end int) {
			c := cursor{der: t.der, at: at, end: end}
			if pair, err := c.next(); err != nil || pair.tag != tagSequence || pair.cut > 0 || !c.empty() {
				t.plain(kind{label: "signature", section: k.section}, at, end, octets(t.der[at:end]))
				return
			}
			t.parts("RFC 3279 2.2.3", at, end, t.signaturePair)
		})
	})
}

func (t *tree) signaturePair(_ int, e element) field.Field {
	return t.node(kind{label: "Ecdsa-Sig-Value", section: "RFC 3279 2.2.3"}, e, "", func(i int, e element) field.Field {
		if i > 1 || e.tag != tagInteger {
			return t.any(e)
		}
		return t.leaf(kind{label: [2]string{"r", "s"}[i], section: "RFC 3279 2.2.3"}, e, octets(e.content(t.der)))
	})
}

var (
	kindAlgorithmID  = kind{label: "algorithm", section: "RFC 5280 4.1.1.2"}
	kindParameters   = kind{label: "parameters", section: "RFC 5280 4.1.1.2"}
	kindCurve        = kind{"parameters", "RFC 5480 2.1.1", "The named curve."}
	kindKeyAlgorithm = kind{label: "algorithm", section: "RFC 5280 4.1.2.7"}
	kindKeyBits      = kind{label: "subjectPublicKey", section: "RFC 5280 4.1.2.7"}
	kindPointForm    = kind{"form", "RFC 5480 2.2", "4: the point is written in full."}
	kindPointX       = kind{label: "X", section: "RFC 5480 2.2"}
	kindPointY       = kind{label: "Y", section: "RFC 5480 2.2"}
	kindPoint        = kind{"point", "RFC 5480 2.2", "A point of the curve; its first byte says how it is written."}
)
