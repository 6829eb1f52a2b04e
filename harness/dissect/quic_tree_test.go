package dissect

import (
	"testing"

	"shakedown/harness/field"
)

// checkTree fails unless each buffer of a step's tree has each of its bytes in
// exactly one leaf, and its parent is there.
func checkTree(t *testing.T, s *Step) {
	t.Helper()
	tree := s.Tree()
	if len(tree.Buffers) == 0 {
		t.Errorf("%s has no tree", s.Name)
		return
	}
	at := map[string]int{}
	var walk func(fields []field.Field, path string)
	walk = func(fields []field.Field, path string) {
		for _, f := range fields {
			name := path + "/" + f.Label
			if len(f.Fields) > 0 {
				walk(f.Fields, name)
				continue
			}
			if f.Start != at[f.Buffer] || f.End < f.Start {
				t.Fatalf("%s: %s is [%d,%d) of %s, the leaf before it ends at %d", s.Name, name, f.Start, f.End, f.Buffer, at[f.Buffer])
			}
			at[f.Buffer] = f.End
		}
	}
	walk(tree.Fields, "")
	for _, b := range tree.Buffers {
		if at[b.Name] != len(b.Bytes) {
			t.Fatalf("%s: the leaves of %s end at %d of %d", s.Name, b.Name, at[b.Name], len(b.Bytes))
		}
		delete(at, b.Name)
		if b.Parent == "" {
			continue
		}
		parent, ok := tree.Buffer(b.Parent)
		if !ok {
			t.Fatalf("%s: %s was made from %q, which is not there", s.Name, b.Name, b.Parent)
		}
		for _, r := range b.Ranges {
			if r.Start < 0 || r.End > len(parent.Bytes) || r.Start > r.End {
				t.Fatalf("%s: %s was made from [%d,%d) of %s, which has %d bytes", s.Name, b.Name, r.Start, r.End, b.Parent, len(parent.Bytes))
			}
		}
	}
	for name := range at {
		t.Fatalf("%s has fields of a buffer %q that is not there", s.Name, name)
	}
}
