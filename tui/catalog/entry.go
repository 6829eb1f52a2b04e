// Package catalog is the list of scenarios, with its filter, and the pane that
// says what the selected one is about.
package catalog

import (
	"strings"

	"shakedown/harness/outcome"
)

// An Entry is one scenario as the catalogue shows it.
type Entry struct {
	ID    string
	Title string
	About string
	Group string
	Cells []outcome.Cell
	// Causes are the ids of what it shows, empty for a healthy one.
	Causes []string
}

// name is the entry's ID without its group.
func (e Entry) name() string { return strings.TrimPrefix(e.ID, e.Group+"/") }

// Has says whether the entry can run in a cell.
func (e Entry) Has(c outcome.Cell) bool {
	for _, have := range e.Cells {
		if have == c {
			return true
		}
	}
	return false
}

// Nearest returns the entry's cell that is most like the wanted one: itself,
// else one of the same transport, else the first.
func (e Entry) Nearest(want outcome.Cell) outcome.Cell {
	if e.Has(want) || len(e.Cells) == 0 {
		return want
	}
	for _, c := range e.Cells {
		if c.Transport == want.Transport {
			return c
		}
	}
	return e.Cells[0]
}

// haystack is what a filter looks in: every word a person may know it by.
func (e Entry) haystack() string {
	words := []string{e.ID, e.Title, strings.Join(e.Causes, " ")}
	for _, c := range e.Cells {
		words = append(words, c.String())
	}
	return strings.ToLower(strings.Join(words, " "))
}
