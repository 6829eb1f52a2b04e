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
			opened := room.opened.block
			for at := range opened {
				opened[at] = 0xdb
			}
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

// A room gives back nothing that was in it, and grows no larger than it says.
func TestRoomStore(t *testing.T) {
	const most = 8
	var s store[int]
	for _, n := range []int{1, 3, most, 3 * most, 2, 0, most + 1, 1} {
		s.reset(most)
		if len(s.block) > most {
			t.Fatalf("it holds on to %d, at most %d were asked for", len(s.block), most)
		}
		for range n {
			list := s.list(2, 3)
			if len(list) != 2 || cap(list) != 2 || list[0] != 0 || list[1] != 0 {
				t.Fatalf("a list of 2 is %v with room for %d", list, cap(list))
			}
			list[0], list[1] = 7, 7
		}
	}
}
