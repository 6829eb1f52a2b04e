// Package link is the wire between a client and a server: it records every
// unit that crosses it, and can hold each one at a gate.
//
// To record a pair, make a [Link], give each endpoint one end ([Link.Stream] or
// [Link.Packet]) and a key log writer ([Link.KeyLog]), and read
// [Link.Transcript] when both have ended. To step through it, make it with
// [Options.Hold] and call [Link.Release] for each unit. To let things go wrong on
// the way, state [Options.Faults].
//
// A link wraps the sockets that the endpoints would use anyway and adds no hop.
// It is safe for concurrent use.
package link

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// Options say how a link behaves.
type Options struct {
	// Hold keeps every unit at the gate until it is released.
	Hold bool
	// Now is the clock for time stamps; nil means time.Now.
	Now func() time.Time
	// Changed is called after anything was recorded, without locks held. It
	// must not block.
	Changed func()
	// Holding is called when the gate begins and stops to hold something. It is
	// called with the link's lock held: it must not block or call back.
	Holding func(bool)

	// Faults are what happens on the way, behind the gate.
	Faults []fault.Fault
	// Seed decides what is left to chance.
	Seed uint64
	// Stuck is called, without locks held and perhaps more than once, when
	// faults have left a TCP connection in which nothing can happen any more.
	Stuck func()
	// Reprotect undoes the protection of everything and protects it again, also
	// where nothing is changed: whoever doubts the link can see that it is right.
	Reprotect bool
	// Signers are the keys that the link may sign with where it impersonates a
	// side.
	Signers []Signer
	// Failed is called once, with the link's lock held, when a fault cannot be
	// carried out: it must not block or call back.
	Failed func(error)
}

// A Link is one connection's wire.
type Link struct {
	options Options

	mu         sync.Mutex
	empty      sync.Cond // the gate's queue has become empty
	transcript *transcript.Transcript
	dissector  *dissect.Dissector // fed as units are sent; nil unless somebody needs it
	seq        uint64
	client     end
	server     end
	gate       gate
	changedAt  time.Time
	noise      bool // the unit sent last carries nothing new
	goodbye    bool // it closes a QUIC connection, which nobody does twice

	// out keeps the order in which a side's units are written; finish closes
	// that side's direction of a stream, emit writes bytes that it did not.
	out    map[outcome.Role]*sync.Mutex
	emit   map[outcome.Role]func([]byte)
	finish map[outcome.Role]func([]byte)
	conn   map[outcome.Role]net.Conn
	packet map[outcome.Role]*PacketEnd

	// What follows is for a link that has faults.
	up, down path
	met      []int // how many units have fitted each fault
	dice     map[outcome.Role]*rand.Rand
	expired  bool // the deadline has come: nothing arrives any more
	weaver   weaver
	passages []Passage // what the weaver has handed on
	err      error     // why a fault could not be carried out
}

// An end is what a link knows of one side, whatever the transport.
type end struct {
	lastSeen uint64 // sequence number of the last unit sent or received whole
	// arriving are deliveries to this side that it has not read whole.
	arriving []arrival
	waiting  bool // it is blocked in a read
	closed   bool // it will read no more
	reset    bool // a RST from this side is recorded
	finished bool // a FIN from this side is recorded
	broken   bool // the link has reset the connection towards this side
	expired  bool // its deadline has come
	atEnd    bool // its reads end at once: it has come to the end of the stream
}

// An arrival is a delivery on its way to the reader.
type arrival struct {
	left int    // bytes not yet read
	seq  uint64 // 0 for a piece that others of its unit follow
}

