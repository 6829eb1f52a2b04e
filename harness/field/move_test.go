package field

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMoved(t *testing.T) {
	list := []Field{
		{Label: "a", Buffer: "x", Start: 0, End: 2, Fields: []Field{{Label: "b", Buffer: "x", End: 1}, {Label: "c", Buffer: "x", Start: 1, End: 2}}},
		{Label: "d", Buffer: "x", Start: 2, End: 3},
	}
	want := []Field{
		{Label: "a", Buffer: "y", Start: 10, End: 12, Fields: []Field{{Label: "b", Buffer: "y", Start: 10, End: 11}, {Label: "c", Buffer: "y", Start: 11, End: 12}}},
		{Label: "d", Buffer: "y", Start: 12, End: 13},
	}
	got := Moved(list, 10, "y")
	if diff := cmp.Diff(want, got); diff != "" || Number(got) != 4 {
		t.Errorf("%d fields (-want +got):\n%s", Number(got), diff)
	}
	got[0].Fields[0].Label = "changed"
	if list[0].Fields[0].Label != "b" {
		t.Error("the copy shares a field with the list")
	}
	if Moved(nil, 1, "y") != nil {
		t.Error("nothing became something")
	}
}
