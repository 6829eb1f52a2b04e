package crossref

import "time"

// validity compares a certificate's dates with the clocks of both sides.
func (w *writer) validity(c *chain, i int) {
	this := c.list[i]
	if this.NotBefore.IsZero() || this.NotAfter.IsZero() {
		return
	}
	p := w.entry(i).to("tbsCertificate", "validity")
	switch {
	case c.verifier.Known && !c.verifier.Clock.IsZero():
		w.valid(p, this, "the "+string(c.from.Peer())+"'s clock", c.verifier.Clock)
		if c.own.Known && !c.own.Clock.IsZero() && c.own.Clock.Sub(c.verifier.Clock).Abs() > time.Minute {
			w.valid(p, this, "the "+string(c.from)+"'s own clock", c.own.Clock)
		}
	case !w.b.in.Transcript.Start.IsZero():
		w.valid(p, this, "the time of the recording", w.b.in.Transcript.Start)
	}
}

// valid compares a certificate's dates with a clock.
func (w *writer) valid(p place, c *certificate, whose string, clock time.Time) {
	when := w.b.in.Memory.instant(clock)
	switch {
	case clock.Before(c.NotBefore):
		w.note(p, "It begins %s after %s, %s.", span(c.NotBefore.Sub(clock)), whose, when)
	case clock.After(c.NotAfter):
		w.note(p, "It ended %s before %s, %s.", span(clock.Sub(c.NotAfter)), whose, when)
	default:
		w.note(p, "It holds at %s, %s.", whose, when)
	}
}

// span writes a duration in its largest unit.
func span(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d >= 2*day:
		return count(int(d/day), "day")
	case d >= 2*time.Hour:
		return count(int(d/time.Hour), "hour")
	case d >= 2*time.Minute:
		return count(int(d/time.Minute), "minute")
	}
	return count(int(d/time.Second), "second")
}
