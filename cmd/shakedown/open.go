package main

import (
	"context"
	"fmt"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"

	"github.com/spf13/cobra"
)

// open is the bare command: the catalogue or one scenario on a screen, or a
// plain report where there is no terminal.
func (a *app) open(cmd *cobra.Command, f *handshakeFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	f.tellPlain(a.stderr)
	list, err := a.choose(cmd.Context(), args, commandNames(cmd)...)
	if err != nil {
		return err
	}
	if _, err := f.count(list); err != nil {
		return err
	}
	if f.plain {
		if len(list) != 1 {
			return usage("for example: shakedown --plain healthy/mutual", "--plain steps through one scenario: name it")
		}
		return a.step(cmd.Context(), f, list[0])
	}
	if f.wantsReport(cmd) || !a.terminal() {
		if !f.wantsReport(cmd) {
			fmt.Fprintln(a.stderr, "note: there is no terminal, so this runs as shakedown run does, as plain text")
		}
		return a.runSuite(cmd, &suiteFlags{handshakeFlags: *f}, args)
	}
	return a.showScreen(cmd.Context(), f, list, len(args) > 0)
}

// showScreen opens the screen: on the only scenario where one was named, else
// on the catalogue of what was chosen.
func (a *app) showScreen(ctx context.Context, f *handshakeFlags, list []*scenario.Scenario, named bool) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	keep, err := a.keep(f)
	if err != nil {
		return err
	}
	defer keep.discard()
	keep.from(&o)
	o.Hold = true
	request := screenRequest{
		List:    list,
		Options: o,
		Color:   f.color,
		Cell:    f.cell(),
	}
	if named && len(list) == 1 {
		request.Start = list[0]
		request.Cell = firstCell(f.filter(list[0].Cells))
	}
	return keep.finish(a.screen(ctx, request))
}

// step opens a scenario in the stepper that works line by line.
func (a *app) step(ctx context.Context, f *handshakeFlags, sc *scenario.Scenario) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	keep, err := a.keep(f)
	if err != nil {
		return err
	}
	defer keep.discard()
	keep.from(&o)
	o.Hold = true
	session, err := harness.OpenSession(ctx, sc, firstCell(f.filter(sc.Cells)), o)
	if err != nil {
		return err
	}
	return keep.finish(a.steps(ctx, session))
}

// steps hands a session to the line-oriented stepper, and closes it.
func (a *app) steps(ctx context.Context, session *harness.Session) error {
	defer session.Close()
	if err := a.stepper(ctx, session, a.stdin, a.stdout); err != nil {
		return err
	}
	return sessionVerdict(session.State())
}

// sessionVerdict is what the exit code says of a session that was stepped
// through: one that was left before its end says nothing.
func sessionVerdict(s harness.State) error {
	switch {
	case s.Err != nil:
		return s.Err
	case s.Result == nil:
		return nil
	case s.Result.Status == harness.Failed:
		return errDifferent
	case s.Result.Status == harness.Errored:
		return fmt.Errorf("%s could not run: %s", s.ID, s.Result.Reason)
	}
	return nil
}

// firstCell is the cell that is opened first: TLS 1.3 over TCP where there is
// one, because its messages come one by one, else the first.
func firstCell(cells []outcome.Cell) outcome.Cell {
	for _, c := range cells {
		if c.Transport == outcome.TCP && c.TLS == "1.3" {
			return c
		}
	}
	if len(cells) == 0 {
		return outcome.Cell{}
	}
	return cells[0]
}
