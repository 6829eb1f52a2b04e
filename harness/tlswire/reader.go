package tlswire

import (
	"encoding/binary"
	"fmt"
	"sync"
)

// A reader walks over one handshake message. The same walk fills the message's
// struct and, where a tree is wanted, describes each field it passes: so the
// two never disagree.
//
// Reads after a failure return zero values. What is delimited by a length is
// given up on its own: after a malformed extension the next one is read.
type reader struct {
	raw []byte
	// pos is the next byte, end where the innermost vector ends.
	pos, end int
	// bad says that nothing more can be read before end.
	bad bool

	// message and version are what is being read, and under which version;
	// extension is the type of the extension around pos if inExtension.
	message     Message
	version     uint16
	extension   uint16
	inExtension bool

	// err is the first failure; pending is one that the tree does not show yet.
	err     *SyntaxError
	pending *SyntaxError
	tree    *tree
}

// readers are for the next messages: every message needs one while it is read.
var readers = sync.Pool{New: func() any { return new(reader) }}

// free forgets what was read and gives up the reader.
func (r *reader) free() {
	*r = reader{}
	readers.Put(r)
}

// more says whether there is anything left to read in this vector.
func (r *reader) more() bool { return !r.bad && r.pos < r.end }

// left returns what is left of this vector without reading it.
func (r *reader) left() []byte {
	if r.bad {
		return nil
	}
	return r.raw[r.pos:r.end]
}

// fail notes why s, which starts at offset, cannot be read, and gives up on the
// rest of this vector.
func (r *reader) fail(s *spec, offset int, format string, args ...any) {
	r.bad = true
	r.pending = r.note(s, offset, format, args...)
}

// complain notes that s, which starts at offset, breaks a rule that does not
// keep the rest from being read.
func (r *reader) complain(s *spec, offset int, format string, args ...any) {
	e := r.note(s, offset, format, args...)
	if r.tree != nil {
		r.tree.unparsed(r.pos, r.pos, e)
	}
}

// note makes the error and keeps the first.
func (r *reader) note(s *spec, offset int, format string, args ...any) *SyntaxError {
	e := &SyntaxError{
		Message: r.message.Name(),
		Field:   s.label,
		Offset:  offset,
		Reason:  fmt.Sprintf(format, args...),
	}
	if r.inExtension {
		e.Extension = ExtensionName(r.extension)
	}
	if r.err == nil {
		r.err = e
	}
	return e
}

// take reads n bytes as s, and says whether there were as many.
func (r *reader) take(n int, s *spec) ([]byte, bool) {
	if r.bad {
		return nil, false
	}
	if n > r.end-r.pos {
		r.fail(s, r.pos, "needs %d bytes, %d are left", n, r.end-r.pos)
		return nil, false
	}
	start := r.pos
	r.pos += n
	b := r.raw[start:r.pos:r.pos]
	if r.tree != nil {
		r.tree.leaf(s, start, b)
	}
	return b, true
}

func (r *reader) uint8(s *spec) uint8 {
	b, ok := r.take(1, s)
	if !ok {
		return 0
	}
	return b[0]
}

func (r *reader) uint16(s *spec) uint16 {
	b, ok := r.take(2, s)
	if !ok {
		return 0
	}
	return binary.BigEndian.Uint16(b)
}

func (r *reader) uint32(s *spec) uint32 {
	b, ok := r.take(4, s)
	if !ok {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

// rest reads all that is left of this vector as s. Nothing left is no field.
func (r *reader) rest(s *spec) []byte {
	if r.bad {
		return nil
	}
	if r.pos == r.end {
		return r.raw[r.pos:r.pos:r.pos]
	}
	b, _ := r.take(r.end-r.pos, s)
	return b
}

// A scope is what surrounds a vector while the vector is read.
type scope struct {
	spec  *spec
	start int
	end   int
	bad   bool
}

// open starts the vector s, whose length is written in width bytes. Close must
// follow.
func (r *reader) open(width int, s *spec) scope {
	outer := scope{spec: s, start: r.pos, end: r.end, bad: r.bad}
	if r.tree != nil {
		r.tree.push(s, r.pos)
	}
	b, ok := r.take(width, &lengthSpec)
	if !ok {
		outer.bad = true
		return outer
	}
	n := int(value(b))
	if left := r.end - r.pos; n > left {
		const reason = "length %d exceeds the %d bytes that are left"
		outer.bad = true
		if s.piecemeal {
			r.complain(s, outer.start, reason, n, left)
		} else {
			r.fail(s, outer.start, reason, n, left)
		}
		return outer
	}
	r.end = r.pos + n
	if n < s.least {
		r.complain(s, outer.start, "length %d is below the least length %d", n, s.least)
	}
	return outer
}

// close ends the vector that open started. What was not read is a failure, and
// a leaf of its own in the tree.
func (r *reader) close(outer scope) {
	if !r.bad && r.pos < r.end {
		r.fail(outer.spec, r.pos, "%d bytes are left over", r.end-r.pos)
	}
	r.giveUp()
	if r.tree != nil {
		r.tree.pop(r.pos)
	}
	r.end, r.bad = outer.end, outer.bad
}

// giveUp skips to the end of the vector and leaves the skipped bytes, and the
// failure that made it skip them, in the tree.
func (r *reader) giveUp() {
	if r.tree != nil && (r.pos < r.end || r.pending != nil) {
		r.tree.unparsed(r.pos, r.end, r.pending)
	}
	r.pos, r.pending = r.end, nil
}

// group starts a structure that has no length of its own; endGroup ends it.
func (r *reader) group(s *spec) {
	if r.tree != nil {
		r.tree.push(s, r.pos)
	}
}

func (r *reader) endGroup() {
	if r.tree != nil {
		r.tree.pop(r.pos)
	}
}

// opaque reads the vector s, whose length is written in width bytes, and whose
// content is one leaf.
func (r *reader) opaque(width int, s, content *spec) []byte {
	v := r.open(width, s)
	b := r.rest(content)
	r.close(v)
	return b
}

// uint16s reads a vector of 16-bit numbers.
func (r *reader) uint16s(width int, s, element *spec) []uint16 {
	v := r.open(width, s)
	defer r.close(v)
	if r.bad {
		return nil
	}
	list := make([]uint16, 0, (r.end-r.pos)/2)
	for r.more() {
		n := r.uint16(element)
		if !r.bad {
			list = append(list, n)
		}
	}
	return list
}

// uint8s reads a vector of 8-bit numbers.
func (r *reader) uint8s(width int, s, element *spec) []uint8 {
	v := r.open(width, s)
	defer r.close(v)
	if r.bad {
		return nil
	}
	list := r.raw[r.pos:r.end:r.end]
	for r.more() {
		r.uint8(element)
	}
	return list
}

// lengthSpec describes the length in front of a vector.
var lengthSpec = spec{label: "length", value: number, quiet: true}
