package catalog

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// A Connection is what a list says of one connection of a recording. What is
// not known is empty.
type Connection struct {
	// Number counts the recording's connections, from 1.
	Number int
	// Time is when it began, in words.
	Time string
	// Scenario is what was run where the recording is one of our own.
	Scenario string
	// Client and Server are the addresses of both sides.
	Client, Server string
	Cell           outcome.Cell
	ServerName     string
	// Outcome is diagnose.Unknown where the recording does not show it. Likely is
	// what is probable then. RefusedBy goes with either.
	Outcome, Likely diagnose.Kind
	RefusedBy       outcome.Role
	// Alert is the name of the alert on the wire.
	Alert string
	// Causes are the ids of the candidates, the likeliest first.
	Causes []string
	// Packets and Bytes are how much of it was recorded.
	Packets, Bytes int
	// Notes are sentences about what the recording lacks.
	Notes []string
}

// Entry returns the connection as an entry of a [Connections] listing.
func (c Connection) Entry() Entry {
	e := Entry{
		ID: strconv.Itoa(c.Number), Title: "Connection " + strconv.Itoa(c.Number), Group: c.group(), Causes: c.Causes,
		Columns: []string{strconv.Itoa(c.Number), c.Time, cmp.Or(c.Scenario, c.ends(theme.ToRight)), strings.TrimSpace(c.Cell.String()), c.ServerName, c.ended(), first(c.Causes)},
		About:   strings.Join(c.Notes, "\n\n"),
	}
	switch {
	case c.Failed() && c.Outcome == diagnose.Unknown:
		e.Verdict = Suspect
	case c.Failed():
		e.Verdict = Failed
	case c.Outcome == diagnose.Established:
		e.Verdict = Succeeded
	}
	for _, f := range []Fact{
		{"scenario", c.Scenario},
		{"client", c.Client},
		{"server", c.Server},
		{"asks for", c.ServerName},
		{"over", c.over()},
		{"began", c.Time},
		{"recorded", c.size()},
		{"outcome", c.ended()},
		{"alert", c.Alert},
	} {
		if f.Text != "" {
			e.Facts = append(e.Facts, f)
		}
	}
	return e
}

// Failed says that the handshake is known not to have succeeded, or thought not to.
func (c Connection) Failed() bool {
	ended := cmp.Or(c.Outcome, c.Likely)
	return ended != diagnose.Unknown && ended != diagnose.Established
}

// Sentence returns the connection as one line of prose.
func (c Connection) Sentence() string {
	parts := []string{fmt.Sprintf("connection %d", c.Number)}
	for _, p := range []string{c.Time, c.Scenario, c.ends("to"), strings.ReplaceAll(c.over(), " "+theme.Dot+" ", ", ")} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if c.ServerName != "" {
		parts = append(parts, "asks for "+c.ServerName)
	}
	parts = append(parts, c.ended())
	if c.Alert != "" {
		parts = append(parts, "alert "+c.Alert)
	}
	if cause := first(c.Causes); cause != "" {
		parts = append(parts, cause)
	}
	return strings.Join(parts, ", ")
}

// undecided is the outcome of a connection of which the recording does not tell it.
const undecided = "undecided"

// group is the outcome in a word, by which the list can be narrowed.
func (c Connection) group() string {
	if c.Outcome == diagnose.Unknown {
		return undecided
	}
	return string(c.Outcome)
}

func (c Connection) ends(arrow string) string {
	if c.Client == "" && c.Server == "" {
		return ""
	}
	return c.Client + " " + arrow + " " + c.Server
}

func (c Connection) over() string {
	if c.Cell.Transport == "" {
		return ""
	}
	return pane.Cell(c.Cell)
}

// ended says how it ended: "refused by server", "probably refused by server".
func (c Connection) ended() string {
	ended := cmp.Or(c.Outcome, c.Likely)
	if ended == diagnose.Unknown {
		return undecided
	}
	text := string(ended)
	if c.RefusedBy != "" {
		text += " by " + string(c.RefusedBy)
	}
	if c.Outcome == diagnose.Unknown {
		text = "probably " + text
	}
	return text
}

func (c Connection) size() string {
	var parts []string
	if c.Packets > 0 {
		packets := pane.Thousands(c.Packets) + " packets"
		if c.Packets == 1 {
			packets = "1 packet"
		}
		parts = append(parts, packets)
	}
	if c.Bytes > 0 {
		parts = append(parts, pane.Bytes(c.Bytes))
	}
	return strings.Join(parts, ", ")
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
