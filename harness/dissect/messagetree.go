package dissect

import (
	"shakedown/harness/field"
	"shakedown/harness/tlswire"
	"shakedown/harness/x509wire"
)

// messageTree returns the tree of a whole handshake message, whose buffer says
// nothing yet of where it came from. What is in it in a form other than TLS's is
// taken apart as well: certificates, names, OCSP responses, timestamps.
func messageTree(room *field.Room, raw []byte, version uint16) field.Tree {
	t := room.Tree(0, 1)
	t.Buffers = append(t.Buffers, field.Buffer{Name: messageBuffer, Bytes: raw})
	repeated := repeats(raw)
	if repeated {
		if f := knownMessages.Find(version, raw); f != nil {
			t.Fields = room.Keep(*f)
			return t
		}
	}
	t.Fields = tlswire.MessageFields(raw, version, messageBuffer, room)
	splice(t.Fields, raw)
	switch {
	case repeated && len(t.Fields) == 1:
		knownMessages.Remember(version, raw, t.Fields[0])
	case len(raw) > 0 && tlswire.HandshakeType(raw[0]) == tlswire.TypeCompressedCertificate:
		addDecompressed(&t, raw, version)
	}
	return t
}

// addDecompressed adds the Certificate in a CompressedCertificate, or says why it
// cannot be had.
func addDecompressed(t *field.Tree, raw []byte, version uint16) {
	message, err := tlswire.ParseHandshake(raw, version)
	compressed, ok := message.(*tlswire.CompressedCertificate)
	data := findLeaf(t.Fields, tlswire.LabelCompressed)
	if !ok || err != nil || data == nil {
		return
	}
	body, err := compressed.Decompress()
	if err != nil {
		data.Meaning = field.Printable(err.Error())
		return
	}
	fields := tlswire.CertificateBodyFields(body, decompressedBuffer)
	splice(fields, body)
	t.Buffers = append(t.Buffers, field.Buffer{
		Name: decompressedBuffer, Bytes: body,
		Origins: []field.Origin{{Buffer: messageBuffer, Start: data.Start, End: data.End}},
	})
	t.Fields = append(t.Fields, fields...)
}

// findLeaf returns the first leaf of that label, nil if there is none.
func findLeaf(fields []field.Field, label string) *field.Field {
	for i := range fields {
		f := &fields[i]
		if f.Leaf() && f.Label == label {
			return f
		}
		if found := findLeaf(f.Fields, label); found != nil {
			return found
		}
	}
	return nil
}

// splice gives the leaves their parts that hold something in a form of its own.
// raw is what the fields count in.
func splice(fields []field.Field, raw []byte) {
	for i := range fields {
		f := &fields[i]
		if f.Label == tlswire.LabelFilter {
			spliceFilter(f.Fields, raw)
			continue
		}
		if f.Shared {
			continue // nothing in it is in another form
		}
		if !f.Leaf() {
			splice(f.Fields, raw)
			continue
		}
		if f.Start == f.End {
			continue
		}
		content := raw[f.Start:f.End]
		switch f.Label {
		case tlswire.LabelCertificate:
			f.Fields, f.Shared = knownCertificates.fields(content, f.Start, f.Buffer)
		case tlswire.LabelName:
			spliceName(f, content)
		case tlswire.LabelOCSPResponse:
			adopt(f, x509wire.OCSPFields(content, f.Start, f.Buffer))
		case tlswire.LabelSCT:
			adopt(f, x509wire.TimestampFields(content, f.Start, f.Buffer))
		case tlswire.LabelPublicKeyInfo:
			adopt(f, x509wire.PublicKeyFields(content, f.Start, f.Buffer))
		}
	}
}

// knownNames has the distinguished names that servers list, by where they stand.
var knownNames field.Memo[namePlace]

type namePlace struct {
	buffer string
	start  int
}

// spliceName gives a leaf that holds a distinguished name its parts.
func spliceName(f *field.Field, name []byte) {
	at := namePlace{f.Buffer, f.Start}
	known := knownNames.Find(at, name)
	if known == nil {
		adopt(f, x509wire.NameFields(name, f.Start, f.Buffer))
		knownNames.Remember(at, name, *f)
		return
	}
	f.Value, f.Fields, f.Shared = known.Value, known.Fields, true
	if f.Meaning == "" {
		f.Meaning = known.Meaning
	}
}

// spliceFilter takes the values of an entry of oid_filters apart as those of the
// certificate extension that it is about.
func spliceFilter(fields []field.Field, raw []byte) {
	id, values := findLeaf(fields, tlswire.LabelFilterOID), findLeaf(fields, tlswire.LabelFilterValues)
	if id != nil && values != nil {
		id.Value, values.Fields = x509wire.FilterFields(raw[id.Start:id.End], raw[values.Start:values.End], values.Start, values.Buffer)
	}
}

// adopt gives f the parts of the one field that stands for the same bytes, or all
// fields where there are several.
func adopt(f *field.Field, fields []field.Field) {
	f.Fields = fields
	if len(fields) != 1 {
		return
	}
	if inner := &fields[0]; inner.Start == f.Start && inner.End == f.End && len(inner.Fields) > 0 {
		f.Value, f.Fields = field.Printable(inner.Value), inner.Fields
		if f.Meaning == "" {
			f.Meaning = inner.Meaning
		}
	}
}
