package dissect

import (
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// Transcript dissects a whole recording.
func Transcript(t *transcript.Transcript) *Timeline {
	return TranscriptIn(new(Room), Derived{}, t)
}

// TranscriptIn dissects a whole recording in a room, for as long as that says, with
// the keys that were derived of it before, which are the dissection's alone from
// then on.
func TranscriptIn(room *Room, k Derived, t *transcript.Transcript) *Timeline {
	d := newIn(room, t)
	d.derived = k
	d.units = make([]*transcript.Unit, 0, len(t.Units))
	d.steps = room.lists.List(2*len(t.Units), 1)[:0]
	for i := range t.Units {
		d.add(&t.Units[i])
	}
	for _, f := range t.Facts {
		d.AddFact(f)
	}
	return d.Timeline()
}

// A Dissector follows one connection. Feed it each unit once, when it is sent,
// and each local fact when it happens; [Dissector.Timeline] then tells the
// story so far.
//
// It reads the transcript's key logs as they grow, and the deliveries and marks
// of units that it was given. Whoever writes the transcript guards it and the
// Dissector with one lock. Timelines and their steps are snapshots: they are
// never changed after they were handed out, and need no lock.
type Dissector struct {
	t       *transcript.Transcript
	carrier carrier
	settled settled
	derived Derived

	// units are the units in the order in which they were given.
	units []*transcript.Unit
	// steps are all steps of the wire, in the order in which they were read.
	steps []*Step
	facts []placedFact
	// keys is how many secrets there were when the carrier last tried.
	keys int
	// places counts the steps that were given a place in their unit.
	places int

	// counting says that application data is counted ([Dissector.Follow]), and
	// tallies are what is being counted, by sender.
	counting bool
	tallies  map[outcome.Role]*tally
	// told are all tallies so far.
	told []*tally

	// room is where steps and what they need are made.
	room *Room
}

// A carrier reads the units of one transport.
type carrier interface {
	// add reads a unit and returns the steps that became readable with it, in
	// the order in which they were sent. They can include steps of earlier
	// units that had waited for it.
	add(u *transcript.Unit) []*Step
	// retry reads units again that had waited for a key, after the key logs
	// have grown. It returns the steps that it read; those that had stood in
	// for them are marked superseded.
	retry() []*Step
	// waits says that something has begun whose units are needed until it is
	// whole, beyond those that have steps.
	waits() bool
	// unfinished returns steps for what has begun and is not whole yet: part
	// of a record or of a message. They are made anew at each call.
	unfinished() []*Step
}

// settled is what the two sides have agreed upon so far.
type settled struct {
	version     uint16
	cipherSuite uint16
	group       uint16
	alpn        string

	// clientRandom files the secrets in the key logs. It stays that of the
	// first ClientHello when the server asks for another one.
	clientRandom keylog.Random
	serverRandom keylog.Random
	retried      bool // a HelloRetryRequest was sent
	// sessionID is the one that the client has offered to resume.
	sessionID []byte
	// resumed says that the server has accepted to resume a session.
	resumed        bool
	encryptThenMAC bool
	// clientHello and serverHello are the units that carried them, -1 until then.
	clientHello, serverHello int
}

// New returns a Dissector for the connection that t records. It reads t's
// transport, key logs and units as they grow, and writes nothing but marks.
func New(t *transcript.Transcript) *Dissector {
	return newIn(new(Room), t)
}

func newIn(room *Room, t *transcript.Transcript) *Dissector {
	return &Dissector{t: t, settled: settled{clientHello: -1, serverHello: -1}, room: room}
}

// Add reads one unit and returns the steps that it completed. Their numbers
// and flights are set in the next [Dissector.Timeline].
func (d *Dissector) Add(u *transcript.Unit) []*Step {
	steps := d.add(u)
	completed := steps[:0:0]
	for _, s := range steps {
		if s.Unit == u.Index {
			s.published = true
			completed = append(completed, s)
		}
	}
	return completed
}

func (d *Dissector) add(u *transcript.Unit) []*Step {
	if d.carrier == nil {
		d.carrier = d.newCarrier()
	}
	d.retry()
	d.units = append(d.units, u)
	steps := d.carrier.add(u)
	d.steps = append(d.steps, steps...)
	return steps
}

func (d *Dissector) newCarrier() carrier {
	if d.t.Transport == outcome.QUIC {
		return newDatagrams(d)
	}
	return newStream(d)
}

// retry lets the carrier try again if a key has come since it last tried.
func (d *Dissector) retry() {
	keys := d.t.ClientKeys.Len() + d.t.ServerKeys.Len()
	if keys == d.keys || d.carrier == nil {
		return
	}
	d.keys = keys
	d.steps = append(d.steps, d.carrier.retry()...)
}

// unit returns the unit of that index as it is now, with its deliveries and
// marks, nil if it was never given.
func (d *Dissector) unit(index int) *transcript.Unit {
	// The transcript's own unit is the one that grows deliveries; the pointer
	// that was given can lead to where the slice was before it grew.
	if index >= 0 && index < len(d.t.Units) && d.t.Units[index].Index == index {
		return &d.t.Units[index]
	}
	if index >= 0 && index < len(d.units) && d.units[index].Index == index {
		return d.units[index]
	}
	for _, u := range d.units {
		if u.Index == index {
			return u
		}
	}
	return nil
}

// newStep returns a step of that side, placed in the units that it was spread
// over, the last of which completed it. Its WireBytes are those of the units.
func (d *Dissector) newStep(from outcome.Role, kind Kind, name string, units []int) *Step {
	s := &d.room.steps.List(1, 16)[0]
	s.From, s.Kind, s.Name, s.Units = from, kind, name, units
	s.Unit = -1
	if len(units) > 0 {
		s.Unit = units[len(units)-1]
	}
	for _, i := range units {
		if u := d.unit(i); u != nil {
			s.WireBytes += len(u.Sent)
			s.At = u.At
			s.order.seq = u.Seq
		}
	}
	// Facts find room between two places of a unit.
	d.places += 2
	s.order.place = d.places
	return s
}

// only returns a list of one unit.
func (d *Dissector) only(unit int) []int {
	list := d.room.units.List(1, 16)
	list[0] = unit
	return list
}
