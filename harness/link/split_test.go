package link

import (
	"bytes"
	"testing"
)

func record(contentType byte, n int) []byte {
	return append([]byte{contentType, 3, 3, byte(n >> 8), byte(n)}, bytes.Repeat([]byte{0xAA}, n)...)
}

func TestSplitCutsAFlightIntoRecords(t *testing.T) {
	flight := append(append(record(22, 90), record(20, 1)...), record(23, 40)...)
	var s splitter
	units, whole := s.split(bytes.Clone(flight))
	if len(units) != 3 || len(units[0]) != 95 || len(units[1]) != 6 || len(units[2]) != 45 {
		t.Fatalf("got %d units, want the flight's 3 records", len(units))
	}
	if !bytes.Equal(whole, flight) {
		t.Error("the units together are not what was written")
	}
}

func TestSplitWaitsForTheRestOfARecord(t *testing.T) {
	all := append(record(22, 300), record(22, 20)...)
	for cut := 1; cut < len(all); cut++ {
		var s splitter
		first, _ := s.split(bytes.Clone(all[:cut]))
		second, _ := s.split(bytes.Clone(all[cut:]))
		units := append(first, second...)
		if len(units) != 2 || !bytes.Equal(bytes.Join(units, nil), all) {
			t.Fatalf("cut at %d: got %d units, want the 2 records", cut, len(units))
		}
	}
}

func TestSplitKeepsWhatIsNoTLSWhole(t *testing.T) {
	for _, text := range []string{"GET / HTTP/1.1\r\n", "SSH-2.0-x\r\n", "\x16\x05\x00\x00\x00", "\x16\x03\x03\xff\xff"} {
		var s splitter
		units, _ := s.split([]byte(text))
		if len(units) != 1 || string(units[0]) != text {
			t.Errorf("%q: got %q, want it whole", text, units)
		}
		if units, _ = s.split(record(22, 5)); len(units) != 1 {
			t.Errorf("%q: what follows is split although the stream is no TLS", text)
		}
	}
}

func TestRestIsTheCutRecord(t *testing.T) {
	var s splitter
	if units, whole := s.split(record(22, 50)[:30]); len(units) != 0 || len(whole) != 0 {
		t.Fatal("half a record is a unit")
	}
	if got := len(s.rest()); got != 30 {
		t.Errorf("rest has %d bytes, want 30", got)
	}
	if len(s.rest()) != 0 {
		t.Error("rest is returned twice")
	}
}
