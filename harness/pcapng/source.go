package pcapng

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// step is by how much memory for a long block grows before its bytes are there.
const step = 256 << 10

// A source hands out pieces of a file. Memory is taken as bytes arrive, never
// for a length that a file only declares.
type source struct {
	buffer     *bufio.Reader
	at         int64 // of the next byte, in the file as it is unpacked
	compressed bool
	long       []byte // the piece at hand, if it is longer than the buffer
}

func newSource(r io.Reader) *source {
	return &source{buffer: bufio.NewReaderSize(r, step)}
}

// peek returns the next n bytes, at most step, without moving on. The error is
// io.EOF if there is none left and io.ErrUnexpectedEOF if there are fewer; those
// are returned.
func (s *source) peek(n int) ([]byte, error) {
	b, err := s.buffer.Peek(n)
	if errors.Is(err, io.EOF) && len(b) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// take returns the next n bytes and moves on. They are valid until the next
// call. Where they are not all there, it does not move on.
func (s *source) take(n int) ([]byte, error) {
	if n <= step {
		b, err := s.peek(n)
		if err != nil {
			return nil, err
		}
		_, _ = s.buffer.Discard(n) // they are in the buffer
		s.at += int64(n)
		return b, nil
	}
	s.long = s.long[:0]
	for len(s.long) < n {
		have := len(s.long)
		s.long = append(s.long, make([]byte, min(step, n-have))...)
		if _, err := io.ReadFull(s.buffer, s.long[have:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	s.at += int64(n)
	return s.long, nil
}

// place names the position for a person.
func (s *source) place() string {
	if s.compressed {
		return fmt.Sprintf("byte %d of the unpacked file", s.at)
	}
	return fmt.Sprintf("byte %d", s.at)
}

// ended says that an error is the file's end, in the middle of something or not.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// A counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
