package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shakedown/harness/scenario"

	"github.com/spf13/cobra"
)

func newValidate(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [SCENARIO|FILE|DIR|GLOB]…",
		Short: "Check scenario files without running them",
		Long: `Check scenario files without running them: spelling, names, cycles, and
expectations that cannot happen. What is rewritten on QUIC is rehearsed in
memory: a datagram that gets too long never arrives. Errors come with file, line
and column. A warning does not make a file invalid.`,
		Example: `  shakedown validate mine.yaml
  shakedown validate scenarios/`,
		ValidArgsFunction: a.completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := a.choose(cmd.Context(), args)
			if err != nil {
				return err
			}
			warnings := 0
			for _, sc := range list {
				for _, warning := range slices.Concat(scenario.Validate(sc), scenario.NeverValid(sc, time.Now()), scenario.Unreadable(sc)) {
					warnings++
					for i, line := range strings.Split(warning.Error(), "\n") {
						prefix := "warning: "
						if i > 0 {
							prefix = indent(line)
						}
						fmt.Fprintf(a.stderr, "%s%s\n", prefix, printableLine(line))
					}
				}
			}
			text := fmt.Sprintf("%d valid", len(list))
			if warnings == 1 {
				text += ", 1 warning"
			} else if warnings > 1 {
				text += fmt.Sprintf(", %d warnings", warnings)
			}
			_, err = fmt.Fprintln(a.stdout, text)
			return err
		},
	}
}
