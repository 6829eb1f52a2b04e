package diagnose

import (
	"fmt"
	"time"
)

// A blame says what is at fault where a date does not fit the verifier's clock.
type blame uint8

const (
	notJudged    blame = iota
	certificates       // the clock is right, as far as anybody can tell
	clock              // every certificate is valid by the other clock
	perhapsClock       // the other clock fits more certificates, not all
	unknownClock       // there is no other clock to compare with
)

// minSkew is the difference below which two clocks count as the same.
const minSkew = 5 * time.Second

// blameFor decides between the verifier's clock and the dates on a path, once for
// a chain and only when a date does not fit: the clock is wrong if the other
// side's clock makes the path valid and fits more of all certificates that are
// known.
func (v *verification) blameFor(certs []*certificate) blame {
	if v.blame == notJudged {
		v.blame = v.judgeClock(certs)
	}
	return v.blame
}

func (v *verification) judgeClock(certs []*certificate) blame {
	other, _ := v.otherClock()
	if v.clock.IsZero() || other.IsZero() {
		return unknownClock
	}
	if other.Sub(v.clock).Abs() < minSkew {
		return certificates
	}
	for _, c := range certs {
		if !c.validAt(other) {
			return certificates
		}
	}
	mine, theirs := 0, 0
	for _, c := range v.shelf.all {
		if c.validAt(v.clock) {
			mine++
		}
		if c.validAt(other) {
			theirs++
		}
	}
	switch {
	case theirs <= mine:
		return certificates
	case theirs < len(v.shelf.all):
		return perhapsClock
	}
	return clock
}

// otherClock returns the clock that the verifier's is compared with, and whose
// it is: the other side's, else the recorder's.
func (v *verification) otherClock() (at time.Time, whose string) {
	if !v.other.IsZero() {
		return v.other, fmt.Sprintf("the %s's", v.of)
	}
	return v.recorded, "the recorder's"
}

// dates says in words how a certificate's validity misses the clock, empty if it does not.
func (v *verification) dates(c *certificate) string {
	now := v.at()
	switch {
	case now.IsZero(), c.validAt(now):
		return ""
	case now.After(c.std.NotAfter):
		return fmt.Sprintf("expired on %s, %s before %s (%s)",
			instant(c.std.NotAfter), span(now.Sub(c.std.NotAfter)), v.whose(), instant(now))
	default:
		return fmt.Sprintf("is not valid before %s, %s after %s (%s)",
			instant(c.std.NotBefore), span(c.std.NotBefore.Sub(now)), v.whose(), instant(now))
	}
}

func expiredAt(c *certificate, now time.Time) bool { return !now.IsZero() && now.After(c.std.NotAfter) }

func earlyAt(c *certificate, now time.Time) bool { return !now.IsZero() && now.Before(c.std.NotBefore) }

func endEntityExpired(v *verification, certs []*certificate, i int) (string, bool) {
	if i != 0 || !expiredAt(certs[i], v.at()) || v.blameFor(certs) == clock {
		return "", false
	}
	return v.dates(certs[i]), true
}

// notYetValid is of any certificate: the catalogue has one id for all.
func notYetValid(v *verification, certs []*certificate, i int) (string, bool) {
	if !earlyAt(certs[i], v.at()) || v.blameFor(certs) == clock {
		return "", false
	}
	return v.dates(certs[i]), true
}

func intermediateExpired(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || c.anchorOf.has(v.by) || !expiredAt(c, v.at()) || v.blameFor(certs) == clock {
		return "", false
	}
	return v.dates(c), true
}

func rootExpired(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || !c.anchorOf.has(v.by) || !expiredAt(c, v.at()) || v.blameFor(certs) == clock {
		return "", false
	}
	return v.dates(c), true
}

func clockBehind(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if !earlyAt(c, v.at()) || !v.firstOff(certs, i) {
		return "", false
	}
	switch v.blameFor(certs) {
	case clock, perhapsClock:
		other, _ := v.otherClock()
		return v.againstOther(c, "behind"), v.clock.Before(other)
	case unknownClock:
		return v.dates(c) + v.noOtherClock(), true
	case notJudged, certificates:
	}
	return "", false
}

// noOtherClock says what there is nothing to compare the clock with.
func (v *verification) noOtherClock() string {
	if v.clock.IsZero() {
		return fmt.Sprintf("; the %s's own clock is not known", v.by)
	}
	return "; no other clock is known to compare that with"
}

// clockAhead is never suspected without another clock: certificates expire every day.
func clockAhead(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if !expiredAt(c, v.at()) || !v.firstOff(certs, i) {
		return "", false
	}
	if b := v.blameFor(certs); b != clock && b != perhapsClock {
		return "", false
	}
	other, _ := v.otherClock()
	return v.againstOther(c, "ahead of"), v.clock.After(other)
}

// firstOff says that no certificate below misses the clock: the clock is blamed once.
func (v *verification) firstOff(certs []*certificate, i int) bool {
	for _, c := range certs[:i] {
		if !c.validAt(v.at()) {
			return false
		}
	}
	return true
}

func (v *verification) againstOther(c *certificate, direction string) string {
	other, whose := v.otherClock()
	return fmt.Sprintf("%s: that clock is %s %s %s (%s), by which the certificate is valid",
		v.dates(c), span(v.clock.Sub(other).Abs()), direction, whose, instant(other))
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
