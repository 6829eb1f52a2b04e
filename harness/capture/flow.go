package capture

import (
	"fmt"
	"net/netip"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A flow is one TCP connection.
type flow struct {
	tape
	key  flowKey
	ends [2]netip.AddrPort
	// halves are what the ends send. The first end is whose packet came first.
	halves [2]half
	// client is which end is the client; decided says that this is more than a
	// guess.
	client  int
	decided bool
	// tls says that a record was seen.
	tls bool
	// name is what the first bytes are that are no TLS.
	name string
	// gaps are the first few places where bytes are missing, lacking counts all.
	gaps    []lack
	lacking int
	// random is the ClientHello.random, origin that of the session's first
	// handshake, sessionID what the client has offered.
	random, origin keylog.Random
	sessionID      string
	// closed is when both ends had closed, or one has reset.
	closed time.Time
}

// A flowKey is a pair of addresses, in an order of its own.
type flowKey struct{ a, b netip.AddrPort }

func keyOf(a, b netip.AddrPort) flowKey {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return flowKey{a, b}
}

// A lack is where bytes are missing.
type lack struct {
	arrival
	from  int
	bytes int
}

func newFlow(r *reader, s *pcapng.Segment, w arrival) *flow {
	f := &flow{tape: newTape(r, outcome.TCP, w.at), key: keyOf(s.From, s.To), ends: [2]netip.AddrPort{s.From, s.To}}
	f.owner = f
	f.account(flowCost)
	return f
}

// flowCost is about what a connection takes beside its units, and for the first few of
// them.
const flowCost = 1600

func (f *flow) index(h *half) int {
	if h == &f.halves[0] {
		return 0
	}
	return 1
}

func (f *flow) other(h *half) *half { return &f.halves[1-f.index(h)] }

// role returns which side an end is, as far as it is known.
func (f *flow) role(end int) outcome.Role {
	if end == f.client {
		return outcome.Client
	}
	return outcome.Server
}

// decide settles which end is the client.
func (f *flow) decide(client int) {
	if f.decided {
		return
	}
	f.decided = true
	if client == f.client {
		return
	}
	f.client = client
	for i := range f.units {
		f.units[i].server = !f.units[i].server
	}
}

// guess settles it where nothing tells: servers have the lower port, and mostly
// one below the ports that are given out to clients.
func (f *flow) guess() {
	client := 0
	if f.ends[0].Port() < f.ends[1].Port() {
		client = 1
	}
	f.decide(client)
}

// segment takes one segment.
func (f *flow) segment(s *pcapng.Segment, w arrival) {
	end := 0
	if s.From != f.ends[0] {
		end = 1
	}
	h := &f.halves[end]
	f.seen(w.at, len(s.Payload)+s.Missing)
	if f.over {
		return
	}
	if s.SYN {
		h.begin(s.Seq)
		if s.ACK {
			f.decide(1 - end)
		} else if !f.halves[1-end].synSeen {
			f.decide(end)
		}
		s.Seq++
	}
	if s.ACK {
		f.other(h).acknowledged(f, s.Ack, w)
	}
	if len(s.Payload) > 0 || s.Missing > 0 || s.FIN {
		h.segment(f, piece{seq: s.Seq, data: s.Payload, missing: s.Missing, fin: s.FIN}, w)
	}
	if s.RST {
		f.reset(h, w)
	}
	for i := range f.halves {
		h := &f.halves[i]
		waits := cap(h.pending) + h.held
		f.account(waits - h.charged)
		h.charged = waits
	}
	if f.closed.IsZero() && (f.halves[0].ended && f.halves[1].ended || f.halves[0].reset || f.halves[1].reset) {
		f.closed = w.at
		f.reader.lingers = append(f.reader.lingers, f)
	}
}

// reset takes note of a RST, once for each end.
func (f *flow) reset(h *half, w arrival) {
	if h.reset {
		return
	}
	h.reset = true
	if !h.ended {
		h.finish(f, h, w)
	}
	f.unit(h, transcript.RST, nil, 0, w)
}

// unit records what an end has sent.
func (f *flow) unit(h *half, kind transcript.UnitKind, raw []byte, missing int, w arrival) {
	start := h.taken
	h.taken += int64(len(raw) + missing)
	if !f.tls && !f.reader.all && f.halves[0].foreign+f.halves[1].foreign > maxForeign {
		f.forget()
		return
	}
	if !f.counting && f.kept > followAt && (f.tls || f.reader.all) {
		f.guess()
		f.count()
	}
	index, kept := f.add(unit{kind: kind, server: f.index(h) != f.client, sent: raw, missing: int32(missing)}, w.at)
	if kept && len(raw) > 0 && kind == transcript.Data {
		h.spans = append(h.spans, span{start: start, end: h.taken, unit: index})
	}
	if f.name == "" && kind == transcript.Data && !f.tls {
		f.name, _ = dissect.Recognise(raw)
	}
}

// maxForeign is how much of a connection without TLS is kept in case that TLS
// follows.
const maxForeign = 64 << 10

// forget keeps nothing of a connection that is no TLS.
func (f *flow) forget() {
	f.units = nil
	f.halves[0].spans, f.halves[1].spans = nil, nil
	f.full, f.kept = true, 0
	f.account(flowCost - f.charge)
	f.halves[0].charged, f.halves[1].charged = 0, 0
}

// sent returns a unit, nil if it was not kept.
func (f *flow) sent(index int) *unit {
	if index >= len(f.units) {
		return nil
	}
	return &f.units[index]
}

// sawTLS gives the connection its number.
func (f *flow) sawTLS() {
	if f.full && !f.tls { // what was before is forgotten
		f.full = false
	}
	f.tls = true
	if f.number == 0 {
		f.number = f.reader.number()
	}
}

// hello looks at the handshake messages that a record begins with, as long as
// they are in the clear: they say who is who, and which session is resumed.
func (f *flow) hello(h *half, raw []byte) {
	if tlswire.ContentType(raw[0]) != tlswire.Handshake || h.hidden {
		h.hidden = h.hidden || tlswire.ContentType(raw[0]) == tlswire.ChangeCipherSpec
		return
	}
	for b := raw[tlswire.RecordHeaderLen:]; len(b) > 0; {
		size, ok := tlswire.HandshakeLen(b)
		if !ok || size > len(b) {
			return
		}
		switch tlswire.HandshakeType(b[0]) {
		case tlswire.TypeClientHello:
			f.decide(f.index(h))
			f.offered(b[:size])
		case tlswire.TypeServerHello:
			f.decide(1 - f.index(h))
			f.answered(b[:size])
		case tlswire.TypeNewSessionTicket:
			f.issued(b[:size])
		}
		b = b[size:]
	}
}

// end hands the recording on, or counts what it was.
func (f *flow) end(why string) {
	if f.over {
		return
	}
	f.flush(arrival{at: f.last, packet: f.reader.packet})
	r := f.reader
	switch {
	case f.tls, r.all && f.bytes > 0:
		f.guess()
		if f.number == 0 {
			f.number = r.number()
		}
		r.keyless = r.keyless || f.tls && !r.keys.Meet(f.random)
		r.ended(f.recording(why))
	case f.bytes == 0 && (f.halves[0].reset || f.halves[1].reset):
		r.count("TCP connection that was refused or reset before any data", "TCP connections that were refused or reset before any data")
	case f.bytes == 0:
		r.count("TCP connection without data", "TCP connections without data")
	default:
		name := f.name
		if name == "" || name == unknownBytes {
			name = "other bytes"
		}
		r.count("TCP connection without TLS: "+name, "TCP connections without TLS: "+name)
	}
	f.close()
	f.halves, f.gaps = [2]half{}, nil
}

// drop forgets the connection.
func (f *flow) drop() {
	if f.reader.flows[f.key] == f {
		delete(f.reader.flows, f.key)
	}
	f.ring.remove(&f.tape)
}

// flush hands out what both ends have sent and what never became whole, the
// older first.
func (f *flow) flush(w arrival) {
	for _, h := range []*half{&f.halves[0], &f.halves[1]} {
		for len(h.ahead) > 0 && !h.ended {
			h.giveUp(f, w)
		}
		if h.ended || h.reset {
			continue
		}
		// An acknowledgement of one byte more can be that of a FIN.
		if rest := int32(h.acked - h.next); h.ackSeen && rest > 1 && rest < maxWindow && h.offset > 0 {
			h.skip(f, int(rest), w)
		}
		h.finish(f, h, w)
	}
}

// recording makes the recording of a flow that has ended.
func (f *flow) recording(why string) *Recording {
	rec := f.tape.recording()
	rec.Client, rec.Server = f.ends[f.client], f.ends[1-f.client]
	if !f.halves[0].synSeen && !f.halves[1].synSeen {
		rec.note("the capture starts in the middle of this connection")
	}
	if n := f.halves[0].foreign + f.halves[1].foreign; n > 0 && f.tls {
		rec.note("TLS begins behind %s in the clear: %s", plural(n, "byte"), f.name)
	}
	for _, l := range f.gaps {
		rec.note("%s of the %s are missing at %s (packet %d)", plural(l.bytes, "byte"), f.role(l.from), clock(l.at), l.packet)
	}
	if more := f.lacking - len(f.gaps); more > 0 {
		rec.note("and %s more", plural(more, "gap"))
	}
	for end := range f.halves {
		f.halves[end].remarks(rec, f.role(end))
	}
	if why != "" {
		rec.note("%s", why)
	}
	return rec
}

// remarks says what was out of the ordinary on the way.
func (h *half) remarks(rec *Recording, from outcome.Role) {
	if h.again > 0 {
		rec.note("the %s sent %s again (%s)", from, plural(h.again, "segment"), plural(h.againBytes, "byte"))
	}
	if h.late > 0 {
		rec.note("%s of the %s came late and filled a hole", plural(h.late, "segment"), from)
	}
	if len(h.differ) > 0 {
		rec.note("what the %s sent again differs from what it had sent (packet %d%s); the first copy counts", from, h.differ[0], map[bool]string{true: " and others"}[len(h.differ) > 1])
	}
	if h.cutShort > 0 {
		rec.note("the capture kept only the beginning of %s of the %s: %s are missing", plural(h.cutShort, "segment"), from, plural(h.cutGone, "byte"))
	}
	if h.stray > 0 {
		rec.note("%s of the %s lie far outside of what can be in flight and were left out", plural(h.stray, "segment"), from)
	}
}

// plural writes a number and its noun, with thousands apart.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits + " " + noun + "s"
}

// clock writes a time of day. Captures hold universal time.
func clock(at time.Time) string {
	if at.IsZero() {
		return "an unknown time"
	}
	return at.UTC().Format("15:04:05.000")
}
