package dissect

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
)

// frames reads the frames of an opened packet.
func (q *datagrams) frames(r *reading, i int) {
	p := &r.packets[i]
	payload, at := p.opened.Payload, len(p.opened.Header)
	for len(payload) > 0 {
		f, err := quicwire.ParseFrame(payload)
		if err != nil {
			_, level := spaceOf(p.Type)
			r.steps = append(r.steps, q.unreadable(r, i, level, &quicwire.Frame{Raw: payload}, err))
			return
		}
		q.frame(r, i, &f, at)
		payload, at = payload[len(f.Raw):], at+len(f.Raw)
	}
}

// frame reads one frame, which starts at at in the opened packet.
func (q *datagrams) frame(r *reading, i int, f *quicwire.Frame, at int) {
	r.tells(i, f)
	switch f.Type.Base() {
	case quicwire.FrameCrypto:
		q.readCrypto(r, i, f, at)
	case quicwire.FrameStream:
		q.readStream(r, i, f)
	case quicwire.FrameDatagram:
		r.content, r.fresh = true, true
		s := q.frameStep(r, i, KindApplicationData, f)
		s.Summary = fmt.Sprintf("%s outside any stream", count(len(f.Data), "byte"))
		r.steps = append(r.steps, s)
	case quicwire.FrameHandshakeDone:
		r.content = true
		if r.from.done {
			return
		}
		r.from.done, r.fresh = true, true
		s := q.frameStep(r, i, KindQUICFrame, f)
		s.Summary = "the handshake is confirmed: the server accepted the client"
		r.steps = append(r.steps, s)
	case quicwire.FrameNewToken:
		q.readNewToken(r, i, f)
	case quicwire.FrameNewConnectionID:
		q.readNewConnectionID(r, f)
	case quicwire.FrameConnectionClose, quicwire.FrameApplicationClose:
		r.content = true
		if !r.from.closed {
			r.fresh = true
		}
		// Packets come in the order of their levels: the last close is the one
		// that says most. A server that refuses a client repeats its close at
		// each level, and an application's own code stands only in the last.
		r.close = &closing{frame: *f, packet: i}
	}
}

// A sentStream is how far one side has sent on a stream.
type sentStream struct {
	end uint64
	fin bool
}

// readStream reads a STREAM frame. The first data of a stream has a step.
func (q *datagrams) readStream(r *reading, i int, f *quicwire.Frame) {
	r.content = true
	if r.from.streams == nil {
		r.from.streams = make(map[uint64]sentStream)
	}
	known, seen := r.from.streams[f.StreamID]
	end := f.Offset + uint64(len(f.Data))
	if seen && end <= known.end && (!f.Fin || known.fin) {
		return
	}
	r.fresh = true
	r.from.streams[f.StreamID] = sentStream{end: max(end, known.end), fin: f.Fin || known.fin}
	if seen {
		return
	}
	s := q.frameStep(r, i, KindApplicationData, f)
	s.Summary = streamSummary(f)
	r.steps = append(r.steps, s)
}

// streamSummary says which stream it is and how much is sent on it (RFC 9000 2.1).
func streamSummary(f *quicwire.Frame) string {
	who, kind, fin := outcome.Client, "bidirectional", ""
	if f.StreamID&1 != 0 {
		who = outcome.Server
	}
	if f.StreamID&2 != 0 {
		kind = "unidirectional"
	}
	if f.Fin {
		fin = ", FIN"
	}
	return fmt.Sprintf("stream %d (opened by the %s, %s): %s%s", f.StreamID, who, kind, count(len(f.Data), "byte"), fin)
}

// count writes a number and its noun.
func count(n int, noun string) string {
	return field.Count(n, noun)
}

// readNewToken reads a NEW_TOKEN frame.
func (q *datagrams) readNewToken(r *reading, i int, f *quicwire.Frame) {
	r.content = true
	for _, token := range r.from.tokens {
		if bytes.Equal(token, f.Data) {
			return
		}
	}
	r.fresh = true
	r.from.tokens = append(r.from.tokens, f.Data)
	s := q.frameStep(r, i, KindQUICFrame, f)
	s.Summary = fmt.Sprintf("a token of %s for the client's next connection", count(len(f.Data), "byte"))
	r.steps = append(r.steps, s)
}

// readNewConnectionID takes note of a connection ID that a side issued.
func (q *datagrams) readNewConnectionID(r *reading, f *quicwire.Frame) {
	r.content = true
	bit := uint64(1) << (f.Sequence & 63)
	if f.Sequence < 64 && r.from.ids&bit != 0 {
		return
	}
	r.fresh = true
	r.from.ids |= bit
	if r.from.newIDs == nil {
		r.from.newIDs, r.from.resetTokens = make([][]byte, 0, usualNewIDs), slices.Grow(r.from.resetTokens, usualNewIDs)
	}
	r.from.resetTokens = append(r.from.resetTokens, f.ResetToken)
	if len(r.from.newIDs) < maxNewIDs {
		r.from.newIDs = append(r.from.newIDs, f.Data)
	}
	if n := len(f.Data); n != r.from.idLength() {
		current := r.from.idLength()
		r.from.issued(n)
		r.from.issued(current)
	}
}

