package dissect

import (
	"crypto/tls"
	"fmt"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// TestTruncatedAtEveryLength cuts what one side sends at every length: nothing
// may panic, and what was whole before must be read.
func TestTruncatedAtEveryLength(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		rec := joined(healthy(version).record(t))
		for cut := range rec.Units {
			whole := *rec
			whole.Units = rec.Units[:cut]
			before := wireSteps(Transcript(&whole))
			for n := 0; n < len(rec.Units[cut].Sent); n += 1 + n/97 {
				c := whole
				u := rec.Units[cut]
				u.Sent = u.Sent[:n:n]
				c.Units = append(c.Units[:len(c.Units):len(c.Units)], u)
				tl := Transcript(&c)
				got := wireSteps(tl)
				if len(got) < len(before) || fmt.Sprint(got[:len(before)]) != fmt.Sprint(before) {
					t.Fatalf("unit %d cut to %d bytes changes what was before it:\n%v\n%v", cut, n, before, got)
				}
				for _, s := range tl.Steps[len(before):] {
					s.Tree()
				}
				if n > 0 && len(got) == len(before) {
					t.Fatalf("unit %d cut to %d bytes cannot be seen:\n%v", cut, n, got)
				}
			}
		}
	}
}

// FuzzTCP dissects arbitrary bytes of both sides, with the keys of a real
// handshake: nothing may panic, and every tree must hold together.
func FuzzTCP(f *testing.F) {
	// The keys must be the same in every process that fuzzes.
	recs := map[bool]*transcript.Transcript{false: readTrace(f, mutual12), true: readTrace(f, rfc8448)}
	for tls13, rec := range recs {
		streams := map[outcome.Role][]byte{}
		for _, u := range rec.Units {
			streams[u.From] = append(streams[u.From], u.Sent...)
		}
		f.Add(tls13, uint16(len(rec.Units[0].Sent)), streams[outcome.Client], streams[outcome.Server])
		f.Add(tls13, uint16(100), streams[outcome.Client], streams[outcome.Client])
	}
	f.Add(true, uint16(1), []byte("GET / HTTP/1.1\r\n"), []byte("HTTP/1.1 400 Bad Request\r\n"))
	f.Fuzz(func(t *testing.T, tls13 bool, first uint16, client, server []byte) {
		s := newScript()
		s.ClientKeys = recs[tls13].ClientKeys
		n := min(int(first), len(client))
		s.sends(outcome.Client, client[:n]).sends(outcome.Server, server).sends(outcome.Client, client[n:])
		s.Facts = []transcript.Fact{
			{Side: outcome.Client, Kind: transcript.HandshakeComplete, After: 4},
			{Side: outcome.Server, Kind: transcript.HandshakeFailed, After: 2},
		}
		tl := Transcript(s.Transcript)
		for i, step := range tl.Steps {
			if step.N != i+1 || step.Flight < 1 {
				t.Fatalf("step %d has number %d and flight %d", i+1, step.N, step.Flight)
			}
			if step.Kind != KindLocal {
				checkTree(t, step)
			}
		}
	})
}
