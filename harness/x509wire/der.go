package x509wire

import (
	"errors"
	"fmt"
)

// Identifier octets of the universal types that certificates use.
const (
	tagBoolean         = 0x01
	tagInteger         = 0x02
	tagBitString       = 0x03
	tagOctetString     = 0x04
	tagNull            = 0x05
	tagOID             = 0x06
	tagEnumerated      = 0x0a
	tagUTF8String      = 0x0c
	tagNumericString   = 0x12
	tagPrintableString = 0x13
	tagT61String       = 0x14
	tagIA5String       = 0x16
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagVisibleString   = 0x1a
	tagUniversalString = 0x1c
	tagBMPString       = 0x1e
	tagSequence        = 0x30
	tagSet             = 0x31

	constructedBit = 0x20
	classMask      = 0xc0
	numberMask     = 0x1f
)

// context returns the identifier octet of the primitive context-specific tag n.
func context(n byte) byte { return 0x80 | n }

// tagName returns the type's name in ASN.1's words.
func tagName(tag byte) string {
	switch tag {
	case tagBoolean:
		return "BOOLEAN"
	case tagInteger:
		return "INTEGER"
	case tagBitString:
		return "BIT STRING"
	case tagOctetString:
		return "OCTET STRING"
	case tagNull:
		return "NULL"
	case tagOID:
		return "OBJECT IDENTIFIER"
	case tagEnumerated:
		return "ENUMERATED"
	case tagUTF8String:
		return "UTF8String"
	case tagNumericString:
		return "NumericString"
	case tagPrintableString:
		return "PrintableString"
	case tagT61String:
		return "TeletexString"
	case tagIA5String:
		return "IA5String"
	case tagUTCTime:
		return "UTCTime"
	case tagGeneralizedTime:
		return "GeneralizedTime"
	case tagVisibleString:
		return "VisibleString"
	case tagUniversalString:
		return "UniversalString"
	case tagBMPString:
		return "BMPString"
	case tagSequence:
		return "SEQUENCE"
	case tagSet:
		return "SET"
	}
	switch tag & classMask {
	case 0x80:
		return fmt.Sprintf("[%d]", tag&numberMask)
	case 0x40:
		return fmt.Sprintf("[APPLICATION %d]", tag&numberMask)
	case 0xc0:
		return fmt.Sprintf("[PRIVATE %d]", tag&numberMask)
	}
	return fmt.Sprintf("[UNIVERSAL %d]", tag&numberMask)
}

// An element is one tag-length-value as offsets into the encoding that it is in.
type element struct {
	tag              byte
	start, body, end int
	// cut is how many bytes its length promises beyond what there is.
	cut int
}

func (e element) constructed() bool         { return e.tag&constructedBit != 0 }
func (e element) raw(der []byte) []byte     { return der[e.start:e.end] }
func (e element) content(der []byte) []byte { return der[e.body:e.end] }
func (e element) cursor(der []byte) cursor  { return cursor{der: der, at: e.body, end: e.end} }

// A cursor walks the elements of der[at:end].
type cursor struct {
	der     []byte
	at, end int
}

var (
	errEnd        = errors.New("the data ends where an element should begin")
	errHeader     = errors.New("the data ends inside a tag or length")
	errIndefinite = errors.New("indefinite length: this is BER, not DER")
	errLength     = errors.New("a length of more than four bytes")
)

func (c *cursor) empty() bool { return c.at >= c.end }

// peek returns the identifier octet that comes next, 0 at the end.
func (c *cursor) peek() byte {
	if c.empty() {
		return 0
	}
	return c.der[c.at]
}

// next returns the next element and moves behind it. An element that its
// container is too short for is cut to what there is. Lengths that are not
// minimal are read all the same. After an error the cursor has not moved.
func (c *cursor) next() (element, error) {
	if c.empty() {
		return element{start: c.at, body: c.at, end: c.at}, errEnd
	}
	e := element{tag: c.der[c.at], start: c.at, body: c.at, end: c.at}
	at := c.at + 1
	if e.tag&numberMask == numberMask {
		for ; at < c.end && c.der[at]&0x80 != 0; at++ {
		}
		at++
	}
	if at >= c.end {
		return e, errHeader
	}
	length := int(c.der[at])
	at++
	switch {
	case length == 0x80:
		return e, errIndefinite
	case length > 0x80:
		count := length & 0x7f
		if count > 4 {
			return e, errLength
		}
		if c.end-at < count {
			return e, errHeader
		}
		length = 0
		for range count {
			length = length<<8 | int(c.der[at])
			at++
		}
	}
	e.body = at
	if left := c.end - at; length > left {
		e.cut = length - left
		length = left
	}
	e.end = at + length
	c.at = e.end
	return e, nil
}
