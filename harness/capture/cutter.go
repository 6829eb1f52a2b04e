package capture

import (
	"bytes"

	"shakedown/harness/dissect"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A cutter cuts one direction of a TCP connection into units: TLS records where
// the bytes are TLS, else what a side says before the other one answers. It is
// told where bytes are missing, and finds the next record behind them.
type cutter struct {
	mode cutting
	// pending is the start of a record, a run of bytes that are no TLS, or what
	// was searched in vain for a record so far.
	pending []byte
	// searched is how far, rest how many bytes of a record are still to come
	// whose beginning is lost, and missing how many bytes the gap has.
	searched, rest, missing int
	// tls says that there was a record, foreign how many bytes were none before it.
	tls     bool
	foreign int
}

// A cutting is what a cutter expects next.
type cutting uint8

const (
	records   cutting = iota // a record, or the rest of one
	strangers                // bytes that are no TLS, until a record begins
	skipping                 // the rest of a record whose beginning is lost
	searching                // anything: the place in the stream is not known
)

const (
	// maxRun is where a run of bytes that are no TLS is cut.
	maxRun = 16 << 10
	// maxSearch is how many bytes are searched for the beginning of a record: two
	// of the longest and their headers.
	maxSearch = 2 * (tlswire.RecordHeaderLen + 1<<14 + 2048)
)

// middle says that the bytes before the first one are not known.
func (c *cutter) middle() { c.mode = searching }

// feed takes the next bytes of the stream.
func (c *cutter) feed(f *flow, h *half, data []byte, w arrival) {
	turn(f, f.other(h), w)
	begins := true // data is at the beginning of a segment
	owned := false // data is ours to keep
	for len(data) > 0 {
		switch c.mode {
		case records:
			if len(c.pending) == 0 && !owned {
				data, owned = bytes.Clone(data), true
			}
			data = c.record(f, h, data, w)
		case strangers:
			data = c.stranger(f, h, data, begins, w)
		case skipping:
			n := min(c.rest, len(data))
			c.pending = append(c.pending, data[:n]...)
			data = data[n:]
			if c.rest -= n; c.rest == 0 {
				c.found(f, h, w)
			}
		case searching:
			c.pending = append(c.pending, data...)
			data = c.search(f, h, w)
			owned = true
		}
		begins = false
	}
}

// record takes a record, or a part of one, and returns what is behind it.
func (c *cutter) record(f *flow, h *half, data []byte, w arrival) []byte {
	if len(c.pending) == 0 {
		size := recordSize(data)
		switch {
		case size < 0:
			c.mode = strangers
			return data
		case size > 0 && size <= len(data):
			c.whole(f, h, data[:size:size], w)
			return data[size:]
		}
		// What waits takes the memory of a whole record as soon as it is known
		// how long that is, and no more than that of a segment before.
		c.pending = append(make([]byte, 0, max(size, len(data))), data...)
		return nil
	}
	for len(data) > 0 && len(c.pending) < tlswire.RecordHeaderLen {
		c.pending, data = append(c.pending, data[0]), data[1:]
	}
	size := recordSize(c.pending)
	if size < 0 {
		c.mode = strangers
		return data
	}
	if size == 0 {
		return nil
	}
	n := min(size-len(c.pending), len(data))
	c.pending, data = append(c.pending, data[:n]...), data[n:]
	if len(c.pending) == size {
		raw := c.pending
		c.pending = nil
		c.whole(f, h, raw, w)
	}
	return data
}

// recordSize returns the size of the record that b begins with, 0 if b is too
// short to tell, -1 if it is none.
func recordSize(b []byte) int {
	switch {
	case !tlswire.LooksLikeRecord(b):
		return -1
	case len(b) < tlswire.RecordHeaderLen:
		return 0
	}
	return tlswire.RecordHeaderLen + int(b[3])<<8 + int(b[4])
}

func (c *cutter) whole(f *flow, h *half, raw []byte, w arrival) {
	if !c.tls {
		c.tls = true
		f.sawTLS()
	}
	f.hello(h, raw)
	f.unit(h, transcript.Data, raw, 0, w)
}

// stranger takes bytes that are no TLS. Where a segment begins, TLS can: behind
// the last line of a dialogue, or behind a PROXY protocol header.
func (c *cutter) stranger(f *flow, h *half, data []byte, begins bool, w arrival) []byte {
	if begins && c.starts(data) {
		c.flush(f, h, w)
		c.mode = records
		return data
	}
	c.pending = append(c.pending, data...)
	if first := c.pending[0]; first == 'P' || first == '\r' { // as both versions of its header begin
		if name, n := dissect.Recognise(c.pending); name == proxyProtocol && n < len(c.pending) {
			rest := bytes.Clone(c.pending[n:])
			c.pending = c.pending[:n]
			c.flush(f, h, w)
			c.mode = records
			return rest
		}
	}
	if len(c.pending) >= maxRun {
		c.flush(f, h, w)
	}
	return nil
}

// The names that dissect has for a header behind which TLS begins, and for what
// it knows no name of.
const (
	proxyProtocol = "PROXY protocol"
	unknownBytes  = "unknown bytes"
)

// starts says that TLS can begin with b: where none was seen yet, with a hello
// or with an alert.
func (c *cutter) starts(b []byte) bool {
	if !tlswire.LooksLikeRecord(b) {
		return false
	}
	if c.tls {
		return len(b) >= tlswire.RecordHeaderLen
	}
	switch tlswire.ContentType(b[0]) {
	case tlswire.Handshake:
		return len(b) <= tlswire.RecordHeaderLen || b[5] == byte(tlswire.TypeClientHello) || b[5] == byte(tlswire.TypeServerHello)
	case tlswire.AlertType:
		return len(b) < tlswire.RecordHeaderLen || b[3] == 0 && b[4] == 2
	}
	return false
}

// flush ends a run of bytes that are no TLS.
func (c *cutter) flush(f *flow, h *half, w arrival) {
	if len(c.pending) == 0 {
		return
	}
	raw := c.pending
	c.pending = nil
	if !c.tls {
		c.foreign += len(raw)
	}
	f.unit(h, transcript.Data, raw, 0, w)
}

// turn tells a side that the other one sends something: what it has said is
// said. Where its place in the stream is not known and nothing that it has sent
// can be the beginning of a record, it begins with one the next time.
func turn(f *flow, h *half, w arrival) {
	c := &h.cutter
	switch {
	case len(c.pending) == 0 && c.missing == 0:
	case c.mode == strangers:
		c.flush(f, h, w)
	case c.mode == searching && c.searched < len(c.pending) && f.tls:
	case c.mode == searching && !f.tls && c.missing == 0:
		if name, _ := dissect.Recognise(c.pending); name != unknownBytes {
			c.mode = strangers
			c.flush(f, h, w)
		}
	case c.mode == searching:
		c.lost(f, h, w)
	}
}

// search looks for a record with another one behind it, or one that ends with
// what was sent, and returns it and what is behind it.
func (c *cutter) search(f *flow, h *half, w arrival) []byte {
	if c.searched == 0 && c.missing == 0 && c.opens() {
		rest := c.pending
		c.pending = nil
		return rest
	}
	for ; c.searched < len(c.pending); c.searched++ {
		b := c.pending[c.searched:]
		size := recordSize(b)
		switch {
		case size < 0, size == tlswire.RecordHeaderLen, len(b) > 2 && b[2] == 0:
			continue // an empty record, or one of SSL 3.0, is too little to go by
		case size == 0, size > len(b):
			return nil // what comes next will tell
		case size < len(b) && !tlswire.LooksLikeRecord(b[size:]):
			continue
		case size < len(b) && len(b)-size < tlswire.RecordHeaderLen:
			return nil
		}
		rest := bytes.Clone(b)
		c.pending = c.pending[:c.searched:c.searched]
		c.found(f, h, w)
		return rest
	}
	switch {
	case len(c.pending) <= maxSearch:
		return nil
	case !f.tls:
		c.mode = strangers
		rest := c.pending
		c.pending, c.searched = nil, 0
		return rest
	}
	c.lost(f, h, w)
	return nil
}

// opens says that the first bytes of a connection whose beginning was not
// captured, or of a turn, are at the beginning of something all the same.
func (c *cutter) opens() bool {
	b := c.pending
	size := recordSize(b)
	if size > tlswire.RecordHeaderLen && (size >= len(b) || tlswire.LooksLikeRecord(b[size:])) {
		c.mode = records
		return true
	}
	if name, _ := dissect.Recognise(b); size < 0 && len(b) >= enough && name != unknownBytes {
		c.mode = strangers
		return true
	}
	return false
}

// enough is how many bytes can be told to be text.
const enough = 8

// found ends a gap: the stream's place is known again.
func (c *cutter) found(f *flow, h *half, w arrival) {
	c.lost(f, h, w)
	c.mode = records
}

// lost records a gap and the bytes behind it that belong to nothing.
func (c *cutter) lost(f *flow, h *half, w arrival) {
	raw, missing := c.pending, c.missing
	c.pending, c.missing, c.searched, c.rest = nil, 0, 0, 0
	if missing > 0 || len(raw) > 0 {
		f.unit(h, transcript.Gap, raw, missing, w)
	}
}

// gap takes note that n bytes are missing.
func (c *cutter) gap(f *flow, h *half, n int, w arrival) {
	turn(f, f.other(h), w)
	switch c.mode {
	case strangers:
		c.flush(f, h, w)
		f.unit(h, transcript.Gap, nil, n, w)
		return
	case records:
		size := recordSize(c.pending)
		begun := len(c.pending)
		if begun > 0 {
			raw := c.pending
			c.pending = nil
			f.unit(h, transcript.Data, raw, 0, w)
		}
		c.missing = n
		if begun > 0 && size >= begun+n {
			// The record's end is known: it was announced.
			c.mode, c.rest = skipping, size-begun-n
			if c.rest == 0 {
				c.found(f, h, w)
			}
			return
		}
	case skipping:
		if n <= c.rest {
			c.missing += n
			if c.rest -= n; c.rest == 0 {
				c.found(f, h, w)
			}
			return
		}
		c.lost(f, h, w)
		c.missing = n
	case searching:
		c.lost(f, h, w)
		c.missing = n
	}
	c.mode = searching
}

// finish hands out what will not become whole any more.
func (c *cutter) finish(f *flow, h *half, w arrival) {
	turn(f, f.other(h), w)
	switch c.mode {
	case skipping, searching:
		if c.mode == searching && !f.tls && c.missing == 0 {
			c.flush(f, h, w)
			return
		}
		c.lost(f, h, w)
	default:
		if c.mode == records && len(c.pending) >= tlswire.RecordHeaderLen && !c.tls {
			c.tls = true
			f.sawTLS()
		}
		if len(c.pending) > 0 {
			raw := c.pending
			c.pending = nil
			if !c.tls {
				c.foreign += len(raw)
			}
			f.unit(h, transcript.Data, raw, 0, w)
		}
	}
}
