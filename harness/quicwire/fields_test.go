package quicwire

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/field"
)

// checkCoverage fails unless each of size bytes is in exactly one leaf, the
// parts of a field lie inside it in order, and each field says what it is.
func checkCoverage(t *testing.T, fields []field.Field, size int) {
	t.Helper()
	if len(fields) == 0 {
		if size > 0 {
			t.Fatalf("%d bytes have no fields", size)
		}
		return
	}
	base, buffer := fields[0].Start, fields[0].Buffer
	front := []field.Field{{Label: "front", Buffer: buffer, End: base, Section: "none"}}
	tree := field.Tree{Buffers: []field.Buffer{{Name: buffer, Bytes: make([]byte, base+size)}}, Fields: append(front, fields...)}
	if err := tree.Check(); err != nil {
		t.Fatal(err)
	}
	var walk func(fields []field.Field, path string)
	walk = func(fields []field.Field, path string) {
		for _, f := range fields {
			if f.Meaning == "" || f.Leaf() && f.Value == "" {
				t.Fatalf("%s/%s says too little: %+v", path, f.Label, f)
			}
			walk(f.Fields, path+"/"+f.Label)
		}
	}
	walk(fields, "")
}

// checkRoom calls each of tell three times, in turn and in a room that is reset. They
// have to tell the same each time, and no two of them the same.
func checkRoom(t *testing.T, tell []func(*field.Room) []field.Field) {
	t.Helper()
	var room field.Room
	first := make([]string, len(tell))
	by := make(map[string]int)
	for round := range 3 {
		for i, f := range tell {
			room.Reset()
			text, err := json.Marshal(f(&room))
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case round > 0 && string(text) != first[i]:
				t.Fatalf("number %d is told as\n%s, before as\n%s", i, text, first[i])
			case round > 0:
				continue
			}
			first[i] = string(text)
			if other, twice := by[first[i]]; twice {
				t.Fatalf("numbers %d and %d are both told as\n%s", other, i, text)
			}
			by[first[i]] = i
		}
	}
}

// outline writes labels and values, indented.
func outline(fields []field.Field, depth int) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(strings.Repeat("  ", depth) + f.Label + ": " + f.Value + "\n")
		b.WriteString(outline(f.Fields, depth+1))
	}
	return b.String()
}

// A.3's packet, byte by byte, as a person sees it.
func TestPacketFields(t *testing.T) {
	v := readVectors(t, "quic-v1.txt")
	_, server, err := InitialProtection(Version1, v.get(t, "dcid"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParsePacket(v.get(t, "server_initial_packet"), 0)
	if err != nil {
		t.Fatal(err)
	}
	o, err := server.Open(nil, &p, -1)
	if err != nil {
		t.Fatal(err)
	}
	got := []field.Field{PacketFields(&p, &o, "packet", nil)}
	checkCoverage(t, got, len(o.Bytes))
	const want = `Initial packet: QUIC v1, 119 bytes
  Header Form and flags: 0xc1
    Header Form: long
    Fixed Bit: 1
    Long Packet Type: 0 (Initial)
    Reserved Bits: 0
    Packet Number Length: 1 (2 bytes)
  Version: QUIC v1
  Destination Connection ID Length: 0
  Destination Connection ID: empty
  Source Connection ID Length: 8
  Source Connection ID: f067a5502a4262b5
  Token Length: 0
  Token: empty
  Length: 117
  Packet Number: 1
  ACK: 0
    Type: 0x02 (ACK)
    Largest Acknowledged: 0
    ACK Delay: 0
    ACK Range Count: 0
    First ACK Range: 0
  CRYPTO: offset 0, 90 bytes
    Type: 0x06 (CRYPTO)
    Offset: 0
    Length: 90
    Crypto Data: 90 bytes
`
	if s := outline(got, 0); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	bits := got[0].Fields[0].Fields
	for i, want := range []string{"1... ....", ".1.. ....", "..00 ....", ".... 00..", ".... ..01"} {
		if bits[i].Bits != want {
			t.Errorf("%s is %q, want %q", bits[i].Label, bits[i].Bits, want)
		}
	}
	if m := got[0].Fields[9].Meaning; m != "Sent in 2 bytes, which hold all of it." {
		t.Errorf("the packet number means %q", m)
	}
}

func TestDatagramFields(t *testing.T) {
	v := readVectors(t, "quic-v2.txt")
	raw := slices.Concat(v.get(t, "server_initial_packet"), v.get(t, "chacha_packet"))
	got := DatagramFields(raw, 0, "datagram", nil)
	checkCoverage(t, got, len(raw))
	if len(got) != 2 || got[0].Label != "Initial packet" || got[1].Label != "1-RTT packet" {
		t.Errorf("got\n%s\nwant an Initial packet and a 1-RTT packet", outline(got, 0))
	}
	for _, f := range got {
		if last := f.Fields[len(f.Fields)-1]; last.Label != "authentication tag" || last.End-last.Start != tagSize {
			t.Errorf("%s ends with %s of %d bytes, want the tag", f.Label, last.Label, last.End-last.Start)
		}
	}
}

func TestUnprotectedShortHeaderFields(t *testing.T) {
	v := readVectors(t, "quic-v1.txt")
	keys, err := NewProtection(Version1, suiteChaCha20, v.get(t, "chacha_secret"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParsePacket(v.get(t, "chacha_packet"), 0)
	if err != nil {
		t.Fatal(err)
	}
	o, err := keys.Open(nil, &p, 654360563)
	if err != nil {
		t.Fatal(err)
	}
	f := PacketFields(&p, &o, "packet", nil)
	checkCoverage(t, []field.Field{f}, len(o.Bytes))
	const want = `Header Form: short
Fixed Bit: 1
Spin Bit: 0
Reserved Bits: 0
Key Phase: 0
Packet Number Length: 2 (3 bytes)
`
	if got := outline(f.Fields[0].Fields, 0); got != want {
		t.Errorf("the first byte is\n%s\nwant\n%s", got, want)
	}
	// The vector's packet number is 654360564, of which 0xbff4 with a zero before
	// it was sent.
	number := f.Fields[2]
	if number.Value != "654360564" || !strings.Contains(number.Meaning, "its last 3 bytes (00bff4)") {
		t.Errorf("the packet number is %s: %s", number.Value, number.Meaning)
	}
	before := DatagramFields(p.Raw, 0, "datagram", nil)
	if bits := before[0].Fields[0].Fields; len(bits) != 4 || bits[3].Label != "protected" || bits[3].Bits[3] != '0' && bits[3].Bits[3] != '1' {
		t.Errorf("under header protection the first byte is\n%s", outline(before[0].Fields[:1], 0))
	}
}