// maxNewIDs is how many connection IDs of one side are remembered, usualNewIDs how
// many it mostly has.
const (
	maxNewIDs   = 64
	usualNewIDs = 4
)

// ConnectionIDs returns the connection IDs that a side has issued in
// NEW_CONNECTION_ID frames, as far as they could be read (RFC 9000 5.1.1).
func (d *Dissector) ConnectionIDs(side outcome.Role) [][]byte {
	if q, ok := d.carrier.(*datagrams); ok {
		return q.sender(side).newIDs
	}
	return nil
}

// ranks order frames by how much they tell of a datagram with no news.
var ranks = [...]int{
	quicwire.FramePadding:            1,
	quicwire.FrameAck:                2,
	quicwire.FramePing:               3,
	quicwire.FrameDataBlocked:        4,
	quicwire.FrameStreamDataBlocked:  4,
	quicwire.FrameStreamsBlockedBidi: 4,
	quicwire.FrameStreamsBlockedUni:  4,
	quicwire.FrameMaxData:            5,
	quicwire.FrameMaxStreamData:      5,
	quicwire.FrameMaxStreamsBidi:     5,
	quicwire.FrameMaxStreamsUni:      5,
	quicwire.FramePathResponse:       6,
	quicwire.FramePathChallenge:      7,
	quicwire.FrameRetireConnectionID: 8,
	quicwire.FrameNewConnectionID:    9,
	quicwire.FrameStopSending:        10,
	quicwire.FrameResetStream:        11,
	quicwire.FrameNewToken:           12,
	quicwire.FrameDatagram:           13,
	quicwire.FrameStream:             14,
	quicwire.FrameCrypto:             15,
	quicwire.FrameHandshakeDone:      16,
	quicwire.FrameConnectionClose:    17,
	quicwire.FrameApplicationClose:   17,
}

// extensionRank is that of the frames of extensions, which only keep house.
const extensionRank = 6

// tells remembers the frame that says most about the datagram.
func (r *reading) tells(i int, f *quicwire.Frame) {
	rank := extensionRank
	if base := f.Type.Base(); int(base) < len(ranks) && ranks[base] > 0 {
		rank = ranks[base]
	}
	if rank > r.telling.rank {
		r.telling = telling{rank: rank, frame: *f, packet: i}
	}
}

// frameStep returns the step of a frame.
func (q *datagrams) frameStep(r *reading, i int, kind Kind, f *quicwire.Frame) *Step {
	s := q.d.newStep(r.from.role, kind, f.Type.String(), q.d.only(r.unit))
	_, s.Level = spaceOf(r.packets[i].Type)
	s.Bytes = len(f.Raw)
	s.frame = place{r, i}
	return s
}

// unreadable returns the step of a packet whose frames cannot be read to their end.
func (q *datagrams) unreadable(r *reading, i int, level Level, f *quicwire.Frame, err error) *Step {
	s := q.frameStep(r, i, KindQUICFrame, f)
	s.Name, s.Level, s.Err = "unread frames", level, err
	s.Summary = field.Printable(err.Error())
	return s
}

// quiet returns the step of a datagram that carries nothing new, or only part
// of a message. It is named after its most telling frame.
func (q *datagrams) quiet(r *reading) *Step {
	if r.telling.rank == 0 {
		s := q.d.newStep(r.from.role, KindQUICFrame, "empty datagram", q.d.only(r.unit))
		s.Level = Plaintext
		s.tree = datagramTree(r)
		return s
	}
	i, f := r.telling.packet, &r.telling.frame
	p := &r.packets[i]
	base := f.Type.Base()
	kind := KindQUICFrame
	if base == quicwire.FrameStream {
		kind = KindApplicationData
	}
	s := q.frameStep(r, i, kind, f)
	where := p.Type.String() + " packet " + strconv.FormatUint(p.opened.Number, 10)
	value := f.Value()
	switch {
	case base == quicwire.FrameCrypto && r.fresh:
		r.partial = true
		space, _ := spaceOf(p.Type)
		s.Summary = r.from.crypto[space].progress()
	case r.content && !r.fresh:
		s.Summary = "nothing new in " + where
	case base == quicwire.FrameAck:
		s.Summary = "acknowledges " + value + ", in " + where
	case value != "":
		s.Summary = value + ", in " + where
	default:
		s.Summary = where
	}
	return s
}
