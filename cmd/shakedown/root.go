package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shakedown/harness/nearest"
)

// run runs the command line and returns the exit code.
func run(ctx context.Context, a *app, args []string) int {
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, args, err) })
	// What fails before a command begins is wrong usage, in cobra's words.
	begun := false
	root.PersistentPreRun = func(cmd *cobra.Command, args []string) {
		begun = true
		a.keepGiven(cmd, args)
	}
	err := root.ExecuteContext(ctx)
	if err != nil && !begun {
		err = asUsage(err)
	}
	return exit(ctx, a.stderr, err)
}

// asUsage returns err as a usage error, if it is none yet.
func asUsage(err error) error {
	var already *usageError
	if errors.As(err, &already) {
		return err
	}
	return &usageError{lowerFirst(err), "shakedown help lists the commands"}
}

// newRoot returns the whole tree of commands.
func newRoot(a *app) *cobra.Command {
	flags := &handshakeFlags{}
	root := &cobra.Command{
		Use:   "shakedown [SCENARIO]",
		Short: "Show what happens in a mutual-TLS handshake, and say why it failed",
		Long: `shakedown shows what happens in a mutual-TLS handshake, and says why it failed.

Without a command it opens the catalogue of scenarios, or one scenario, paused
before the first byte. Without a terminal it does what run does.

Exit codes: 0 as expected; 1 a scenario or a check differed; 2 wrong usage or an
invalid scenario file; 3 it could not run; 130 interrupted. A screen that is
left exits with 0; what it showed last is told below it in one line.`,
		Example: `  shakedown                            look through the catalogue
  shakedown trust/unknown-server-ca    step through one scenario
  shakedown run                        run everything, check what it expects
  shakedown debug certs/               try your own certificates
  shakedown connect server.test:443    talk to a live server`,
		Args:              a.oneScenario,
		ValidArgsFunction: a.completeScenarios,
		SilenceErrors:     true,
		SilenceUsage:      true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.open(cmd, flags, args)
		},
	}
	flags.register(root.Flags())
	root.AddCommand(
		newRun(a), newList(a), newShow(a), newValidate(a), newNew(a),
		newDebug(a), newConnect(a), newOpen(a), newExplain(a), newVersion(a),
	)
	root.SetHelpCommand(newHelp(root))
	completeFlags(root)
	return root
}

// flagError turns a wrong flag into a usage error with the nearest right one. args
// is the whole command line.
func flagError(cmd *cobra.Command, args []string, err error) error {
	hint := fmt.Sprintf("%s --help lists the flags", cmd.CommandPath())
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedName() == "version":
		hint = "did you mean shakedown version?"
	case errors.As(err, &unknown) && !cmd.HasParent() && owner(cmd, unknown) != "":
		hint = fmt.Sprintf("did you mean shakedown %s%s?", owner(cmd, unknown), shellWords(args))
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := nearest.Word(unknown.GetSpecifiedName(), names); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
	case errors.As(err, &invalid):
		takes := map[string][2]string{
			"int":      {"a whole number", "4"},
			"duration": {"a duration", "10s"},
			"bool":     {"true or false", "false"},
		}[invalid.GetFlag().Value.Type()]
		if takes[0] != "" {
			return usage(fmt.Sprintf("for example: --%s=%s", invalid.GetFlag().Name, takes[1]), "--%s takes %s, got %q", invalid.GetFlag().Name, takes[0], invalid.GetValue())
		}
	}
	return &usageError{lowerFirst(err), hint}
}

// owner returns the first command that has a flag which the bare command has not,
// empty if none has.
func owner(root *cobra.Command, unknown *pflag.NotExistError) string {
	for _, c := range root.Commands() {
		name := unknown.GetSpecifiedName()
		if !c.Hidden && (c.Flags().Lookup(name) != nil || len(name) == 1 && c.Flags().ShorthandLookup(name) != nil) {
			return c.Name()
		}
	}
	return ""
}

// lowerFirst keeps to the command's voice where a library has its own.
func lowerFirst(err error) error {
	text := strings.TrimSuffix(err.Error(), ".")
	if text == "" {
		return err
	}
	return errors.New(strings.ToLower(text[:1]) + text[1:])
}

// oneScenario takes one scenario at most. Where the first word of several is
// none, it was meant for a command.
func (a *app) oneScenario(cmd *cobra.Command, args []string) error {
	if len(args) < 2 {
		return nil
	}
	if _, err := a.choose(cmd.Context(), args[:1], commandNames(cmd)...); err != nil {
		return err
	}
	return usage("to run several: shakedown run SCENARIO…", "one scenario is opened at a time, got %d", len(args))
}

// exactly and none are cobra's checks of arguments as usage errors.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("usage: "+cmd.UseLine(), "%s takes %d %s, got %d", cmd.Name(), n, what, len(args))
		}
		return nil
	}
}

func none() cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("usage: "+cmd.UseLine(), "%s takes no arguments, got %q", cmd.Name(), args[0])
		}
		return nil
	}
}
