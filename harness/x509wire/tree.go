package x509wire

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"

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
// of what they return or add hold every byte of the element exactly once.
type tree struct {
	field.Builder
	der    []byte
	base   int
	buffer string
	count  int
	depth  int
}

// trees keeps the room that a tree needs while it grows. What it returns is its
// own.
var trees = sync.Pool{New: func() any { return new(tree) }}

// build returns the fields that add describes, whose ranges count from base.
func build(der []byte, base int, buffer string, add func(t *tree)) []field.Field {
	if len(der) == 0 {
		return nil
	}
	t := trees.Get().(*tree)
	t.der, t.base, t.buffer, t.count, t.depth = der, base, buffer, 0, 0
	add(t)
	fields := t.Take(0)
	t.der = nil
	trees.Put(t)
	return fields
}

// A kind is what is known about a field beforehand.
type kind struct{ label, section, meaning string }

func (t *tree) field(k kind, start, end int, value string) field.Field {
	t.count++
	return field.Field{
		Label: k.label, Buffer: t.buffer, Start: t.base + start, End: t.base + end,
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

// header adds the tag and the length of an element.
func (t *tree) header(e element) {
	var room [48]byte
	value := append(room[:0], tagName(e.tag)...)
	value = append(value, ", "...)
	value = strconv.AppendInt(value, int64(e.end-e.body+e.cut), 10)
	value = append(value, " bytes"...)
	t.Add(t.field(kindHeader, e.start, e.body, string(value)))
}

var kindHeader = kind{label: labelHeader, section: "X.690 8.1"}

// unparsed returns what could not be read, and why.
func (t *tree) unparsed(start, end int, section string, why error) field.Field {
	k := kind{labelUnparsed, section, "Reading stopped here: " + why.Error() + "."}
	return t.field(k, start, end, field.Count(end-start, "byte"))
}

// A describer returns the field of the i-th element inside another one.
type describer func(i int, e element) field.Field

// node returns an element whose content is elements, each described by part.
func (t *tree) node(k kind, e element, value string, part describer) field.Field {
	if !e.constructed() {
		return t.leaf(k, e, t.generic(e))
	}
	f := t.leaf(k, e, value)
	mark := t.Mark()
	t.header(e)
	t.parts(k.section, e.body, e.end, part)
	if f.Value == "" {
		f.Value = summary(t.Since(mark + 1))
	}
	f.Fields = t.Take(mark)
	return f
}

// summary writes the values of parts as the value of the whole.
func summary(parts []field.Field) string {
	const limit = 120
	switch len(parts) {
	case 0:
		return "empty"
	case 1:
		if parts[0].Value != "" {
			return field.Shorten(parts[0].Value, limit)
		}
	}
	var room [2 * limit]byte
	b := room[:0]
	for i := range parts {
		if i > 0 {
			b = append(b, ", "...)
		}
		if b = append(b, parts[i].Value...); len(b) > limit {
			break
		}
	}
	if len(b) == 0 {
		return "empty"
	}
	return field.Shorten(string(b), limit)
}

// wrap returns an element whose content is itself an encoding, such as the
// OCTET STRING of an extension; inside adds its fields.
func (t *tree) wrap(k kind, e element, value string, inside func(at, end int)) field.Field {
	f := t.leaf(k, e, value)
	mark := t.Mark()
	t.header(e)
	inside(e.body, e.end)
	f.Fields = t.Take(mark)
	return f
}

// parts adds the elements of der[at:end], each described by part.
func (t *tree) parts(section string, at, end int, part describer) {
	t.depth++
	c := cursor{der: t.der, at: at, end: end}
	for i := 0; !c.empty(); i++ {
		if t.count >= maxFields || t.depth > maxDepth {
			k := kind{labelMore, section, "There are more fields than are shown."}
			t.Add(t.field(k, c.at, end, field.Count(end-c.at, "byte")))
			break
		}
		start := c.at
		e, err := c.next()
		if err != nil {
			t.Add(t.unparsed(start, end, section, err))
			break
		}
		t.Add(part(i, e))
	}
	t.depth--
}

// any describes an element that nothing is known about but its type.
func (t *tree) any(e element) field.Field {
	k := kind{label: tagName(e.tag), section: "X.690 8"}
	if !e.constructed() {
		return t.leaf(k, e, t.generic(e))
	}
	return t.node(k, e, "", t.anything)
}

// anything is the describer of elements that nothing is known about.
func (t *tree) anything(_ int, e element) field.Field { return t.any(e) }

// generic writes the content of a primitive element by its type.
func (t *tree) generic(e element) string {
	b := e.content(t.der)
	switch {
	case e.tag == tagOID:
		return oid(b)
	case e.tag == tagInteger && len(b) <= 20:
		return integerText(b)
	case e.tag == tagBoolean && len(b) == 1:
		return truth(b)
	case e.tag == tagNull && len(b) == 0:
		return "NULL"
	case isText(e.tag):
		return string(text(e.tag, b))
	case e.tag == tagUTCTime || e.tag == tagGeneralizedTime:
		return timeValue(e.tag, b)
	}
	return octets(b)
}

// integerText writes an INTEGER's content in decimal.
func integerText(b []byte) string {
	if n, small := smallInteger(b); small {
		return strconv.Itoa(n)
	}
	return integer(b).String()
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
		return strconv.Quote(string(b))
	}
	var room [32]byte
	return string(at.AppendFormat(room[:0], "2006-01-02 15:04:05 UTC"))
}

// octets writes bytes in hex, the first 32 of them.
func octets(b []byte) string {
	const limit = 32
	var room [2*limit + 24]byte
	out := hex.AppendEncode(room[:0], b[:min(len(b), limit)])
	if len(b) > limit {
		out = append(out, "… ("...)
		out = strconv.AppendInt(out, int64(len(b)), 10)
		out = append(out, " bytes)"...)
	}
	return string(out)
}

// bits adds the octet of a BIT STRING that counts unused bits; rest adds what
// follows it.
func (t *tree) bits(at, end int, rest func(at, end int)) {
	if at >= end {
		return
	}
	t.Add(t.field(kindUnused, at, at+1, strconv.Itoa(int(t.der[at]))))
	if at+1 < end {
		rest(at+1, end)
	}
}

var kindUnused = kind{label: "unused bits", section: "X.690 8.6.2"}

// plain adds bytes as one leaf, or none where there are none.
func (t *tree) plain(k kind, at, end int, value string) {
	if at < end {
		t.Add(t.field(k, at, end, value))
	}
}
