package harness

import (
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// A driver decides, unit by unit, whether the command in force lets the unit at
// the gate go.
type driver struct {
	order Command      // the command in force, empty for none
	from  outcome.Role // whose flight next releases, once it is known
	// stoppedAt is the unit that a breakpoint stopped at; stoppedBy names the
	// breakpoint. The unit does not stop the next command again.
	stoppedAt int
	stoppedBy string
}

func newDriver() driver { return driver{stoppedAt: -1} }

// command puts a command in force.
func (d *driver) command(c Command) { d.order, d.from, d.stoppedBy = c, "", "" }

// releases says whether the unit at the gate, sent by from and completing those
// steps, goes now.
func (d *driver) releases(unit int, from outcome.Role, steps []*dissect.Step, breakpoints []Breakpoint) bool {
	switch d.order {
	case CommandStep:
		d.order = ""
		return true
	case CommandNext:
		return d.releasesFlight(from)
	case CommandContinue:
		return !d.stops(unit, steps, breakpoints)
	case CommandFinish:
		return true
	}
	return false
}

// releasesFlight lets units go until one comes from the other side.
func (d *driver) releasesFlight(from outcome.Role) bool {
	if d.from == "" {
		d.from = from
	}
	if from != d.from {
		d.order = ""
		return false
	}
	return true
}

// stops says that a breakpoint stops before this unit.
func (d *driver) stops(unit int, steps []*dissect.Step, breakpoints []Breakpoint) bool {
	if unit == d.stoppedAt {
		return false
	}
	b, hit := firstHit(breakpoints, steps)
	if hit {
		d.order, d.stoppedAt, d.stoppedBy = "", unit, b.String()
	}
	return hit
}

// firstHit returns the first breakpoint that one of the steps matches, and
// whether there is one.
func firstHit(breakpoints []Breakpoint, steps []*dissect.Step) (Breakpoint, bool) {
	for _, b := range breakpoints {
		if slices.ContainsFunc(steps, b.matches) {
			return b, true
		}
	}
	return Breakpoint{}, false
}

// withBreakpoint returns the breakpoints with one set, or taken away.
func withBreakpoint(have []Breakpoint, b Breakpoint, on bool) []Breakpoint {
	kept := slices.DeleteFunc(slices.Clone(have), func(other Breakpoint) bool { return other == b })
	if on {
		kept = append(kept, b)
	}
	return kept
}

// matches says whether a step is what the breakpoint stops before.
func (b Breakpoint) matches(s *dissect.Step) bool {
	if b.From != "" && b.From != s.From {
		return false
	}
	if b.Message == BreakAlert {
		return s.Alert != nil || s.Close != nil
	}
	return s.Name == b.Message
}

// BreakAlert is the Breakpoint.Message for any alert and, on QUIC, any
// CONNECTION_CLOSE.
const BreakAlert = "alert"

// goesOn says that the command in force reaches over the end of a connection.
func (d *driver) goesOn() bool { return d.order == CommandContinue || d.order == CommandFinish }
