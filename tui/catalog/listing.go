package catalog

import (
	"shakedown/harness/field"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// A Listing says what a catalogue lists, and in which words and columns.
type Listing struct {
	// Heading says in the header what this is a list of, such as a file's name.
	Heading string
	// One and Many name what is listed: "scenario", "scenarios".
	One, Many string
	// List is the focus of the list, and Beside that of the pane that says more
	// of the selected entry.
	List, Beside keymap.Focus
	// Columns are those of each entry. Without any, a row has the entry's name
	// and title, under the heading of its group.
	Columns []Column
	// None says that there is nothing to list, and Next what to do about it.
	None, Next string
	// Looks says where a search looks.
	Looks string
	// Opens says what enter does.
	Opens string
	// Notes are sentences about the whole list.
	Notes []string
}

// A Column is one of a list's columns.
type Column struct {
	Title string
	// Rank says which columns a narrow pane keeps: the lowest first.
	Rank int
	// Least is how narrow it may become, 0 for no narrower than its longest
	// text; Most is how wide, 0 for as wide as that.
	Least, Most int
	// Right says that it holds numbers.
	Right bool
	// Verdict says that it is told how the entry ended, by a glyph and a colour.
	Verdict bool
}

// Scenarios is the catalogue of scenarios.
var Scenarios = Listing{
	Heading: "mutual TLS handshakes, one message at a time",
	One:     "scenario", Many: "scenarios",
	List: keymap.OnCatalogue, Beside: keymap.OnAbout,
	None: "There are no scenarios here.", Next: "`shakedown new` writes a commented one to start from.",
	Looks: "ids, titles, causes, transports and versions",
	Opens: "enter opens it paused",
}

// Connections lists the connections of a recording of that name, with notes
// about the whole of it. Its entries are made by [Connection.Entry].
func Connections(name string, notes ...string) Listing {
	return Listing{
		Heading: name, Notes: notes,
		One: "connection", Many: "connections",
		List: keymap.OnConnections, Beside: keymap.OnConnection,
		Columns: []Column{
			{Title: "no.", Right: true},
			{Title: "time", Rank: 6},
			{Title: "connection", Rank: 2, Least: 21, Most: 47},
			{Title: "over", Rank: 5},
			{Title: "server name", Rank: 3, Least: 11, Most: 24},
			{Title: "outcome", Rank: 1, Verdict: true},
			{Title: "cause", Rank: 4, Least: 14},
		},
		None: "There is no TLS or QUIC connection in this recording.", Next: "A capture that began after the handshake shows none, nor does one of other ports than were captured.",
		Looks: "addresses, names, outcomes, alerts and causes",
		Opens: "enter opens it at the step that ended it",
	}
}

// A measured column is one that is shown, and how wide.
type measured struct{ index, width int }

// between is the space between columns.
const between = 2

// fit chooses the columns that a row of that many cells has room for. By rank,
// each gets what it would like to have, or what is left if it can do with that.
func fit(columns []Column, longest []int, room int) []measured {
	widths := make([]int, len(columns)) // 0 for a column that is left out
	room += between                     // there is none behind the last column
	for rank := range len(columns) {
		for i, c := range columns {
			if c.Rank != rank || longest[i] == 0 {
				continue
			}
			least := longest[i]
			if c.Least > 0 {
				least = min(c.Least, least)
			}
			if least+between <= room || rank == 0 {
				widths[i] = max(min(longest[i], room-between), least)
				room -= widths[i] + between
			}
		}
	}
	var fitted []measured
	for i, w := range widths {
		if w > 0 {
			fitted = append(fitted, measured{i, w})
		}
	}
	return fitted
}

// measure returns how wide each column would like to be: 0 for one that has no
// text in any entry.
func measure(columns []Column, entries []Entry) []int {
	longest := make([]int, len(columns))
	for i, c := range columns {
		for _, e := range entries {
			if i < len(e.Columns) {
				longest[i] = max(longest[i], theme.Width(field.Printable(e.Columns[i])))
			}
		}
		if longest[i] == 0 {
			continue
		}
		if c.Verdict {
			longest[i] += 2
		}
		longest[i] = max(longest[i], theme.Width(c.Title))
		if c.Most > 0 {
			longest[i] = min(longest[i], c.Most)
		}
	}
	return longest
}
