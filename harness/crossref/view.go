package crossref

import (
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A check works out one verdict in one story.
type check func(s *story, m *message) verdict

// settle makes a check over what the sender of a message has seen and sent, and
// if that is not what the other side has seen, over that as well.
func (b *Book) settle(m *message, c check) (sender, receiver verdict) {
	in := func(r outcome.Role) verdict {
		s := b.view(r)
		twin := s.twin(m)
		if twin == nil {
			return unchecked("the %s has not seen this message", r)
		}
		return c(s, twin)
	}
	if !b.altered() {
		return c(b.story, m), verdict{}
	}
	return in(m.step.From), in(m.step.From.Peer())
}

// altered says that the two sides have seen different bytes.
func (b *Book) altered() bool {
	b.viewing.Do(b.look)
	return b.views != nil
}

// view returns the connection as a side has seen it.
func (b *Book) view(r outcome.Role) *story { return b.views[r] }

// look dissects the connection once more for each side, if what was delivered
// is not what was sent.
func (b *Book) look() {
	if !slices.ContainsFunc(b.in.Transcript.Units, changed) {
		return
	}
	b.views = make(map[outcome.Role]*story, 2)
	for _, r := range []outcome.Role{outcome.Client, outcome.Server} {
		seen, units := seenBy(b.in.Transcript, r)
		b.views[r] = tell(dissect.Transcript(seen), nil)
		b.views[r].units = units
	}
}

// changed says that a unit has reached its receiver with other bytes, or was
// never its sender's.
func changed(u transcript.Unit) bool {
	return slices.Contains(u.Marks, transcript.Injected) ||
		len(u.Deliveries) > 0 && u.Deliveries[0].Bytes != nil
}

// seenBy returns a recording of what a side has seen: what it sent itself, as
// it sent it, and of the other side's what reached it, as it arrived. units says
// of each of its units which one of t it is.
func seenBy(t *transcript.Transcript, r outcome.Role) (v *transcript.Transcript, units []int) {
	v = &transcript.Transcript{
		Transport: t.Transport, Start: t.Start, OneSided: t.OneSided,
		ClientKeys: t.ClientKeys, ServerKeys: t.ServerKeys, Client: t.Client, Server: t.Server,
	}
	for _, u := range t.Units {
		injected := slices.Contains(u.Marks, transcript.Injected)
		switch {
		case u.From == r && injected:
			continue
		case u.From != r && len(u.Deliveries) == 0:
			continue
		case u.From != r:
			arrival := u.Deliveries[0]
			if arrival.Bytes != nil {
				u.Sent = arrival.Bytes
			}
			u.Seq, u.At = arrival.Seq, arrival.At
		}
		u.Marks, u.Deliveries = nil, nil
		v.Units = append(v.Units, u)
	}
	slices.SortStableFunc(v.Units, func(a, b transcript.Unit) int {
		switch {
		case a.Seq < b.Seq:
			return -1
		case a.Seq > b.Seq:
			return 1
		}
		return 0
	})
	units = make([]int, len(v.Units))
	for i := range v.Units {
		units[i], v.Units[i].Index = v.Units[i].Index, i
	}
	return v, units
}
