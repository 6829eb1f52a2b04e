package x509wire

import (
	"fmt"
	"strings"

	"shakedown/harness/field"
)

// Fields returns the field tree of a certificate: one field "Certificate" in
// whose leaves every byte of der is exactly once. Ranges count in der, which
// the fields call buffer. Values are text from the certificate: escape them
// before they are shown. A damaged certificate has leaves "unparsed", whose
// meaning says why reading stopped.
func Fields(der []byte, buffer string) []field.Field {
	if len(der) == 0 {
		return nil
	}
	t := &tree{der: der, buffer: buffer}
	return t.parts("RFC 5280 4.1", 0, len(der), func(i int, e element) field.Field {
		if i > 0 || e.tag != tagSequence {
			k := kind{labelUnparsed, "RFC 5280 4.1", "A certificate is one SEQUENCE, and nothing follows it."}
			return t.leaf(k, e, fmt.Sprintf("%s, %d bytes", tagName(e.tag), e.end-e.start))
		}
		return t.certificate(e)
	})
}

func (t *tree) certificate(e element) field.Field {
	k := kind{"Certificate", "RFC 5280 4.1", "A subject, its public key, and an issuer's signature over both."}
	subject := ""
	f := t.node(k, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagSequence:
			tbs := t.tbsCertificate(e)
			subject = tbs.Value
			return tbs
		case i == 1 && e.tag == tagSequence:
			return t.algorithm(kindOuterAlgorithm, e, signatureName(t.der, e))
		case i == 2 && e.tag == tagBitString:
			return t.signatureValue(e)
		}
		return t.any(e)
	})
	f.Value = subject
	return f
}

// tbsCertificate describes what the issuer signs. Its parts are told apart by
// their place, after version, which may be missing.
func (t *tree) tbsCertificate(e element) field.Field {
	k := kind{"tbsCertificate", "RFC 5280 4.1.2", "What the issuer's signature covers."}
	place, subject := 0, ""
	f := t.node(k, e, "", func(_ int, e element) field.Field {
		if place == 0 {
			place++
			if e.tag == context(0)|constructedBit {
				return t.version(e)
			}
		}
		place++
		switch {
		case place == 2 && e.tag == tagInteger:
			return t.serialNumber(e)
		case place == 3 && e.tag == tagSequence:
			return t.algorithm(kindInnerAlgorithm, e, signatureName(t.der, e))
		case place == 4 && e.tag == tagSequence:
			return t.name(kindIssuer, e)
		case place == 5 && e.tag == tagSequence:
			return t.validity(e)
		case place == 6 && e.tag == tagSequence:
			f := t.name(kindSubject, e)
			subject = f.Value
			return f
		case place == 7 && e.tag == tagSequence:
			return t.subjectPublicKeyInfo(e)
		case e.tag&^constructedBit == context(1):
			return t.leaf(kindIssuerID, e, octets(e.content(t.der)))
		case e.tag&^constructedBit == context(2):
			return t.leaf(kindSubjectID, e, octets(e.content(t.der)))
		case e.tag == context(3)|constructedBit:
			return t.extensions(e)
		}
		return t.any(e)
	})
	f.Value = subject
	return f
}

func (t *tree) version(e element) field.Field {
	value := ""
	f := t.node(kindVersion, e, "", func(_ int, e element) field.Field {
		n, ok := smallInteger(e.content(t.der))
		if !ok || e.tag != tagInteger {
			return t.any(e)
		}
		value = fmt.Sprintf("v%d", n+1)
		return t.leaf(kind{"Version", "RFC 5280 4.1.2.1", ""}, e, fmt.Sprintf("%d (v%d)", n, n+1))
	})
	f.Value = value
	return f
}

func (t *tree) serialNumber(e element) field.Field {
	k, n := kindSerial, integer(e.content(t.der))
	switch {
	case n.Sign() < 0:
		k.meaning = "The serial number is negative, which the RFC forbids; Go since 1.23 refuses to parse the certificate, OpenSSL accepts it."
	case n.Sign() == 0:
		k.meaning = "The serial number is zero, which the RFC forbids; most stacks accept it."
	}
	value := n.String()
	if n.BitLen() > 63 {
		value = fmt.Sprintf("0x%x", n)
	}
	return t.leaf(k, e, value)
}

func (t *tree) validity(e element) field.Field {
	var limits []string
	f := t.node(kindValidity, e, "", func(i int, e element) field.Field {
		if i > 1 || e.tag != tagUTCTime && e.tag != tagGeneralizedTime {
			return t.any(e)
		}
		limits = append(limits, timeValue(e.tag, e.content(t.der)))
		return t.leaf([2]kind{kindNotBefore, kindNotAfter}[i], e, limits[len(limits)-1])
	})
	f.Value = strings.Join(limits, " to ")
	return f
}

// name describes a Name down to its attributes.
func (t *tree) name(k kind, e element) field.Field {
	value, _ := nameString(t.der, e)
	if value == "" {
		value = "empty"
	}
	return t.node(k, e, value, func(_ int, e element) field.Field {
		rdn := kind{label: "RelativeDistinguishedName", section: "RFC 5280 4.1.2.4"}
		return t.node(rdn, e, "", func(_ int, e element) field.Field { return t.attribute(e) })
	})
}

