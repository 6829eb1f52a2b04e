package dissect

import (
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// recorded returns a healthy connection, ready to be dissected b.N times.
func recorded(tb testing.TB) *transcript.Transcript {
	return pair{name: "healthy"}.run(tb)
}

// BenchmarkDissectQUIC reads a whole QUIC handshake with client certificate: ML-KEM,
// one byte of data, and the close.
func BenchmarkDissectQUIC(b *testing.B) {
	t := recorded(b)
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
	tl := Transcript(recorded(b))
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range tl.Steps {
			s.Tree()
		}
	}
}

// The whole of a handshake has to cost far less than the handshake itself.
func TestQUICAllocations(t *testing.T) {
	tr := recorded(t)
	if tr.Units[0].From != outcome.Client {
		t.Fatal("the recording does not begin with the client")
	}
	if n := testing.AllocsPerRun(20, func() { Transcript(tr) }); n > 900 {
		t.Errorf("dissecting %d datagrams takes %.0f allocations", len(tr.Units), n)
	}
}
