package field

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMemo(t *testing.T) {
	var m Memo[int]
	shared := []Field{{Label: "shared"}}
	parts := []Field{{Label: "part", Fields: []Field{{Label: "bit", Bits: "1... ...."}}}, {Label: "other", Fields: shared, Shared: true}}
	m.Remember(7, []byte("raw"), Field{Label: "whole", Value: "v", Fields: parts})
	for _, tt := range []struct {
		at  int
		raw string
	}{{8, "raw"}, {7, "row"}, {7, ""}} {
		if f := m.Find(tt.at, []byte(tt.raw)); f != nil {
			t.Errorf("%d %q is %v", tt.at, tt.raw, f)
		}
	}
	parts[0].Label, parts[0].Fields[0].Label = "changed", "changed" // a room is used again
	got := m.Find(7, []byte("raw"))
	want := &Field{Label: "whole", Value: "v", Shared: true, Fields: []Field{
		{Label: "part", Fields: []Field{{Label: "bit", Bits: "1... ...."}}}, {Label: "other", Fields: shared, Shared: true},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if &got.Fields[1].Fields[0] != &shared[0] {
		t.Error("what is shared already was copied")
	}
}

// TestMemoIsBounded remembers more than there is room for, in several goroutines.
func TestMemoIsBounded(t *testing.T) {
	var m Memo[string]
	parts := make([]Field, 100)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range mostRemembered / 100 {
				raw := fmt.Appendf(nil, "%d", i)
				m.Remember(fmt.Sprint(w), raw, Field{Start: i, Fields: parts})
				if f := m.Find(fmt.Sprint(w), raw); f != nil && f.Start != i {
					t.Errorf("%q is number %d", raw, f.Start)
				}
			}
		})
	}
	writers.Wait()
	n := 0
	for _, f := range m.of {
		n += len(f.Fields)
	}
	if n > mostRemembered || n != m.total {
		t.Errorf("%d fields are remembered, %d counted, at most %d wanted", n, m.total, mostRemembered)
	}
	for _, f := range []Field{{}, {Fields: make([]Field, mostRememberedParts+1)}} {
		m.Remember("large", []byte("raw"), f)
		if m.Find("large", []byte("raw")) != nil {
			t.Errorf("a field with %d parts is remembered", len(f.Fields))
		}
	}
}