// New returns a link that records into t. The caller must not touch t until
// both endpoints have ended, except through [Link.Transcript].
func New(t *transcript.Transcript, o Options) *Link {
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Link{
		options: o, transcript: t, met: make([]int, len(o.Faults)), dice: newDice(o.Seed),
		out: map[outcome.Role]*sync.Mutex{}, conn: map[outcome.Role]net.Conn{}, packet: map[outcome.Role]*PacketEnd{},
		emit: map[outcome.Role]func([]byte){}, finish: map[outcome.Role]func([]byte){},
	}
	l.empty.L = &l.mu
	t.Start = o.Now()
	l.gate.closed = o.Hold
	if o.Hold || l.faulty() {
		l.dissector = dissect.New(t)
	}
	if r := newRewriter(l); r != nil {
		l.weaver = newWeaver(r, t.Transport)
	}
	return l
}

// faulty says that the link does more than to record and to hold.
func (l *Link) faulty() bool { return len(l.options.Faults) > 0 || l.options.Reprotect }

func (l *Link) end(r outcome.Role) *end {
	if r == outcome.Client {
		return &l.client
	}
	return &l.server
}

// since returns the time since the connection began. The caller holds l.mu.
func (l *Link) since() time.Duration { return l.options.Now().Sub(l.transcript.Start) }

// send records a unit that a side sent, and returns it with the faults that it
// sets off. The caller holds l.mu; sent is the link's to keep.
func (l *Link) send(from outcome.Role, kind transcript.UnitKind, sent []byte, at time.Duration, marks ...transcript.Mark) (*transcript.Unit, []int) {
	l.seq++
	l.transcript.Units = append(l.transcript.Units, transcript.Unit{
		Index: len(l.transcript.Units), Kind: kind, From: from, Sent: sent, Seq: l.seq, At: at, Marks: marks,
	})
	l.end(from).lastSeen = l.seq
	u := &l.transcript.Units[len(l.transcript.Units)-1]
	l.changedAt = l.options.Now()
	if l.dissector == nil {
		return u, nil
	}
	steps := l.dissector.Add(u)
	l.noise = isNoise(u, steps)
	l.goodbye = slices.ContainsFunc(steps, func(s *dissect.Step) bool { return s.Close != nil })
	if len(marks) > 0 { // the link's own doing sets nothing off
		return u, nil
	}
	return u, l.meet(u, steps)
}

// deliver records that a unit is about to reach the other side, as it was
// sent. It is called before the bytes move, so that the reader finds it.
func (l *Link) deliver(u *transcript.Unit, at time.Duration) {
	l.seq++
	u.Deliveries = append(u.Deliveries, transcript.Delivery{Seq: l.seq, At: at})
	to := l.end(u.From.Peer())
	to.arriving = append(to.arriving, arrival{left: len(u.Sent), seq: l.seq})
}

// received records that a side has read n bytes of what was delivered to it.
func (l *Link) received(role outcome.Role, n int) {
	e := l.end(role)
	for n > 0 && len(e.arriving) > 0 {
		a := &e.arriving[0]
		took := min(n, a.left)
		a.left -= took
		n -= took
		if a.left > 0 {
			return
		}
		e.read(a.seq)
	}
}

// read notes that the first arrival has been read to its end.
func (e *end) read(seq uint64) {
	if seq > 0 {
		e.lastSeen = seq
	}
	e.arriving = e.arriving[1:]
}

// receivedDatagram records that a side has read the next datagram that was
// delivered to it, also where its buffer was too small for all of it.
func (l *Link) receivedDatagram(role outcome.Role) {
	if e := l.end(role); len(e.arriving) > 0 {
		e.read(e.arriving[0].seq)
	}
}

// Fact records something that happened inside a side.
func (l *Link) Fact(role outcome.Role, kind transcript.FactKind, text string) {
	l.mu.Lock()
	f := transcript.Fact{Side: role, Kind: kind, Text: text, After: l.end(role).lastSeen, At: l.since()}
	l.transcript.Facts = append(l.transcript.Facts, f)
	if l.dissector != nil {
		l.dissector.AddFact(f)
	}
	l.mu.Unlock()
	l.changed()
}

