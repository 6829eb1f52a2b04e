package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// A sight is one connection as it looks from outside: what both sides report,
// the alert, and how it ends. Sights that look the same in several cells are one.
type sight struct {
	scenario string
	cells    []outcome.Cell
	// connect counts from 1, of is how many the script makes.
	connect, of int
	cause       string
	// further are the ids of the other problems of the first of the cells.
	further []string
	// client, server, end and alert are Markdown for the cells of a table.
	client, server, end, alert string
	// texts are the errors of each side, as they are reported.
	texts map[outcome.Role][]string
	// result is that of the first of the cells.
	result harness.ConnectionResult
}

// roles are the two sides, in the order in which they are shown.
var roles = []outcome.Role{outcome.Client, outcome.Server}

// sights returns every connection of a scenario's results, in the order of the
// cells and the script. Files that do not load in one cell do not load in any,
// and are told of once.
func sights(sc *scenario.Scenario, results []harness.Result) []*sight {
	var list []*sight
	for _, r := range results {
		cells := []outcome.Cell{{Transport: outcome.Transport(r.Transport), TLS: r.TLS}}
		if len(results) == 1 {
			cells = sc.Cells
		}
		for i, c := range r.Connections {
			list = append(list, newSight(sc, cells, i, c, len(r.Connections)))
		}
	}
	return list
}

func newSight(sc *scenario.Scenario, cells []outcome.Cell, connect int, c harness.ConnectionResult, of int) *sight {
	expected := sc.Expect[connect].In(cells[0])
	s := &sight{
		scenario: sc.ID, cells: cells, connect: connect + 1, of: of,
		cause: c.Cause, end: ending(c), alert: alert(c), result: c,
		texts: map[outcome.Role][]string{},
	}
	for _, f := range c.Further {
		s.further = append(s.further, f.ID)
	}
	s.client = s.reports(outcome.Client, c.Client, expected.ClientError)
	s.server = s.reports(outcome.Server, c.Server, expected.ServerError)
	return s
}

// reports says what one side reports, and keeps its texts.
func (s *sight) reports(role outcome.Role, side harness.SideResult, expected *string) string {
	handshake, late := s.said(role, side.HandshakeError, expected), s.said(role, side.LateError, expected)
	unloadable := s.result.Outcome == "unloadable"
	switch {
	case unloadable && s.result.Side == string(role):
		return "does not start: " + handshake
	case unloadable && handshake == "":
		return "is not started"
	case handshake == "" && late == "":
		return "no error"
	case late == "":
		return handshake
	case handshake == "":
		return "completes the handshake, then " + late
	}
	return handshake + ", then " + late
}

// said writes one error, or both that it can be.
func (s *sight) said(role outcome.Role, text string, expected *string) string {
	if text == "" {
		return ""
	}
	var either []string
	for _, t := range alternatives(text, expected) {
		s.texts[role] = append(s.texts[role], t)
		either = append(either, code(t))
	}
	return strings.Join(either, " or ")
}

// merged joins sights that look the same, each where the first of its kind stands.
func merged(list []*sight) []*sight {
	var rows []*sight
	for _, s := range list {
		at := slices.IndexFunc(rows, s.looksLike)
		if at < 0 {
			joined := *s
			joined.cells = slices.Clone(s.cells)
			rows = append(rows, &joined)
			continue
		}
		rows[at].cells = append(rows[at].cells, s.cells...)
	}
	return rows
}

func (s *sight) looksLike(o *sight) bool {
	return s.scenario == o.scenario && s.connect == o.connect && s.cause == o.cause &&
		s.client == o.client && s.server == o.server && s.end == o.end && s.alert == o.alert
}

// sameWords says that both sides' words are the same but for what the transport
// puts around them.
func (s *sight) sameWords(o *sight) bool {
	for _, role := range roles {
		if !slices.EqualFunc(s.texts[role], o.texts[role], func(a, b string) bool { return core(a) == core(b) }) {
			return false
		}
	}
	return true
}

// reported says that a side reports an error.
func (s *sight) reported() bool {
	return len(s.texts[outcome.Client])+len(s.texts[outcome.Server]) > 0
}

// over names the cells, and the connection where the script makes several:
// "TLS 1.2 and 1.3, connection 2".
func (s *sight) over() string {
	name := cellNames(s.cells)
	if s.of > 1 {
		name += fmt.Sprintf(", connection %d", s.connect)
	}
	return name
}

// cellNames names cells in few words: "TLS 1.2 and 1.3, QUIC".
func cellNames(cells []outcome.Cell) string {
	var versions, names []string
	quic := false
	for _, c := range cells {
		if c.Transport == outcome.QUIC {
			quic = true
		} else {
			versions = append(versions, c.TLS)
		}
	}
	if len(versions) > 0 {
		names = append(names, "TLS "+listed(versions))
	}
	if quic {
		names = append(names, "QUIC")
	}
	return strings.Join(names, ", ")
}

// alert names the alert on the wire, or what else ends a QUIC connection. Who
// sent it is said where it is not the side that refused.
func alert(c harness.ConnectionResult) string {
	switch {
	case c.Alert != nil && c.Alert.From == c.RefusedBy:
		return fmt.Sprintf("%s (%d)", code(c.Alert.Name), c.Alert.Code)
	case c.Alert != nil:
		return fmt.Sprintf("%s (%d), from the %s", code(c.Alert.Name), c.Alert.Code, c.Alert.From)
	case c.Close != nil && c.Close.Name == "application error":
		return fmt.Sprintf("none; application error %#x", c.Close.Code)
	case c.Close != nil && c.Close.Code != 0:
		return fmt.Sprintf("none; %s (%#x)", code(c.Close.Name), c.Close.Code)
	}
	return "none"
}

// ending says how a connection ends: who decided, and on which message.
func ending(c harness.ConnectionResult) string {
	switch c.Outcome {
	case "established":
		if c.Negotiated.Resumed {
			return "established, resumed"
		}
		return "established"
	case "refused":
		if c.At == "" {
			return "the " + c.RefusedBy + " refuses"
		}
		return "the " + c.RefusedBy + " refuses at " + c.At
	case "broken":
		return "the transport ends"
	case "timeout":
		return "the deadline comes"
	case "unloadable":
		return "the " + c.Side + " does not load"
	}
	return prose(c.Outcome)
}
