package capture

import (
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A tape records one connection while the file is read. What it keeps is
// bounded: once the connection is longer than any handshake, it is dissected as
// it comes, and its application data is counted and forgotten.
type tape struct {
	reader    *reader
	transport outcome.Transport
	// number is the connection's, 0 until it is known to be one worth showing.
	number int
	// units are what was recorded so far. Tens of thousands of connections can be
	// open at a time, so that each takes little more than its bytes until it is
	// dissected.
	units []unit
	// t and d are set once the connection is dissected as it comes.
	t *transcript.Transcript
	d *dissect.Dissector
	// counting says that application data is counted, over that the recording was
	// handed on.
	counting, over bool
	// full says that no more is kept of a connection that is all handshake.
	full bool

	begun, last time.Time
	packets     int
	bytes       int64
	// kept is how much of it is kept, charge how much memory is accounted for.
	kept   int
	charge int
	// notes are sentences for the person.
	notes []string

	// ring is the one that the tape is in, prev and next are its neighbours there.
	ring       *ring
	prev, next *tape
	owner      ender
}

// A unit is what a transcript.Unit is made of.
type unit struct {
	sent    []byte
	at      time.Duration
	missing int32
	kind    transcript.UnitKind
	server  bool // the sender
	again   bool // it was sent again
}

// sideOf numbers the sides: 0 is the client, 1 the server.
func sideOf(r outcome.Role) int {
	if r == outcome.Server {
		return 1
	}
	return 0
}

// side returns the number of the sender.
func (u *unit) side() int {
	if u.server {
		return 1
	}
	return 0
}

// from returns the sender.
func (u *unit) from() outcome.Role {
	if u.server {
		return outcome.Server
	}
	return outcome.Client
}

// An ender is a connection that can be ended: it hands on its recording, once.
// Until it is dropped it goes on taking packets, and keeps nothing of them.
type ender interface {
	end(why string)
	drop()
}

const (
	// followAt is how much of a connection is kept before it is followed.
	followAt = 32 << 10
	// followCost is about what following takes beside the bytes.
	followCost = 32 << 10
	// keysCost is about what the keys of one side and level take.
	keysCost = 2 << 10
	// unitCost is about what a unit takes beside its bytes.
	unitCost = 64
	// firstUnits is how many units a connection has room for from the first one on:
	// most handshakes have no more.
	firstUnits = 12
	// maxTape is how much is kept of one connection.
	maxTape = 4 << 20
	// maxNamed is how many of one kind a note names.
	maxNamed = 8
)

func newTape(r *reader, transport outcome.Transport, at time.Time) tape {
	return tape{reader: r, transport: transport, begun: at, last: at, ring: &r.open}
}

// add records a unit.
func (t *tape) add(u unit, at time.Time) (index int, kept bool) {
	if t.full || t.over {
		return 0, false
	}
	if t.units == nil {
		t.units = make([]unit, 0, firstUnits)
	}
	u.at = max(at.Sub(t.begun), 0)
	index = len(t.units)
	t.units = append(t.units, u)
	if t.d != nil && !t.dissect(index) {
		t.units[index] = unit{}
		t.units = t.units[:index]
		return 0, false
	}
	t.kept += len(u.sent) + unitCost
	t.account(len(u.sent) + unitCost)
	if t.kept > maxTape {
		t.full = true
		t.notes = append(t.notes, "more than 4 MB of it are not application data: what follows was not read")
	}
	return index, true
}

// dissect reads the latest unit and says whether it has to be kept.
func (t *tape) dissect(index int) (kept bool) {
	t.t.Units = append(t.t.Units, t.unit(index))
	u := &t.t.Units[index]
	switch {
	case !t.counting:
		t.d.Add(u)
	case !t.d.Follow(u):
		*u = transcript.Unit{}
		t.t.Units = t.t.Units[:index]
		return false
	}
	return true
}

// unit makes a unit of a transcript. It is delivered as it is sent: what became
// of it on the way a capture does not say.
func (t *tape) unit(index int) transcript.Unit {
	u := &t.units[index]
	seq := uint64(2*index + 1)
	full := transcript.Unit{
		Index: index, Kind: u.kind, From: u.from(), Sent: u.sent, Missing: int(u.missing), Seq: seq, At: u.at,
		Deliveries: t.reader.delivery(seq+1, u.at),
	}
	if u.again {
		full.Marks = []transcript.Mark{transcript.Retransmission}
	}
	return full
}

// transcript makes the transcript of all units so far.
func (t *tape) transcript() *transcript.Transcript {
	full := &transcript.Transcript{Transport: t.transport, Start: t.begun}
	full.Client.Settings.Role, full.Client.Outcome.Role = outcome.Client, outcome.Client
	full.Server.Settings.Role, full.Server.Outcome.Role = outcome.Server, outcome.Server
	full.ClientKeys, full.ServerKeys = t.reader.logs[0], t.reader.logs[1]
	full.Units = make([]transcript.Unit, len(t.units))
	for i := range t.units {
		full.Units[i] = t.unit(i)
	}
	return full
}

// follow begins to dissect the connection as it comes.
func (t *tape) follow() {
	if t.d != nil {
		return
	}
	t.t = t.transcript()
	t.d = dissect.New(t.t)
	for i := range t.t.Units {
		t.d.Add(&t.t.Units[i])
	}
	t.account(followCost)
}

// count begins to count application data.
func (t *tape) count() {
	t.follow()
	t.counting = true
}

// recording makes the recording of what is on the tape.
func (t *tape) recording() *Recording {
	rec := &Recording{
		Number: t.number, Transport: t.transport, Transcript: t.t,
		First: t.begun, Last: t.last, Packets: t.packets, Bytes: t.bytes,
		Notes: t.notes, followed: t.d, charge: t.charge,
	}
	switch {
	case t.t == nil:
		rec.Transcript = t.transcript()
	default: // marks can have come since
		for i := range t.units {
			if u := &t.t.Units[i]; t.units[i].again && len(u.Marks) == 0 {
				u.Marks = []transcript.Mark{transcript.Retransmission}
			}
		}
	}
	return rec
}

// close gives back everything that the tape holds. What still comes of the
// connection is known to be its own for a while.
func (t *tape) close() {
	t.ring.remove(t)
	t.ring = &t.reader.past
	t.ring.touch(t)
	t.last = t.reader.now
	t.account(-t.charge)
	t.units, t.t, t.d, t.notes = nil, nil, nil, nil
	t.over = true
}

// account takes note of memory that is taken, or given back where n is negative.
func (t *tape) account(n int) {
	t.charge += n
	t.reader.charge += n
}

// seen takes note of a packet.
func (t *tape) seen(at time.Time, size int) {
	t.packets++
	t.bytes += int64(size)
	if at.After(t.last) {
		t.last = at
	}
	t.ring.touch(t)
}

// A ring is tapes in the order of their last packets.
type ring struct {
	root tape
	n    int
}

func (l *ring) init() { l.root.prev, l.root.next = &l.root, &l.root }

// oldest returns the tape whose last packet is the longest ago, nil if there is none.
func (l *ring) oldest() *tape {
	if l.n == 0 {
		return nil
	}
	return l.root.next
}

func (l *ring) touch(t *tape) {
	if l.root.prev == t {
		return
	}
	l.remove(t)
	t.prev, t.next = l.root.prev, &l.root
	t.prev.next, l.root.prev = t, t
	l.n++
}

func (l *ring) remove(t *tape) {
	if t.next == nil {
		return
	}
	t.prev.next, t.next.prev = t.next, t.prev
	t.prev, t.next = nil, nil
	l.n--
}
