package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness"
	"shakedown/harness/outcome"
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

// sights returns every connection of a scenario's results, in the order of the
// cells and the script.
func sights(results []harness.Result) []*sight {
	var list []*sight
	for _, r := range results {
		cell := outcome.Cell{Transport: outcome.Transport(r.Transport), TLS: r.TLS}
		for i, c := range r.Connections {
			list = append(list, newSight(r.Scenario, cell, i+1, len(r.Connections), c))
		}
	}
	return list
}

func newSight(scenario string, cell outcome.Cell, connect, of int, c harness.ConnectionResult) *sight {
	s := &sight{
		scenario: scenario, cells: []outcome.Cell{cell}, connect: connect, of: of,
		cause: c.Cause, end: ending(c), alert: alert(c), result: c,
		client: reported(c, "client", c.Client), server: reported(c, "server", c.Server),
		texts: map[outcome.Role][]string{outcome.Client: texts(c.Client), outcome.Server: texts(c.Server)},
	}
	for _, f := range c.Further {
		s.further = append(s.further, f.ID)
	}
	return s
}

// texts are the error texts of one side.
func texts(side harness.SideResult) []string {
	var list []string
	for _, text := range []string{side.HandshakeError, side.LateError} {
		if text != "" {
			list = append(list, steady(text))
		}
	}
	return list
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
	for _, role := range []outcome.Role{outcome.Client, outcome.Server} {
		if !slices.EqualFunc(s.texts[role], o.texts[role], func(a, b string) bool { return core(a) == core(b) }) {
			return false
		}
	}
	return true
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

// reported says what one side reports.
func reported(c harness.ConnectionResult, role string, side harness.SideResult) string {
	handshake, late := steady(side.HandshakeError), steady(side.LateError)
	switch {
	case c.Outcome == "unloadable" && c.Side != role && handshake == "":
		return "is not started"
	case c.Outcome == "unloadable" && c.Side == role:
		return "does not start: " + code(handshake)
	case handshake == "" && late == "":
		return "no error"
	case late == "":
		return code(handshake)
	case handshake == "":
		return "completes the handshake, then " + code(late)
	}
	return code(handshake) + ", then " + code(late)
}

// alert names the alert on the wire, or what else ends a QUIC connection.
func alert(c harness.ConnectionResult) string {
	switch {
	case c.Alert != nil:
		return fmt.Sprintf("%s (%d), from the %s", code(c.Alert.Name), c.Alert.Code, c.Alert.From)
	case c.Close != nil && c.Close.Name == "application error":
		return fmt.Sprintf("none; an application error (%#x), from the %s", c.Close.Code, c.Close.From)
	case c.Close != nil && c.Close.Code != 0:
		return fmt.Sprintf("none; %s (%#x), from the %s", code(c.Close.Name), c.Close.Code, c.Close.From)
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
