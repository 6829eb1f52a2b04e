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
		if room.fields.Kept() > mostKept {
			t.Fatalf("the room holds on to %d fields", room.fields.Kept())
		}
	}
	room.Reset()
	if allocs := testing.AllocsPerRun(10, func() { room.Reset(); room.list(room.fields.Kept()) }); allocs > 0 {
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
	if room.fields.Kept() > mostKept {
		t.Errorf("%d fields are held", room.fields.Kept())
	}
}

// TestRoomForTrees makes trees with buffers and origins in a room that is reset
// between them.
func TestRoomForTrees(t *testing.T) {
	var room Room
	build := func(n int) (Tree, []Origin) {
		room.Reset()
		tree := room.Tree(2, 1)
		origins := room.Origins(1)
		if len(tree.Fields) != 0 || len(tree.Buffers) != 0 || len(origins) != 0 {
			t.Fatalf("tree %d begins as %v, its origins as %v", n, tree, origins)
		}
		for i := range 1 + n%3 {
			tree.Fields = append(tree.Fields, Field{Start: n, End: i})
			tree.Buffers = append(tree.Buffers, Buffer{Name: "buffer", Bytes: make([]byte, n)})
			origins = append(origins, Origin{Start: n, End: i})
		}
		other := room.Tree(1, 1) // takes nothing of the first
		other.Buffers = append(other.Buffers, Buffer{Name: "other"})
		other.Fields = append(other.Fields, Field{Label: "other"})
		_ = append(room.Origins(1), Origin{Buffer: "other"})
		return tree, origins
	}
	for n := range 100 {
		tree, origins := build(n)
		for i := range 1 + n%3 {
			if f, b, o := tree.Fields[i], tree.Buffers[i], origins[i]; f.Start != n || f.End != i || b.Name != "buffer" || len(b.Bytes) != n || o.Start != n || o.End != i {
				t.Fatalf("tree %d has %v, %v and origin %v at %d", n, f, b, o, i)
			}
		}
	}
	if allocs := testing.AllocsPerRun(10, func() { room.Reset(); room.Tree(4, 3); room.Origins(1) }); allocs > 0 {
		t.Errorf("a room that was used takes %v allocations for a tree", allocs)
	}
}

func TestNoRoom(t *testing.T) {
	var none *Room
	a, b := none.Keep(Field{Label: "a"}), none.Keep(Field{Label: "b"})
	if a[0].Label != "a" || b[0].Label != "b" || len(none.Empty(3)) != 0 {
		t.Error("lists without a room are", a, b)
	}
	if tree := none.Tree(3, 2); len(tree.Fields) != 0 || len(tree.Buffers) != 0 || len(none.Origins(1)) != 0 {
		t.Error("a tree without a room is", tree)
	}
}
