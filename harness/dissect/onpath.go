package dissect

import (
	"slices"
	"strings"

	"shakedown/harness/transcript"
)

// OnPath stands in a step's summary before what happened to it on its way.
const OnPath = "on the path: "

// onPath adds to a step's summary what happened to it on its way. A step tells what
// was sent; what arrived can be something else.
func (d *Dissector) onPath(s *Step, summary string) string {
	var ways []string
	for _, i := range s.Units {
		u := d.unit(i)
		if u == nil {
			continue
		}
		for j := range u.Deliveries {
			if way := s.way(&u.Deliveries[j]); way != "" && (len(ways) == 0 || ways[len(ways)-1] != way) {
				ways = append(ways, way)
			}
		}
	}
	if len(ways) == 0 {
		return summary
	}
	way := OnPath + strings.Join(ways, "; then ")
	if summary == "" {
		return way
	}
	return summary + "; " + way
}

// way says what of a delivery is about the step: several messages can come in one
// unit, and not all of them are changed.
func (s *Step) way(delivery *transcript.Delivery) string {
	if len(delivery.Rewrites) == 0 {
		return delivery.Why
	}
	own := *delivery
	own.Rewrites = slices.DeleteFunc(slices.Clone(delivery.Rewrites), func(r transcript.Rewrite) bool { return !s.brings(r.Message) })
	return own.Says()
}

// brings says that the step brings a handshake message of that name, or may bring
// parts of it.
func (s *Step) brings(message string) bool {
	return s.Name == message || s.Name == "CRYPTO"
}

// untouched says that messages in the units of a step were changed, and that it
// brings none of them.
func (d *Dissector) untouched(s *Step) bool {
	others := false
	for _, i := range s.Units {
		u := d.unit(i)
		if u == nil || !slices.Contains(u.Marks, transcript.Rewritten) {
			continue
		}
		named := false
		for j := range u.Deliveries {
			for _, r := range u.Deliveries[j].Rewrites {
				if s.brings(r.Message) {
					return false
				}
				named = true
			}
		}
		if !named {
			return false // it is not known which messages they are
		}
		others = true
	}
	return others
}
