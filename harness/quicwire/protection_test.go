package quicwire

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"
)

// RFC 9001 A.1 and RFC 9369 A.1.
func TestInitialKeys(t *testing.T) {
	each(t, func(t *testing.T, version Version, v vectors) {
		d, err := version.dialect()
		if err != nil {
			t.Fatal(err)
		}
		initial, err := hkdf.Extract(sha256.New, v.get(t, "dcid"), []byte(d.salt))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "initial_secret", initial, v.get(t, "initial_secret"))
		client, server, err := InitialProtection(version, v.get(t, "dcid"))
		if err != nil {
			t.Fatal(err)
		}
		for name, p := range map[string]*Protection{"client": client, "server": server} {
			equal(t, name+" secret", p.secret, v.get(t, name+"_initial_secret"))
			keys, err := derive(suiteAES128, p.secret)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, name+" key", keys.label(d.key, 16), v.get(t, name+"_key"))
			equal(t, name+" iv", p.iv[:], v.get(t, name+"_iv"))
			equal(t, name+" hp", keys.label(d.hp, 16), v.get(t, name+"_hp"))
		}
	})
}

// RFC 9001 A.2 and A.3, RFC 9369 A.2 and A.3.
func TestOpenInitial(t *testing.T) {
	each(t, func(t *testing.T, version Version, v vectors) {
		client, server, err := InitialProtection(version, v.get(t, "dcid"))
		if err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name    string
			keys    *Protection
			payload []byte
			number  uint64
			length  int
		}{
			{"client_initial", client, v.clientPayload(t), 2, 4},
			{"server_initial", server, v.get(t, "server_initial_payload"), 1, 2},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				raw, header := v.get(t, tt.name+"_packet"), v.get(t, tt.name+"_header")
				p, err := ParsePacket(raw, 0)
				if err != nil {
					t.Fatal(err)
				}
				if p.Type != Initial || p.Version != version || len(p.Raw) != len(raw) || len(p.Token) != 0 {
					t.Errorf("got %v packet of %v, %d bytes, token of %d", p.Type, p.Version, len(p.Raw), len(p.Token))
				}
				equal(t, "sample", p.Raw[p.number+4:p.number+4+sampleSize], v.get(t, tt.name+"_sample"))
				if err := tt.keys.makeMask(p.Raw[p.number+4:]); err != nil {
					t.Fatal(err)
				}
				equal(t, "mask", tt.keys.mask[:maskSize], v.get(t, tt.name+"_mask"))
				o, err := tt.keys.Open(nil, &p, -1)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "header", o.Header, header)
				equal(t, "payload", o.Payload, tt.payload)
				if o.Number != tt.number || o.NumberLength != tt.length {
					t.Errorf("packet number %d in %d bytes, want %d in %d", o.Number, o.NumberLength, tt.number, tt.length)
				}
				equal(t, "the test's own seal", tt.keys.seal(header, tt.length, tt.number, tt.payload), raw)
			})
		}
	})
}

// RFC 9001 A.4 and RFC 9369 A.4.
func TestCheckRetry(t *testing.T) {
	each(t, func(t *testing.T, version Version, v vectors) {
		raw := v.get(t, "retry_packet")
		p, err := ParsePacket(raw, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p.Type != Retry || p.Version != version || string(p.Token) != "token" {
			t.Errorf("got %v packet of %v with token %q", p.Type, p.Version, p.Token)
		}
		if err := CheckRetry(&p, v.get(t, "dcid")); err != nil {
			t.Errorf("CheckRetry: %v", err)
		}
		if err := CheckRetry(&p, []byte("another")); !errors.Is(err, ErrIntegrity) {
			t.Errorf("CheckRetry with another connection ID: %v, want %v", err, ErrIntegrity)
		}
		changed := bytes.Clone(raw)
		changed[len(changed)-20] ^= 1
		p, err = ParsePacket(changed, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckRetry(&p, v.get(t, "dcid")); !errors.Is(err, ErrIntegrity) {
			t.Errorf("CheckRetry of a changed token: %v, want %v", err, ErrIntegrity)
		}
	})
}

// RFC 9001 A.5 and RFC 9369 A.5.
func TestChaCha20ShortHeader(t *testing.T) {
	each(t, func(t *testing.T, version Version, v vectors) {
		keys, err := NewProtection(version, suiteChaCha20, v.get(t, "chacha_secret"))
		if err != nil {
			t.Fatal(err)
		}
		from, err := derive(suiteChaCha20, keys.secret)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "key", from.label(keys.dialect.key, 32), v.get(t, "chacha_key"))
		equal(t, "iv", keys.iv[:], v.get(t, "chacha_iv"))
		equal(t, "hp", keys.hp, v.get(t, "chacha_hp"))
		next, err := keys.Next()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "ku", next.secret, v.get(t, "chacha_ku"))

		p, err := ParsePacket(v.get(t, "chacha_packet"), 0)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "sample", p.Raw[p.number+4:], v.get(t, "chacha_sample"))
		number := binary.BigEndian.Uint64(v.get(t, "chacha_packet_number"))
		o, err := keys.Open(nil, &p, int64(number)-1)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "mask", keys.mask[:maskSize], v.get(t, "chacha_mask"))
		equal(t, "nonce", keys.nonce[:], v.get(t, "chacha_nonce"))
		equal(t, "header", o.Header, v.get(t, "chacha_header"))
		equal(t, "payload", o.Payload, v.get(t, "chacha_payload"))
		if o.Number != number || o.NumberLength != 3 {
			t.Errorf("packet number %d in %d bytes, want %d in 3", o.Number, o.NumberLength, number)
		}
	})
}

