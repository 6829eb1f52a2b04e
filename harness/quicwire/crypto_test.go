package quicwire

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestCryptoBuffer(t *testing.T) {
	type add struct {
		offset uint64
		data   string
		fresh  int
		ready  string
	}
	tests := []struct {
		name string
		adds []add
	}{
		{"in order", []add{{0, "abc", 3, "abc"}, {3, "def", 3, "abcdef"}}},
		{"a gap is filled", []add{{3, "def", 3, ""}, {0, "abc", 3, "abcdef"}}},
		{"a repeat is not new", []add{{0, "abc", 3, "abc"}, {0, "abc", 0, "abc"}, {1, "b", 0, "abc"}}},
		{"an overlap is new in part", []add{{0, "abc", 3, "abc"}, {1, "bcde", 2, "abcde"}}},
		{"a repeat beyond a gap is not new", []add{{5, "fg", 2, ""}, {5, "fg", 0, ""}, {4, "ef", 1, ""}, {0, "abcd", 4, "abcdefg"}}},
		{"one piece bridges islands", []add{{2, "c", 1, ""}, {6, "g", 1, ""}, {4, "e", 1, ""}, {1, "bcdefgh", 4, ""}, {0, "a", 1, "abcdefgh"}}},
		{"touching islands join", []add{{4, "ef", 2, ""}, {2, "cd", 2, ""}, {0, "ab", 2, "abcdef"}}},
		{"what was there stays", []add{{0, "abc", 3, "abc"}, {0, "XYZd", 1, "abcd"}}},
		{"nothing", []add{{0, "", 0, ""}, {9, "", 0, ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c CryptoBuffer
			for _, a := range tt.adds {
				fresh, err := c.Add(a.offset, []byte(a.data))
				if err != nil {
					t.Fatal(err)
				}
				if fresh != a.fresh || string(c.Bytes()) != a.ready {
					t.Errorf("Add(%d, %q) = %d new, %q ready; want %d, %q", a.offset, a.data, fresh, c.Bytes(), a.fresh, a.ready)
				}
			}
		})
	}
}

func TestCryptoBufferConsume(t *testing.T) {
	var c CryptoBuffer
	for _, a := range []struct {
		at   uint64
		data string
	}{{6, "ghi"}, {0, "abcd"}} {
		if _, err := c.Add(a.at, []byte(a.data)); err != nil {
			t.Fatal(err)
		}
	}
	message := c.Bytes()[:3]
	c.Consume(3)
	if c.Held() != 4 {
		t.Errorf("%d bytes are held, want 4: one in order and three behind a gap", c.Held())
	}
	if fresh, err := c.Add(0, []byte("XXXXef")); fresh != 2 || err != nil {
		t.Fatalf("Add over what was consumed: %d new, error %v, want 2", fresh, err)
	}
	if string(c.Bytes()) != "defghi" || c.Offset() != 3 || string(message) != "abc" {
		t.Errorf("%q ready at %d, message %q; want %q at 3, %q", c.Bytes(), c.Offset(), message, "defghi", "abc")
	}
	if c.Held() != len(c.Bytes()) {
		t.Error("a gap is left")
	}
}

func TestCryptoBufferIsBounded(t *testing.T) {
	var c CryptoBuffer
	if _, err := c.Add(MaxCryptoBuffer, []byte("x")); err == nil {
		t.Error("Add took a byte beyond the limit")
	}
	if _, err := c.Add(1<<62-2, []byte("x")); err == nil {
		t.Error("Add took a byte at the end of the stream")
	}
	if _, err := c.Add(MaxCryptoBuffer-1, []byte("x")); err != nil {
		t.Errorf("Add refused the last byte inside the limit: %v", err)
	}
}

// Any order and overlap of pieces gives the stream back, and each byte is new
// exactly once.
func TestCryptoBufferShuffled(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		want := make([]byte, 1+r.IntN(3000))
		for i := range want {
			want[i] = byte(r.Uint32())
		}
		var c CryptoBuffer
		var got []byte
		total := 0
		for len(got) < len(want) {
			start := r.IntN(len(want))
			end := start + 1 + r.IntN(len(want)-start)
			fresh, err := c.Add(uint64(start), want[start:end])
			if err != nil {
				t.Fatal(err)
			}
			total += fresh
			n := r.IntN(len(c.Bytes()) + 1)
			if len(got)+len(c.Bytes()) == len(want) {
				n = len(c.Bytes())
			}
			got = append(got, c.Bytes()[:n]...)
			c.Consume(n)
		}
		if !bytes.Equal(got, want) || total != len(want) {
			t.Fatalf("%d of %d bytes came back, equal: %v", total, len(want), bytes.Equal(got, want))
		}
	}
}
