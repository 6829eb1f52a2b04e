package main

import (
	"context"
	"errors"
	"fmt"

	"shakedown/harness"
	"shakedown/harness/scenario"

	"github.com/spf13/cobra"
)

// debugFlags are the person's own files and settings.
type debugFlags struct {
	handshakeFlags
	files harness.DebugFiles
	save  string
}

func newDebug(a *app) *cobra.Command {
	flags := &debugFlags{}
	cmd := &cobra.Command{
		Use:   "debug [FILE|DIR…]",
		Short: "Try your own certificates against each other",
		Long: `Try your own certificates against each other: a server and a client are started
with your files, and what happens between them is shown and explained.

Name the files by flag, or give a directory: each file is looked into, and what
it is used for is said. What you leave out is minted to fit. A handshake that is
established exits with 0, any other end with 1.`,
		Example: `  shakedown debug certs/
  shakedown debug --server-cert server.pem --server-key server.key --client-trust ca.pem
  shakedown debug certs/ --server-name api.example --at 2027-01-01
  shakedown debug certs/ --save failing.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.debug(cmd, flags, args)
		},
	}
	flags.register(cmd.Flags())
	set := cmd.Flags()
	set.StringVar(&flags.files.ServerCert, "server-cert", "", "the server's certificate in `FILE`, and the chain behind it")
	set.StringVar(&flags.files.ServerKey, "server-key", "", "the server's private key in `FILE`")
	set.StringVar(&flags.files.ServerTrust, "server-trust", "", "the CAs in `FILE` whose client certificates the server accepts")
	set.StringVar(&flags.files.ClientCert, "client-cert", "", "the client's certificate in `FILE`, and the chain behind it")
	set.StringVar(&flags.files.ClientKey, "client-key", "", "the client's private key in `FILE`")
	set.StringVar(&flags.files.ClientTrust, "client-trust", "", "the CAs in `FILE` that the client trusts")
	set.StringVar(&flags.files.ServerName, "server-name", "", "the `NAME` that the client asks for")
	set.StringVar(&flags.files.ClientAuth, "client-auth", "", "what the server asks of the client, as `MODE`: none, request, require-any, verify-if-given or require")
	set.BoolVar(&flags.files.ForceClientCert, "force-client-cert", false, "present the client's certificate even where Go would hold it back")
	set.StringVar(&flags.files.At, "at", "", "set the clock of both sides to `TIME`: 2027-01-01, 2027-01-01T12:00:00Z, +90d or -1h")
	set.StringVar(&flags.files.ClientAt, "client-at", "", "set the client's clock to `TIME`")
	set.StringVar(&flags.files.ServerAt, "server-at", "", "set the server's clock to `TIME`")
	set.StringVar(&flags.save, "save", "", "write the scenario to `FILE`, to keep and to run again")
	return cmd
}

func (a *app) debug(cmd *cobra.Command, f *debugFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	f.tellPlain(a.stderr)
	sorted, err := a.sort(f, args)
	if err != nil {
		return err
	}
	sc, notes, err := harness.DebugScenario(f.files)
	if errors.Is(err, harness.ErrNoFiles) {
		return usage("give a directory, or files by flag: shakedown debug --help", "%w", err)
	}
	if err != nil {
		return usage("shakedown debug --help shows what the flags take", "%w", err)
	}
	notes = append(sorted, notes...)
	for i := range notes {
		notes[i] = printableLine(notes[i])
		fmt.Fprintf(a.stderr, "note: %s\n", notes[i])
	}
	if f.save != "" {
		kept := *sc
		kept.Cells = f.filter(sc.Cells)
		if err := a.save(f.save, &kept); err != nil {
			return err
		}
	}
	list := []*scenario.Scenario{sc}
	if _, err := f.count(list); err != nil {
		return err
	}
	switch {
	case f.plain:
		return a.step(cmd.Context(), &f.handshakeFlags, sc)
	case a.terminal() && !f.wantsReport(cmd):
		return a.showDebug(cmd.Context(), f, sc, notes)
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	return a.report(cmd.Context(), &f.handshakeFlags, list, true, harness.SuiteOptions{Options: o, Filter: f.cell()})
}

// showDebug opens the screen on the person's own files, with what was made to
// fit beside them.
func (a *app) showDebug(ctx context.Context, f *debugFlags, sc *scenario.Scenario, notes []string) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	keep, err := a.keep(&f.handshakeFlags)
	if err != nil {
		return err
	}
	defer keep.discard()
	keep.from(&o)
	o.Hold = true
	return keep.finish(a.screen(ctx, screenRequest{
		List: []*scenario.Scenario{sc}, Start: sc, Cell: firstCell(f.filter(sc.Cells)),
		Options: o, Color: f.color, Notes: notes,
		Command: func(s harness.State) string {
			return fmt.Sprintf("shakedown debug%s --transport %s --tls %s", f.words(), s.Cell.Transport, s.Cell.TLS)
		},
	}))
}

// words are the flags that were given, or found, as words of a command line.
func (f *debugFlags) words() string {
	flags := f.assignment().Flags()
	for _, g := range []struct{ flag, value string }{
		{"--server-name", f.files.ServerName},
		{"--client-auth", f.files.ClientAuth},
		{"--at", f.files.At},
		{"--client-at", f.files.ClientAt},
		{"--server-at", f.files.ServerAt},
	} {
		if g.value != "" {
			flags = append(flags, g.flag, g.value)
		}
	}
	for _, file := range f.also {
		flags = append(flags, "--also", file)
	}
	words := ""
	for i := 0; i+1 < len(flags); i += 2 {
		words += " " + flags[i] + " " + shellQuote(flags[i+1])
	}
	if f.files.ForceClientCert {
		words += " --force-client-cert"
	}
	return words
}
