package main

import (
	"fmt"
	"io"
	"strings"

	"shakedown/harness/explain"
	"shakedown/harness/report"

	"github.com/spf13/cobra"
)

func newExplain(a *app) *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "explain TEXT|ALERT|CAUSE",
		Short: "Say what an error line can mean, and how to tell",
		Example: `  shakedown explain "remote error: tls: bad certificate"
  shakedown explain unknown_ca
  shakedown explain 0x12a
  shakedown explain client-ca-hint-mismatch`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("usage: "+cmd.UseLine(), "explain what? give an error line, an alert or a cause")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			return a.explain(strings.Join(args, " "), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "write the answer as `FORMAT`: text or json")
	return cmd
}

// explain writes what a text can mean. A text that nothing is known about is
// wrong usage.
func (a *app) explain(text, format string) error {
	e, ok := explain.Explain(text)
	if !ok {
		return usage("try the part of the line behind the last colon, or an alert's name", "nothing is known about %q", e.Input)
	}
	if format == "json" {
		return report.WriteJSON(a.stdout, struct {
			Version int `json:"version"`
			explain.Explanation
		}{report.JSONVersion, e}, "  ")
	}
	_, err := io.WriteString(a.stdout, explanationText(e))
	return err
}

// told is how many candidates are told in full.
const told = 5

// explanationText writes an explanation for a person: what it says, who
// decided, what can be wrong, how to tell, and what to do next.
func explanationText(e explain.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", printableLine(e.Means))
	if e.Alert != nil {
		fmt.Fprintf(&b, "\nalert    %s (%d): %s\n", e.Alert.Name, e.Alert.Code, printableLine(e.Alert.Meaning))
	}
	if e.Decided != explain.NotSaid {
		fmt.Fprintf(&b, "\ndecided  %s\n", decided(e))
	}
	for i, c := range e.Candidates[:min(told, len(e.Candidates))] {
		if i == 0 {
			b.WriteString("\nWhat it can be, the likeliest first:\n")
		}
		fmt.Fprintf(&b, "\n%2d. %s: %s\n", i+1, c.ID, printableLine(c.Title))
		if c.Remedy != "" {
			fmt.Fprintf(&b, "    fix   %s\n", printableLine(c.Remedy))
		}
		if c.Scenario != "" {
			fmt.Fprintf(&b, "    show  shakedown %s\n", c.Scenario)
		}
	}
	for i, evidence := range e.Separate {
		if i == 0 {
			b.WriteString("\nHow to tell, the cheapest first:\n\n")
		}
		fmt.Fprintf(&b, "  - %s\n", printableLine(evidence))
	}
	for i, c := range e.Candidates[min(told, len(e.Candidates)):] {
		if i == 0 {
			b.WriteString("\nLess likely; shakedown explain CAUSE says more:\n\n")
		}
		fmt.Fprintf(&b, "%2d. %s: %s\n", told+i+1, c.ID, printableLine(c.Title))
	}
	return b.String()
}

// decided says who ended the handshake, and whose log the line is from.
func decided(e explain.Explanation) string {
	text := string(e.Decided)
	switch e.Decided {
	case explain.ThisSide:
		text = "this side, the one that wrote the line"
	case explain.OtherSide:
		text = "the other side: look in its log for why"
	}
	if e.Reporter != "" {
		text += fmt.Sprintf(" (the line is from a %s)", e.Reporter)
	}
	return text
}
