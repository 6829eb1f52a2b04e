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
	reader *reader
	// number is the connection's, 0 until it is known to be one worth showing.
	number int
	t      *transcript.Transcript
	d      *dissect.Dissector
	seq    uint64
	// counting says that application data is counted.
	counting bool

	begun, last time.Time
	packets     int
	bytes       int64
	// charge is how much memory is accounted for.
	charge int
	// full says that no more is kept of a connection that is all handshake.
	full bool
	// notes are sentences for the person.
	notes []string

	// prev and next are neighbours in the order of the last packet.
	prev, next *tape
	owner      ender
}

// An ender is a connection that can be ended: it hands on its recording, once.
// Until it is dropped it goes on taking packets, and keeps nothing of them.
type ender interface {
	end(why string)
	drop()
}

const (
	// followAt is how much of a connection is kept before it is followed.
	followAt = 64 << 10
	// followCost is about what following takes beside the bytes.
	followCost = 24 << 10
	// unitCost is about what a unit takes beside its bytes, with its steps.
	unitCost = 320
	// maxTape is how much is kept of one connection.
	maxTape = 4 << 20
	// maxNamed is how many of one kind a note names.
	maxNamed = 8
)

func newTape(r *reader, transport outcome.Transport, at time.Time) tape {
	t := &transcript.Transcript{Transport: transport, Start: at}
	t.Client.Settings.Role, t.Client.Outcome.Role = outcome.Client, outcome.Client
	t.Server.Settings.Role, t.Server.Outcome.Role = outcome.Server, outcome.Server
	t.ClientKeys, t.ServerKeys = r.keys.Logs()
	return tape{reader: r, t: t, begun: at, last: at}
}

// add records a unit, which is delivered as it is sent: what became of it on the
// way a capture does not say.
func (t *tape) add(kind transcript.UnitKind, from outcome.Role, raw []byte, missing int, at time.Time) (index int, kept bool) {
	if t.full || t.t == nil {
		return 0, false
	}
	since := max(at.Sub(t.begun), 0)
	index = len(t.t.Units)
	t.t.Units = append(t.t.Units, transcript.Unit{
		Index: index, Kind: kind, From: from, Sent: raw, Missing: missing, Seq: t.seq + 1, At: since,
		Deliveries: t.reader.delivery(t.seq+2, since),
	})
	t.seq += 2
	switch u := &t.t.Units[index]; {
	case t.d == nil:
	case !t.counting:
		t.d.Add(u)
	case !t.d.Follow(u):
		t.t.Units[index] = transcript.Unit{}
		t.t.Units = t.t.Units[:index]
		return 0, false
	}
	t.account(len(raw) + unitCost)
	if t.charge > maxTape {
		t.full = true
		t.notes = append(t.notes, "more than 4 MB of it are not application data: what follows was not read")
	}
	return index, true
}

// over says that the recording was handed on.
func (t *tape) over() bool { return t.t == nil }

// follow begins to dissect the connection as it comes.
func (t *tape) follow() {
	if t.d != nil {
		return
	}
	t.d = dissect.New(t.t)
	for i := range t.t.Units {
		t.d.Add(&t.t.Units[i])
	}
	t.account(followCost)
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
	t.reader.tapes.touch(t)
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
