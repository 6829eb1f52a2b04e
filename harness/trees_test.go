package harness

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/scenario"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// Every byte of every step of every scenario, in every cell, is in exactly one
// leaf that says what it is; and every buffer is made of what its origins say.
func TestTreesOfEveryScenario(t *testing.T) {
	messages := map[string][]byte{} // one of each name, version and size
	for _, sc := range sampled(t) {
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			t.Run(sc.ID+"/"+cell.String(), func(t *testing.T) {
				connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for i, c := range connections {
					for _, s := range c.Timeline.Steps {
						tree := s.Tree()
						if err := checkStepTree(s, tree); err != nil {
							t.Errorf("connection %d, step %d, %s: %v", i+1, s.N, s.Name, err)
						}
						if err := checkStepTree(s, c.references().Tree(s)); err != nil {
							t.Errorf("connection %d, step %d, %s, with what arrived: %v", i+1, s.N, s.Name, err)
						}
						if b, ok := tree.Buffer("message"); ok && s.Err == nil {
							messages[fmt.Sprintf("%s %x %d", s.Name, c.Timeline.Version, len(b.Bytes))] = b.Bytes
						}
					}
				}
			})
		}
	}
	t.Run("truncated", func(t *testing.T) {
		for name, raw := range messages {
			for n := 0; n < len(raw); n += 1 + n/40 {
				for _, version := range []uint16{0, tlswire.VersionTLS12, tlswire.VersionTLS13} {
					if err := checkTruncated(raw[:n:n], version); err != nil {
						t.Fatalf("%s cut to %d bytes: %v", name, n, err)
					}
				}
			}
		}
	})
}

// What arrived in place of what was sent has a tree as well, which says of each
// part that differs what was sent. What arrived as it was sent has none.
func TestWhatArrivedHasATree(t *testing.T) {
	all := builtIn(t)
	i := slices.IndexFunc(all, func(sc *scenario.Scenario) bool { return sc.ID == "wire/client-certificates-emptied" })
	for cell, connections := range playAll(t, all[i]) {
		t.Run(cell.String(), func(t *testing.T) {
			altered := 0
			for _, s := range connections[0].Timeline.Steps {
				fields := connections[0].references().Tree(s).Fields
				arrived, has := lastArrived(fields)
				rewritten := slices.Contains(s.Marks, transcript.Rewritten)
				if has && !rewritten || !has && rewritten && s.Name == "Certificate" {
					t.Errorf("step %d, %s, marked %v: what arrived is shown: %v", s.N, s.Name, s.Marks, has)
				}
				if !has || s.Name != "Certificate" {
					continue
				}
				altered++
				length := arrived.Fields[1]
				if length.Label != "length" || len(length.Value) != 1 || !strings.HasPrefix(length.Meaning, "sent as 8") {
					t.Errorf("got %s %s (%s), want the length of an empty list, sent as some 800", length.Label, length.Value, length.Meaning)
				}
			}
			if altered != 1 {
				t.Errorf("%d Certificates have arrived as something else, want 1", altered)
			}
		})
	}
}

// lastArrived returns the last root of what arrived.
func lastArrived(roots []field.Field) (found field.Field, ok bool) {
	for _, f := range roots {
		if strings.HasPrefix(f.Label, crossref.Arrived) {
			found, ok = f, true
		}
	}
	return found, ok
}

// checkStepTree says what is wrong with the tree of a step.
func checkStepTree(s *dissect.Step, tree field.Tree) error {
	bytesless := s.Kind == dissect.KindLocal || s.Kind == dissect.KindTransport && s.Bytes == 0
	if bytesless != (len(tree.Buffers) == 0) {
		return fmt.Errorf("a %s step has %d buffers", s.Kind, len(tree.Buffers))
	}
	if err := tree.Check(); err != nil {
		return err
	}
	for _, b := range tree.Buffers {
		if err := checkOrigins(tree, b); err != nil {
			return err
		}
	}
	return checkText(tree.Fields)
}

// checkOrigins says whether a buffer's bytes are those of its origins. Only the
// removal of protection and decompression change bytes on the way; the first
// removes a tag at least.
func checkOrigins(tree field.Tree, b field.Buffer) error {
	if len(b.Origins) == 0 {
		return nil
	}
	var from []byte
	for _, o := range b.Origins {
		parent, _ := tree.Buffer(o.Buffer)
		from = append(from, parent.Bytes[o.Start:o.End]...)
	}
	name := strings.TrimPrefix(b.Name, crossref.Arrived)
	if _, second, ok := strings.Cut(name, ") "); ok { // "arrived (2) packet"
		name = second
	}
	switch {
	case name == "plaintext", strings.HasPrefix(name, "packet"):
		if len(b.Bytes) >= len(from) {
			return fmt.Errorf("buffer %q has %d bytes, what it was made of %d", b.Name, len(b.Bytes), len(from))
		}
	case name == "decompressed certificate":
	case !bytes.Equal(b.Bytes, from):
		return fmt.Errorf("buffer %q differs from what it is made of", b.Name)
	}
	return nil
}

// checkText wants a leaf to have a value, but for one that holds no bytes.
func checkText(fields []field.Field) error {
	for i := range fields {
		f := &fields[i]
		if f.Leaf() && f.Value == "" && f.Start < f.End {
			return fmt.Errorf("leaf %q at byte %d of %q has no value", f.Label, f.Start, f.Buffer)
		}
		if err := checkText(f.Fields); err != nil {
			return err
		}
	}
	return nil
}

// checkTruncated reads a message that ends too early: an error says so, and the
// tree still has every byte.
func checkTruncated(raw []byte, version uint16) error {
	if _, err := tlswire.ParseHandshake(raw, version); err == nil {
		return fmt.Errorf("it parses")
	}
	tree := field.Tree{
		Buffers: []field.Buffer{{Name: "message", Bytes: raw}},
		Fields:  tlswire.MessageFields(raw, version, "message", nil),
	}
	return tree.Check()
}
