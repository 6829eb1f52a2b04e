package quicwire

import (
	"fmt"

	"github.com/quic-go/quic-go/quicvarint"
)

// A reader walks a run of bytes. After the first failure it reads nothing more
// and returns zeros, so that a format reads as a list of its parts.
//
// With a trace it also notes each part as a field. One grammar thus serves the
// hot path, where trace is nil, and the field tree.
type reader struct {
	b     []byte
	at    int
	err   error
	trace *trace
}

// A trace collects the fields that a reader passes.
type trace struct {
	*desk
	buffer string
	// base is where the reader's bytes start in buffer, mark where its fields do.
	base, mark int
}

// parts returns the desk's trace, for readers of what is in buffer.
func (d *desk) parts(buffer string) *trace {
	d.trace = trace{desk: d, buffer: buffer}
	return &d.trace
}

// read returns a reader of b, which starts at base, that leaves its fields in t.
// One trace serves for one reader after the other.
func (t *trace) read(b []byte, base int) reader {
	t.base, t.mark = base, t.Mark()
	return reader{b: b, trace: t}
}

// left returns the number of bytes that were not read.
func (r *reader) left() int { return len(r.b) - r.at }

// fail keeps the first error, which names the part that it happened in.
func (r *reader) fail(label string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %w", label, err)
	}
}

// note adds the bytes from start on to the trace, if there is one.
func (r *reader) note(label string, start int, number uint64, isNumber bool) {
	if r.trace == nil {
		return
	}
	f := r.trace.New()
	f.Label, f.Buffer, f.Start, f.End = label, r.trace.buffer, r.trace.base+start, r.trace.base+r.at
	if isNumber {
		f.Value = r.trace.Decimal(number)
	} else {
		f.Value = r.trace.Hex(r.b[start:r.at])
	}
}

// varint reads a variable-length integer (RFC 9000 16).
func (r *reader) varint(label string) uint64 {
	if r.err != nil {
		return 0
	}
	v, n, err := quicvarint.Parse(r.b[r.at:])
	if err != nil {
		r.fail(label, ErrTruncated)
		return 0
	}
	start := r.at
	r.at += n
	r.note(label, start, v, true)
	return v
}

// byte reads one byte.
func (r *reader) byte(label string) byte {
	if r.err != nil {
		return 0
	}
	if r.left() < 1 {
		r.fail(label, ErrTruncated)
		return 0
	}
	start := r.at
	r.at++
	r.note(label, start, uint64(r.b[start]), true)
	return r.b[start]
}

// bytes reads n bytes. Fields of no bytes are noted too: they say that a length
// was zero.
func (r *reader) bytes(label string, n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if n > uint64(r.left()) {
		r.fail(label, ErrTruncated)
		return nil
	}
	start := r.at
	r.at += int(n)
	r.note(label, start, 0, false)
	return r.b[start:r.at:r.at]
}
