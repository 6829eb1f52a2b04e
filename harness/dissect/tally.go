package dissect

import (
	"errors"
	"fmt"
	"strconv"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// Follow reads one unit of a long connection, as [Dissector.Add] does, and says
// whether the recording has to keep it. Application data is counted from the
// first call on: one step stands for all that a side sends until something else
// happens (a KeyUpdate, a ticket, an alert), and only the unit that it begins
// with is kept. A unit that is not kept was the last one of its transcript and
// has to leave it before the next one comes. What cannot be opened yet will not
// be opened later: keys have to be there in time.
func (d *Dissector) Follow(u *transcript.Unit) (kept bool) {
	d.counting = true
	steps := d.add(u)
	for _, s := range steps {
		if !d.counted(s) {
			clear(d.tallies) // what is sent from now on stands behind it
		}
	}
	if len(steps) > 0 || d.carrier.waits() {
		return true
	}
	d.units = d.units[:len(d.units)-1]
	return false
}

// counted says that a step stands for what is being counted.
func (d *Dissector) counted(s *Step) bool {
	t := d.tallies[s.From]
	return t != nil && t.step == s
}

// A tally is the application data that a side has sent in a row.
type tally struct {
	step *Step
	// noun is what is counted: "record" or "datagram".
	noun  string
	count int
	bytes int
	err   error
}

// tallied adds application data to what its sender has sent before, and returns
// the step of the first.
func (d *Dissector) tallied(from outcome.Role, noun, name string, level Level, err error, content, wire int, units []int) []*Step {
	t := d.tallies[from]
	var steps []*Step
	if t == nil || t.step.Name != name || t.step.Level != level {
		if d.tallies == nil {
			d.tallies = make(map[outcome.Role]*tally, 2)
		}
		t = &tally{step: d.newStep(from, KindApplicationData, name, units), noun: noun, err: err}
		t.step.Level, t.step.Err, t.step.unread, t.step.WireBytes = level, err, err != nil, 0
		t.step.tree = func(*field.Room) field.Tree { return field.Tree{} }
		d.tallies[from] = t
		d.told = append(d.told, t)
		steps = []*Step{t.step}
	}
	t.count++
	t.bytes += content
	t.step.Bytes += content
	t.step.WireBytes += wire
	return steps
}

// tell writes the lines of what was counted.
func (d *Dissector) tell() {
	for _, t := range d.told {
		t.step.Summary = fmt.Sprintf("%s %ss, %s", thousands(t.count), t.noun, size(t.bytes))
		if t.count == 1 {
			t.step.Summary = fmt.Sprintf("1 %s, %s", t.noun, size(t.bytes))
		}
		switch {
		case errors.Is(t.err, ErrNoKey), errors.Is(t.err, errNoKey):
			t.step.Summary += "; encrypted, no key"
		case t.err != nil:
			t.step.Summary += "; encrypted: " + field.Printable(t.err.Error())
		}
	}
}

// thousands writes a number with its thousands apart: "3,210".
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// size writes a number of bytes as a person reads it: "51 MB".
func size(n int) string {
	switch {
	case n >= 10_000_000:
		return thousands(n/1_000_000) + " MB"
	case n >= 10_000:
		return thousands(n/1000) + " kB"
	}
	return thousands(n) + " bytes"
}

// count adds a record of application data to those before it.
func (s *stream) count(dir *direction, r *record) {
	steps := s.d.tallied(dir.from, "record", "application data", r.level, nil, len(r.content), len(r.Raw), r.units)
	s.steps = append(s.steps, steps...)
}

// countClosed does so for a record that stays protected.
func (s *stream) countClosed(dir *direction, r *record, err error) {
	steps := s.d.tallied(dir.from, "record", "encrypted record", dir.level, err, len(r.Payload), len(r.Raw), r.units)
	s.steps = append(s.steps, steps...)
}

func (s *stream) waits() bool {
	for _, dir := range []*direction{s.client, s.server} {
		if len(dir.partial) > 0 || len(dir.message) > 0 {
			return true
		}
	}
	return false
}

func (q *datagrams) waits() bool { return false }

// counts says that a datagram tells nothing but that data goes on.
func (q *datagrams) counts(r *reading) bool {
	if r.close != nil || r.partial {
		return false
	}
	for _, s := range r.steps {
		if s.Kind != KindApplicationData && s.Kind != KindTransport && !s.Chatter() && !s.unread {
			return false
		}
	}
	return true
}

// count adds a datagram to those before it.
func (q *datagrams) count(r *reading) []*Step {
	var err error
	name := "application data"
	for _, s := range r.steps {
		if s.unread || s.Kind == KindTransport {
			name, err = s.Name, s.Err
		}
	}
	return q.d.tallied(r.from.role, "datagram", name, Application, err, len(r.datagram), len(r.datagram), q.d.only(r.unit))
}
