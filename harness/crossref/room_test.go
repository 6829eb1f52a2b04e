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
	if room.notes.Kept() == 0 || room.pages.Kept() == 0 || room.messages.Kept() == 0 {
		t.Error("the room was not used")
	}
}
