package quicwire

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	v1  = "\x00\x00\x00\x01"
	v2  = "\x6b\x33\x43\xcf"
	ids = "\x04dddd\x02ss"
)

// b1 writes one byte as a string.
func b1(b byte) string { return string([]byte{b}) }

func TestParsePacketTypes(t *testing.T) {
	body := "\x05hello" // a Length of 5
	tests := []struct {
		name    string
		in      string
		want    PacketType
		version Version
		size    int // 0: all of it
	}{
		{"v1 Initial", b1(0xc0) + v1 + ids + "\x03tok" + body, Initial, Version1, 0},
		{"v1 0-RTT", b1(0xd0) + v1 + ids + body, ZeroRTT, Version1, 0},
		{"v1 Handshake", b1(0xe0) + v1 + ids + body, Handshake, Version1, 0},
		{"v1 Handshake with another packet behind it", b1(0xe0) + v1 + ids + body + "\x40more", Handshake, Version1, 19},
		{"v1 Retry", b1(0xf0) + v1 + ids + "token" + strings.Repeat("t", 16), Retry, Version1, 0},
		{"v2 Initial", b1(0xd0) + v2 + ids + "\x03tok" + body, Initial, Version2, 0},
		{"v2 0-RTT", b1(0xe0) + v2 + ids + body, ZeroRTT, Version2, 0},
		{"v2 Handshake", b1(0xf0) + v2 + ids + body, Handshake, Version2, 0},
		{"v2 Retry", b1(0xc0) + v2 + ids + "token" + strings.Repeat("t", 16), Retry, Version2, 0},
		{"Version Negotiation", b1(0x80) + "\x00\x00\x00\x00" + ids + v2 + v1, VersionNegotiation, 0, 0},
		{"an unknown version", b1(0xc0) + "\x1a\x2a\x3a\x4a" + ids + "anything", Unknown, 0x1a2a3a4a, 0},
		{"an unknown version with long IDs", b1(0xc0) + "\xff\x00\x00\x1d" + "\x15" + strings.Repeat("d", 21) + "\x00", Unknown, 0xff00001d, 0},
		{"1-RTT", "\x40ssss and the rest", OneRTT, 0, 0},
		{"1-RTT with a greased Fixed Bit", "\x00ssss and the rest", OneRTT, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParsePacket([]byte(tt.in), 4)
			if err != nil {
				t.Fatal(err)
			}
			if p.Type != tt.want || p.Version != tt.version {
				t.Errorf("got %v packet of %v, want %v of %v", p.Type, p.Version, tt.want, tt.version)
			}
			if tt.size == 0 {
				tt.size = len(tt.in)
			}
			if len(p.Raw) != tt.size {
				t.Errorf("the packet has %d bytes, want %d", len(p.Raw), tt.size)
			}
			if p.FixedBit() != (tt.in[0]&0x40 != 0) {
				t.Errorf("FixedBit() = %v for first byte 0x%02x", p.FixedBit(), tt.in[0])
			}
			checkCoverage(t, DatagramFields([]byte(tt.in), 4, "datagram", nil), len(tt.in))
		})
	}
}

