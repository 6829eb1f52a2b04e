// Package catalogue writes two documents: what can go wrong with a handshake,
// and what every built-in scenario shows.
//
// Call [Causes] and [Scenarios] with what playing the scenarios came to. Causes,
// titles and remedies are those of the catalogue of causes; the words of both
// sides, the alerts and the steps are those of the runs. The package plays
// nothing itself and writes no file: its test does both, and holds the documents
// to what the scenarios do.
//
// The same results give the same text. What is drawn by lot in a run (ports,
// serial numbers, keys) is an ellipsis, what moves with the length of a
// signature is N; certificate errors quote the clock, so that the runs have to
// be given a fixed one.
package catalogue

import (
	"time"

	"shakedown/harness"
	"shakedown/harness/scenario"
)

// A Run is what playing scenarios came to.
type Run struct {
	// Scenarios are the scenarios, in the order of the catalogue.
	Scenarios []*scenario.Scenario
	// Results has every cell of each of them.
	Results []harness.Result
	// Clock is the wall clock at the start of the runs, which errors quote.
	Clock time.Time
}

// The names of the two documents, as they link to each other.
const (
	CausesFile    = "catalogue.md"
	ScenariosFile = "scenarios.md"
)

// results returns the results by scenario.
func (r Run) results() map[string][]harness.Result {
	by := map[string][]harness.Result{}
	for _, result := range r.Results {
		by[result.Scenario] = append(by[result.Scenario], result)
	}
	return by
}
