package field

import "testing"

// TestRoom builds trees in a room that is reset between them, as one that is written
// out at once is.
func TestRoom(t *testing.T) {
	var room Room
	var b Builder
	b.In(&room)
	for n := range 100 {
		room.Reset()
		size := 1 + n*7%300
		for i := range size {
			inner := b.Mark()
			b.Add(Field{Label: "part", Start: n, End: i})
			b.Add(Field{Label: "whole", Start: n, Fields: b.Take(inner)})
		}
		list := append(room.Empty(2), b.Take(0)[0])
		list = append(list, room.Keep(Field{Label: "kept", Start: n})...)
		if len(list) != 2 || list[0].Start != n || list[0].Fields[0].Label != "part" || list[1].Start != n {
			t.Fatalf("tree %d is %v", n, list)
		}
		if len(room.block) > mostKept {
			t.Fatalf("the room holds on to %d fields", len(room.block))
		}
	}
	room.Reset()
	if allocs := testing.AllocsPerRun(10, func() { room.Reset(); room.list(len(room.block)) }); allocs > 0 {
		t.Errorf("a room that was used takes %v allocations", allocs)
	}
}

// TestRoomOfAGiant holds on to no more than usual after a tree that is far larger.
func TestRoomOfAGiant(t *testing.T) {
	var room Room
	if n := len(room.list(10 * mostKept)); n != 10*mostKept {
		t.Fatal("a list of", n)
	}
	room.Reset()
	if len(room.block) > mostKept {
		t.Errorf("%d fields are held", len(room.block))
	}
}

func TestNoRoom(t *testing.T) {
	var none *Room
	a, b := none.Keep(Field{Label: "a"}), none.Keep(Field{Label: "b"})
	if a[0].Label != "a" || b[0].Label != "b" || len(none.Empty(3)) != 0 {
		t.Error("lists without a room are", a, b)
	}
}
