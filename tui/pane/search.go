package pane

import (
	"strings"

	"shakedown/tui/scroll"
)

// A Search remembers what is looked for in a list and which items match.
type Search struct {
	query   string
	matches []int
}

// Set looks for a query among n items and selects the first match at or behind
// the selection, so that the eye moves as little as possible.
func (s *Search) Set(query string, n int, text func(i int) string, list *scroll.List) {
	s.query = strings.ToLower(query)
	s.Refresh(n, text)
	for _, i := range s.matches {
		if i >= list.Selected() {
			list.Select(i)
			return
		}
	}
	if len(s.matches) > 0 {
		list.Select(s.matches[0])
	}
}

// Refresh looks again after the items changed.
func (s *Search) Refresh(n int, text func(i int) string) {
	s.matches = s.matches[:0]
	if s.query == "" {
		return
	}
	for i := range n {
		if strings.Contains(strings.ToLower(text(i)), s.query) {
			s.matches = append(s.matches, i)
		}
	}
}

// Step selects the next (1) or previous (-1) match, around the end.
func (s *Search) Step(by int, list *scroll.List) {
	if len(s.matches) == 0 {
		return
	}
	at := list.Selected()
	if by > 0 {
		for _, i := range s.matches {
			if i > at {
				list.Select(i)
				return
			}
		}
		list.Select(s.matches[0])
		return
	}
	for k := len(s.matches) - 1; k >= 0; k-- {
		if s.matches[k] < at {
			list.Select(s.matches[k])
			return
		}
	}
	list.Select(s.matches[len(s.matches)-1])
}

// Found returns the number of matches.
func (s *Search) Found() int { return len(s.matches) }

// Query returns what is looked for, in lower case.
func (s *Search) Query() string { return s.query }

// Has says whether item i matches.
func (s *Search) Has(i int) bool {
	for _, m := range s.matches {
		if m >= i {
			return m == i
		}
	}
	return false
}
