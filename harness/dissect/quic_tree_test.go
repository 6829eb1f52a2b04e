package dissect

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"shakedown/harness/field"
)

// checkTree fails unless each buffer of a step's tree has each of its bytes in
// exactly one leaf, and is made of what its origins say.
func checkTree(t *testing.T, s *Step) {
	t.Helper()
	tree := s.Tree()
	if len(tree.Buffers) == 0 {
		t.Errorf("%s has no tree", s.Name)
		return
	}
	if err := tree.Check(); err != nil {
		t.Fatalf("step %d, %s: %v", s.N, s.Name, err)
	}
	for _, b := range tree.Buffers {
		if err := sameBytes(tree, b); err != nil {
			t.Fatalf("step %d, %s: %v", s.N, s.Name, err)
		}
	}
}

// sameBytes says whether a buffer is made of its origins' bytes. Only the removal
// of protection and decompression change bytes on the way.
func sameBytes(tree field.Tree, b field.Buffer) error {
	changed := b.Name == plaintextBuffer || b.Name == decompressedBuffer || strings.HasPrefix(b.Name, packetBuffer)
	if len(b.Origins) == 0 || changed {
		return nil
	}
	var from []byte
	for _, o := range b.Origins {
		parent, _ := tree.Buffer(o.Buffer)
		from = append(from, parent.Bytes[o.Start:o.End]...)
	}
	if !bytes.Equal(from, b.Bytes) {
		return fmt.Errorf("buffer %q differs from what it is made of:\n%x\n%x", b.Name, b.Bytes, from)
	}
	return nil
}
