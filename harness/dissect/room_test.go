package dissect

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/field"
	"shakedown/harness/transcript"
)

// TestRoom dissects different recordings one after another in one room, which holds
// rubbish from before, and finds what each has in memory of its own.
func TestRoom(t *testing.T) {
	var recordings []*transcript.Transcript
	for _, h := range handshakes {
		recordings = append(recordings, h.pair(t).record(t), recordedQUIC(t))
	}
	var room Room
	for range 3 {
		for i, rec := range recordings {
			room.Reset()
			rubbish := room.bytes.List(room.bytes.Kept(), 0)
			for at := range rubbish {
				rubbish[at] = 0xdb
			}
			room.Reset()
			want, got := Transcript(rec), TranscriptIn(&room, Derived{}, rec)
			if diff := cmp.Diff(format(want), format(got)); diff != "" {
				t.Fatalf("recording %d differs in a room that was used before (-fresh +used):\n%s", i, diff)
			}
			for n, s := range got.Steps {
				if written(t, want.Steps[n].Tree()) != written(t, s.Tree()) {
					t.Fatalf("recording %d: the tree of %s differs in a room that was used before", i, s.Name)
				}
				if !slices.Equal(want.Steps[n].AppendPackets(nil), s.AppendPackets(nil)) || !slices.Equal(want.Steps[n].Units, s.Units) {
					t.Fatalf("recording %d: %s came in other packets or units in a room that was used before", i, s.Name)
				}
			}
		}
	}
}

// written is a tree as text.
func written(t *testing.T, tree field.Tree) string {
	t.Helper()
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
