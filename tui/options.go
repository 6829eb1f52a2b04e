// Package tui is the terminal UI: the catalogue, of scenarios or of a
// recording's connections, and the debugger that steps through one handshake.
//
// For most uses, call [Run] with a catalogue and an [Opener]. The [App] owns
// layout, focus and routing; what is on the screen is drawn by panes, one
// package each, which know nothing of each other. The engine is reached through
// [Debugger] alone.
package tui

import (
	"context"
	"errors"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"shakedown/harness"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/tui/catalog"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// A Debugger is one open session. Its commands return at once; the state
// changes as the wire moves, and Changed is signalled after each change.
type Debugger interface {
	Step()
	Next()
	Continue()
	Finish()
	Back()
	Forward()
	Restart(outcome.Cell)
	SetBreakpoint(harness.Breakpoint, bool)
	State() harness.State
	Changed() <-chan struct{}
	Close()
}

// An Opener opens a catalogue entry in a cell, paused before its first unit.
type Opener func(id string, cell outcome.Cell) (Debugger, error)

// An Entry is one thing that the catalogue lists and that can be opened.
type Entry = catalog.Entry

// A Listing says what the catalogue lists: [catalog.Scenarios], or
// [Connections] of a recording.
type Listing = catalog.Listing

// A Connection is one connection of a recording; its Entry method makes it one
// of the catalogue.
type Connection = catalog.Connection

// Connections is the listing of a recording of that name, with notes about the
// whole of it.
func Connections(name string, notes ...string) Listing { return catalog.Connections(name, notes...) }

// Color says when colours are used.
type Color string

// The settings, as --color takes them.
const (
	ColorAuto   Color = "auto" // as the terminal and NO_COLOR say
	ColorAlways Color = "always"
	ColorNever  Color = "never"
)

// Options are what [Run] needs. The zero value shows an empty catalogue on the
// process's own terminal.
type Options struct {
	Catalogue []Entry
	// Listing says what the catalogue lists; the zero one lists scenarios.
	Listing Listing
	Open    Opener
	// Start is the ID of the entry to open first, in StartCell if that is set.
	Start     string
	StartCell outcome.Cell
	// Debugger is shown instead of the catalogue, for a session that is no
	// entry of it. The App closes it.
	Debugger Debugger
	// Keys is the keymap, nil for the default one.
	Keys *keymap.Map
	// Notes are sentences about what was made to fit, beside those of the
	// session's own state.
	Notes []string
	// Command returns the command that shows a state again, nil for `shakedown ID`.
	Command func(harness.State) string
	// Unsaved returns what would be lost by quitting, empty if nothing would;
	// nil means that nothing ever is.
	Unsaved func() string
	// Tree returns a step's fields, nil for those of the state's Book.
	Tree func(*dissect.Step) field.Tree

	Color  Color
	Input  io.Reader // nil for stdin
	Output io.Writer // nil for stdout
	// Environ decides about glyphs and colours, nil for the process's own.
	Environ []string
	// Mouse turns the mouse on from the start.
	Mouse bool
	// Size is the width and height to begin with, for an output that is no
	// terminal; unset, the terminal is asked.
	Size [2]int
}

// Run shows the UI until the person quits or ctx ends; signals are for the
// caller to turn into the end of ctx. Whether there is a terminal at all is for
// the caller to find out first.
func Run(ctx context.Context, o Options) error {
	app := New(o)
	defer app.Close()
	_, err := tea.NewProgram(app, o.program(ctx)...).Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (o Options) program(ctx context.Context) []tea.ProgramOption {
	environ := o.environ()
	// Bubble Tea's own signal handler would wait forever to deliver its message
	// where ctx has ended the event loop first, and the terminal stay raw.
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithEnvironment(environ), tea.WithoutSignalHandler()}
	if o.Input != nil {
		options = append(options, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		options = append(options, tea.WithOutput(o.Output))
	}
	if o.Size != [2]int{} {
		options = append(options, tea.WithWindowSize(o.Size[0], o.Size[1]))
	}
	switch o.Color {
	case ColorNever:
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	case ColorAlways:
		options = append(options, tea.WithColorProfile(colorprofile.ANSI))
	}
	return options
}

func (o Options) environ() []string {
	if o.Environ != nil {
		return o.Environ
	}
	return os.Environ()
}

func (o Options) utf8() bool { return theme.UTF8(o.environ()) }