func (t *tree) attribute(e element) field.Field {
	k := kind{label: "AttributeTypeAndValue", section: "RFC 5280 4.1.2.4"}
	written, _ := appendAttribute(nil, t.der, e)
	return t.node(k, e, string(written), func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			k := kind{label: "type", section: "RFC 5280 4.1.2.4"}
			if name, ok := attributeNames[string(e.content(t.der))]; ok {
				return t.leaf(k, e, fmt.Sprintf("%s (%s)", name, oid(e.content(t.der))))
			}
			return t.leaf(k, e, oid(e.content(t.der)))
		case i == 1 && isText(e.tag):
			return t.leaf(kind{"value", "RFC 5280 4.1.2.4", "Written as " + tagName(e.tag) + "; Go compares names byte for byte, the string type included."}, e, t.generic(e))
		}
		return t.any(e)
	})
}

// algorithm describes an AlgorithmIdentifier that goes by that name.
func (t *tree) algorithm(k kind, e element, name string) field.Field {
	if strings.HasPrefix(name, "SHA1-") || strings.HasSuffix(name, "-SHA1") || strings.HasPrefix(name, "MD5") || strings.HasPrefix(name, "MD2") {
		k.meaning = "A hash that is broken: Go refuses the signature unless this certificate is itself a trust anchor, and OpenSSL does from security level 1 on."
	}
	return t.node(k, e, name, func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			return t.leaf(kind{label: "algorithm", section: "RFC 5280 4.1.1.2"}, e, oid(e.content(t.der)))
		case i == 1 && e.tag == tagOID:
			value := oid(e.content(t.der))
			if curve, ok := curveNames[string(e.content(t.der))]; ok {
				value = fmt.Sprintf("%s (%s)", curve, value)
			}
			return t.leaf(kind{"parameters", "RFC 5480 2.1.1", "The named curve."}, e, value)
		case i == 1 && !e.constructed():
			return t.leaf(kind{label: "parameters", section: "RFC 5280 4.1.1.2"}, e, t.generic(e))
		}
		return t.any(e)
	})
}

func (t *tree) subjectPublicKeyInfo(e element) field.Field {
	name := publicKeyName(t.der, e)
	rsa := strings.HasPrefix(name, "RSA")
	return t.node(kindPublicKey, e, name, func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagSequence:
			return t.algorithm(kind{label: "algorithm", section: "RFC 5280 4.1.2.7"}, e, name)
		case i == 1 && e.tag == tagBitString:
			k := kind{label: "subjectPublicKey", section: "RFC 5280 4.1.2.7"}
			return t.wrap(k, e, fmt.Sprintf("%d bytes", max(e.end-e.body-1, 0)), func(at, end int) []field.Field {
				return t.bits(at, end, func(at, end int) []field.Field {
					if rsa {
						return t.parts("RFC 8017 A.1.1", at, end, t.rsaPublicKey)
					}
					return t.plain(kind{label: "key", section: "RFC 5480 2.2"}, at, end, octets(t.der[at:end]))
				})
			})
		}
		return t.any(e)
	})
}

func (t *tree) rsaPublicKey(_ int, e element) field.Field {
	return t.node(kind{label: "RSAPublicKey", section: "RFC 8017 A.1.1"}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagInteger:
			return t.leaf(kind{label: "modulus", section: "RFC 8017 A.1.1"}, e, fmt.Sprintf("%d bits", bitLength(e.content(t.der))))
		case i == 1 && e.tag == tagInteger:
			return t.leaf(kind{label: "publicExponent", section: "RFC 8017 A.1.1"}, e, t.generic(e))
		}
		return t.any(e)
	})
}

// signatureValue describes the issuer's signature. ECDSA's and DSA's are a pair
// of numbers; others are opaque.
func (t *tree) signatureValue(e element) field.Field {
	value := fmt.Sprintf("%d bytes", max(e.end-e.body-1, 0))
	return t.wrap(kindSignature, e, value, func(at, end int) []field.Field {
		return t.bits(at, end, func(at, end int) []field.Field {
			c := cursor{der: t.der, at: at, end: end}
			if pair, err := c.next(); err != nil || pair.tag != tagSequence || pair.cut > 0 || !c.empty() {
				return t.plain(kind{label: "signature", section: "RFC 5280 4.1.1.3"}, at, end, octets(t.der[at:end]))
			}
			return t.parts("RFC 3279 2.2.3", at, end, func(_ int, e element) field.Field {
				k := kind{label: "Ecdsa-Sig-Value", section: "RFC 3279 2.2.3"}
				return t.node(k, e, "", func(i int, e element) field.Field {
					if i > 1 || e.tag != tagInteger {
						return t.any(e)
					}
					return t.leaf(kind{label: [2]string{"r", "s"}[i], section: "RFC 3279 2.2.3"}, e, octets(e.content(t.der)))
				})
			})
		})
	})
}
