package scenario

import (
	"fmt"
	"strings"
	"time"

	"shakedown/harness/pki"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	year = 365 * day
)

// units are the units of a span, the longest first. A year has 365 days.
var units = []struct {
	name string
	span time.Duration
}{{"y", year}, {"w", week}, {"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}

// maxSpan is the longest span that a scenario can name. Two of them still fit
// into a time.Duration.
const maxSpan = 140 * year

// parseWhen reads a time relative to the clock ("+90d", "-1h", "1y6d") or an
// absolute one ("2026-01-02T15:04:05Z"), in whole seconds.
func parseWhen(text string) (pki.When, error) {
	if strings.Contains(text, "T") {
		at, err := time.Parse(time.RFC3339, text)
		switch {
		case err != nil || at.Nanosecond() != 0:
			return pki.When{}, fmt.Errorf("%q is no time in whole seconds such as 2026-01-02T15:04:05Z", text)
		case at.UTC().Year() < 1 || at.UTC().Year() > 9999:
			// GeneralizedTime has four digits for the year (RFC 5280 4.1.2.5.2).
			return pki.When{}, fmt.Errorf("%q is outside of the years that a certificate can name", text)
		}
		return pki.When{Set: true, Absolute: at.UTC()}, nil
	}
	span, err := parseSpan(text)
	if err != nil {
		return pki.When{}, fmt.Errorf("%q is no time: write +90d, -1h or 1y (units s m h d w y), or 2026-01-02T15:04:05Z", text)
	}
	return pki.When{Set: true, Offset: span}, nil
}

// parseAdvance reads by how much a script moves the clock. Time only passes.
func parseAdvance(text string) (time.Duration, error) {
	span, err := parseSpan(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no duration: write 400d, 2h or 1y (units s m h d w y)", text)
	case span <= 0:
		return 0, fmt.Errorf("%q does not move the clock forward", text)
	}
	return span, nil
}

// parseSpan reads an optional sign and one or more numbers, each with its unit,
// longer units first.
func parseSpan(text string) (time.Duration, error) {
	rest, negative := strings.TrimPrefix(text, "+"), false
	if rest == text {
		rest, negative = strings.CutPrefix(text, "-")
	}
	if rest == "" {
		return 0, fmt.Errorf("parse %q: no number", text)
	}
	var total time.Duration
	next := 0 // the first unit that may still come
	for rest != "" {
		n, after := leadingNumber(rest)
		i := next
		for i < len(units) && !strings.HasPrefix(after, units[i].name) {
			i++
		}
		if n < 0 || i == len(units) {
			return 0, fmt.Errorf("parse %q: no number with a unit at %q", text, rest)
		}
		unit := units[i]
		if n > int64(maxSpan/unit.span) {
			return 0, fmt.Errorf("parse %q: more than 140 years", text)
		}
		if total += time.Duration(n) * unit.span; total > maxSpan {
			return 0, fmt.Errorf("parse %q: more than 140 years", text)
		}
		rest, next = after[len(unit.name):], i+1
	}
	if negative {
		total = -total
	}
	return total, nil
}

// leadingNumber returns the decimal number that s begins with, -1 if it begins
// with none, and what follows it.
func leadingNumber(s string) (n int64, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		if n = n*10 + int64(s[i]-'0'); n > int64(maxSpan) {
			n = int64(maxSpan) // larger than any unit's share already
		}
		i++
	}
	if i == 0 {
		return -1, s
	}
	return n, s[i:]
}

// formatSpan writes what parseSpan reads, with a sign.
func formatSpan(span time.Duration) string {
	sign := "+"
	if span < 0 {
		sign, span = "-", -span
	}
	var b strings.Builder
	for _, u := range units {
		if u.name == "y" || u.name == "w" {
			continue // whole days read better
		}
		if n := span / u.span; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			span -= n * u.span
		}
	}
	if b.Len() == 0 {
		return sign + "0s"
	}
	return sign + b.String()
}

// formatWhen writes what parseWhen reads.
func formatWhen(w pki.When) string {
	if !w.Absolute.IsZero() {
		return w.Absolute.UTC().Format(time.RFC3339)
	}
	return formatSpan(w.Offset)
}
