package tlswire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestParseRecord(t *testing.T) {
	hello := []byte{22, 3, 1, 0, 3, 1, 2, 3}
	rec, n, err := ParseRecord(append(bytes.Clone(hello), "the next record"...))
	if err != nil {
		t.Fatal(err)
	}
	if n != len(hello) || rec.Type != Handshake || rec.Version != 0x0301 ||
		!bytes.Equal(rec.Payload, []byte{1, 2, 3}) || !bytes.Equal(rec.Raw, hello) {
		t.Errorf("ParseRecord = %+v, %d bytes", rec, n)
	}
	// What is appended to a payload must not run into the next record.
	if cap(rec.Payload) != len(rec.Payload) || cap(rec.Raw) != len(rec.Raw) {
		t.Errorf("the record's slices reach past it: caps %d and %d", cap(rec.Payload), cap(rec.Raw))
	}
}

func TestParseRecordTruncated(t *testing.T) {
	records, _ := readTrace(t)
	for _, traced := range records {
		for n := range traced.bytes {
			_, size, err := ParseRecord(traced.bytes[:n])
			if !errors.Is(err, ErrIncompleteRecord) || !errors.Is(err, io.ErrUnexpectedEOF) || size != 0 {
				t.Fatalf("%s cut to %d bytes: %d, %v; want %v", traced.holds, n, size, err, ErrIncompleteRecord)
			}
		}
	}
}

func TestLooksLikeRecord(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want bool
	}{
		{"nothing yet", "", true},
		{"one byte of a record", "\x16", true},
		{"a ClientHello", "\x16\x03\x01\x05\xdc", true},
		{"an SSL 3.0 alert", "\x15\x03\x00\x00\x02", true},
		{"the longest TLS 1.2 record", "\x17\x03\x03\x48\x00", true},
		{"one byte longer", "\x17\x03\x03\x48\x01", false},
		{"an HTTP response", "HTTP/1.1 400 Bad Request", false},
		{"an SMTP banner", "220 mail.example.test ESMTP", false},
		{"HTTP/2 settings", "\x00\x00\x12\x04\x00", false},
		{"a version from elsewhere", "\x16\x02\x00\x00\x01", false},
		{"a version after TLS 1.3", "\x16\x03\x05\x00\x01", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := LooksLikeRecord([]byte(tt.in)); got != tt.want {
				t.Errorf("LooksLikeRecord(%q) = %t, want %t", tt.in, got, tt.want)
			}
		})
	}
}

func TestParseRecordEscapesWhatItQuotes(t *testing.T) {
	_, _, err := ParseRecord([]byte("\x1b[2Jhello"))
	if !errors.Is(err, ErrNotRecord) {
		t.Fatalf("ParseRecord = %v, want %v", err, ErrNotRecord)
	}
	if strings.ContainsRune(err.Error(), 0x1b) {
		t.Errorf("the error holds a raw escape character: %q", err)
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add([]byte{22, 3, 1, 0, 3, 1, 2, 3})
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"))
	f.Add([]byte{21, 3, 3, 0, 2, 2, 48, 23, 3, 3, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			rec, n, err := ParseRecord(b)
			if err != nil {
				if n != 0 {
					t.Fatalf("ParseRecord took %d bytes and failed: %v", n, err)
				}
				return
			}
			if !bytes.Equal(rec.Raw, b[:n]) || n != RecordHeaderLen+len(rec.Payload) {
				t.Fatalf("the record of %x is %x", b[:n], rec.Raw)
			}
			b = b[n:]
		}
	})
}

// FuzzOpen gives every kind of protection arbitrary records: none may open,
// and none may panic.
func FuzzOpen(f *testing.F) {
	f.Add(uint8(23), make([]byte, 64))
	f.Add(uint8(22), []byte{})
	f.Add(uint8(21), make([]byte, 16))
	f.Fuzz(func(t *testing.T, typ uint8, payload []byte) {
		for name, p := range everyProtection(t) {
			rec := Record{Type: ContentType(typ), Version: 0x0303, Payload: payload}
			if _, _, err := p.Open(rec); err == nil {
				t.Errorf("%s: a record that nobody protected opens: %x", name, payload)
			}
			if p.Opened() != 0 {
				t.Errorf("%s: the sequence number went on to %d", name, p.Opened())
			}
		}
	})
}

// everyProtection returns one protection of each kind, with keys of zeros.
func everyProtection(t *testing.T) map[string]*Protection {
	all := make(map[string]*Protection)
	for i := range suites13 {
		p, err := NewTrafficKeys13(suites13[i].id, make([]byte, suites13[i].hashLen))
		if err != nil {
			t.Fatal(err)
		}
		all[CipherSuiteName(suites13[i].id)] = p
	}
	for i := range suites12 {
		p, q, err := NewKeys12(suites12[i].ids[0], make([]byte, masterLen), [32]byte{}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		name := CipherSuiteName(suites12[i].ids[0])
		all[name] = p
		q.EncryptThenMAC()
		all[name+" with encrypt_then_mac"] = q
	}
	return all
}