// SetOutcome records what a side says became of it.
func (l *Link) SetOutcome(o outcome.Outcome) {
	l.mu.Lock()
	l.transcript.Side(o.Role).Outcome = o
	l.mu.Unlock()
	l.changed()
}

func (l *Link) changed() {
	if l.options.Changed != nil {
		l.options.Changed()
	}
	if l.options.Stuck == nil || !l.faulty() {
		return
	}
	l.mu.Lock()
	stuck := l.stuck()
	l.mu.Unlock()
	if stuck {
		l.options.Stuck()
	}
}

// KeyLog returns the writer for a side's tls.Config.KeyLogWriter.
func (l *Link) KeyLog(role outcome.Role) io.Writer { return keyWriter{l, role} }

type keyWriter struct {
	link *Link
	role outcome.Role
}

func (w keyWriter) Write(line []byte) (int, error) {
	l := w.link
	l.mu.Lock()
	err := l.transcript.Keys(w.role).Parse(line)
	if err == nil && l.weaver != nil {
		l.goOnWith(w.role.Peer()) // what waits for this key goes to the side that has it
	}
	l.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if l.weaver != nil {
		l.flushAll()
	}
	return len(line), nil
}

// Transcript calls f with the recording under the link's lock. f must not keep it.
func (l *Link) Transcript(f func(*transcript.Transcript)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l.transcript)
}

// A View is a link at one moment.
type View struct {
	Timeline *dissect.Timeline
	// Queue are the indices of the units at the gate, in the order of their release.
	Queue          []int
	Client, Server transcript.Side
}

// View returns a snapshot. The link must have been made with Hold.
func (l *Link) View() View {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := View{Client: l.transcript.Client, Server: l.transcript.Server}
	v.Timeline = l.dissector.Timeline()
	for _, q := range l.gate.queue {
		v.Queue = append(v.Queue, q.unit)
	}
	return v
}

// Waiting says whether a side is blocked in a read.
func (l *Link) Waiting(role outcome.Role) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end(role).waiting
}

// CanReach says whether something of the other side's has reached a side, or
// still can.
func (l *Link) CanReach(role outcome.Role) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.transcript.Units, func(u transcript.Unit) bool {
		return u.From == role.Peer() && !slices.Contains(u.Marks, transcript.Dropped)
	})
}

// LastSeen says in words what a side has sent and received last.
func (l *Link) LastSeen(role outcome.Role) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.dissector
	if d == nil {
		d = dissect.New(l.transcript)
		for i := range l.transcript.Units {
			d.Add(&l.transcript.Units[i])
		}
	}
	sent, received := "sent nothing", "received nothing"
	for _, s := range d.Timeline().Steps {
		switch {
		case s.Unit < 0:
		case s.From == role:
			sent = "last sent " + s.Name
		case len(l.transcript.Units[s.Unit].Deliveries) > 0:
			received = "last received " + s.Name
		}
	}
	return sent + ", " + received
}

// WaitReleased waits until the gate holds nothing or ctx ends: a unit in flight
// still arrives when its sender has gone.
func (l *Link) WaitReleased(ctx context.Context) {
	defer context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.empty.Broadcast()
	})()
	l.mu.Lock()
	defer l.mu.Unlock()
	for (len(l.gate.queue) > 0 || l.gate.moving) && ctx.Err() == nil {
		l.empty.Wait()
	}
}

// Settled says that nothing will move unless something is released: each side
// is blocked in a read and has consumed everything that reached it, or has
// ended. On QUIC, whose endpoints work behind their sockets, it also asks for
// quiet of that length.
func (l *Link) Settled(quiet time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range []*end{&l.client, &l.server} {
		if !e.closed && (!e.waiting || len(e.arriving) > 0) {
			return false
		}
	}
	return l.transcript.Transport == outcome.TCP || l.options.Now().Sub(l.changedAt) >= quiet
}
