package dissect

import (
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// recordedQUIC returns a healthy connection, ready to be dissected b.N times.
func recordedQUIC(tb testing.TB) *transcript.Transcript {
	return quicPair{name: "healthy"}.run(tb)
}

// BenchmarkDissectQUIC reads a whole QUIC handshake with client certificate: ML-KEM,
// one byte of data, and the close.
func BenchmarkDissectQUIC(b *testing.B) {
	t := recordedQUIC(b)
	b.ReportAllocs()
	for b.Loop() {
		if tl := Transcript(t); tl.Unread != 0 {
			b.Fatal("a unit could not be read")
		}
	}
	b.ReportMetric(float64(len(t.Units)), "datagrams")
}

// BenchmarkQUICTrees builds every field tree of that handshake.
func BenchmarkQUICTrees(b *testing.B) {
	tl := Transcript(recordedQUIC(b))
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range tl.Steps {
			s.Tree()
		}
	}
}

// The whole of a handshake has to cost far less than the handshake itself.
func TestQUICAllocations(t *testing.T) {
	tr := recordedQUIC(t)
	if tr.Units[0].From != outcome.Client {
		t.Fatal("the recording does not begin with the client")
	}
	if n := testing.AllocsPerRun(20, func() { Transcript(tr) }); n > 700 {
		t.Errorf("dissecting %d datagrams takes %.0f allocations", len(tr.Units), n)
	}
}
