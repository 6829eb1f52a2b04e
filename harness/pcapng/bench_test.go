package pcapng

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// BenchmarkRead reads a file of 20,000 packets with 1,000 bytes of payload; the
// time of one packet is in ns/packet.
func BenchmarkRead(b *testing.B) {
	frames := make([][]byte, 20_000)
	for i := range frames {
		frames[i] = frame{payload: make([]byte, 1000)}.ethernet(b)
	}
	for _, file := range []struct {
		name string
		data []byte
	}{{"pcap", classic(b, false, frames...)}, {"pcapng", modern(b, frames...)}} {
		b.Run(file.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file.data)))
			for b.Loop() {
				reader, err := NewReader(bytes.NewReader(file.data))
				if err != nil {
					b.Fatal(err)
				}
				for {
					block, err := reader.Next()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					if s, err := block.(*Packet).Segment(); err != nil || len(s.Payload) != 1000 {
						b.Fatal(s, err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(frames)), "ns/packet")
		})
	}
}

func BenchmarkSegment(b *testing.B) {
	for _, f := range []struct {
		name  string
		frame frame
	}{{"TCP over IPv4", frame{payload: make([]byte, 1000), options: true}}, {"UDP over IPv6", frame{udp: true, six: true, payload: make([]byte, 1000)}}} {
		b.Run(f.name, func(b *testing.B) {
			data := f.frame.ethernet(b)
			p := Packet{Link: LinkEthernet, Data: data, Length: len(data)}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Segment(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWrite writes packets with 1,200 bytes of payload.
func BenchmarkWrite(b *testing.B) {
	var frames Frames
	w := NewWriter(io.Discard, testAbout)
	s := segments(b)[2]
	s.Payload = make([]byte, 1200)
	b.ReportAllocs()
	for b.Loop() {
		frame, err := frames.Frame(s)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Packet(moment, frame, "ClientHello"); err != nil {
			b.Fatal(err)
		}
	}
}
