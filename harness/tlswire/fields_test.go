package tlswire

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"shakedown/harness/field"
)

// checkCover fails the test unless the leaves of fields hold each byte of raw
// exactly once and in order, every field lies within the one around it, and
// every field says what it is and where it is defined.
func checkCover(t *testing.T, fields []field.Field, raw []byte) {
	t.Helper()
	if err := (field.Tree{Buffers: []field.Buffer{{Name: "message", Bytes: raw}}, Fields: fields}).Check(); err != nil {
		t.Fatal(err)
	}
}

// broken returns the leaves that say that something is wrong.
func broken(fields []field.Field) []field.Field {
	var list []field.Field
	for _, f := range fields {
		if f.Label == LabelUnparsed || f.Label == LabelMalformed {
			list = append(list, f)
		}
		list = append(list, broken(f.Fields)...)
	}
	return list
}

// checkMessage fails the test unless the tree of raw covers it, and tells of a
// failure if and only if parsing does.
func checkMessage(t *testing.T, raw []byte, version uint16) (Message, error) {
	t.Helper()
	m, err := ParseHandshake(raw, version)
	fields := MessageFields(raw, version, "message", nil)
	checkCover(t, fields, raw)
	bad := broken(fields)
	switch {
	case len(raw) == 0:
		if m != nil || err == nil || len(fields) != 0 {
			t.Fatalf("an empty message gave %v, %v and %d fields", m, err, len(fields))
		}
	case m == nil:
		t.Fatalf("message of %d bytes gave no message (%v)", len(raw), err)
	case err == nil && len(bad) > 0:
		t.Fatalf("%s parses, but its tree has %s (%s)", m.Name(), bad[0].Label, bad[0].Meaning)
	case err != nil && len(bad) == 0:
		t.Fatalf("%v, but the tree does not say so", err)
	case err != nil && bad[0].Meaning != err.Error():
		t.Fatalf("parsing says %q, the tree %q", err, bad[0].Meaning)
	}
	return m, err
}

// render writes a tree as text, one field a line.
func render(fields []field.Field, indent string) string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "%s%s [%d:%d]", indent, f.Label, f.Start, f.End)
		if f.Value != "" {
			fmt.Fprintf(&b, " = %s", f.Value)
		}
		fmt.Fprintf(&b, " {%s}\n", f.Section)
		if f.Meaning != "" {
			fmt.Fprintf(&b, "%s    \"%s\"\n", indent, f.Meaning)
		}
		b.WriteString(render(f.Fields, indent+"  "))
	}
	return b.String()
}

// find returns the first field with that path of labels.
func find(fields []field.Field, path ...string) (field.Field, bool) {
	for _, f := range fields {
		if f.Label != path[0] {
			continue
		}
		if len(path) == 1 {
			return f, true
		}
		if found, ok := find(f.Fields, path[1:]...); ok {
			return found, true
		}
	}
	return field.Field{}, false
}

func messageHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
