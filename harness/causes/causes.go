// Package causes is the catalogue of what can be wrong with a handshake: one
// entry for each cause or problem that shakedown can name.
//
// Call [Lookup] with an id from a diagnosis, or [All] to list the catalogue.
// An id names the side whose certificate, file or setting is wrong first, where
// there is one ("client-expired"), then the thing, then the fault. An id is
// never renamed: results, scenarios and other people's scripts hold it.
//
// The catalogue says what a cause means and what mends it in general. Which
// cause it was this time, and the evidence, is for package diagnose.
package causes

import "slices"

// A Cause is one entry of the catalogue.
type Cause struct {
	// ID is what results and scenarios call it.
	ID string
	// Title says what is wrong, in one sentence for someone who has never read an RFC.
	Title string
	// Explanation says how it comes about and how it shows.
	Explanation string
	// Remedy says what to change, and where.
	Remedy string
	// Rows are its rows in the table of measured faults ("C01"), if it has any.
	Rows []string
	// Scenario is the id of the built-in scenario that shows it, empty if there is none.
	Scenario string
}

// groups are the entries, file by file, in the order in which the catalogue is read.
var groups = [][]Cause{
	trustCauses,
	validityCauses,
	identityCauses,
	usageCauses,
	clientAuthCauses,
	keyCauses,
	policyCauses,
	negotiationCauses,
	wireCauses,
	quicCauses,
	fileCauses,
}

var (
	all  = slices.Concat(groups...)
	byID = index(all)
)

// All returns every entry, in the order in which the catalogue is read. The
// caller may change the slice, not what its Rows point to.
func All() []Cause { return slices.Clone(all) }

// Lookup returns the entry with that id.
func Lookup(id string) (Cause, bool) {
	c, ok := byID[id]
	return c, ok
}

func index(entries []Cause) map[string]Cause {
	m := make(map[string]Cause, len(entries))
	for _, c := range entries {
		m[c.ID] = c
	}
	return m
}
