package scenario

import (
	"fmt"
	"time"

	"shakedown/harness/pki"
)

// ParseWhen reads a time as a person types it on a command line: everything
// that a scenario file takes, and a date alone ("2027-01-02", midnight UTC).
func ParseWhen(text string) (pki.When, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return pki.When{Set: true, Absolute: at}, nil
	}
	when, err := parseWhen(text)
	if err != nil {
		return when, fmt.Errorf("%w, or a date", err)
	}
	return when, nil
}
