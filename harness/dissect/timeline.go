package dissect

import (
	"slices"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// Timeline returns the story so far: all steps in causal order, numbered, with
// flights counted. Each call returns a new slice; a step that has changed since
// the last call is a new one, so what was returned before stays as it was.
func (d *Dissector) Timeline() *Timeline {
	d.retry()
	d.tell()
	steps := d.room.lists.List(len(d.steps)+len(d.facts)+2, 1)[:0]
	for _, s := range d.steps {
		if !s.superseded {
			steps = append(steps, s)
		}
	}
	if d.carrier != nil {
		steps = append(steps, d.carrier.unfinished()...)
	}
	sortSteps(steps)
	if len(d.facts) > 0 {
		steps = append(steps, d.placeFacts(steps)...)
		sortSteps(steps)
	}
	steps = d.fold(steps)

	t := &Timeline{
		Transport:   d.t.Transport,
		Version:     d.settled.version,
		CipherSuite: d.settled.cipherSuite,
		Group:       d.settled.group,
		ALPN:        d.settled.alpn,
		Steps:       steps,
		resumed:     d.master(),
	}
	var inferred guesses
	if slices.ContainsFunc(steps, (*Step).Sealed) {
		inferred = d.infer(steps)
	}
	flight, sender := 0, outcome.Role("")
	for i, s := range steps {
		if d.opensFlight(s) && s.From != sender {
			flight, sender = flight+1, s.From
		}
		steps[i] = d.show(s, i+1, max(flight, 1), inferred.notes[i])
		if s.unread {
			t.Unread++
		}
	}
	t.Inferences = inferred.numbered(steps)
	return t
}

// sortSteps brings steps into causal order. They nearly always are already:
// units are given in the order in which they were sent.
func sortSteps(steps []*Step) {
	byOrder := func(a, b *Step) int { return a.order.compare(b.order) }
	if !slices.IsSortedFunc(steps, byOrder) {
		slices.SortStableFunc(steps, byOrder)
	}
}

// opensFlight says that the step can be the first of a flight. A datagram that
// only keeps house or repeats belongs to the flight it stands in: when
// a stack sends one depends on its timers.
func (d *Dissector) opensFlight(s *Step) bool {
	return s.Kind != KindLocal && !s.endsDirection() && !s.Chatter() && !d.repeats(s)
}

// Chatter says that the step only keeps the connection's house: QUIC's
// acknowledgements, probes, flow control and connection IDs where nothing else
// is in the datagram. They tell nothing about the handshake.
func (s *Step) Chatter() bool {
	if s.Kind != KindQUICFrame {
		return false
	}
	switch s.Name {
	case "ACK", "PING", "PADDING", "NEW_CONNECTION_ID", "RETIRE_CONNECTION_ID":
		return true
	}
	return strings.HasPrefix(s.Name, "MAX_") || strings.HasSuffix(s.Name, "_BLOCKED")
}

// endsDirection says that the step is the end of a TCP direction, which opens
// no flight.
func (s *Step) endsDirection() bool {
	return s.Kind == KindTransport && (s.Name == stepFIN || s.Name == stepRST)
}

// show returns s with that number and flight, with what became of its units
// since, and with what its place among the others makes of it. A step that somebody else may hold is copied before it changes.
func (d *Dissector) show(s *Step, n, flight int, inferred string) *Step {
	held, marks := d.fate(s.Units)
	if at := slices.Index(marks, transcript.Rewritten); at >= 0 && d.untouched(s) {
		marks = slices.Delete(marks, at, at+1)
	}
	if s.unread && s.bare == "" {
		s.bare = s.Summary
	}
	summary := s.Summary
	if s.unread {
		summary = s.bare + inferred
	}
	summary = d.onPath(s, summary)
	v := s
	if s.shown != nil {
		v = s.shown
	}
	if v.N == n && v.Flight == flight && v.Held == held && v.Summary == summary && slices.Equal(v.Marks, marks) {
		v.published = true
		return v
	}
	if v.published || summary != s.Summary { // s keeps its own words
		c := *s
		v, s.shown = &c, &c
	}
	v.N, v.Flight, v.Held, v.Marks, v.Summary = n, flight, held, marks, summary
	v.published = true
	return v
}

// repeats says that nothing in the step's datagram was new.
func (d *Dissector) repeats(s *Step) bool {
	u := d.unit(s.Unit)
	return u != nil && slices.Contains(u.Marks, transcript.Retransmission)
}

// fate returns what the link has done with units: whether one of them has not
// reached the other side yet, and their marks.
func (d *Dissector) fate(units []int) (held bool, marks []transcript.Mark) {
	for _, i := range units {
		u := d.unit(i)
		if u == nil {
			continue
		}
		if len(u.Deliveries) == 0 && !slices.Contains(u.Marks, transcript.Dropped) {
			held = true
		}
		for _, m := range u.Marks {
			if !slices.Contains(marks, m) {
				marks = append(marks, m)
			}
		}
	}
	return held, marks
}
