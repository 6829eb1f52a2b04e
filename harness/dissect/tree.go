package dissect

import (
	"slices"
	"strconv"

	"shakedown/harness/field"
	"shakedown/harness/tlswire"
)

// The names of a TCP step's buffers. What a message was spread over is one
// buffer: all its records, one behind the other, and what was in them likewise.
const (
	recordBuffer    = "record"
	plaintextBuffer = "plaintext"
	messageBuffer   = "message"
	// decompressedBuffer holds the body of a CompressedCertificate, decompressed.
	decompressedBuffer = "decompressed certificate"
	alertBuffer        = "alert"
	bytesBuffer        = "bytes"
)

// bytesTree returns the tree of bytes that are one field.
func bytesTree(buffer, label, meaning, section string, raw []byte) func(*field.Room) field.Tree {
	return func(*field.Room) field.Tree {
		return field.Tree{
			Buffers: []field.Buffer{{Name: buffer, Bytes: raw}},
			Fields: []field.Field{{
				Label: label, Buffer: buffer, End: len(raw),
				Value: quote(raw), Meaning: meaning, Section: section,
			}},
		}
	}
}

// recordTree returns the tree of one record.
func recordTree(r *record) func(*field.Room) field.Tree {
	return func(room *field.Room) field.Tree {
		t := recordsTree{room: room}
		t.add(r)
		return t.tree()
	}
}

// messageIn puts the records that a message came in before the message's own tree.
func messageIn(room *field.Room, parts []fragment, message field.Tree) field.Tree {
	t := recordsTree{room: room}
	origins := make([]field.Origin, 0, len(parts))
	var last *record
	for _, p := range parts {
		if p.record != last {
			t.add(p.record)
			last = p.record
		}
		buffer := recordBuffer
		if p.record.protected {
			buffer = plaintextBuffer
		}
		origins = append(origins, field.Origin{Buffer: buffer, Start: t.content + p.start, End: t.content + p.end})
	}
	tree := t.tree()
	for i := range message.Buffers {
		if message.Buffers[i].Origins == nil {
			message.Buffers[i].Origins = origins
		}
	}
	tree.Buffers = append(tree.Buffers, message.Buffers...)
	tree.Fields = append(tree.Fields, message.Fields...)
	return tree
}

// A recordsTree describes records, one behind the other.
type recordsTree struct {
	room               *field.Room
	records, plaintext []byte
	// origins are the protected parts of records.
	origins []field.Origin
	// fields describe the records, inner what is behind their protection.
	fields, inner []field.Field
	// content is where the last record's content starts, in records, or in
	// plaintext if it is protected.
	content int
}

func (t *recordsTree) tree() field.Tree {
	tree := field.Tree{
		Buffers: []field.Buffer{{Name: recordBuffer, Bytes: t.records}},
		Fields:  t.fields,
	}
	if t.origins != nil {
		tree.Buffers = append(tree.Buffers, field.Buffer{Name: plaintextBuffer, Bytes: t.plaintext, Origins: t.origins})
		tree.Fields = append(tree.Fields, t.inner...)
	}
	return tree
}

func (t *recordsTree) add(r *record) {
	start := len(t.records)
	if start == 0 {
		t.records = r.Raw[:len(r.Raw):len(r.Raw)] // one record needs no copy
	} else {
		t.records = append(t.records, r.Raw...)
	}
	body, end := start+tlswire.RecordHeaderLen, len(t.records)
	t.content = body
	names, section := plaintextNames, "RFC 8446 5.1"
	meaning := "Not protected: anybody on the path can read it and change it."
	switch {
	case r.tls13:
		names, section = ciphertext13Names, "RFC 8446 5.2"
		meaning = "The content, its type, any padding, and the authentication tag, encrypted."
	case r.protected, r.closed:
		names, section = ciphertextNames, "RFC 5246 6.2.3"
		meaning = "The content with its nonce or IV and its authentication, encrypted."
	}
	leaf := func(label string, from, to int, value, meaning string) field.Field {
		return field.Field{Label: label, Buffer: recordBuffer, Start: from, End: to, Value: value, Meaning: meaning, Section: section}
	}
	size := count(len(r.Payload), "byte")
	whole := leaf(names[0], start, end, r.Type.String()+", "+size, "")
	whole.Fields = t.room.Keep(
		leaf(names[1], start, start+1, contentTypeValue(r.Type), typeMeaning(r)),
		leaf(names[2], start+1, start+3, field.Coded(tlswire.VersionName(r.Version), r.Raw[1:3]), versionMeaning(r)),
		leaf("length", start+3, body, strconv.Itoa(len(r.Payload)), lengthMeaning(r)),
		leaf(names[3], body, end, size, meaning),
	)
	if t.fields == nil {
		t.fields = t.room.Empty(usualRoots)
	}
	t.fields = append(t.fields, whole)
	if r.protected {
		t.addPlaintext(r, body)
	}
}

