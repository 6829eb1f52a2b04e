package harness

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"testing"

	"shakedown/harness/capture"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// handshakes makes a file of that many mutual handshakes, each from a port of
// its own, and returns their secrets beside it.
func handshakes(b testing.TB, cell outcome.Cell, n int) (file []byte, keys *capture.Keys) {
	b.Helper()
	sc, err := scenario.Parse("healthy", []byte("title: a healthy pair\n"))
	if err != nil {
		b.Fatal(err)
	}
	ready, err := newStage(sc, goldenNow, nil)
	if err != nil {
		b.Fatal(err)
	}
	var packets []packet
	var recordings []*transcript.Transcript
	for i := range n {
		connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		t := connections[0].Transcript
		s := newSniffer(netip.AddrPortFrom(clientAddr.Addr(), uint16(10000+i)), serverAddr)
		s.record(t)
		packets = append(packets, s.packets...)
		recordings = append(recordings, t)
	}
	return pcapOf(packets), keysOf(recordings...)
}

// BenchmarkOpenCapture opens files of handshakes; the metric to look at is
// µs/handshake, which does not grow with the file.
func BenchmarkOpenCapture(b *testing.B) {
	for _, cell := range []outcome.Cell{{Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.TCP, TLS: "1.2"}, {Transport: outcome.QUIC, TLS: "1.3"}} {
		file, keys := handshakes(b, cell, 1000)
		for _, fields := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/fields=%v", cell, fields), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(file)))
				for b.Loop() {
					n := 0
					_, err := OpenCapture(context.Background(), bytes.NewReader(file), CaptureOptions{Keys: keys, Fields: fields}, func(c Captured) error {
						n++
						return nil
					})
					if err != nil || n != 1000 {
						b.Fatal(n, err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/handshake")
			})
		}
	}
}
