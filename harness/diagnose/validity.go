package diagnose

import (
	"bytes"
	"fmt"
	"slices"
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
	loneClock          // nor that, and by it no end entity that is known is valid
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
	alone := v.other.IsZero() && (other.IsZero() || other.Sub(v.clock).Abs() < minSkew)
	switch {
	case v.clock.IsZero():
		return unknownClock
	case alone && v.nothingFits():
		return loneClock
	case other.IsZero():
		return unknownClock
	case other.Sub(v.clock).Abs() < minSkew:
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

// nothingFits says that by the verifier's clock all end entities that are known
// have expired, or none is valid yet, and that CAs issued them that have nothing to
// do with each other: such certificates seldom end together.
func (v *verification) nothingFits() bool {
	expired, early := 0, 0
	issuers := map[string]bool{}
	for _, c := range v.shelf.all {
		switch {
		case c.std == nil || c.isCA():
			continue
		case expiredAt(c, v.clock):
			expired++
		case earlyAt(c, v.clock):
			early++
		default:
			return false
		}
		issuers[string(c.rawIssuer())] = true
	}
	return (expired == 0) != (early == 0) && len(issuers) > 1
}

// clockIsLikelier says that, of a clock by which no end entity is valid and
// certificates that have all expired, the clock is the likelier: the other side has
// accepted the verifier's own certificate in this very handshake, or all of them
// have been out of date for longer than they were ever valid. Who renews nothing
// for so long has noticed by then, on both sides.
func (v *verification) clockIsLikelier() bool {
	if v.ownAccepted != nil {
		return true
	}
	for _, c := range v.shelf.all {
		if c.std != nil && !c.isCA() && v.clock.Sub(c.std.NotAfter) <= c.std.NotAfter.Sub(c.std.NotBefore) {
			return false
		}
	}
	return true
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
	case c.std.NotAfter.Before(c.std.NotBefore):
		return fmt.Sprintf("it is never valid: it ends on %s, before it begins on %s", instant(c.std.NotAfter), instant(c.std.NotBefore))
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
	if !hasExpired(v, certs, i) || v.renewal(certs[0]) != nil {
		return "", false
	}
	return v.dates(certs[i]), true
}

// notYetValid is of the end entity and of a trust anchor.
func notYetValid(v *verification, certs []*certificate, i int) (string, bool) {
	if !earlyAt(certs[i], v.at()) || v.blameFor(certs) == clock || i > 0 && !certs[i].anchorOf.has(v.by) {
		return "", false
	}
	return v.dates(certs[i]), true
}

func intermediateNotYetValid(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || c.anchorOf.has(v.by) || !earlyAt(c, v.at()) || v.blameFor(certs) == clock {
		return "", false
	}
	return v.dates(c), true
}

func intermediateExpired(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || c.anchorOf.has(v.by) || !expiredAt(c, v.at()) || earlyAt(c, v.at()) || v.blameFor(certs) == clock {
		return "", false
	}
	return v.dates(c), true
}

func rootExpired(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || !c.anchorOf.has(v.by) || !expiredAt(c, v.at()) || v.blameFor(certs) == clock || v.crossSigned(certs, i) != nil {
		return "", false
	}
	return v.dates(c), true
}

// oldRoot is an expired trust anchor of the client that has signed across for a
// CA that stands on its own by now.
func oldRoot(v *verification, certs []*certificate, i int) (string, bool) {
	c := certs[i]
	if i == 0 || !c.anchorOf.has(v.by) || !expiredAt(c, v.at()) || v.blameFor(certs) == clock {
		return "", false
	}
	own := v.crossSigned(certs, i)
	if own == nil && v.perhapsCrossSigned(certs, i) {
		return fmt.Sprintf("%s; it signed for %s, which calls itself a root: such a CA mostly has a root certificate of its own by now", v.dates(c), certs[i-1].name()), true
	}
	if own == nil {
		return "", false
	}
	return fmt.Sprintf("%s; it signed across for %s, which has a root certificate of its own by now that the %s does not trust", v.dates(c), own.name(), v.by), true
}

// crossSigned returns the self-signed certificate of the CA right below the
// anchor, nil if it has none: then the one on the path is no cross-certificate.
func (v *verification) crossSigned(certs []*certificate, anchor int) *certificate {
	below := certs[anchor-1]
	for _, c := range v.shelf.all {
		if c != below && c.std != nil && c.selfIssued() && !c.anchorOf.has(v.by) &&
			bytes.Equal(c.std.RawSubject, below.std.RawSubject) && bytes.Equal(c.std.RawSubjectPublicKeyInfo, below.std.RawSubjectPublicKeyInfo) {
			return c
		}
	}
	return nil
}

// perhapsCross says that an expired anchor leaves it open whether only its name for
// another CA is out of date.
func perhapsCross(v *verification, on *certificate) bool {
	if v.path == nil {
		return false
	}
	at := slices.Index(v.path.certs, on)
	return at > 0 && v.perhapsCrossSigned(v.path.certs, at)
}

// perhapsCrossSigned says that the CA right below the anchor has the name of a root,
// and that nobody has shown us whether it has a certificate of its own.
func (v *verification) perhapsCrossSigned(certs []*certificate, anchor int) bool {
	return anchor > 1 && v.crossSigned(certs, anchor) == nil && callsItselfRoot(certs[anchor-1].rawSubject())
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
	case loneClock:
		return v.dates(c) + v.nothingValid(), true
	case notJudged, certificates:
	}
	return "", false
}

// nothingValid says what speaks against the clock where no other is known.
func (v *verification) nothingValid() string {
	words := "; by that clock no certificate of an end entity that is known is valid, of either side"
	switch {
	case v.ownAccepted != nil:
		words += fmt.Sprintf(", and yet the %s has accepted the %s's (step %d)", v.of, v.by, v.ownAccepted.N)
	case v.clockIsLikelier():
		words += ", and none has been for longer than it ever was"
	}
	return words
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
	switch v.blameFor(certs) {
	case clock, perhapsClock:
	case loneClock:
		return v.dates(c) + v.nothingValid(), true
	case notJudged, certificates, unknownClock:
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