func TestParsePacketParts(t *testing.T) {
	p, err := ParsePacket([]byte(b1(0xc0)+v1+ids+"\x03tok"+"\x05hello"), 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "destination", p.DestinationID, []byte("dddd"))
	equal(t, "source", p.SourceID, []byte("ss"))
	equal(t, "token", p.Token, []byte("tok"))
	if p.number != len(p.Raw)-5 {
		t.Errorf("the packet number is at %d of %d, want 5 from the end", p.number, len(p.Raw))
	}
	p, err = ParsePacket([]byte(b1(0x80)+"\x00\x00\x00\x00"+ids+v2+"\x1a\x2a\x3a\x4a"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(p.SupportedVersions()), "[QUIC v2 0x1a2a3a4a (reserved)]"; got != want {
		t.Errorf("supported versions %s, want %s", got, want)
	}
}

func TestParsePacketRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", "empty"},
		{"a long connection ID", b1(0xc0) + v1 + "\x15" + strings.Repeat("d", 21) + "\x00\x00\x00", "connection ID of 21 bytes"},
		{"a length beyond the datagram", b1(0xe0) + v1 + ids + "\x41\x00hello", "length says 256 bytes, 5 are left"},
		{"a token beyond the datagram", b1(0xc0) + v1 + ids + "\x44\x00hello", "token"},
		{"a short Retry", b1(0xf0) + v1 + ids + "short", "retry integrity tag"},
		{"Version Negotiation of no versions", b1(0x80) + "\x00\x00\x00\x00" + ids, "supported versions"},
		{"a short header without its connection ID", "\x40abc", "destination connection ID"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParsePacket([]byte(tt.in), 4)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestParsePacketTruncated(t *testing.T) {
	each(t, func(t *testing.T, version Version, v vectors) {
		for _, name := range []string{"client_initial_packet", "server_initial_packet", "retry_packet"} {
			raw := v.get(t, name)
			for n := range raw {
				p, err := ParsePacket(raw[:n], 0)
				switch {
				case name == "retry_packet" && err == nil && n > len(raw)-len("token")-1:
					// A Retry carries no length: a shorter one has another token and tag.
				case err == nil:
					t.Errorf("%s cut to %d bytes: read as a %v packet of %d", name, n, p.Type, len(p.Raw))
				case !errors.Is(err, ErrTruncated):
					t.Errorf("%s cut to %d bytes: %v, want %v", name, n, err, ErrTruncated)
				}
				checkCoverage(t, DatagramFields(raw[:n], 0, "datagram", nil), n)
			}
		}
		client, _, err := InitialProtection(version, v.get(t, "dcid"))
		if err != nil {
			t.Fatal(err)
		}
		// A short header packet has no length either: opening it has to notice.
		short := append([]byte{0x40}, v.get(t, "server_initial_packet")...)
		for n := 1; n < 40; n++ {
			p, err := ParsePacket(short[:n], 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Open(nil, &p, -1); err == nil {
				t.Errorf("a 1-RTT packet of %d bytes opened", n)
			}
		}
	})
}

func TestZeroFill(t *testing.T) {
	if !ZeroFill(make([]byte, 9)) || ZeroFill([]byte{0, 0, 1}) {
		t.Error("ZeroFill does not tell zero bytes from others")
	}
	raw := append([]byte(b1(0xe0)+v1+ids+"\x05hello"), make([]byte, 30)...)
	fields := DatagramFields(raw, 4, "datagram", nil)
	checkCoverage(t, fields, len(raw))
	if len(fields) != 2 || fields[1].Label != "zero bytes" {
		t.Errorf("got %d fields, want a packet and the zero bytes behind it", len(fields))
	}
}

func FuzzParsePacket(f *testing.F) {
	for _, file := range []string{"quic-v1.txt", "quic-v2.txt"} {
		v := readVectors(f, file)
		for _, name := range []string{"client_initial_packet", "server_initial_packet", "retry_packet", "chacha_packet"} {
			f.Add(v.get(f, name), 0)
		}
	}
	f.Add([]byte(b1(0xe0)+v1+ids+"\x05hello"+"\x40more and more"), 4)
	f.Add([]byte(b1(0x80)+"\x00\x00\x00\x00"+ids+v2+v1), 8)
	f.Add([]byte(b1(0xc0)+"\x1a\x2a\x3a\x4a"+ids), 20)
	keys, err := NewProtection(Version1, suiteAES128, make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte, idLength int) {
		before := bytes.Clone(b)
		for rest := b; len(rest) > 0; {
			p, err := ParsePacket(rest, idLength)
			if err != nil {
				break
			}
			if len(p.Raw) == 0 || len(p.Raw) > len(rest) {
				t.Fatalf("a packet of %d bytes out of %d", len(p.Raw), len(rest))
			}
			if p.Type.Protected() {
				_, _ = keys.Open(nil, &p, -1)
			}
			if p.Type == Retry {
				_ = CheckRetry(&p, p.SourceID)
			}
			_ = p.SupportedVersions()
			rest = rest[len(p.Raw):]
		}
		if !bytes.Equal(b, before) {
			t.Fatal("the input was changed")
		}
		checkCoverage(t, DatagramFields(b, idLength, "datagram", nil), len(b))
	})
}
