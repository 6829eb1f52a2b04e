package tlswire

import (
	"bytes"
	"testing"
)

func seed(f *testing.F) {
	for _, raw := range corpus(f) {
		for _, version := range []uint16{0, VersionTLS12, VersionTLS13} {
			f.Add(raw, version)
			f.Add(raw[:len(raw)/2], version)
		}
	}
}

// FuzzParseHandshake wants no input to break the parser, and an input that
// parses to be read the same with anything after its end cut off by its length.
func FuzzParseHandshake(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte, version uint16) {
		before := bytes.Clone(raw)
		m, err := ParseHandshake(raw, version)
		if !bytes.Equal(raw, before) {
			t.Fatal("the parser changed its input")
		}
		if m == nil {
			if len(raw) > 0 {
				t.Fatalf("no message, %v", err)
			}
			return
		}
		n, ok := HandshakeLen(raw)
		if err == nil && (!ok || n != len(raw)) {
			t.Fatalf("%s of %d bytes parses, but its header says %d", m.Name(), len(raw), n)
		}
		if h, is := m.(*ClientHello); is && err == nil {
			if got := rebuild(h); !bytes.Equal(got, raw) {
				t.Fatalf("ClientHello does not re-encode:\n got %x\nwant %x", got, raw)
			}
		}
	})
}

// FuzzMessageFields wants every byte of any input in exactly one leaf, and the
// tree to agree with the parser.
func FuzzMessageFields(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte, version uint16) {
		if len(raw) > 1<<15 {
			t.Skip("a tree of so many fields is cut short")
		}
		checkMessage(t, raw, version)
	})
}

func FuzzAlertFields(f *testing.F) {
	f.Add([]byte{2, 42})
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, raw []byte) {
		fields := AlertFields(raw, "message")
		checkCover(t, fields, raw)
		if _, err := ParseAlert(raw); (err == nil) != (len(broken(fields)) == 0) {
			t.Fatalf("parsing says %v, the tree has %d broken leaves", err, len(broken(fields)))
		}
	})
}

func FuzzDistinguishedName(f *testing.F) {
	f.Add(commonName("Client Root"))
	f.Add([]byte{0x30, 0x00})
	f.Fuzz(func(t *testing.T, der []byte) {
		if text := distinguishedName(der); text == "" || bytes.ContainsAny([]byte(text), "\x00\n\x1b") {
			t.Fatalf("got %q", text)
		}
	})
}