func TestEverySuiteOpens(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, 48)
	for _, suite := range []uint16{suiteAES128, suiteAES256, suiteChaCha20} {
		for _, version := range []Version{Version1, Version2} {
			keys, err := NewProtection(version, suite, secret)
			if err != nil {
				t.Fatal(err)
			}
			header := []byte{0x40, 1, 2, 3, 4, 9}
			raw := keys.seal(header, 1, 9, []byte("\x06\x00\x04abcd"))
			p, err := ParsePacket(raw, 4)
			if err != nil {
				t.Fatal(err)
			}
			o, err := keys.Open(nil, &p, 8)
			if err != nil {
				t.Fatalf("suite 0x%04x: %v", suite, err)
			}
			equal(t, "payload", o.Payload, []byte("\x06\x00\x04abcd"))
			// Any changed byte is noticed, and nothing of the packet comes out.
			for i := range raw {
				changed := bytes.Clone(raw)
				changed[i] ^= 0x20
				p, err := ParsePacket(changed, 4)
				if err != nil {
					t.Fatal(err)
				}
				if o, err := keys.Open(nil, &p, 8); err == nil {
					t.Errorf("suite 0x%04x: byte %d changed and it opened to %x", suite, i, o.Payload)
				}
			}
		}
	}
}

func TestUnsupportedProtection(t *testing.T) {
	if _, err := NewProtection(Version1, 0x1304, make([]byte, 32)); err == nil {
		t.Error("NewProtection took TLS_AES_128_CCM_SHA256, which it cannot open")
	}
	if _, err := NewProtection(0xff00001d, suiteAES128, make([]byte, 32)); err == nil {
		t.Error("NewProtection took draft-29, whose keys it does not know")
	}
	if _, _, err := InitialProtection(0x1a2a3a4a, []byte("12345678")); err == nil {
		t.Error("InitialProtection took a reserved version")
	}
}

func TestKeyUpdate(t *testing.T) {
	phase := [3]*Protection{}
	var err error
	if phase[0], err = NewProtection(Version1, suiteAES128, bytes.Repeat([]byte{1}, 32)); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(phase); i++ {
		if phase[i], err = phase[i-1].Next(); err != nil {
			t.Fatal(err)
		}
	}
	// A packet of phase 0 that arrives late, after the first update, and two updates.
	packets := []struct {
		number byte
		phase  int
	}{{1, 0}, {2, 0}, {4, 1}, {3, 0}, {5, 1}, {6, 2}, {7, 2}}
	keys, largest := NewKeyPhases(phase[0]), int64(-1)
	for _, tt := range packets {
		header := []byte{0x40 | byte(tt.phase&1)<<2, 0xc1, tt.number}
		raw := phase[tt.phase].seal(header, 1, uint64(tt.number), []byte("\x01\x01\x01\x01"))
		p, err := ParsePacket(raw, 1)
		if err != nil {
			t.Fatal(err)
		}
		o, err := keys.Open(nil, &p, largest)
		if err != nil {
			t.Fatalf("packet %d of phase %d: %v", tt.number, tt.phase, err)
		}
		if o.Number != uint64(tt.number) || o.KeyPhase != (tt.phase&1 == 1) || o.Updates != tt.phase {
			t.Errorf("opened packet %d of phase %v after %d updates, want %d of %d", o.Number, o.KeyPhase, o.Updates, tt.number, tt.phase)
		}
		largest = max(largest, int64(o.Number))
	}
	if keys.Updates() != 2 {
		t.Errorf("followed %d key updates, want 2", keys.Updates())
	}
	// A forged Key Phase bit moves nothing.
	p, err := ParsePacket(append([]byte{0x44, 0xc1}, make([]byte, 40)...), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(nil, &p, largest); err == nil || keys.Updates() != 2 {
		t.Errorf("a forged packet: error %v, %d updates", err, keys.Updates())
	}
}

// RFC 9000 A.3's example, and the edges of the window.
func TestDecodePacketNumber(t *testing.T) {
	tests := []struct {
		largest   int64
		truncated uint64
		length    int
		want      uint64
	}{
		{0xa82f30ea, 0x9b32, 2, 0xa82f9b32},
		{-1, 0, 1, 0},
		{-1, 0xff, 1, 0xff},
		{-1, 2, 4, 2},
		{0xff, 0x00, 1, 0x100},
		{0x100, 0xff, 1, 0xff},
		{0x17f, 0x00, 1, 0x200},
		{1<<62 - 3, 0xfe, 1, 1<<62 - 2},
		{654360563, 49140, 3, 654360564},
	}
	for _, tt := range tests {
		if got := DecodePacketNumber(tt.largest, tt.truncated, tt.length); got != tt.want {
			t.Errorf("DecodePacketNumber(%d, 0x%x, %d) = %d, want %d", tt.largest, tt.truncated, tt.length, got, tt.want)
		}
	}
}
