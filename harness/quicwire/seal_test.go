package quicwire

import (
	"bytes"
	"testing"
)

// The packets of RFC 9001 A and RFC 9369 A, opened and sealed again, are the same
// byte for byte.
func TestWhatIsOpenedSealsAgain(t *testing.T) {
	each(t, func(t *testing.T, version Version, v vectors) {
		client, server, err := InitialProtection(version, v.get(t, "dcid"))
		if err != nil {
			t.Fatal(err)
		}
		chacha, err := NewProtection(version, suiteChaCha20, v.get(t, "chacha_secret"))
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name    string
			keys    *Protection
			largest int64
		}{{"client_initial", client, -1}, {"server_initial", server, -1}, {"chacha", chacha, 654360563}} {
			raw := v.get(t, test.name+"_packet")
			p, err := ParsePacket(raw, 0)
			if err != nil {
				t.Fatal(err)
			}
			o, err := test.keys.Open(nil, &p, test.largest)
			if err != nil {
				t.Fatal(err)
			}
			again, err := test.keys.Seal(&p, o, o.Payload)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, test.name, again, raw)
		}
	})
}

// A payload of another size gets its Length, and opens.
func TestSealSetsTheLength(t *testing.T) {
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
	o.Header, o.Payload = bytes.Clone(o.Header), bytes.Clone(o.Payload)
	for _, size := range []int{0, 1, 20, 63, 64, 1000, 20000} {
		payload := bytes.Repeat([]byte{1}, size) // PING frames
		sealed, err := server.Seal(&p, o, payload)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParsePacket(append(sealed, 1, 2, 3), 0)
		if err != nil || len(q.Raw) != len(sealed) {
			t.Fatalf("%d bytes: the packet has %d of %d bytes (%v)", size, len(q.Raw), len(sealed), err)
		}
		got, err := server.Open(nil, &q, -1)
		if err != nil || got.Number != o.Number || !bytes.HasPrefix(got.Payload, payload) || len(got.Payload) > max(size, 3) {
			t.Errorf("%d bytes open as number %d, %d bytes (%v)", size, got.Number, len(got.Payload), err)
		}
	}
}

func TestAppendCryptoReadsAgain(t *testing.T) {
	f, err := ParseFrame(AppendCrypto(nil, 70000, []byte("abc")))
	if err != nil || f.Type != FrameCrypto || f.Offset != 70000 || string(f.Data) != "abc" {
		t.Errorf("%+v, %v", f, err)
	}
}
