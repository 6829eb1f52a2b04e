package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/report"
	"shakedown/harness/scenario"
	"shakedown/tui"
	"shakedown/tui/plain"

	"golang.org/x/term"
)

// A screenRequest is what a screen is opened on.
type screenRequest struct {
	// List is the catalogue; Start is the scenario that is opened at once, nil
	// for none.
	List  []*scenario.Scenario
	Start *scenario.Scenario
	Cell  outcome.Cell
	// Session is shown instead of a catalogue.
	Session *harness.Session
	Options harness.Options
	Color   string
	// Command is the command that shows a state again.
	Command func(harness.State) string
	// Notes say what was made to fit.
	Notes []string
}

// screen shows the terminal UI until the person quits. What came of the
// handshake that was looked at last stays below it, in one line.
func screen(ctx context.Context, r screenRequest) error {
	last := &watched{Session: r.Session}
	o := tui.Options{Color: tui.Color(r.Color), StartCell: r.Cell, Command: r.Command, Notes: r.Notes}
	if r.Session != nil {
		o.Debugger = last
	}
	if r.Start != nil {
		o.Start = r.Start.ID
	}
	byID := make(map[string]*scenario.Scenario, len(r.List))
	for _, sc := range r.List {
		byID[sc.ID] = sc
		o.Catalogue = append(o.Catalogue, tui.Entry{
			ID: sc.ID, Group: sc.Group, Title: sc.Title, About: sc.About,
			Cells: sc.Cells, Causes: causesOf(sc),
		})
	}
	o.Open = func(id string, cell outcome.Cell) (tui.Debugger, error) {
		sc := byID[id]
		if sc == nil {
			return nil, fmt.Errorf("no scenario is named %q", id)
		}
		session, err := harness.OpenSession(ctx, sc, cell, r.Options)
		if err != nil {
			return nil, err
		}
		last = &watched{Session: session}
		return last, nil
	}
	if err := tui.Run(ctx, o); err != nil {
		return err
	}
	if result := last.result(); result != nil {
		_, err := fmt.Fprintln(os.Stdout, report.Line(*result))
		return err
	}
	return nil
}

// A watched session remembers how it was left: to close one that is held ends
// its handshake, which nobody saw.
type watched struct {
	*harness.Session
	left *harness.State
}

// Close closes the session.
func (w *watched) Close() {
	if w.left == nil {
		state := w.State()
		w.left = &state
	}
	w.Session.Close()
}

// result is what had come of it when it was left, nil if nothing had.
func (w *watched) result() *harness.Result {
	switch {
	case w.left != nil:
		return w.left.Result
	case w.Session != nil:
		return w.State().Result
	}
	return nil
}

// stepper steps through a session line by line: as a person types, as commands
// say that are piped in, or to the end where nobody gives any.
func stepper(ctx context.Context, s *harness.Session, in io.Reader, out io.Writer) error {
	typed, piped := commanded(in)
	return plain.Run(ctx, s, in, out, plain.Options{Interactive: typed || piped, Scripted: piped})
}

// commanded says where commands can come from: a person types them at a
// terminal, a pipe or a file holds them; the null device has none.
func commanded(in io.Reader) (typed, piped bool) {
	f, ok := in.(*os.File)
	if !ok {
		return false, true
	}
	if term.IsTerminal(int(f.Fd())) {
		return true, false
	}
	info, err := f.Stat()
	return false, err == nil && info.Mode()&os.ModeCharDevice == 0
}
