package quicwire

import (
	"fmt"
	"slices"
)

// MaxCryptoBuffer is how far ahead of what has been consumed a [CryptoBuffer]
// reaches. TLS stacks refuse handshake messages long before.
const MaxCryptoBuffer = 1 << 18

// A CryptoBuffer puts the CRYPTO frames of one direction and encryption level
// back in order (RFC 9000 19.6). The zero CryptoBuffer is empty and ready.
type CryptoBuffer struct {
	// data[0] has the stream offset base; the first ready bytes of it are there.
	data  []byte
	base  uint64
	ready int
	// islands are what is there beyond ready: sorted, apart, not empty.
	islands []span
}

// A span is a half-open run of offsets into data.
type span struct{ start, end int }

// Use gives an empty buffer memory for its first bytes. Where it is too small the
// buffer makes its own.
func (c *CryptoBuffer) Use(memory []byte) { c.data = memory[:0] }

// Add puts data in at a stream offset and returns how many of its bytes were new.
// Bytes that are there already stay as they are. Data that reaches beyond
// [MaxCryptoBuffer] is an error, and nothing of it is kept.
func (c *CryptoBuffer) Add(offset uint64, data []byte) (fresh int, err error) {
	end := offset + uint64(len(data))
	if end <= c.base+uint64(c.ready) {
		return 0, nil
	}
	if end > c.base+MaxCryptoBuffer {
		return 0, fmt.Errorf("CRYPTO data at offset %d is %d bytes beyond what was read, at most %d are kept", offset, end-c.base, MaxCryptoBuffer)
	}
	if offset < c.base {
		data, offset = data[c.base-offset:], c.base
	}
	s := span{int(offset - c.base), int(end - c.base)}
	if s.end > len(c.data) {
		c.data = slices.Grow(c.data, s.end-len(c.data))[:s.end]
	}
	fresh = c.fill(s, data)
	c.join(s)
	return fresh, nil
}

// fill copies the parts of data that are not there yet.
func (c *CryptoBuffer) fill(s span, data []byte) (fresh int) {
	at := max(s.start, c.ready)
	for _, island := range c.islands {
		if island.end <= at {
			continue
		}
		if island.start >= s.end {
			break
		}
		if at < island.start {
			fresh += copy(c.data[at:island.start], data[at-s.start:])
		}
		at = island.end
	}
	if at < s.end {
		fresh += copy(c.data[at:s.end], data[at-s.start:])
	}
	return fresh
}

// join merges s into what is there.
func (c *CryptoBuffer) join(s span) {
	if s.start > c.ready {
		i, _ := slices.BinarySearchFunc(c.islands, s.start, func(o span, start int) int { return o.end - start })
		j := i
		for j < len(c.islands) && c.islands[j].start <= s.end {
			s = span{min(s.start, c.islands[j].start), max(s.end, c.islands[j].end)}
			j++
		}
		c.islands = slices.Replace(c.islands, i, j, s)
		return
	}
	c.ready = max(c.ready, s.end)
	n := 0
	for n < len(c.islands) && c.islands[n].start <= c.ready {
		c.ready = max(c.ready, c.islands[n].end)
		n++
	}
	c.islands = slices.Delete(c.islands, 0, n)
}

// Bytes returns the bytes that are there without a gap and were not consumed. A
// later Add does not change them.
func (c *CryptoBuffer) Bytes() []byte { return c.data[:c.ready:c.ready] }

// Offset returns the stream offset of the first of Bytes.
func (c *CryptoBuffer) Offset() uint64 { return c.base }

// Held returns how many bytes are there, those behind a gap included.
func (c *CryptoBuffer) Held() int {
	n := c.ready
	for _, s := range c.islands {
		n += s.end - s.start
	}
	return n
}

// Consume drops the first n of Bytes, which stay readable for who holds them.
func (c *CryptoBuffer) Consume(n int) {
	n = min(n, c.ready)
	c.data, c.base, c.ready = c.data[n:], c.base+uint64(n), c.ready-n
	for i := range c.islands {
		c.islands[i].start -= n
		c.islands[i].end -= n
	}
}
