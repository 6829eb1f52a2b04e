package x509wire

import (
	"encoding/hex"
	"fmt"
	"strings"

	"shakedown/harness/field"
)

// The labels of leaves that are no field of a certificate.
const (
	labelHeader   = "tag and length"
	labelUnparsed = "unparsed"
	labelMore     = "more"
)

// A certificate that means no harm has a few hundred fields, ten levels deep.
// One that does must fill neither the memory nor the stack.
const (
	maxFields = 1 << 14
	maxDepth  = 32
)

// A tree makes fields of elements. Its functions keep one promise: the leaves
// of what they return hold every byte of the element exactly once.
type tree struct {
	der    []byte
	buffer string
	count  int
	depth  int
}

// A kind is what is known about a field beforehand.
type kind struct{ label, section, meaning string }

func (t *tree) field(k kind, start, end int, value string) field.Field {
	t.count++
	return field.Field{
		Label: k.label, Buffer: t.buffer, Start: start, End: end,
		Value: value, Meaning: k.meaning, Section: k.section,
	}
}

// leaf returns an element as one field, header and content together.
func (t *tree) leaf(k kind, e element, value string) field.Field {
	if e.cut > 0 {
		k.meaning = cutShort(e)
	}
	return t.field(k, e.start, e.end, value)
}

func cutShort(e element) string {
	return fmt.Sprintf("The encoding ends here: %d of the bytes that its length promises are missing.", e.cut)
}

// header returns the tag and the length of an element.
func (t *tree) header(e element) field.Field {
	return t.field(kind{label: labelHeader, section: "X.690 8.1"}, e.start, e.body,
		fmt.Sprintf("%s, %d bytes", tagName(e.tag), e.end-e.body+e.cut))
}

// unparsed returns what could not be read, and why.
func (t *tree) unparsed(start, end int, section string, why error) field.Field {
	k := kind{labelUnparsed, section, "Reading stopped here: " + why.Error() + "."}
	return t.field(k, start, end, fmt.Sprintf("%d bytes", end-start))
}

// A describer returns the field of the i-th element inside another one.
type describer func(i int, e element) field.Field

// node returns an element whose content is elements, each described by part.
func (t *tree) node(k kind, e element, value string, part describer) field.Field {
	if !e.constructed() {
		return t.leaf(k, e, t.generic(e))
	}
	f := t.leaf(k, e, value)
	parts := t.parts(k.section, e.body, e.end, part)
	f.Fields = append([]field.Field{t.header(e)}, parts...)
	if f.Value == "" {
		f.Value = summary(parts)
	}
	return f
}

// summary writes the values of parts as the value of the whole.
func summary(parts []field.Field) string {
	const limit = 120
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Value)
		if b.Len() > limit {
			break
		}
	}
	if b.Len() == 0 {
		return "empty"
	}
	return field.Shorten(b.String(), limit)
}

// wrap returns an element whose content is itself an encoding, such as the
// OCTET STRING of an extension.
func (t *tree) wrap(k kind, e element, value string, inside func(at, end int) []field.Field) field.Field {
	f := t.leaf(k, e, value)
	f.Fields = append([]field.Field{t.header(e)}, inside(e.body, e.end)...)
	return f
}

// parts describes the elements of der[at:end].
func (t *tree) parts(section string, at, end int, part describer) (list []field.Field) {
	t.depth++
	defer func() { t.depth-- }()
	c := cursor{der: t.der, at: at, end: end}
	for i := 0; !c.empty(); i++ {
		if t.count >= maxFields || t.depth > maxDepth {
			k := kind{labelMore, section, "The certificate has more fields than are shown."}
			return append(list, t.field(k, c.at, end, fmt.Sprintf("%d bytes", end-c.at)))
		}
		start := c.at
		e, err := c.next()
		if err != nil {
			return append(list, t.unparsed(start, end, section, err))
		}
		list = append(list, part(i, e))
	}
	return list
}

// any describes an element that nothing is known about but its type.
func (t *tree) any(e element) field.Field {
	k := kind{label: tagName(e.tag), section: "X.690 8"}
	if !e.constructed() {
		return t.leaf(k, e, t.generic(e))
	}
	return t.node(k, e, "", func(_ int, e element) field.Field { return t.any(e) })
}

// generic writes the content of a primitive element by its type.
func (t *tree) generic(e element) string {
	b := e.content(t.der)
	switch {
	case e.tag == tagOID:
		return oid(b)
	case e.tag == tagInteger && len(b) <= 20:
		return integer(b).String()
	case e.tag == tagBoolean && len(b) == 1:
		return truth(b)
	case e.tag == tagNull && len(b) == 0:
		return "NULL"
	case isText(e.tag):
		return text(e.tag, b)
	case e.tag == tagUTCTime || e.tag == tagGeneralizedTime:
		return timeValue(e.tag, b)
	}
	return octets(b)
}

func truth(b []byte) string {
	for _, o := range b {
		if o != 0 {
			return "TRUE"
		}
	}
	return "FALSE"
}

func timeValue(tag byte, b []byte) string {
	at, err := parseTime(tag, b)
	if err != nil {
		return fmt.Sprintf("%q", b)
	}
	return at.Format("2006-01-02 15:04:05 UTC")
}

// octets writes bytes in hex, the first 32 of them.
func octets(b []byte) string {
	const limit = 32
	if len(b) > limit {
		return fmt.Sprintf("%s… (%d bytes)", hex.EncodeToString(b[:limit]), len(b))
	}
	return hex.EncodeToString(b)
}

// bits returns the octet of a BIT STRING that counts unused bits, and what follows.
func (t *tree) bits(at, end int, rest func(at, end int) []field.Field) []field.Field {
	if at >= end {
		return nil
	}
	unused := t.field(kind{"unused bits", "X.690 8.6.2", ""}, at, at+1, fmt.Sprint(t.der[at]))
	if at+1 == end {
		return []field.Field{unused}
	}
	return append([]field.Field{unused}, rest(at+1, end)...)
}

// plain returns bytes as one leaf, or none where there are none.
func (t *tree) plain(k kind, at, end int, value string) []field.Field {
	if at >= end {
		return nil
	}
	return []field.Field{t.field(k, at, end, value)}
}
