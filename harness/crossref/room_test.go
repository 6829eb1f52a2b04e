package crossref

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/outcome"
)

// TestRoom makes Books of different connections one after another in one room, and
// finds in each what one has that is made on its own.
func TestRoom(t *testing.T) {
	root := mint("Root", nil, nil)
	leaf := mint("leaf", root, nil)
	connections := []Input{
		reference(t, "client-authentication.txt"), showing(t, outcome.Server, leaf, root), reference(t, "simple-1rtt.txt"),
		{},
		showing(t, outcome.Client, leaf), reference(t, "hello-retry-request.txt"), reference(t, "client-authentication.txt"),
	}
	everything := func(in Input) (pages []string) {
		b := New(in)
		for _, s := range in.Timeline.Steps {
			p := b.page(s, nil)
			for _, n := range p.notes {
				pages = append(pages, n.at.way[n.at.n-1].label+": "+n.text)
			}
			pages = append(pages, b.Says(s)...)
			for _, proof := range b.Checks(s) {
				pages = append(pages, proof.Text)
			}
		}
		return pages
	}
	room := new(Room)
	for range 3 {
		for i, in := range connections {
			if in.Timeline == nil {
				in.Timeline = New(in).in.Timeline
			}
			want := everything(in)
			in.Room = room
			if diff := cmp.Diff(want, everything(in)); diff != "" {
				t.Errorf("connection %d (-on its own +in the room):\n%s", i, diff)
			}
		}
	}
	if len(room.notes.block) == 0 || len(room.pages.block) == 0 || len(room.messages.block) == 0 {
		t.Error("the room was not used")
	}
}

// TestStore gives back nothing that was in a list before, and grows no larger than it
// says.
func TestStore(t *testing.T) {
	const most = 8
	var s store[int]
	for _, n := range []int{1, 3, most, 3 * most, 2, 0, most + 1, 1} {
		s.reset(most)
		if len(s.block) > most {
			t.Fatalf("it holds on to %d things, at most %d were allowed", len(s.block), most)
		}
		for range n {
			list := s.list(2)
			if len(list) != 2 || cap(list) != 2 || list[0] != 0 || list[1] != 0 {
				t.Fatalf("a list of 2 is %v with room for %d", list, cap(list))
			}
			list[0], list[1] = 7, 7
		}
	}
}
