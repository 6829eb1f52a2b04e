package main

import (
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
		return usage("try the part of the line behind the last colon, or an alert's name", "nothing is known about %q", text)
	}
	if format == "json" {
		return report.WriteJSON(a.stdout, e, "  ")
	}
	_, err := io.WriteString(a.stdout, e.String())
	return err
}
