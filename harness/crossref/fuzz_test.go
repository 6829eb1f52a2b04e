package crossref

import (
	"encoding/binary"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// FuzzBook reads recordings of anything, with real keys, and asks for all that
// there is to ask. It must not panic, must not change what it was given, and
// must say the same each time.
func FuzzBook(f *testing.F) {
	var keys keylog.Log
	for _, path := range []string{trace12, trace13} {
		rec := recording(f, path)
		keys.Merge(&rec.ClientKeys)
		f.Add(pack(rec))
		f.Add(pack(rec)[:200])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rec := unpack(data)
		rec.ClientKeys = keys.Clone()
		timeline := dissect.Transcript(rec)
		before := New(Input{Timeline: timeline, Transcript: rec})
		in := Input{Timeline: timeline, Transcript: rec, Before: []*Book{nil, before}, PreSharedKeys: [][]byte{make([]byte, 32)}}
		in.Transcript.Client.Settings = outcome.Settings{Known: true, ServerName: "server.test", ALPN: []string{"h2"}, Trust: [][]byte{{0x30, 0}}}
		in.Transcript.Server.Settings = outcome.Settings{Known: true, ALPN: []string{"h3"}, Credentials: []outcome.Credential{{}, {Chain: [][]byte{{0x30}}}}}
		a, b := New(in), New(in)
		for _, s := range timeline.Steps {
			checks := a.Checks(s)
			a.SignedOther(s)
			again := b.Checks(s)
			if len(checks) != len(again) {
				t.Fatalf("step %d: %d checks, and %d the next time", s.N, len(checks), len(again))
			}
			for i, p := range checks {
				if p != again[i] {
					t.Fatalf("step %d: %v, and %v the next time", s.N, p, again[i])
				}
				if p.Text == "" || p.Result == "" || p.Result == NotChecked && p.Reason == "" {
					t.Fatalf("step %d: a proof without words: %+v", s.N, p)
				}
			}
			tree, own := a.Tree(s), len(s.Tree().Fields)
			if len(tree.Fields) < own {
				t.Fatalf("step %d has %d fields, and %d of its own", s.N, len(tree.Fields), own)
			}
			for _, f := range tree.Fields[own:] {
				if !strings.HasPrefix(f.Label, Arrived) {
					t.Fatalf("step %d has %q behind its own fields", s.N, f.Label)
				}
			}
			if err := tree.Check(); err != nil {
				t.Fatalf("step %d: %v", s.N, err)
			}
			a.Says(s)
		}
	})
}

// pack writes a recording as bytes: for each unit a head of flags and length.
func pack(rec *transcript.Transcript) []byte {
	b := []byte{0}
	if rec.Transport == outcome.QUIC {
		b[0] = 1
	}
	for _, u := range rec.Units {
		flags := byte(0)
		if u.From == outcome.Server {
			flags = 1
		}
		b = append(b, flags)
		b = binary.BigEndian.AppendUint16(b, uint16(len(u.Sent)))
		b = append(b, u.Sent...)
	}
	return b
}

// unpack reads what pack writes, and any other bytes.
func unpack(b []byte) *transcript.Transcript {
	rec := &transcript.Transcript{Transport: outcome.TCP}
	if len(b) == 0 {
		return rec
	}
	if b[0]&1 != 0 {
		rec.Transport = outcome.QUIC
	}
	for b = b[1:]; len(b) >= 3 && len(rec.Units) < 64; {
		flags, n := b[0], int(binary.BigEndian.Uint16(b[1:]))
		b = b[3:]
		n = min(n, len(b))
		i := len(rec.Units)
		u := transcript.Unit{Index: i, From: outcome.Client, Sent: b[:n:n], Seq: uint64(2*i + 1)}
		if flags&1 != 0 {
			u.From = outcome.Server
		}
		if flags&2 == 0 {
			u.Deliveries = []transcript.Delivery{{Seq: uint64(2*i + 2)}}
			if flags&4 != 0 && n > 0 {
				changed := append([]byte(nil), u.Sent...)
				changed[n/2] ^= 1
				u.Deliveries[0].Bytes = changed
			}
		}
		if flags&8 != 0 {
			u.Marks = []transcript.Mark{transcript.Injected}
		}
		if flags&16 != 0 {
			u.Kind = transcript.FIN
		}
		rec.Units = append(rec.Units, u)
		b = b[n:]
	}
	return rec
}
