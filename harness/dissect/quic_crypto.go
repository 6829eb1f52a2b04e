package dissect

import (
	"fmt"
	"slices"

	"shakedown/harness/quicwire"
	"shakedown/harness/slab"
	"shakedown/harness/tlswire"
)

// A cryptoStream puts one side's handshake messages of one level back together.
// A ClientHello with an ML-KEM share takes two datagrams, and quic-go scrambles
// it over them.
type cryptoStream struct {
	buffer quicwire.CryptoBuffer
	// pieces say where the bytes came from that are in no message yet.
	pieces []piece
	// repeats says that its first message says again what was said before a Retry.
	repeats bool
	// broken says that it holds no handshake messages, begun that something came.
	broken, begun bool
}

// A piece is a run of a CRYPTO stream and the packet that brought it.
type piece struct {
	start, end uint64
	reading    *reading
	packet     int
	// at is where it starts in the opened packet.
	at int
}

// handshakeHeader is the size of a handshake message's type and length.
const handshakeHeader = 4

// readCrypto reads a CRYPTO frame, and the messages that it completes.
func (q *datagrams) readCrypto(r *reading, i int, f *quicwire.Frame, at int) {
	p := &r.packets[i]
	space, level := spaceOf(p.Type)
	r.content = true
	if p.stale {
		return
	}
	stream := &r.from.crypto[space]
	if stream.broken {
		return
	}
	if !stream.begun {
		stream.begun = true
		stream.buffer.Use(q.d.room.stream())
	}
	fresh, err := stream.buffer.Add(f.Offset, f.Data)
	if err != nil {
		stream.broken = true
		r.fresh = true
		r.steps = append(r.steps, q.unreadable(r, i, level, f, err))
		return
	}
	if fresh == 0 {
		return
	}
	r.fresh = true
	if stream.pieces == nil {
		stream.pieces = q.d.room.pieces.List(1, 1)[:0]
	}
	stream.pieces = append(stream.pieces, piece{
		start: f.Offset, end: f.Offset + uint64(len(f.Data)),
		reading: r, packet: i, at: at + len(f.Raw) - len(f.Data),
	})
	q.messages(r, i, level, stream)
}

// messages takes every whole message off the front of a CRYPTO stream.
func (q *datagrams) messages(r *reading, i int, level Level, stream *cryptoStream) {
	for {
		b := stream.buffer.Bytes()
		if len(b) < handshakeHeader {
			return
		}
		size := messageSize(b)
		if size > quicwire.MaxCryptoBuffer {
			stream.broken = true
			err := fmt.Errorf("a handshake message that says it has %d bytes", size)
			r.steps = append(r.steps, q.unreadable(r, i, level, &quicwire.Frame{Type: quicwire.FrameCrypto, Raw: b}, err))
			return
		}
		if len(b) < size {
			return
		}
		q.message(r, level, stream, b[:size:size])
		stream.buffer.Consume(size)
	}
}

// messageSize returns the size of the message that b starts with, header included.
func messageSize(b []byte) int {
	return handshakeHeader + int(b[1])<<16 + int(b[2])<<8 + int(b[3])
}

// message makes the step of one whole message at the front of its stream.
func (q *datagrams) message(r *reading, level Level, stream *cryptoStream, raw []byte) {
	pieces := stream.take(len(raw), &q.d.room.pieces)
	s := q.d.handshakeStep(r.from.role, level, raw, q.unitsOf(r, pieces))
	if stream.repeats {
		s.Summary += "; sent again with the Retry token"
		stream.repeats = false
	}
	if ee, ok := s.Message.(*tlswire.EncryptedExtensions); ok {
		r.from.parameters = ee.QUICTransportParameters
	}
	s.pieces = pieces
	r.steps = append(r.steps, s)
}

// take returns the pieces that the first size bytes of the stream came in, cut
// to these bytes, and forgets those that hold nothing more.
func (c *cryptoStream) take(size int, room *slab.Slab[piece]) []piece {
	start := c.buffer.Offset()
	end := start + uint64(size)
	if len(c.pieces) == 1 && c.pieces[0].end == end {
		only := c.pieces[:1:1]
		c.pieces = nil
		return cut(only, start, end)
	}
	in := func(p piece) bool { return p.start < end && p.end > start }
	n := 0
	for _, p := range c.pieces {
		if in(p) {
			n++
		}
	}
	taken := room.List(n, 1)[:0]
	for _, p := range c.pieces {
		if in(p) {
			taken = append(taken, p)
		}
	}
	c.pieces = slices.DeleteFunc(c.pieces, func(p piece) bool { return p.end <= end })
	return cut(taken, start, end)
}

// cut limits pieces to the stream offsets from start to end.
func cut(pieces []piece, start, end uint64) []piece {
	for i := range pieces {
		p := &pieces[i]
		if p.start < start {
			p.at += int(start - p.start)
			p.start = start
		}
		p.end = min(p.end, end)
	}
	return pieces
}

// unitsOf lists the units of pieces. A message that was there and waited for the
// bytes before it is complete with the datagram that brought those.
func (q *datagrams) unitsOf(r *reading, pieces []piece) []int {
	if len(pieces) == 1 && pieces[0].reading == r {
		return q.d.only(r.unit)
	}
	units := make([]int, 0, len(pieces)+1)
	for _, p := range pieces {
		units = append(units, p.reading.unit)
	}
	slices.Sort(units)
	if units = slices.Compact(units); len(units) == 0 || units[len(units)-1] < r.unit {
		units = append(units, r.unit)
	}
	return units
}

// progress says how much of the message at the front of a stream is there.
func (c *cryptoStream) progress() string {
	held := c.buffer.Held()
	b := c.buffer.Bytes()
	if len(b) < handshakeHeader {
		return fmt.Sprintf("part of a handshake message whose start is missing: %s", count(held, "byte"))
	}
	size := messageSize(b)
	return fmt.Sprintf("part of %v: %d of %d bytes", tlswire.HandshakeType(b[0]), min(held, size), size)
}

// partOf returns a step for a message that has begun and is not whole, nil if
// there is none or if the datagram that holds a part of it says so already.
func (q *datagrams) partOf(s *sender, space int) *Step {
	stream := &s.crypto[space]
	if len(stream.pieces) == 0 || stream.broken {
		return nil
	}
	units := make([]int, 0, len(stream.pieces))
	for _, p := range stream.pieces {
		if p.reading.partial {
			return nil
		}
		units = append(units, p.reading.unit)
	}
	slices.Sort(units)
	last := stream.pieces[len(stream.pieces)-1]
	name := "handshake message"
	if b := stream.buffer.Bytes(); len(b) > 0 {
		name = tlswire.HandshakeType(b[0]).String()
	}
	step := q.d.newStep(s.role, KindHandshake, name, slices.Compact(units))
	_, step.Level = spaceOf(last.reading.packets[last.packet].Type)
	step.Bytes = stream.buffer.Held()
	step.Err = fmt.Errorf("incomplete: %s so far", stream.progress())
	step.Summary = step.Err.Error()
	step.frame = place{last.reading, last.packet}
	return step
}
