package harness

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// wireOnly is what a capture has of a recording: what was sent, and the secrets.
func wireOnly(t *transcript.Transcript) *transcript.Transcript {
	w := &transcript.Transcript{Transport: t.Transport, Start: t.Start, ClientKeys: t.ClientKeys.Clone(), ServerKeys: t.ServerKeys.Clone()}
	w.ClientKeys.Merge(&t.ServerKeys)
	w.ServerKeys.Merge(&t.ClientKeys)
	for i, u := range t.Units {
		u.Seq, u.Marks = uint64(2*i+1), nil
		u.Deliveries = []transcript.Delivery{{Seq: uint64(2*i + 2)}}
		w.Units = append(w.Units, u)
	}
	return w
}

// wireStory is a timeline without times and numbers of bytes on the wire.
func wireStory(steps []*dissect.Step) string {
	var b strings.Builder
	for _, s := range steps {
		if s.Kind != dissect.KindLocal {
			fmt.Fprintf(&b, "%s %s %s %s %d: %s\n", s.From, s.Level, s.Kind, s.Name, s.Bytes, s.Summary)
		}
	}
	return b.String()
}

func resultStory(steps []StepResult) string {
	var b strings.Builder
	for _, s := range steps {
		if s.Kind != dissect.KindLocal {
			fmt.Fprintf(&b, "%s %s %s %s %d: %s\n", s.From, s.Level, s.Kind, s.Name, s.Bytes, s.Summary)
		}
	}
	return b.String()
}

// openAll opens a file that is in memory.
func openAll(t testing.TB, file []byte, o CaptureOptions) []Captured {
	t.Helper()
	var all []Captured
	if _, err := OpenCapture(context.Background(), bytes.NewReader(file), o, func(c Captured) error {
		all = append(all, c)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// recordAll plays every built-in scenario in every cell, once for all tests; but
// not those in which the path does something, for what arrives there is not what
// was sent.
func recordAll(t *testing.T, f func(name string, connections []*Connection)) {
	t.Helper()
	for _, sc := range sampled(t) {
		if len(sc.Wire) > 0 {
			continue
		}
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			f(sc.ID+"/"+cell.String(), connections)
		}
	}
}

// However the bytes of a connection were captured, it tells the same story.
func TestOpenTellsTheSameHoweverItWasCaptured(t *testing.T) {
	recordAll(t, func(name string, connections []*Connection) {
		for _, c := range connections {
			if len(c.Transcript.Units) == 0 || wordless(c) {
				continue // nothing was sent
			}
			want := wireStory(dissect.Transcript(wireOnly(c.Transcript)).Steps)
			for _, how := range hostilities {
				if c.Transcript.Transport == outcome.QUIC && how.name != "as they come" {
					continue
				}
				n := newSniffer(clientAddr, serverAddr)
				n.size = how.size
				n.record(c.Transcript)
				packets := n.packets
				if how.change != nil {
					packets = how.change(rand.New(rand.NewPCG(1, 2)), slices.Clone(packets))
				}
				got := openAll(t, pcapOf(packets), CaptureOptions{Keys: keysOf(c.Transcript), All: true})
				if len(got) != 1 {
					t.Errorf("%s, %s: %d connections", name, how.name, len(got))
					continue
				}
				if diff := cmp.Diff(want, resultStory(got[0].Result.Steps)); diff != "" {
					t.Errorf("%s, %s (-recorded +captured):\n%s\n%s", name, how.name, diff, got[0].Result.Notes)
				}
			}
		}
	})
}
