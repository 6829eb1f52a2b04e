package x509wire

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// attributeNames are the short names of distinguished name attributes, by the
// content of their OBJECT IDENTIFIER.
var attributeNames = map[string]string{
	"\x55\x04\x03": "CN",
	"\x55\x04\x04": "SN",
	"\x55\x04\x05": "SERIALNUMBER",
	"\x55\x04\x06": "C",
	"\x55\x04\x07": "L",
	"\x55\x04\x08": "ST",
	"\x55\x04\x09": "STREET",
	"\x55\x04\x0a": "O",
	"\x55\x04\x0b": "OU",
	"\x55\x04\x0c": "title",
	"\x55\x04\x0f": "businessCategory",
	"\x55\x04\x11": "POSTALCODE",
	"\x55\x04\x2a": "GN",
	"\x55\x04\x2b": "initials",
	"\x55\x04\x2c": "generationQualifier",
	"\x55\x04\x2e": "dnQualifier",
	"\x55\x04\x41": "pseudonym",
	"\x55\x04\x61": "organizationIdentifier",
	"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01":     "UID",
	"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19":     "DC",
	"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01":         "emailAddress",
	"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03": "jurisdictionC",
}

// ParseName reads a DER Name, such as one of CertificateRequest's
// certificate_authorities, as "CN=Client Root,O=Acme". What could be read comes
// back even beside an error.
func ParseName(der []byte) (string, error) {
	c := cursor{der: der, end: len(der)}
	e, err := c.next()
	switch {
	case err != nil:
		return "", fmt.Errorf("parse Name: %w", err)
	case e.tag != tagSequence:
		return "", fmt.Errorf("parse Name: want SEQUENCE, got %s", tagName(e.tag))
	}
	s, err := nameString(der, e)
	switch {
	case err != nil:
	case e.cut > 0:
		err = fmt.Errorf("cut short: %d bytes are missing", e.cut)
	case !c.empty():
		err = fmt.Errorf("%d bytes follow the name", c.end-c.at)
	}
	if err != nil {
		return s, fmt.Errorf("parse Name: %w", err)
	}
	return s, nil
}

// nameString writes an RDNSequence as RFC 2253 does: "the output consists of the
// string encodings of each RelativeDistinguishedName in the RDNSequence,
// starting with the last element of the sequence and moving backwards toward
// the first" (https://www.rfc-editor.org/rfc/rfc2253#section-2.1).
func nameString(der []byte, name element) (string, error) {
	var room [8]element
	rdns, failed := room[:0], error(nil)
	for c := name.cursor(der); !c.empty(); {
		e, err := c.next()
		if err == nil && e.tag != tagSet {
			err = fmt.Errorf("want SET, got %s", tagName(e.tag))
		}
		if err != nil {
			failed = err
			break
		}
		rdns = append(rdns, e)
	}
	var space [128]byte
	out := space[:0]
	for i := len(rdns) - 1; i >= 0; i-- {
		if len(out) > 0 {
			out = append(out, ',')
		}
		plus := len(out)
		for c := rdns[i].cursor(der); !c.empty(); {
			if len(out) > plus {
				out = append(out, '+')
			}
			e, err := c.next()
			if err == nil {
				out, err = appendAttribute(out, der, e)
			}
			if err != nil {
				failed = err
				break
			}
		}
	}
	return string(out), failed
}

var errAttribute = errors.New("an attribute that is no pair of type and value")

// attribute splits an AttributeTypeAndValue.
func attribute(der []byte, e element) (kind, value element, err error) {
	c := e.cursor(der)
	if kind, err = c.next(); err != nil {
		return kind, value, err
	}
	if value, err = c.next(); err != nil {
		return kind, value, err
	}
	if e.tag != tagSequence || kind.tag != tagOID || !c.empty() {
		return kind, value, errAttribute
	}
	return kind, value, nil
}

func appendAttribute(out, der []byte, e element) ([]byte, error) {
	kind, value, err := attribute(der, e)
	if err != nil {
		return out, err
	}
	if name, ok := attributeNames[string(kind.content(der))]; ok {
		out = append(out, name...)
	} else {
		out = append(out, oid(kind.content(der))...)
	}
	out = append(out, '=')
	if !isText(value.tag) {
		out = append(out, '#')
		return hex.AppendEncode(out, value.raw(der)), nil
	}
	return appendEscaped(out, text(value.tag, value.content(der))), nil
}

// appendEscaped escapes what RFC 2253 2.4 lists. Control characters stay as they are.
func appendEscaped(out, text []byte) []byte {
	for i, c := range text {
		switch c {
		case ',', '+', '"', '\\', '<', '>', ';':
			out = append(out, '\\')
		case '#', ' ':
			if i == 0 || c == ' ' && i == len(text)-1 {
				out = append(out, '\\')
			}
		}
		out = append(out, c)
	}
	return out
}
