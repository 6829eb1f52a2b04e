package main

import (
	"fmt"

	"shakedown/scenarios"

	"github.com/spf13/cobra"
)

func newShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show SCENARIO",
		Short: "Print a built-in scenario as YAML",
		Example: `  shakedown show trust/unknown-server-ca
  shakedown show healthy/mutual > mine.yaml`,
		Args:              exactly(1, "scenario"),
		ValidArgsFunction: a.completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := scenarios.Text(args[0])
			if err != nil {
				all, err := a.catalog()
				if err != nil {
					return err
				}
				if ids := matching(all, args[0]); len(ids) > 1 {
					return usage(fmt.Sprintf("shakedown list %s lists them", shellQuote(args[0])), "show prints one scenario, and %s names %d", args[0], len(ids))
				}
				return unknownScenario(args[0], all)
			}
			_, err = a.stdout.Write(text)
			return err
		},
	}
}
