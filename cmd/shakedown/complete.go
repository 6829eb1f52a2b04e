package main

import (
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/report"

	"github.com/spf13/cobra"
)

// values are what flags of few values complete to, by the flag's name. List and
// explain have fewer formats.
var values = map[string][]string{
	"format":      report.Formats(),
	"transport":   {"tcp", "quic"},
	"tls":         {"1.2", "1.3"},
	"carrier":     {"loopback", "memory"},
	"color":       {"auto", "always", "never"},
	"log":         {"client", "server"},
	"client-auth": {"none", "request", "require-any", "verify-if-given", "require"},
}

// completeFlags teaches the shell the values of the flags of cmd and of the
// commands below it.
func completeFlags(cmd *cobra.Command) {
	for name, list := range values {
		if cmd.Flags().Lookup(name) == nil {
			continue
		}
		if name == "format" && (cmd.Name() == "list" || cmd.Name() == "explain") {
			list = []string{"text", "json"}
		}
		// It fails only where the flag is missing or has its values already.
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp))
	}
	for _, below := range cmd.Commands() {
		completeFlags(below)
	}
}

// completeCauses completes ids of causes.
func completeCauses(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, c := range causes.All() {
		if strings.HasPrefix(c.ID, begun) {
			ids = append(ids, cobra.CompletionWithDesc(c.ID, c.Title))
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// completeScenarios completes ids of built-in scenarios, and files.
func (a *app) completeScenarios(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	all, err := a.catalog()
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var ids []string
	for _, sc := range all {
		if strings.HasPrefix(sc.ID, begun) {
			ids = append(ids, cobra.CompletionWithDesc(sc.ID, sc.Title))
		}
	}
	return ids, cobra.ShellCompDirectiveDefault
}
