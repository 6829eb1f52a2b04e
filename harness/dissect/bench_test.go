package dissect

import (
	"crypto/tls"
	"testing"
)

// The product promises that a handshake, recorded and dissected, takes at most
// a quarter longer than the bare one, which is about a millisecond.

func BenchmarkDissectTCP13(b *testing.B) { benchmarkDissect(b, tls.VersionTLS13) }

func BenchmarkDissectTCP12(b *testing.B) { benchmarkDissect(b, tls.VersionTLS12) }

func benchmarkDissect(b *testing.B, version uint16) {
	rec := healthy(version).record(b)
	if tl := Transcript(rec); tl.Unread != 0 || len(tl.Steps) < 20 {
		b.Fatalf("dissected into %d steps, %d of them unread", len(tl.Steps), tl.Unread)
	}
	b.ReportAllocs()
	for b.Loop() {
		Transcript(rec)
	}
}

// BenchmarkTimeline asks for a timeline again, when nothing has changed.
func BenchmarkTimeline(b *testing.B) {
	rec := healthy(tls.VersionTLS13).record(b)
	d := New(rec)
	for i := range rec.Units {
		d.Add(&rec.Units[i])
	}
	for _, f := range rec.Facts {
		d.AddFact(f)
	}
	d.Timeline()
	b.ReportAllocs()
	for b.Loop() {
		d.Timeline()
	}
}

// BenchmarkLive follows a handshake as a session does: a timeline after each unit.
func BenchmarkLive(b *testing.B) {
	rec := healthy(tls.VersionTLS13).record(b)
	b.ReportAllocs()
	for b.Loop() {
		d := New(rec)
		for i := range rec.Units {
			d.Add(&rec.Units[i])
			d.Timeline()
		}
	}
}
