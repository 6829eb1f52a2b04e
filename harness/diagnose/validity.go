package diagnose

import (
	"fmt"
	"time"
)

// A skew is what was found out about the verifier's clock, once for a chain and
// only when a date does not fit.
type skew struct {
	judged bool
	// wrong says that the clock is to blame and not the certificates, certain
	// that every certificate is valid by the other clock.
	wrong, certain bool
	// behind says in which direction.
	behind bool
}

// minSkew is the difference below which two clocks count as the same.
const minSkew = 5 * time.Second

// clockWrong decides between the verifier's clock and the dates on a path: the
// clock is wrong if the other side's clock makes the path valid and fits more of
// all the certificates that are known.
func (v *verification) clockWrong(certs []*certificate) bool {
	if v.skew.judged {
		return v.skew.wrong
	}
	v.skew.judged = true
	if v.clock.IsZero() || v.other.IsZero() || v.other.Sub(v.clock).Abs() < minSkew {
		return false
	}
	for _, c := range certs {
		if !c.validAt(v.other) {
			return false
		}
	}
	mine, theirs := 0, 0
	for _, c := range v.shelf.all {
		if c.validAt(v.clock) {
			mine++
		}
		if c.validAt(v.other) {
			theirs++
		}
	}
	v.skew.wrong = theirs > mine
	v.skew.certain = theirs == len(v.shelf.all)
	v.skew.behind = v.clock.Before(v.other)
	return v.skew.wrong
}

// dates says in words how a certificate's validity misses the clock, empty if it does not.
func (v *verification) dates(c *certificate) string {
	now := v.at()
	switch {
	case now.IsZero(), c.validAt(now):
		return ""
	case now.After(c.std.NotAfter):
		return fmt.Sprintf("expired on %s, %s before the %s's clock (%s)",
			instant(c.std.NotAfter), span(now.Sub(c.std.NotAfter)), v.by, instant(now))
	default:
		return fmt.Sprintf("is not valid before %s, %s after the %s's clock (%s)",
			instant(c.std.NotBefore), span(c.std.NotBefore.Sub(now)), v.by, instant(now))
	}
}

func expiredAt(c *certificate, now time.Time) bool { return !now.IsZero() && now.After(c.std.NotAfter) }

func earlyAt(c *certificate, now time.Time) bool { return !now.IsZero() && now.Before(c.std.NotBefore) }

func endEntityExpired(v *verification, certs []*certificate, i int) (string, bool) {
	if i != 0 || !expiredAt(certs[i], v.at()) || v.clockWrong(certs) {
		return "", false
	}
	return v.dates(certs[i]), true
}

// notYetValid is of any certificate: the catalogue has one id for all.
func notYetValid(v *verification, certs []*certificate, i int) (string, bool) {
	if !earlyAt(certs[i], v.at()) || v.clockWrong(certs) {
		return "", false
	}
	return v.dates(certs[i]), true
}

func intermediateExpired(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || c.anchorOf.has(v.by) || !expiredAt(c, v.at()) || v.clockWrong(certs) {
		return "", false
	}
	return v.dates(c), true
}

func rootExpired(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || !c.anchorOf.has(v.by) || !expiredAt(c, v.at()) || v.clockWrong(certs) {
		return "", false
	}
	return v.dates(c), true
}

func clockBehind(v *verification, certs []*certificate, i int) (string, bool) {
	return v.clockBlamed(certs, i, true)
}

func clockAhead(v *verification, certs []*certificate, i int) (string, bool) {
	return v.clockBlamed(certs, i, false)
}

// clockBlamed reports the first certificate whose dates do not fit the clock
// that is wrong.
func (v *verification) clockBlamed(certs []*certificate, i int, behind bool) (string, bool) {
	now := v.at()
	for n := range certs[:i+1] {
		off := !now.IsZero() && !certs[n].validAt(now)
		if off && n < i {
			return "", false
		}
		if !off && n == i {
			return "", false
		}
	}
	if !v.clockWrong(certs) || v.skew.behind != behind {
		return "", false
	}
	direction := "ahead of"
	if behind {
		direction = "behind"
	}
	return fmt.Sprintf("%s: that clock is %s %s the %s's (%s), by which the certificate is valid",
		v.dates(certs[i]), span(v.clock.Sub(v.other).Abs()), direction, v.of, instant(v.other)), true
}

// instant writes a time as certificates have it.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// span writes a duration in its largest unit.
func span(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{365 * 24 * time.Hour, "year"}, {24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / u.unit); n > 0 {
			return plural(n, u.name)
		}
	}
	return plural(int(d/time.Second), "second")
}

// plural writes a count and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
