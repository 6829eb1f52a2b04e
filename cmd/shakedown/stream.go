package main

import (
	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/report"
	"shakedown/harness/scenario"
)

// A stream writes results in catalogue order while they come in any order: a
// result is written as soon as all before it are there.
type stream struct {
	w     report.Writer
	order []place
	ready map[place]harness.Result
	begun bool
	// written counts the results that were written, err is the first error of that.
	written int
	err     error
}

// A place is where a result stands in the catalogue.
type place struct {
	scenario       string
	transport, tls string
}

// newStream returns a stream over a run of these scenarios. Where it cannot
// know the order beforehand, it writes everything at the end.
func newStream(w report.Writer, list []*scenario.Scenario, cells func([]outcome.Cell) []outcome.Cell, whole bool) *stream {
	s := &stream{w: w, ready: map[place]harness.Result{}}
	seen := map[place]bool{}
	for _, sc := range list {
		for _, c := range cells(sc.Cells) {
			p := place{sc.ID, string(c.Transport), c.TLS}
			// A file can have the id of a built-in scenario.
			whole = whole && !seen[p]
			seen[p] = true
			s.order = append(s.order, p)
		}
	}
	if !whole {
		s.order = nil
	}
	return s
}

// add takes a result and says whether something can be written.
func (s *stream) add(r harness.Result) bool {
	s.ready[place{r.Scenario, r.Transport, r.TLS}] = r
	if s.written >= len(s.order) {
		return false
	}
	_, next := s.ready[s.order[s.written]]
	return next
}

// flush writes what has nothing missing before it. Total is the number of
// results of the whole run.
func (s *stream) flush(total int) {
	s.begin(total)
	for s.err == nil && s.written < len(s.order) {
		p := s.order[s.written]
		r, ok := s.ready[p]
		if !ok {
			return
		}
		delete(s.ready, p)
		s.err = s.w.Result(r)
		s.written++
	}
}

func (s *stream) begin(total int) {
	if !s.begun {
		s.begun = true
		s.err = s.w.Begin(total)
	}
}

// end writes what is left of the report, and its summary.
func (s *stream) end(r harness.Report) error {
	s.begin(len(r.Results))
	for ; s.err == nil && s.written < len(r.Results); s.written++ {
		s.err = s.w.Result(r.Results[s.written])
	}
	if s.err != nil {
		return s.err
	}
	return s.w.End(r.Summary)
}
