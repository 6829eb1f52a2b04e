package dissect

import (
	"fmt"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// fold puts the datagrams that a gate dropped because nothing in them was new
// into one step for each side and each place in the story. A QUIC handshake that
// is held makes dozens of them a minute, none of which reached anybody.
func (d *Dissector) fold(steps []*Step) []*Step {
	if d.t.Transport != outcome.QUIC || !slices.ContainsFunc(steps, d.withheld) {
		return steps
	}
	folded := steps[:0:0]
	open := map[outcome.Role]*Step{} // the steps that what follows is folded into
	for _, s := range steps {
		if !d.withheld(s) {
			clear(open)
			folded = append(folded, s)
			continue
		}
		if into := open[s.From]; into != nil {
			into.absorb(s)
			continue
		}
		c := *s
		c.shown, c.published, c.Units = nil, false, slices.Clone(s.Units)
		open[s.From] = &c
		folded = append(folded, &c)
	}
	return folded
}

// withheld says that the step's datagram had nothing new in it and was dropped.
func (d *Dissector) withheld(s *Step) bool {
	u := d.unit(s.Unit)
	return u != nil && slices.Contains(u.Marks, transcript.Dropped) && (s.Chatter() || slices.Contains(u.Marks, transcript.Retransmission))
}

// absorb adds another dropped datagram to a step. Its tree stays that of the
// first.
func (s *Step) absorb(other *Step) {
	s.Bytes += other.Bytes
	for _, unit := range other.Units {
		if !slices.Contains(s.Units, unit) {
			s.Units = append(s.Units, unit)
			s.WireBytes += other.WireBytes
		}
	}
	s.Summary = fmt.Sprintf("%d datagrams with nothing new, none of which arrived", len(s.Units))
}
