package capture

import (
	"bytes"
	"slices"
	"sort"
	"time"

	"shakedown/harness/transcript"
)

// A half is what one end of a TCP connection sends, put back in order.
//
// It is our own rather than gopacket's reassembly, which hands out bytes and
// forgets where they came from: a timeline has to say which bytes were sent
// again, and whether they were the same, how many are missing and where, and at
// what packet a record became whole. And what is held for a hole is bounded for
// each connection, whatever the file claims.
type half struct {
	cutter
	// next is the sequence number of the byte that is wanted next, offset its
	// place in the stream, and base the number of the stream's first byte.
	known      bool
	next, base uint32
	offset     int64
	// ahead are the pieces behind a hole, sorted, without overlaps.
	ahead []piece
	held  int
	// charged is how much of what waits is accounted for.
	charged int
	// acked is the highest number that the peer has acknowledged. Doubt counts
	// the packets since it covered bytes that are not here.
	acked   uint32
	ackSeen bool
	doubt   int

	synSeen, ended, reset bool
	// spans say which bytes are in which unit, taken how many are in units.
	spans []span
	taken int64
	// hidden says that what follows a ChangeCipherSpec is protected.
	hidden bool

	again, againBytes int   // segments, and bytes, that were sent before
	late              int   // segments that filled a hole
	differ            []int // packets whose bytes differ from what was sent first
	cutShort, cutGone int   // segments that the capture cut short, and by how much
	stray             int
}

// A piece is a part of the stream that came before its turn.
type piece struct {
	seq     uint32
	data    []byte
	missing int // bytes behind data that the capture did not keep
	fin     bool
}

func (p piece) len() int    { return len(p.data) + p.missing }
func (p piece) end() uint32 { return p.seq + uint32(p.len()) }

// from returns p without its first n bytes.
func (p piece) from(n int) piece {
	p.seq += uint32(n)
	if n <= len(p.data) {
		p.data = p.data[n:]
		return p
	}
	p.missing -= n - len(p.data)
	p.data = nil
	return p
}

// upTo returns the first n bytes of p.
func (p piece) upTo(n int) piece {
	p.fin = false
	if n <= len(p.data) {
		p.data, p.missing = p.data[:n], 0
		return p
	}
	p.missing = n - len(p.data)
	return p
}

// A span is the place of a unit in the stream. Sent is how much of it was sent
// again, from its beginning.
type span struct {
	start, end int64
	unit       int
	sent       int64
}

// An arrival is when, and in which packet, something came.
type arrival struct {
	at     time.Time
	packet int
}

const (
	// maxHeld and maxAhead bound what is held behind a hole.
	maxHeld  = 256 << 10
	maxAhead = 512
	// maxDoubt is how many packets of a connection may still come before bytes
	// are given up that their receiver has acknowledged: then it had them, and
	// the capture did not. Captures with several queues mix packets up a little.
	maxDoubt = 32
	// maxWindow is how far ahead of its turn a segment is believed to be.
	maxWindow = 1 << 26
)

// begin takes note of a SYN: "the sequence number of the first data octet is
// ISN+1" (RFC 9293 3.1).
func (h *half) begin(seq uint32) {
	h.synSeen = true
	if !h.known {
		h.known, h.next, h.base = true, seq+1, seq+1
	}
}

// segment takes one segment's bytes.
func (h *half) segment(f *flow, p piece, w arrival) {
	if !h.known {
		h.known, h.next, h.base = true, p.seq, p.seq
		h.middle()
	}
	if p.missing > 0 {
		h.cutShort++
		h.cutGone += p.missing
	}
	ahead := int32(p.seq - h.next)
	if ahead < 0 {
		before := int(-int64(ahead))
		over := min(before, p.len())
		h.repeated(f, p.upTo(over), w)
		// A FIN that was sent again ends where the stream has ended.
		if over == p.len() && (!p.fin || before != over || h.ended) {
			return
		}
		p = p.from(over)
	}
	switch {
	case h.ended:
	case ahead > maxWindow:
		h.stray++
	case ahead > 0:
		h.hold(p, w)
		if h.held > maxHeld || len(h.ahead) > maxAhead {
			h.giveUp(f, w)
		}
	case len(h.ahead) > 0:
		h.late++
		h.hold(p, w) // some of it can have come before
		h.drain(f, w)
	default:
		h.take(f, p, w)
	}
}

// take takes the bytes whose turn it is.
func (h *half) take(f *flow, p piece, w arrival) {
	if len(p.data) > 0 {
		h.next += uint32(len(p.data))
		h.offset += int64(len(p.data))
		h.feed(f, h, p.data, w)
	}
	if p.missing > 0 {
		h.skip(f, p.missing, w)
	}
	if p.fin && !h.ended {
		h.next++
		h.finish(f, h, w)
		h.ended = true
		f.unit(h, transcript.FIN, nil, 0, w)
	}
}

