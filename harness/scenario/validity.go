package scenario

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"shakedown/harness/pki"
)

// datedFlaws are the flaws that replace both dates.
var datedFlaws = []string{"expired", "not-yet-valid", invertedValidity}

// invertedValidity is the flaw with which a file says that it means no moment.
const invertedValidity = "inverted-validity"

// NeverValid returns warnings of certificates whose dates leave no moment at which
// they are valid, at that wall clock: not_after alone says when the validity ends,
// and it begins an hour before the clock. A file that means it says so with the
// flaw inverted-validity.
func NeverValid(sc *Scenario, now time.Time) Errors {
	clock := sc.Clock.At(now)
	var warnings Errors
	for _, name := range slices.Sorted(maps.Keys(sc.PKI)) {
		e := sc.PKI[name]
		if e.FromDisk() || slices.ContainsFunc(e.Flaws, func(flaw string) bool { return slices.Contains(datedFlaws, flaw) }) {
			continue
		}
		notBefore, notAfter := e.Validity(clock)
		if !notAfter.Before(notBefore) {
			continue
		}
		end := "90 days after the clock"
		if e.CA {
			end = "ten years after the clock"
		}
		message := fmt.Sprintf("the certificate of %s is never valid: it ends %s, and begins %s; state both dates, or write flaws: [%s] if that is meant",
			name, moment(e.NotAfter, end), moment(e.NotBefore, "an hour before the clock"), invertedValidity)
		warnings = append(warnings, sc.errorAt(sc.source.date(name), message))
	}
	return warnings
}

// moment says when something is, as the file has it.
func moment(w pki.When, unset string) string {
	if !w.Set {
		return unset
	}
	return "at " + formatWhen(w)
}

// date returns where the file sets a date of an entity.
func (s *source) date(entity string) position {
	if s == nil {
		return position{}
	}
	n := s.pki.get(entity)
	for _, key := range []string{"not_after", "not_before"} {
		if n.get(key) != nil {
			return n.keyAt(key)
		}
	}
	return position{}
}
