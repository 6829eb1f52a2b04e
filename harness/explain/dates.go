package explain

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// outOfDate is how crypto/x509 says that a certificate is not valid at the
// verifier's time.
var outOfDate = pattern(`current time (\S+) is (after|before) (\S+)`)

// suspicious is how far a clock and a date are apart for the clock to be the one
// that is wrong: a device that starts in 1970, a year that was mistyped.
const suspicious = 5 * 365 * 24 * time.Hour

// readDates says how far the verifier's time is from the date that it broke, and
// puts the clocks first where that is too far.
func (r *reading) readDates() {
	m := outOfDate().FindStringSubmatch(r.line.words)
	if m == nil || r.kind != reasoning {
		return
	}
	now, err := instant(m[1])
	if err != nil {
		return
	}
	bound, err := instant(m[3])
	if err != nil {
		return
	}
	apart, clocks := now.Sub(bound), []string{"client-clock-ahead", "server-clock-ahead"}
	says := "expired %s before the time that the side with this log takes for now, " + now.Format(time.DateTime) + "."
	if m[2] == "before" {
		apart, clocks = bound.Sub(now), []string{"client-clock-behind", "server-clock-behind"}
		says = "becomes valid %s after the time that the side with this log takes for now, " + now.Format(time.DateTime) + "."
	}
	if apart < 0 {
		return
	}
	says = "The certificate " + fmt.Sprintf(says, span(apart))
	if apart > suspicious {
		r.first = clocks
		says += " That far apart, the clock is the first suspect."
	}
	r.also = append(r.also, says)
}

// instant reads a time of a line, which is in lower case.
func instant(s string) (time.Time, error) {
	return time.Parse(time.RFC3339, strings.ToUpper(strings.TrimRight(s, `"'.,;)`)))
}

// span is a duration as a person says it.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == math.MaxInt64: // all that a duration can hold
		return "centuries"
	case d >= 2*365*day:
		return fmt.Sprintf("%d years", d/(365*day))
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	}
	return d.Round(time.Second).String()
}
