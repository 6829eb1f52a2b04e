package main

import (
	"strconv"
	"strings"
)

// A connectionSet is which connections of a capture were asked for: ranges of
// numbers, none for all.
type connectionSet []struct{ first, last int }

// parseConnections reads "3" and "5-7".
func parseConnections(words []string) (connectionSet, error) {
	var set connectionSet
	for _, word := range words {
		from, to, isRange := strings.Cut(strings.TrimSpace(word), "-")
		first, err := strconv.Atoi(from)
		last := first
		if isRange && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 1 || last < first {
			return nil, usage("for example: --connection 3,5-7", "--connection %q is no number of a connection", word)
		}
		set = append(set, struct{ first, last int }{first, last})
	}
	return set, nil
}

// only returns whether a connection was asked for, nil where all are.
func (s connectionSet) only() func(int) bool {
	if len(s) == 0 {
		return nil
	}
	return func(n int) bool {
		for _, r := range s {
			if r.first <= n && n <= r.last {
				return true
			}
		}
		return false
	}
}

// one returns the connection that was asked for where it is exactly one, else 0.
func (s connectionSet) one() int {
	if len(s) != 1 || s[0].first != s[0].last {
		return 0
	}
	return s[0].first
}
