package main

import (
	"context"
	"io"
	"os"
	"sync"

	"shakedown/harness"
	"shakedown/harness/scenario"
	"shakedown/scenarios"

	"golang.org/x/term"
)

// An app is the command's surroundings: the one door through which terminal,
// environment and engine enter.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// terminal says that a person can be shown a screen: input and output are
	// a terminal.
	terminal func() bool
	// colorful says that this stream is a terminal that may be coloured.
	colorful func(w io.Writer) bool
	getenv   func(string) string
	engine   engine
	// given is everything on the command line that can name a file to read.
	given   []string
	catalog func() ([]*scenario.Scenario, error)
	// screen shows the terminal UI, stepper its line-oriented twin.
	screen  func(ctx context.Context, r screenRequest) error
	stepper func(ctx context.Context, s *harness.Session, in io.Reader, out io.Writer) error
	// captureScreen and captureStepper show what was recorded in a capture.
	captureScreen  func(ctx context.Context, r captureRequest) error
	captureStepper func(ctx context.Context, r captureRequest, in io.Reader, out io.Writer) error
}

// An engine runs handshakes. It is the harness, or a fake in tests.
type engine interface {
	RunSuite(ctx context.Context, list []*scenario.Scenario, o harness.SuiteOptions) (harness.Report, error)
	Connect(ctx context.Context, t harness.Target, o harness.Options) (harness.Result, error)
}

// live is the engine that makes real handshakes.
type live struct{}

func (live) RunSuite(ctx context.Context, list []*scenario.Scenario, o harness.SuiteOptions) (harness.Report, error) {
	return harness.RunSuite(ctx, list, o)
}

func (live) Connect(ctx context.Context, t harness.Target, o harness.Options) (harness.Result, error) {
	return harness.Connect(ctx, t, o)
}

// builtIn returns the built-in scenarios in catalogue order. They are read once.
var builtIn = sync.OnceValues(func() ([]*scenario.Scenario, error) { return scenario.LoadFS(scenarios.FS()) })

// newApp returns the surroundings of the process.
func newApp() *app {
	return &app{
		stdin:    os.Stdin,
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		terminal: func() bool { return isTerminal(os.Stdin) && isTerminal(os.Stdout) },
		colorful: func(w io.Writer) bool { return isTerminal(w) },
		getenv:   os.Getenv,
		engine:   live{},
		catalog:  builtIn,
		screen:   screen,
		stepper:  stepper,

		captureScreen:  captureScreen,
		captureStepper: captureStepper,
	}
}

// isTerminal says that a stream is a terminal that understands more than text.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}