// skip leaves bytes out that are not in the capture.
func (h *half) skip(f *flow, n int, w arrival) {
	h.next += uint32(n)
	h.offset += int64(n)
	h.gap(f, h, n, w)
	if f.lacking++; f.lacking <= maxNamed {
		f.gaps = append(f.gaps, lack{from: f.index(h), bytes: n, arrival: w})
	}
}

// drain takes what was held and has its turn now.
func (h *half) drain(f *flow, w arrival) {
	for len(h.ahead) > 0 && h.ahead[0].seq == h.next && !h.ended {
		p := h.ahead[0]
		h.ahead = h.ahead[1:]
		h.held -= len(p.data)
		h.take(f, p, w)
	}
	if len(h.ahead) == 0 || h.ended {
		h.ahead, h.held, h.doubt = nil, 0, 0
	}
}

// giveUp goes on behind the first hole.
func (h *half) giveUp(f *flow, w arrival) {
	if len(h.ahead) == 0 {
		return
	}
	h.skip(f, int(h.ahead[0].seq-h.next), w)
	h.doubt = 0
	h.drain(f, w)
}

// acknowledged takes note of what the peer says that it has received.
func (h *half) acknowledged(f *flow, ack uint32, w arrival) {
	if h.known && (!h.ackSeen || int32(ack-h.acked) > 0) && int32(ack-h.next) < maxWindow {
		h.acked, h.ackSeen = ack, true
	}
	if len(h.ahead) == 0 || !h.ackSeen || int32(h.acked-h.next) <= 0 {
		return
	}
	if h.doubt++; h.doubt > maxDoubt {
		h.giveUp(f, w)
	}
}

// hold keeps a piece until its turn. What is there already stays: the first copy
// is the one that the receiver has kept, if it keeps what comes early.
func (h *half) hold(p piece, w arrival) {
	i := len(h.ahead)
	for i > 0 && int32(p.seq-h.ahead[i-1].seq) < 0 {
		i--
	}
	if i > 0 {
		before := h.ahead[i-1]
		if over := int(int32(before.end() - p.seq)); over > 0 || p.len() == 0 && before.fin && over == 0 {
			h.compare(before, p, w)
			if over >= p.len() {
				return
			}
			p = p.from(over)
		}
	}
	for ; i < len(h.ahead); i++ {
		behind := h.ahead[i]
		if int32(p.end()-behind.seq) <= 0 {
			break
		}
		h.compare(p, behind, w)
		if first := p.upTo(int(behind.seq - p.seq)); first.len() > 0 {
			h.keep(i, first)
			i++
		}
		if int32(p.end()-behind.end()) <= 0 {
			return
		}
		p = p.from(int(behind.end() - p.seq))
	}
	h.keep(i, p)
}

func (h *half) keep(i int, p piece) {
	p.data = bytes.Clone(p.data)
	h.held += len(p.data)
	h.ahead = slices.Insert(h.ahead, i, p)
}

// compare notices where two copies of the same bytes differ. b begins in a.
func (h *half) compare(a, b piece, w arrival) {
	at := int(b.seq - a.seq)
	if at >= len(a.data) {
		return
	}
	n := min(len(a.data)-at, len(b.data))
	if n > 0 && !bytes.Equal(a.data[at:at+n], b.data[:n]) {
		h.differs(w)
	}
}

func (h *half) differs(w arrival) {
	if len(h.differ) < maxNamed {
		h.differ = append(h.differ, w.packet)
	}
}

// repeated takes note of bytes that were sent before.
func (h *half) repeated(f *flow, p piece, w arrival) {
	// "a keep-alive segment [...] generally contains SEG.SEQ = SND.NXT-1 and may
	// or may not contain one garbage octet of data" (RFC 1122 4.2.3.6).
	if p.len() == 0 {
		return
	}
	if p.len() > 1 || p.seq != h.next-1 {
		h.again++
		h.againBytes += p.len()
	}
	start := h.offset - int64(h.next-p.seq)
	end := start + int64(len(p.data))
	// Without a unit that is remembered nothing can be compared.
	i := sort.Search(len(h.spans), func(i int) bool { return h.spans[i].end > start })
	for ; i < len(h.spans) && h.spans[i].start < end; i++ {
		s := &h.spans[i]
		from, to := max(start, s.start), min(end, s.end)
		u := f.sent(s.unit)
		if u == nil || int64(len(u.sent)) < to-s.start {
			continue
		}
		if !bytes.Equal(p.data[from-start:to-start], u.sent[from-s.start:to-s.start]) {
			if p.len() > 1 {
				h.differs(w)
			}
			continue
		}
		if from-s.start <= s.sent && to-s.start > s.sent {
			s.sent = to - s.start
		}
		if s.sent == s.end-s.start {
			s.sent = 0
			u.again = true
		}
	}
}
