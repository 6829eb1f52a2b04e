package x509wire

import (
	"math/big"
	"strconv"
	"strings"

	"shakedown/harness/field"
)

// Fields returns the field tree of a certificate: one field "Certificate" in
// whose leaves every byte of der is exactly once. Base is where der starts in
// the buffer that the fields count in. Values are text from the certificate:
// escape them before they are shown. A damaged certificate has leaves "unparsed",
// whose meaning says why reading stopped.
func Fields(der []byte, base int, buffer string) []field.Field {
	return build(der, base, buffer, func(t *tree) { t.parts("RFC 5280 4.1", 0, len(der), t.only(t.certificate)) })
}

// only describes an encoding that is one SEQUENCE.
func (t *tree) only(whole func(e element) field.Field) describer {
	return func(i int, e element) field.Field {
		if i > 0 || e.tag != tagSequence {
			k := kind{labelUnparsed, "X.690 8", "It is one SEQUENCE, and nothing follows it."}
			return t.leaf(k, e, tagName(e.tag)+", "+field.Count(e.end-e.start, "byte"))
		}
		return whole(e)
	}
}

// NameFields returns the field tree of a distinguished name, in the manner of
// [Fields].
func NameFields(der []byte, base int, buffer string) []field.Field {
	return build(der, base, buffer, func(t *tree) {
		t.parts("RFC 5280 4.1.2.4", 0, len(der), t.only(func(e element) field.Field { return t.name(kindName, e) }))
	})
}

// PublicKeyFields returns the field tree of a SubjectPublicKeyInfo, in the manner
// of [Fields].
func PublicKeyFields(der []byte, base int, buffer string) []field.Field {
	return build(der, base, buffer, func(t *tree) { t.parts("RFC 5280 4.1.2.7", 0, len(der), t.only(t.subjectPublicKeyInfo)) })
}

// FilterFields returns the field tree of the value of an oid_filters entry, which
// is that of the certificate extension id, an OBJECT IDENTIFIER in DER or its
// content alone. Name is what the extension is called.
func FilterFields(id, value []byte, base int, buffer string) (name string, fields []field.Field) {
	if c := (cursor{der: id, end: len(id)}); c.peek() == tagOID {
		if e, err := c.next(); err == nil && e.cut == 0 && c.empty() {
			id = e.content(id)
		}
	}
	name = extensionName(id) + " (" + oid(id) + ")"
	return name, build(value, base, buffer, func(t *tree) { t.extensionValue(string(id), "RFC 8446 4.2.5", 0, len(value)) })
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
		value = "v" + strconv.Itoa(n+1)
		return t.leaf(kind{"Version", "RFC 5280 4.1.2.1", ""}, e, strconv.Itoa(n)+" ("+value+")")
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
	return t.leaf(k, e, serialText(n))
}

// serialText writes a serial number as tools do: long ones in hexadecimal.
func serialText(n *big.Int) string {
	if n.BitLen() > 63 {
		return "0x" + n.Text(16)
	}
	return n.String()
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
		return t.node(kindRDN, e, "", func(_ int, e element) field.Field { return t.attribute(e) })
	})
}

var (
	kindName      = kind{"Name", "RFC 5280 4.1.2.4", "A distinguished name, the most general part first; it is written the other way round."}
	kindRDN       = kind{label: "RelativeDistinguishedName", section: "RFC 5280 4.1.2.4"}
	kindAttribute = kind{label: "AttributeTypeAndValue", section: "RFC 5280 4.1.2.4"}
	kindType      = kind{label: "type", section: "RFC 5280 4.1.2.4"}
)

func (t *tree) attribute(e element) field.Field {
	var room [80]byte
	written, _ := appendAttribute(room[:0], t.der, e)
	return t.node(kindAttribute, e, string(written), func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			value := oid(e.content(t.der))
			if name, ok := attributeNames[string(e.content(t.der))]; ok {
				value = name + " (" + value + ")"
			}
			return t.leaf(kindType, e, value)
		case i == 1 && isText(e.tag):
			return t.leaf(kind{"value", "RFC 5280 4.1.2.4", stringMeaning(e.tag)}, e, t.generic(e))
		}
		return t.any(e)
	})
}

// stringMeaning says which of the string types a name's value is written as.
func stringMeaning(tag byte) string {
	const same = "; Go compares names byte for byte, the string type included."
	switch tag {
	case tagUTF8String:
		return "Written as UTF8String" + same
	case tagPrintableString:
		return "Written as PrintableString" + same
	}
	return "Written as " + tagName(tag) + same
}
