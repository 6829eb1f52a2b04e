// Package catalog is the list of what can be opened, scenarios or the
// connections of a recording, with its filter, and the pane that says what the
// selected one is about.
package catalog

import (
	"strings"

	"shakedown/harness/outcome"
)

// An Entry is one thing that can be opened, as the catalogue shows it.
type Entry struct {
	ID    string
	Title string
	About string
	Group string
	// Cells are those that it can be opened in; none for a recording.
	Cells []outcome.Cell
	// Causes are the ids of what it shows, empty for a healthy one.
	Causes []string
	// Columns are its texts in a [Listing] with columns.
	Columns []string
	Verdict Verdict
	// Facts are said of it line by line, beside the list.
	Facts []Fact
}

// A Fact is something that is known of an entry: "client 192.0.2.1:49152".
type Fact struct{ Label, Text string }

// A Verdict is how an entry ended, as far as a list tells it by a glyph.
type Verdict int

// The verdicts.
const (
	Undecided Verdict = iota // or not known
	Succeeded
	Failed
	Suspect // probably failed
)

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
	words := []string{e.ID, e.Title, strings.Join(e.Causes, " "), strings.Join(e.Columns, " ")}
	for _, c := range e.Cells {
		words = append(words, c.String())
	}
	for _, f := range e.Facts {
		words = append(words, f.Text)
	}
	return strings.ToLower(strings.Join(words, " "))
}
