package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestCLIDocument compares docs/cli.md with the commands as they are.
func TestCLIDocument(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "cli.md")
	want := cliDocument(newRoot(newApp()))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/cli.md is not what the commands are (-commands +docs):\n%s\nupdate it with: go test ./cmd/shakedown -run TestCLIDocument -update", diff)
	}
}

// cliDocument writes every command as Markdown.
func cliDocument(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# The command\n\nGenerated from the commands themselves: do not edit.\n\n" +
		"Results go to stdout, everything else to stderr.\n\n" +
		"| exit code | means |\n| --- | --- |\n")
	for _, code := range []struct {
		code int
		text string
	}{
		{exitOK, "everything was as expected"},
		{exitDifferent, "a scenario or a check differed"},
		{exitUsage, "wrong usage, or an invalid scenario file"},
		{exitFailed, "it could not run"},
		{exitInterrupted, "it was interrupted"},
	} {
		fmt.Fprintf(&b, "| %d | %s |\n", code.code, code.text)
	}
	document(&b, root)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			document(&b, cmd)
		}
	}
	b.WriteString("\n## shakedown completion\n\nPrints a script for bash, zsh, fish or powershell, which completes commands, flags and ids of scenarios.\n" +
		"`shakedown completion bash --help` says how to load it.\n")
	return b.String()
}

func document(b *strings.Builder, cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	fmt.Fprintf(b, "\n## %s\n\n", cmd.CommandPath())
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	fmt.Fprintf(b, "%s\n\n```\n%s\n```\n", text, cmd.UseLine())
	if cmd.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(cmd.Example, "  "), "\n  ", "\n"))
	}
	if flags := strings.TrimRight(cmd.Flags().FlagUsages(), "\n"); flags != "" {
		fmt.Fprintf(b, "\n```\n%s\n```\n", flags)
	}
}
