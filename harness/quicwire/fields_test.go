package quicwire

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/field"
)

// checkCoverage fails unless each of size bytes is in exactly one leaf, the
// parts of a field lie inside it in order, and each field says what it is.
func checkCoverage(t *testing.T, fields []field.Field, size int) {
	t.Helper()
	at := 0
	var walk func(fields []field.Field, start, end int, path string)
	walk = func(fields []field.Field, start, end int, path string) {
		for _, f := range fields {
			name := path + "/" + f.Label
			if f.Start < start || f.End > end || f.Start > f.End {
				t.Fatalf("%s has [%d,%d), which is not inside [%d,%d)", name, f.Start, f.End, start, end)
			}
			if f.Label == "" || f.Buffer == "" || f.Section == "" || f.Meaning == "" || len(f.Fields) == 0 && f.Value == "" {
				t.Fatalf("%s says too little: %+v", name, f)
			}
			if len(f.Fields) > 0 {
				walk(f.Fields, f.Start, f.End, name)
				continue
			}
			if f.Start != at {
				t.Fatalf("%s starts at %d, the leaf before it ends at %d", name, f.Start, at)
			}
			at = f.End
		}
	}
	walk(fields, 0, size, "")
	if at != size {
		t.Fatalf("the leaves end at %d, the bytes at %d", at, size)
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
	got := []field.Field{PacketFields(&p, &o, "packet")}
	checkCoverage(t, got, len(o.Bytes))
	const want = `Initial packet: QUIC v1, 119 bytes
  Header Form and flags: 0xc1
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
	if m := got[0].Fields[0].Meaning; m != "Long header, Fixed Bit 1, packet type 0 (Initial), Reserved Bits 0, packet number of 2 bytes." {
		t.Errorf("the first byte means %q", m)
	}
}

func TestDatagramFields(t *testing.T) {
	v := readVectors(t, "quic-v2.txt")
	raw := slices.Concat(v.get(t, "server_initial_packet"), v.get(t, "chacha_packet"))
	got := DatagramFields(raw, 0, "datagram")
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
	f := PacketFields(&p, &o, "packet")
	checkCoverage(t, []field.Field{f}, len(o.Bytes))
	if got, want := f.Fields[0].Meaning, "Short header, Fixed Bit 1, Spin Bit 0, Reserved Bits 0, Key Phase 0, packet number of 3 bytes."; got != want {
		t.Errorf("the first byte means %q, want %q", got, want)
	}
}
