package capture

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/transcript"
)

// An emitter takes one packet and what is said of it.
type emitter func(at time.Duration, s pcapng.Segment, comments ...string) error

// An event is a unit that is sent or delivered, on its way to becoming packets.
type event struct {
	seq       uint64
	at        time.Duration
	unit      int
	delivered bool
}

// events are all that happened to the units, in causal order.
func events(t *transcript.Transcript) []event {
	all := make([]event, 0, 2*len(t.Units))
	for i := range t.Units {
		u := &t.Units[i]
		all = append(all, event{seq: u.Seq, at: u.At, unit: i})
		for _, d := range u.Deliveries {
			all = append(all, event{seq: d.Seq, at: d.At, unit: i, delivered: true})
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.seq, b.seq) })
	return all
}

// datagrams writes each unit as the datagram that its sender wrote.
func datagrams(t *transcript.Transcript, client, server netip.AddrPort, says comments, emit emitter) error {
	for _, e := range events(t) {
		if e.delivered {
			continue
		}
		u := &t.Units[e.unit]
		s := pcapng.Segment{Protocol: pcapng.UDP, From: client, To: server, Payload: u.Sent}
		if u.From == outcome.Server {
			s.From, s.To = server, client
		}
		if err := emit(u.At, s, says.of(e.unit)...); err != nil {
			return err
		}
	}
	return nil
}

// A stream makes the segments of a TCP connection: those that its sides' stacks
// would have sent on a network that loses nothing and delivers each unit when
// the gate did.
//
// It shows what the senders wrote. What the gate dropped, changed or held is
// there in its place, so that the bytes of a direction have no gap; an
// acknowledgement says what had been delivered when it was sent.
type stream struct {
	t      *transcript.Transcript
	says   comments
	emit   emitter
	client tcpEnd
	server tcpEnd
	// ends are the sequence numbers behind each unit.
	ends  []uint32
	reset bool
}

// A tcpEnd is one side's view of the connection (RFC 9293 3.3.1).
type tcpEnd struct {
	address netip.AddrPort
	next    uint32 // SND.NXT: what it sends next
	got     uint32 // RCV.NXT: what was delivered to it
	acked   uint32 // the last acknowledgement that it sent
	// since is when the oldest delivery that is not acknowledged came, last the newest.
	since, last time.Duration
}

// The initial sequence numbers of connections that begin when the clock does.
// Wireshark shows numbers relative to them.
const (
	clientISS = 0x10000000
	serverISS = 0x20000000
)

// tick is how much later a connection begins that has the next number: "TCP
// SHOULD generate its Initial Sequence Numbers with the expression:
// ISN = M + F(localip, localport, remoteip, remoteport, secretkey) where M is the
// 4 microsecond timer" (RFC 9293 3.4.1). Every file of ours has the same
// addresses. Where two of them are merged, the numbers tell their connections
// apart.
const tick = 4 * time.Microsecond

// clockAt is where that timer stands.
func clockAt(start time.Time) uint32 { return uint32(start.UnixMicro() / tick.Microseconds()) }

// delayedACK is how long a side may wait with an acknowledgement for something
// to send with it ("MUST be less than 0.5 seconds", RFC 9293 3.8.6.3).
const delayedACK = 40 * time.Millisecond

// segments writes a TCP connection from its SYN on.
func segments(t *transcript.Transcript, client, server netip.AddrPort, says comments, emit emitter) error {
	s := &stream{
		t: t, says: says, emit: emit, ends: make([]uint32, len(t.Units)),
		client: tcpEnd{address: client, next: clientISS + clockAt(t.Start)},
		server: tcpEnd{address: server, next: serverISS + clockAt(t.Start)},
	}
	if err := s.open(); err != nil {
		return err
	}
	all := events(t)
	for i, e := range all {
		if err := s.event(e); err != nil {
			return err
		}
		if e.delivered && (i+1 == len(all) || !s.waits(e, all[i+1])) {
			if err := s.acknowledge(s.receiver(e)); err != nil {
				return err
			}
		}
	}
	return nil
}

// open writes the three-way handshake. It was over before the recording began.
func (s *stream) open() error {
	c, v := &s.client, &s.server
	err := s.segment(0, c, v, pcapng.Segment{SYN: true}, s.says.opening()...)
	c.next++
	if err != nil {
		return err
	}
	v.got, v.acked = c.next, c.next
	err = s.segment(0, v, c, pcapng.Segment{SYN: true, ACK: true})
	v.next++
	if err != nil {
		return err
	}
	c.got = v.next
	return s.acknowledge(c)
}

func (s *stream) end(r outcome.Role) *tcpEnd {
	if r == outcome.Client {
		return &s.client
	}
	return &s.server
}

func (s *stream) receiver(e event) *tcpEnd { return s.end(s.t.Units[e.unit].From.Peer()) }

func (s *stream) peer(of *tcpEnd) *tcpEnd {
	if of == &s.client {
		return &s.server
	}
	return &s.client
}

// event takes a unit that is sent or delivered.
func (s *stream) event(e event) error {
	if !e.delivered {
		return s.send(e)
	}
	to := s.receiver(e)
	if int32(s.ends[e.unit]-to.got) <= 0 {
		return nil // a duplicate
	}
	if to.got == to.acked {
		to.since = e.at
	}
	to.got, to.last = s.ends[e.unit], e.at
	return nil
}

// waits says that the acknowledgement of a delivery can wait for the next event:
// more is delivered to the same side, it sends something itself, or the rest of
// the same write is on its way.
func (s *stream) waits(e, next event) bool {
	to := s.receiver(e)
	if next.at-to.since > delayedACK {
		return false
	}
	from := s.end(s.t.Units[next.unit].From)
	if next.delivered {
		return s.receiver(next) == to
	}
	return from == to || next.at == e.at
}

// send writes a unit.
func (s *stream) send(e event) error {
	u := &s.t.Units[e.unit]
	from := s.end(u.From)
	to := s.peer(from)
	defer func() { s.ends[e.unit] = from.next }()
	says := s.says.of(e.unit)
	if absent(s.t, e.unit) {
		return nil
	}
	switch u.Kind {
	case transcript.FIN:
		err := s.segment(u.At, from, to, pcapng.Segment{FIN: true, ACK: true}, says...)
		from.next++
		return err
	case transcript.RST:
		s.reset = true
		return s.segment(u.At, from, to, pcapng.Segment{RST: true, ACK: true}, says...)
	}
	for rest := u.Sent; len(rest) > 0; {
		n := min(len(rest), pcapng.MSS)
		part := pcapng.Segment{ACK: true, Payload: rest[:n]}
		rest = rest[n:]
		var last []string
		if len(rest) == 0 {
			part.PSH, last = true, says
		}
		if err := s.segment(u.At, from, to, part, last...); err != nil {
			return err
		}
		from.next += uint32(n)
	}
	return nil
}

// acknowledge writes an acknowledgement alone, if one is due. Nobody sends one
// once the connection was reset.
func (s *stream) acknowledge(end *tcpEnd) error {
	if s.reset || end.got == end.acked {
		return nil
	}
	return s.segment(end.last, end, s.peer(end), pcapng.Segment{ACK: true})
}

// segment writes a segment, which acknowledges what had been delivered.
func (s *stream) segment(at time.Duration, from, to *tcpEnd, part pcapng.Segment, comments ...string) error {
	part.Protocol, part.From, part.To = pcapng.TCP, from.address, to.address
	part.Seq = from.next
	if part.ACK {
		part.Ack, from.acked = from.got, from.got
	}
	return s.emit(at, part, comments...)
}
