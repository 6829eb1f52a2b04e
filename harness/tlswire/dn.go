package tlswire

import (
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"shakedown/harness/field"
)

// distinguishedName writes a DER Name as text, most specific part first, in the
// manner of RFC 4514 ("CN=Client Root,O=Acme"). Whatever it cannot read it
// writes in hexadecimal.
func distinguishedName(der []byte) string {
	text, ok := readName(der)
	if !ok {
		return "not a Name: " + hexText(der)
	}
	if text == "" {
		return "the empty Name"
	}
	return field.Shorten(text, 256)
}

// readName walks the RDNSequence (RFC 5280 4.1.2.4).
func readName(der []byte) (string, bool) {
	input := cryptobyte.String(der)
	var sequence cryptobyte.String
	if !input.ReadASN1(&sequence, casn1.SEQUENCE) || !input.Empty() {
		return "", false
	}
	var parts []string
	for !sequence.Empty() {
		var set cryptobyte.String
		if !sequence.ReadASN1(&set, casn1.SET) {
			return "", false
		}
		var values []string
		for !set.Empty() {
			value, ok := readAttribute(&set)
			if !ok {
				return "", false
			}
			values = append(values, value)
		}
		parts = append(parts, strings.Join(values, "+"))
	}
	// RFC 4514 2.1: "the output consists of the string encodings of each
	// RelativeDistinguishedName in the RDNSequence [...] starting with the last
	// element of the sequence and moving backwards toward the first."
	slices.Reverse(parts)
	return strings.Join(parts, ","), true
}

// readAttribute reads one AttributeTypeAndValue as "CN=Client Root".
func readAttribute(set *cryptobyte.String) (string, bool) {
	var pair, raw cryptobyte.String
	var oid asn1.ObjectIdentifier
	var tag casn1.Tag
	if !set.ReadASN1(&pair, casn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&oid) ||
		!pair.ReadAnyASN1(&raw, &tag) || !pair.Empty() {
		return "", false
	}
	name := attributeName(oid.String())
	text, ok := directoryString(tag, raw)
	if !ok {
		return name + "=#" + hex.EncodeToString(raw), true
	}
	return name + "=" + escapeValue(text), true
}

// directoryString decodes the string types that names are made of.
func directoryString(tag casn1.Tag, raw []byte) (string, bool) {
	const numeric, visible, universal, bmp = casn1.Tag(18), casn1.Tag(26), casn1.Tag(28), casn1.Tag(30)
	switch tag {
	case casn1.UTF8String, casn1.PrintableString, casn1.IA5String, numeric, visible:
		return string(raw), true
	case casn1.T61String:
		runes := make([]rune, len(raw))
		for i, c := range raw {
			runes[i] = rune(c) // Latin-1, which is what writers of T61String mean
		}
		return string(runes), true
	case bmp:
		if len(raw)%2 != 0 {
			return "", false
		}
		units := make([]uint16, 0, len(raw)/2)
		for i := 0; i < len(raw); i += 2 {
			units = append(units, uint16(value(raw[i:i+2])))
		}
		return string(utf16.Decode(units)), true
	case universal:
		if len(raw)%4 != 0 {
			return "", false
		}
		var b strings.Builder
		for i := 0; i < len(raw); i += 4 {
			b.WriteRune(rune(uint32(value(raw[i : i+4]))))
		}
		return b.String(), true
	}
	return "", false
}

// escapeValue escapes what has a meaning in a name (RFC 4514 2.4).
func escapeValue(s string) string {
	if !strings.ContainsAny(s, `,+"\<>;=#`) && strings.TrimSpace(s) == s {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case strings.ContainsRune(`,+"\<>;=`, r),
			r == '#' && i == 0,
			r == ' ' && (i == 0 || i == len(s)-1):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// attributeName returns the short name of an attribute type (RFC 4514 3), or
// its object identifier.
func attributeName(oid string) string {
	switch oid {
	case "2.5.4.3":
		return "CN"
	case "2.5.4.4":
		return "SN"
	case "2.5.4.5":
		return "SERIALNUMBER"
	case "2.5.4.6":
		return "C"
	case "2.5.4.7":
		return "L"
	case "2.5.4.8":
		return "ST"
	case "2.5.4.9":
		return "STREET"
	case "2.5.4.10":
		return "O"
	case "2.5.4.11":
		return "OU"
	case "2.5.4.12":
		return "T"
	case "2.5.4.17":
		return "POSTALCODE"
	case "2.5.4.42":
		return "GN"
	case "0.9.2342.19200300.100.1.1":
		return "UID"
	case "0.9.2342.19200300.100.1.25":
		return "DC"
	case "1.2.840.113549.1.9.1":
		return "emailAddress"
	}
	return oid
}