// The names of a record and its parts: not protected, in TLS 1.3, and before.
var (
	plaintextNames    = [4]string{"TLSPlaintext", "type", "legacy_record_version", "fragment"}
	ciphertext13Names = [4]string{"TLSCiphertext", "opaque_type", "legacy_record_version", "encrypted_record"}
	ciphertextNames   = [4]string{"TLSCiphertext", "type", "version", "fragment"}
)

// usualRoots is how many fields a tree has at its top, unless there is more to
// tell than usual: a record, what is in it, and the message.
const usualRoots = 4

// addPlaintext describes what is behind a record's protection.
func (t *recordsTree) addPlaintext(r *record, body int) {
	t.origins = append(t.origins, field.Origin{Buffer: recordBuffer, Start: body, End: body + len(r.Payload)})
	start := len(t.plaintext)
	t.content = start
	section := "RFC 8446 5.2"
	if !r.tls13 {
		section = "RFC 5246 6.2.1"
	}
	leaf := func(label string, from, to int, value, meaning string) field.Field {
		return field.Field{Label: label, Buffer: plaintextBuffer, Start: from, End: to, Value: value, Meaning: meaning, Section: section}
	}
	size := count(len(r.content), "byte")
	end := start + len(r.content)
	content := leaf("content", start, end, size, "")
	if !r.tls13 {
		t.plaintext = append(t.plaintext, r.content...)
		t.inner = append(t.inner, content)
		return
	}
	zeros := max(len(r.Payload)-tagSize-len(r.content)-1, 0)
	t.plaintext = slices.Grow(t.plaintext, len(r.content)+1+zeros)
	t.plaintext = append(t.plaintext, r.content...)
	t.plaintext = append(t.plaintext, byte(r.contentType))
	fields := append(t.room.Empty(3), content,
		leaf("type", end, end+1, contentTypeValue(r.contentType), "What the record really holds: the last byte that is not zero."))
	if zeros > 0 {
		t.plaintext = append(t.plaintext, make([]byte, zeros)...)
		fields = append(fields, leaf("zeros", end+1, end+1+zeros, count(zeros, "byte"), "Padding that hides the content's size (RFC 8446 5.4)."))
	}
	whole := leaf("TLSInnerPlaintext", start, len(t.plaintext), r.contentType.String()+", "+size, "")
	whole.Fields = fields
	if t.inner == nil {
		t.inner = t.room.Empty(1)
	}
	t.inner = append(t.inner, whole)
}

// contentTypeValue writes a content type with its number.
func contentTypeValue(t tlswire.ContentType) string {
	switch t {
	case tlswire.ChangeCipherSpec:
		return "change_cipher_spec (20)"
	case tlswire.AlertType:
		return "alert (21)"
	case tlswire.Handshake:
		return "handshake (22)"
	case tlswire.ApplicationData:
		return "application_data (23)"
	}
	return t.String() + " (" + strconv.Itoa(int(t)) + ")"
}

// tagSize is the size of the authentication tag of every suite of TLS 1.3 that
// tlswire opens.
const tagSize = 16

func typeMeaning(r *record) string {
	if r.Type == tlswire.ApplicationData && r.contentType != tlswire.ApplicationData {
		return "Every protected record of TLS 1.3 calls itself application_data; the true type is inside."
	}
	return ""
}

func versionMeaning(r *record) string {
	switch r.Version {
	case tlswire.VersionTLS10:
		return "The first ClientHello may say TLS 1.0 for old servers' sake; nobody decides by it."
	case tlswire.VersionTLS12:
		return "TLS 1.3 writes 1.2 here as well; the true version is in supported_versions."
	case tlswire.VersionSSL30:
		return "SSL 3.0, which is broken and must not be used (RFC 7568)."
	case tlswire.VersionTLS11:
		return "TLS 1.1, which is deprecated (RFC 8996)."
	}
	return ""
}

// lengthMeaning says what is odd about a record's length.
func lengthMeaning(r *record) string {
	const most = 1 << 14
	if len(r.Payload) > most && !r.protected && !r.closed && !r.tls13 {
		return "More than the 16384 bytes that a record may hold: the peer answers record_overflow."
	}
	return ""
}
