package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// folders say what the scenarios of each folder have in common. One that is not
// here stands without a sentence.
var folders = map[string]string{
	"healthy":     "Handshakes that succeed, each with something worth seeing.",
	"trust":       "Chains that do not end in a trust anchor of the side that verifies.",
	"validity":    "Dates and clocks.",
	"identity":    "Certificates that are genuine and not for the name that was asked for.",
	"usage":       "Certificates that are used for what they are not meant for.",
	"constraints": "CAs that issue for names which they may not certify.",
	"clientauth":  "Asking for a client's certificate, and answering.",
	"key":         "Keys, signatures and encodings.",
	"policy":      "Certificates that verify and that an application's own rule refuses.",
	"revocation":  "Revoked certificates, and what is to say so: lists and OCSP responses.",
	"negotiation": "Ends that share no version, suite, group or protocol.",
	"resumption":  "What a second connection takes over from the first.",
	"files":       "Files that do not load, or load only in part.",
	"quic":        "What only QUIC has.",
	"wire":        "The wrong port, boxes on the path, messages that are changed or lost on their way.",
	"tolerated":   "What looks wrong and is accepted by Go all the same.",
}

// Scenarios writes the document of every scenario: what it teaches, what both
// sides report in each of its cells, and the cause.
func Scenarios(run Run) string {
	var b strings.Builder
	results := run.results()
	groups, byGroup := grouped(run.Scenarios)
	cells := 0
	for _, sc := range run.Scenarios {
		cells += len(sc.Cells)
	}
	fmt.Fprintf(&b, scenariosHead, count(len(run.Scenarios), "scenario"), count(len(groups), "folder"), cells, CausesFile, run.Clock.UTC().Format("2006-01-02 15:04 MST"))
	rows := make([][]string, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, []string{link(g, "", g), fmt.Sprint(len(byGroup[g])), fmt.Sprint(cellsOf(byGroup[g])), folders[g]})
	}
	table(&b, []string{"folder", "scenarios", "cells", "about"}, rows)
	ids := known(run.Scenarios)
	for _, g := range groups {
		fmt.Fprintf(&b, "## %s\n\n", g)
		for _, sc := range byGroup[g] {
			fmt.Fprintf(&b, "- %s: %s\n", link(code(sc.ID), "", sc.ID), prose(sc.Title))
		}
		b.WriteByte('\n')
		for _, sc := range byGroup[g] {
			section(&b, sc, merged(sights(sc, results[sc.ID])), ids)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

const scenariosHead = `# The built-in scenarios

Generated from the scenario files and from real runs of them by ` + "`task catalogue`" + `; do not edit.

%s in %s, %d cells. A cell is one transport and one TLS version: TLS 1.2 and TLS 1.3 over TCP, and QUIC, which is always TLS 1.3.
[What can go wrong](%s) lists the same runs by cause.

How to read a table: each row is what happens over the transports in its first column.
"completes the handshake, then …" is a side whose handshake has succeeded and whose first read fails.
"refuses at" names the message that the side could not accept. An ellipsis or an N inside an error stands for what differs from run to run.
The clock of these runs stood at %s; certificate errors quote it.

Watch one message by message with ` + "`shakedown ID`" + `, run it with ` + "`shakedown run ID`" + `, read its file with ` + "`shakedown show ID`" + `.

`

// section writes one scenario.
func section(b *strings.Builder, sc *scenario.Scenario, rows []*sight, ids map[string]bool) {
	fmt.Fprintf(b, "### %s\n\n**%s.** %s\n\n", sc.ID, prose(sc.Title), linked(sc.About, "", ids))
	if len(sc.Requires) > 0 {
		fmt.Fprintf(b, "Needs %s.\n\n", listed(sc.Requires))
	}
	cause, same := sameCause(rows)
	line := inOneLine(rows)
	switch {
	case line != "":
		b.WriteString(line + "\n\n")
	case same:
		table(b, scenarioHead, scenarioRows(rows, false))
	default:
		table(b, append(slices.Clone(scenarioHead), "cause"), scenarioRows(rows, true))
	}
	if same {
		fmt.Fprintf(b, "Cause: %s. ", link(cause, CausesFile, cause))
	}
	fmt.Fprintf(b, "See %s.\n\n", listed(references(sc.See)))
}

// inOneLine says what there is to say of a scenario in which no cell has an
// error; empty for any other.
func inOneLine(rows []*sight) string {
	var cells []outcome.Cell
	for _, s := range rows {
		if s.of > 1 || s.cause != rows[0].cause || s.end != "established" || s.reported() {
			return ""
		}
		cells = append(cells, s.cells...)
	}
	return "Over " + cellNames(cells) + ": established, no error on either side."
}

var scenarioHead = []string{"over", "the client reports", "the server reports", "alert", "ends"}

func scenarioRows(rows []*sight, withCause bool) [][]string {
	lines := make([][]string, 0, len(rows))
	for _, s := range rows {
		line := []string{s.over(), s.client, s.server, s.alert, s.end}
		switch {
		case withCause && s.cause == "":
			line = append(line, "none")
		case withCause:
			line = append(line, link(s.cause, CausesFile, s.cause))
		}
		lines = append(lines, line)
	}
	return lines
}

// sameCause returns the cause that every row has, if it is one.
func sameCause(rows []*sight) (string, bool) {
	cause := ""
	for _, s := range rows {
		if s.cause == "" || cause != "" && s.cause != cause {
			return "", false
		}
		cause = s.cause
	}
	return cause, cause != ""
}

// grouped returns the folders in their order, and their scenarios.
func grouped(list []*scenario.Scenario) (groups []string, by map[string][]*scenario.Scenario) {
	by = map[string][]*scenario.Scenario{}
	for _, sc := range list {
		if by[sc.Group] == nil {
			groups = append(groups, sc.Group)
		}
		by[sc.Group] = append(by[sc.Group], sc)
	}
	return groups, by
}

func cellsOf(list []*scenario.Scenario) int {
	n := 0
	for _, sc := range list {
		n += len(sc.Cells)
	}
	return n
}

func known(list []*scenario.Scenario) map[string]bool {
	ids := make(map[string]bool, len(list))
	for _, sc := range list {
		ids[sc.ID] = true
	}
	return ids
}
