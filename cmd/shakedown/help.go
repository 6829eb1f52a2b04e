package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"shakedown/harness/nearest"
)

// newHelp replaces cobra's own help command, which takes an unknown topic for
// a request for everything.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd := root
			for _, name := range args {
				below := child(cmd, name)
				if below == nil {
					hint := "shakedown help lists the commands"
					if near := nearest.Word(name, commandNames(cmd)); near != "" {
						hint = fmt.Sprintf("did you mean %s?", near)
					}
					return usage(hint, "%s has no command %q", cmd.CommandPath(), name)
				}
				cmd = below
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, c := range cmd.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// commandNames returns the names of the commands below cmd that a person types.
func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}
