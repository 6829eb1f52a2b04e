package pcapng

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrTruncated says that a file ends in the middle of something, as one does
// whose capture was killed or whose disk was full. All before it was returned.
var ErrTruncated = errors.New("the capture file is cut off")

// ErrDamaged says that a file contradicts itself, so that what follows cannot be
// found. All before it was returned.
var ErrDamaged = errors.New("the capture file is damaged")

// maxBlock bounds a packet or block. Other tools bound packets at 256 KiB; key
// logs and our own block may be longer.
const maxBlock = 16 << 20

// A Reader reads a capture file as a stream. It is not safe for concurrent use.
type Reader struct {
	source  *source
	under   *counter
	format  format
	packets int
	packet  Packet // the one that Next returns
	err     error  // what Next returns from now on
}

// A format reads what follows a file's first header.
type format interface {
	next(*Reader) (Block, error)
}

// NewReader finds out what kind of file r is and returns a Reader of it. The
// error is a [*FormatError] if it is none that is read.
func NewReader(r io.Reader) (*Reader, error) {
	under := &counter{r: r}
	src := newSource(under)
	head, err := src.peek(sniffed)
	if err != nil && !ended(err) {
		return nil, fmt.Errorf("read the capture file: %w", err)
	}
	if bytes.HasPrefix(head, []byte(gzipMagic)) {
		if src, err = unpacked(src); err != nil {
			return nil, err
		}
		head, err = src.peek(sniffed)
		switch {
		case err == nil || ended(err):
		case corrupt(err):
			return nil, fmt.Errorf("%w: unpack it: %w", ErrDamaged, err)
		default:
			return nil, fmt.Errorf("read the capture file: %w", err)
		}
	}
	reader := &Reader{source: src, under: under}
	switch order := byteOrder(head); {
	case isPcap(head):
		reader.format, err = readFileHeader(src)
	case order != nil:
		reader.format = &sections{order: order}
		err = nil
	default:
		return nil, notACapture(head, src.compressed)
	}
	if err != nil {
		return nil, err
	}
	return reader, nil
}

// unpacked returns what a gzip file holds.
func unpacked(src *source) (*source, error) {
	zipped, err := gzip.NewReader(src.buffer)
	switch {
	case ended(err):
		return nil, fmt.Errorf("%w: it ends in the header of a gzip file", ErrTruncated)
	case corrupt(err):
		return nil, fmt.Errorf("%w: unpack it: %w", ErrDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("read the capture file: %w", err)
	}
	inner := newSource(zipped)
	inner.compressed = true
	return inner, nil
}

// Next returns the next [*Packet], [Secrets] or [Note]. The error is io.EOF at
// the end of a file; it wraps [ErrTruncated] or [ErrDamaged] where the file
// cannot be read any further, after all that stands before that place.
func (r *Reader) Next() (Block, error) {
	if r.err != nil {
		return nil, r.err
	}
	b, err := r.format.next(r)
	if err != nil {
		r.err = r.explain(err)
		return nil, r.err
	}
	return b, nil
}

// Packets returns how many packets were read.
func (r *Reader) Packets() int { return r.packets }

// Offset returns how many bytes of the file were read, for showing progress:
// compressed bytes if it is compressed.
func (r *Reader) Offset() int64 {
	if r.source.compressed {
		return r.under.n
	}
	return r.source.at
}

// explain says where in the file reading ended. The source stands where the
// packet or block at fault begins.
func (r *Reader) explain(err error) error {
	var gone *damage
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case ended(err):
		return fmt.Errorf("%w: what begins at %s, after packet %d, does not end", ErrTruncated, r.source.place(), r.packets)
	case errors.As(err, &gone):
		return fmt.Errorf("%w: at %s, after packet %d, %s", ErrDamaged, r.source.place(), r.packets, gone.what)
	case corrupt(err):
		return fmt.Errorf("%w: at %s, after packet %d: %w", ErrDamaged, r.source.place(), r.packets, err)
	}
	return fmt.Errorf("read the capture file at %s, after packet %d: %w", r.source.place(), r.packets, err)
}

// corrupt says that an error is one of unpacking.
func corrupt(err error) bool {
	var flawed flate.CorruptInputError
	return errors.As(err, &flawed) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader)
}

// found returns the packet that Next returns, with its number set.
func (r *Reader) found() *Packet {
	r.packets++
	r.packet = Packet{Number: r.packets}
	return &r.packet
}

// frameLength is how long a frame was, of which so much was kept. Some writers
// say less than they kept.
func frameLength(kept, length uint32) int {
	return int(min(max(kept, length), math.MaxInt32))
}

// A damage is a contradiction in a file; the Reader says where it is.
type damage struct{ what string }

func (d *damage) Error() string { return d.what }

func damaged(format string, args ...any) error {
	return &damage{fmt.Sprintf(format, args...)}
}

// byteOrder returns the byte order of the section whose header begins head, nil
// if there is none.
func byteOrder(head []byte) binary.ByteOrder {
	if len(head) < 12 || binary.BigEndian.Uint32(head) != blockSection {
		return nil
	}
	switch {
	case binary.LittleEndian.Uint32(head[8:]) == sectionMagic:
		return binary.LittleEndian
	case binary.BigEndian.Uint32(head[8:]) == sectionMagic:
		return binary.BigEndian
	}
	return nil
}
