package field

import "fmt"

// Check says what is wrong with a tree, nil where it holds what every tree
// promises: that each byte of each buffer is in exactly one leaf, in the order
// of the buffer; that each field lies within the one around it and says what it
// is and where that is defined; that the parts of a byte that are bits are all
// of its bits; and that buffers are made of bytes that are there. It is meant
// for tests and costs as much as building the tree.
func (t Tree) Check() error {
	c := checker{tree: t, next: make(map[string]int, len(t.Buffers))}
	for _, b := range t.Buffers {
		if _, twice := c.next[b.Name]; twice {
			return fmt.Errorf("there are two buffers %q", b.Name)
		}
		c.next[b.Name] = 0
	}
	if err := c.fields(t.Fields, nil); err != nil {
		return err
	}
	for _, b := range t.Buffers {
		if n := c.next[b.Name]; n != len(b.Bytes) {
			return fmt.Errorf("the leaves of buffer %q end at byte %d of %d", b.Name, n, len(b.Bytes))
		}
		for _, o := range b.Origins {
			parent, ok := t.Buffer(o.Buffer)
			if !ok || o.Buffer == b.Name || o.Start < 0 || o.End > len(parent.Bytes) || o.Start > o.End {
				return fmt.Errorf("buffer %q is made of bytes %d to %d of %q, which has %d bytes", b.Name, o.Start, o.End, o.Buffer, len(parent.Bytes))
			}
		}
	}
	return nil
}

// A checker walks a tree; next is where the next leaf of each buffer has to start.
type checker struct {
	tree Tree
	next map[string]int
}

func (c *checker) fields(list []Field, around *Field) error {
	for i := range list {
		f := &list[i]
		if err := c.field(f, around); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) field(f, around *Field) error {
	next, known := c.next[f.Buffer]
	switch {
	case f.Label == "" || f.Section == "":
		return fmt.Errorf("a field at byte %d of %q has label %q and section %q", f.Start, f.Buffer, f.Label, f.Section)
	case !known:
		return fmt.Errorf("field %q is in a buffer %q that is not there", f.Label, f.Buffer)
	case f.Start > f.End:
		return fmt.Errorf("field %q starts at byte %d and ends at %d", f.Label, f.Start, f.End)
	case around != nil && (f.Buffer != around.Buffer || f.Start < around.Start || f.End > around.End):
		return fmt.Errorf("field %q is [%d, %d) of %q, outside of %q, [%d, %d) of %q",
			f.Label, f.Start, f.End, f.Buffer, around.Label, around.Start, around.End, around.Buffer)
	case f.Bits != "":
		return fmt.Errorf("field %q stands for bits, but not in a byte", f.Label)
	case f.Leaf() && f.Start != next:
		return fmt.Errorf("leaf %q starts at byte %d of %q, want %d", f.Label, f.Start, f.Buffer, next)
	case f.Leaf():
		c.next[f.Buffer] = f.End
		return checkBits(f)
	}
	return c.fields(f.Fields, f)
}

// checkBits says whether the parts of a leaf are all of its bits, each once.
func checkBits(f *Field) error {
	if len(f.Fields) == 0 {
		return nil
	}
	seen := make([]bool, 8*(f.End-f.Start))
	for i := range f.Fields {
		part := &f.Fields[i]
		if part.Start != f.Start || part.End != f.End || part.Buffer != f.Buffer || part.Label == "" || part.Section == "" || len(part.Fields) > 0 {
			return fmt.Errorf("part %q of byte %d (%q) is no part of it", part.Label, f.Start, f.Label)
		}
		n := 0
		for _, c := range part.Bits {
			switch {
			case c == ' ':
				continue
			case n >= len(seen):
			case c != '.' && seen[n]:
				return fmt.Errorf("bit %d of %q is in two parts", n, f.Label)
			case c != '.':
				seen[n] = true
			}
			n++
		}
		if n != len(seen) {
			return fmt.Errorf("part %q of %q has a picture of %d bits, want %d", part.Label, f.Label, n, len(seen))
		}
	}
	for n, is := range seen {
		if !is {
			return fmt.Errorf("bit %d of %q is in no part", n, f.Label)
		}
	}
	return nil
}
