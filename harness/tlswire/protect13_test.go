package tlswire

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

// A traced record is one of an RFC's example handshake.
type tracedRecord struct {
	from, holds string
	bytes       []byte
}

// readTrace reads the records and secrets of testdata/rfc8448-3.txt.
func readTrace(t *testing.T) (records []tracedRecord, secrets map[string][]byte) {
	t.Helper()
	text, err := os.ReadFile("testdata/rfc8448-3.txt")
	if err != nil {
		t.Fatal(err)
	}
	secrets = make(map[string][]byte)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || word == "#":
		case word == "client" || word == "server":
			records = append(records, tracedRecord{from: word, holds: rest})
		case word == "secret":
			label, value, _ := strings.Cut(rest, " ")
			secrets[label] = unhex(t, value)
		default:
			last := &records[len(records)-1]
			last.bytes = append(last.bytes, unhex(t, strings.ReplaceAll(line, " ", ""))...)
		}
	}
	return records, secrets
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTrafficKeys13OpenRFC8448(t *testing.T) {
	records, secrets := readTrace(t)
	keys := func(label string) *Protection {
		p, err := NewTrafficKeys13(0x1301, secrets[label])
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	protections := map[string]*Protection{
		"client": keys("CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
		"server": keys("SERVER_HANDSHAKE_TRAFFIC_SECRET"),
	}
	var got []string
	for _, traced := range records {
		rec, n, err := ParseRecord(traced.bytes)
		if err != nil || n != len(traced.bytes) {
			t.Fatalf("%s's record with %s: ParseRecord = %d bytes, %v; want %d", traced.from, traced.holds, n, err, len(traced.bytes))
		}
		typ, content := rec.Type, rec.Payload
		if rec.Type == ApplicationData {
			if typ, content, err = protections[traced.from].Open(rec); err != nil {
				t.Fatalf("%s's record with %s: %v", traced.from, traced.holds, err)
			}
		}
		var holds []string
		switch typ {
		case Handshake:
			for len(content) > 0 {
				n := 4 + int(content[1])<<16 + int(content[2])<<8 + int(content[3])
				holds = append(holds, HandshakeType(content[0]).String())
				content = content[n:]
			}
			if strings.HasSuffix(traced.holds, "Finished") {
				protections[traced.from] = keys(strings.ToUpper(traced.from) + "_TRAFFIC_SECRET_0")
			}
		case ApplicationData:
			holds = []string{typ.String()}
			// The example sends the bytes 0x00 to 0x31.
			if len(content) != 50 || content[0] != 0 || content[49] != 0x31 {
				t.Errorf("%s's application data is %x", traced.from, content)
			}
		default:
			holds = []string{typ.String()}
			if !bytes.Equal(content, []byte{1, 0}) {
				t.Errorf("%s's alert is %x, want 0100 (close_notify)", traced.from, content)
			}
		}
		got = append(got, traced.from+" "+strings.Join(holds, ", "))
		if want := traced.from + " " + traced.holds; got[len(got)-1] != want {
			t.Errorf("got %s, want %s", got[len(got)-1], want)
		}
	}
	if len(got) != 9 {
		t.Errorf("read %d records, want 9", len(got))
	}
}

// TestTrafficKeys13OpenEverySuite seals records with a key schedule of the
// standard library, under every suite, and opens them.
func TestTrafficKeys13OpenEverySuite(t *testing.T) {
	tests := []struct {
		suite  uint16
		hash   func() hash.Hash
		keyLen int
		aead   func(key []byte) (cipher.AEAD, error)
	}{
		{0x1301, sha256.New, 16, newGCM},
		{0x1302, sha512.New384, 32, newGCM},
		{0x1303, sha256.New, 32, chacha20poly1305.New},
		{0x1304, sha256.New, 16, newCCM},
		{0x1305, sha256.New, 16, newCCM8},
	}
	for _, tt := range tests {
		t.Run(CipherSuiteName(tt.suite), func(t *testing.T) {
			secret := bytes.Repeat([]byte{5}, tt.hash().Size())
			expand := func(label string, n int) []byte {
				info := fmt.Sprintf("%c%c%ctls13 %s%c", 0, n, len("tls13 ")+len(label), label, 0)
				out, err := hkdf.Expand(tt.hash, secret, info, n)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			aead, err := tt.aead(expand("key", tt.keyLen))
			if err != nil {
				t.Fatal(err)
			}
			iv := expand("iv", 12)
			p, err := NewTrafficKeys13(tt.suite, secret)
			if err != nil {
				t.Fatal(err)
			}
			for seq := range 300 {
				inner := append(bytes.Repeat([]byte{byte(seq)}, seq), byte(Handshake), 0, 0)
				nonce := bytes.Clone(iv)
				nonce[10] ^= byte(seq >> 8)
				nonce[11] ^= byte(seq)
				n := len(inner) + aead.Overhead()
				header := []byte{byte(ApplicationData), 3, 3, byte(n >> 8), byte(n)}
				rec, _, err := ParseRecord(append(bytes.Clone(header), aead.Seal(nil, nonce, inner, header)...))
				if err != nil {
					t.Fatal(err)
				}
				typ, content, err := p.Open(rec)
				if err != nil || typ != Handshake || !bytes.Equal(content, inner[:seq]) {
					t.Fatalf("record %d opens as %v %x, %v", seq, typ, content, err)
				}
			}
		})
	}
}

// TestKeyUpdateKeys compares the keys after a KeyUpdate with a key schedule
// written with the standard library's HKDF.
func TestKeyUpdateKeys(t *testing.T) {
	_, secrets := readTrace(t)
	secret := secrets["CLIENT_TRAFFIC_SECRET_0"]
	p, err := NewTrafficKeys13(0x1301, secret)
	if err != nil {
		t.Fatal(err)
	}
	for generation := 1; generation <= 3; generation++ {
		info := "\x00\x20\x11tls13 traffic upd\x00"
		if secret, err = hkdf.Expand(sha256.New, secret, info, 32); err != nil {
			t.Fatal(err)
		}
		if p, err = p.Next(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.secret, secret) {
			t.Fatalf("secret %d after KeyUpdate is %x, want %x", generation, p.secret, secret)
		}
		if p.Opened() != 0 {
			t.Errorf("the sequence number after KeyUpdate is %d, want 0", p.Opened())
		}
	}
}

func TestInnerPlaintext(t *testing.T) {
	tests := []struct {
		name    string
		in      []byte
		typ     ContentType
		content []byte
		fails   bool
	}{
		{name: "no padding", in: []byte{1, 2, 22}, typ: Handshake, content: []byte{1, 2}},
		{name: "padding", in: []byte{1, 2, 21, 0, 0, 0}, typ: AlertType, content: []byte{1, 2}},
		{name: "content that ends in zeros", in: []byte{1, 0, 0, 23, 0}, typ: ApplicationData, content: []byte{1, 0, 0}},
		{name: "no content", in: []byte{23, 0}, typ: ApplicationData, content: []byte{}},
		{name: "only padding", in: []byte{0, 0}, fails: true},
		{name: "nothing", in: nil, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			typ, content, err := innerPlaintext(tt.in)
			if (err != nil) != tt.fails {
				t.Fatalf("innerPlaintext(%x) = %v, want an error: %t", tt.in, err, tt.fails)
			}
			if typ != tt.typ || !bytes.Equal(content, tt.content) {
				t.Errorf("innerPlaintext(%x) = %v %x, want %v %x", tt.in, typ, content, tt.typ, tt.content)
			}
		})
	}
}

// TestOpenKeepsItsPlace gives a protection records that are not its next one.
func TestOpenKeepsItsPlace(t *testing.T) {
	records, secrets := readTrace(t)
	flight, _, err := ParseRecord(records[2].bytes)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewTrafficKeys13(0x1301, secrets["SERVER_HANDSHAKE_TRAFFIC_SECRET"])
	if err != nil {
		t.Fatal(err)
	}
	damaged := flight
	damaged.Payload = bytes.Clone(flight.Payload)
	damaged.Payload[100] ^= 1
	for n := range len(flight.Payload) {
		short := flight
		short.Payload = flight.Payload[:n]
		if _, _, err := p.Open(short); err == nil {
			t.Fatalf("a record cut to %d bytes opens", n)
		}
	}
	if _, _, err := p.Open(damaged); !errors.Is(err, ErrRecordMAC) {
		t.Errorf("a damaged record: %v, want %v", err, ErrRecordMAC)
	}
	if _, _, err := p.Open(flight); err != nil {
		t.Errorf("the record itself does not open after damaged ones: %v", err)
	}
	if _, _, err := p.Open(flight); !errors.Is(err, ErrRecordMAC) {
		t.Errorf("the same record again: %v, want %v", err, ErrRecordMAC)
	}
}

func TestTrafficKeys13Refuses(t *testing.T) {
	tests := []struct {
		name   string
		suite  uint16
		secret int
		want   string
	}{
		{"a suite of TLS 1.2", 0xc02f, 32, "no TLS 1.3 record protection for cipher suite TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		{"a secret of another hash", 0x1302, 32, "the traffic secret has 32 bytes, want 48 for TLS_AES_256_GCM_SHA384"},
		{"no secret", 0x1301, 0, "the traffic secret has 0 bytes, want 32 for TLS_AES_128_GCM_SHA256"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewTrafficKeys13(tt.suite, make([]byte, tt.secret))
			if err == nil || err.Error() != tt.want {
				t.Errorf("NewTrafficKeys13 = %v, want %s", err, tt.want)
			}
		})
	}
}
