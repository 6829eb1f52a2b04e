package pcapng

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

// FuzzReader wants no file to break the reader, and what it returns to lie
// within the file.
func FuzzReader(f *testing.F) {
	frames := [][]byte{frame{payload: []byte("hello")}.ethernet(f), frame{udp: true, six: true}.ethernet(f)}
	pcap := classic(f, false, frames...)
	for _, file := range [][]byte{
		pcap, swapped(pcap), classic(f, true, frames...), modern(f, frames...), gzipped(f, pcap),
		everything(f, binary.LittleEndian, binary.BigEndian), everything(f, binary.BigEndian),
		{},
		[]byte("CLIENT_RANDOM"),
	} {
		f.Add(file)
		f.Add(file[:len(file)*3/4])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		reader, err := NewReader(bytes.NewReader(file))
		if err != nil {
			var wrong *FormatError
			if !errors.As(err, &wrong) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrDamaged) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		total, offset := 0, int64(0)
		for {
			b, err := reader.Next()
			if reader.Offset() < offset || reader.Offset() > int64(len(file)) {
				t.Fatalf("the offset is %d after %d, in a file of %d bytes", reader.Offset(), offset, len(file))
			}
			offset = reader.Offset()
			if err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrDamaged) {
					t.Fatalf("an error of no kind: %v", err)
				}
				return
			}
			switch b := b.(type) {
			case *Packet:
				if total++; b.Number != total || b.Length < len(b.Data) {
					t.Fatalf("packet %d is number %d, with %d bytes of %d", total, b.Number, len(b.Data), b.Length)
				}
				if _, err := b.At.MarshalJSON(); err != nil {
					t.Fatalf("its time cannot be written: %v", err)
				}
				_, _ = b.Segment()
			case Secrets, Note:
			default:
				t.Fatalf("a block of type %T", b)
			}
		}
	})
}

// FuzzSegment wants no frame to break the decoder, payloads to lie within their
// frames, and what gopacket decodes to be decoded the same.
func FuzzSegment(f *testing.F) {
	for _, form := range forms() {
		for _, p := range around(f, form) {
			f.Add(uint16(p.Link), p.Data, uint16(0))
			f.Add(uint16(p.Link), p.Data[:len(p.Data)-3], uint16(3))
		}
	}
	f.Fuzz(func(t *testing.T, link uint16, data []byte, cut uint16) {
		p := Packet{Link: LinkType(link), Data: data, Length: len(data) + int(cut)}
		s, err := p.Segment()
		if err == nil {
			if s.Missing < 0 || len(s.Payload) > len(data) || s.Protocol != TCP && s.Protocol != UDP || !s.From.IsValid() {
				t.Fatalf("got %+v", s)
			}
			if len(s.Payload) > 0 && !within(data, s.Payload) {
				t.Fatal("the payload is not in the frame")
			}
		}
		compareWithGopacket(t, p, s, err)
	})
}

// within says that part shares all's memory.
func within(all, part []byte) bool {
	for i := range all {
		if &all[i] == &part[0] {
			return i+len(part) <= len(all)
		}
	}
	return false
}
