package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/report"
	"shakedown/harness/scenario"

	"github.com/spf13/cobra"
)

// A catalog is the list of scenarios as JSON has it.
type catalog struct {
	Version   int     `json:"version"`
	Scenarios []entry `json:"scenarios"`
}

type entry struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	About    string         `json:"about"`
	Group    string         `json:"group"`
	Cells    []outcome.Cell `json:"cells"`
	Causes   []string       `json:"causes"`
	Requires []string       `json:"requires"`
}

func newList(a *app) *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "list [SCENARIO|FILE|DIR|GLOB]…",
		Short: "List the built-in scenarios",
		Example: `  shakedown list
  shakedown list 'trust/*'
  shakedown list --format json`,
		ValidArgsFunction: a.completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			list, err := a.choose(cmd.Context(), args)
			if err != nil {
				return err
			}
			if format == "json" {
				return report.WriteJSON(a.stdout, catalogOf(list), "  ")
			}
			return writeList(a.stdout, list)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "write the list as `FORMAT`: text or json")
	return cmd
}

func catalogOf(list []*scenario.Scenario) catalog {
	c := catalog{Version: report.JSONVersion, Scenarios: make([]entry, 0, len(list))}
	for _, sc := range list {
		c.Scenarios = append(c.Scenarios, entry{
			ID: sc.ID, Title: sc.Title, About: sc.About, Group: sc.Group,
			Cells:    append([]outcome.Cell{}, sc.Cells...),
			Causes:   causesOf(sc),
			Requires: append([]string{}, sc.Requires...),
		})
	}
	return c
}

// causesOf returns the causes that a scenario expects, each once.
func causesOf(sc *scenario.Scenario) []string {
	found := []string{}
	add := func(cause *string) {
		if cause != nil && *cause != "" && *cause != "none" && !slices.Contains(found, *cause) {
			found = append(found, *cause)
		}
	}
	for _, e := range sc.Expect {
		add(e.Cause)
		for _, c := range e.Cells {
			add(c.Cause)
		}
	}
	return found
}

// writeList writes an id and a title a line, group by group.
func writeList(w io.Writer, list []*scenario.Scenario) error {
	widest := 0
	for _, sc := range list {
		widest = max(widest, len(sc.ID))
	}
	var b strings.Builder
	for i, sc := range list {
		if i > 0 && list[i-1].Group != sc.Group {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%-*s  %s\n", widest, field.Printable(sc.ID), field.Printable(cmp.Or(sc.Title, "(no title)")))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
