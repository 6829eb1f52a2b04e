package plain

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"shakedown/harness"
	"shakedown/tui"
	"shakedown/tui/pane"
)

// A Recording is a file of recorded connections, of which one at a time is
// stepped through.
type Recording struct {
	// Name is what the file is known by.
	Name string
	// Connections are those that it holds, by number.
	Connections []tui.Connection
	// Open opens the connection of that number.
	Open func(number int) (tui.Debugger, error)
	// Notes are sentences about what the file lacks.
	Notes []string
	// Start is the number of the connection to open first, 0 to ask.
	Start int
}

// RunRecording lists the connections of a recording, asks which one is meant,
// and steps through it; then through others, until quit, the end of the input,
// or the end of ctx. Without anybody to ask it lists them all.
func RunRecording(ctx context.Context, r Recording, in io.Reader, out io.Writer, o Options) error {
	s := newStepper(out, o)
	s.file = &r
	defer s.leave()
	s.say("%s, a recording of %s.", r.Name, countOf(len(r.Connections)))
	for _, n := range r.Notes {
		s.say("note: %s", n)
	}
	asks := o.Interactive && in != nil
	switch {
	case r.Start > 0:
		if err := s.start(ctx, asks); err != nil {
			return firstError(s.flush(), err)
		}
	case asks:
		s.connections(nil)
		if !o.Scripted {
			s.say("Which one? Type connection and its number; help lists the commands.")
		}
	default:
		s.listed(r.Connections, len(r.Connections))
	}
	if !asks {
		return s.flush()
	}
	return s.prompt(ctx, in)
}

// start opens the connection that was asked for from the beginning. Without
// anybody to ask, all of it is told.
func (s *stepper) start(ctx context.Context, asks bool) error {
	dbg, err := s.file.Open(s.file.Start)
	if err != nil {
		return err
	}
	s.begin(dbg)
	if err := s.settle(ctx, func(harness.State) bool { return true }); err != nil {
		return err
	}
	s.greet()
	if !asks {
		return s.whole()
	}
	s.tell()
	return nil
}

func countOf(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return pane.Thousands(n) + " connections"
}

// aPage is how many connections are listed where nobody asked for all of them.
const aPage = 40

// connections lists the connections in which every word occurs. Of many it
// lists those first that did not succeed.
func (s *stepper) connections(words []string) {
	var list []tui.Connection
	for _, c := range s.file.Connections {
		if mentions(c, words) {
			list = append(list, c)
		}
	}
	if len(words) == 0 && len(list) > aPage {
		if failed := failures(list); len(failed) > 0 {
			s.say("%s did not succeed:", countOf(len(failed)))
			list = failed
		}
	}
	s.listed(list, aPage)
	if len(list) == 0 {
		s.say("no connection mentions %s", strings.Join(words, " "))
	}
}

func (s *stepper) listed(list []tui.Connection, most int) {
	for _, c := range list[:min(len(list), most)] {
		s.say("%s", c.Sentence())
	}
	if more := len(list) - most; more > 0 {
		s.say("and %s more; connections and a word lists those that mention it", pane.Thousands(more))
	}
}

func mentions(c tui.Connection, words []string) bool {
	text := strings.ToLower(c.Sentence())
	for _, w := range words {
		if !strings.Contains(text, strings.ToLower(w)) {
			return false
		}
	}
	return true
}

func failures(list []tui.Connection) []tui.Connection {
	var failed []tui.Connection
	for _, c := range list {
		if c.Failed() {
			failed = append(failed, c)
		}
	}
	return failed
}

// connection opens the connection of that number.
func (s *stepper) connection(ctx context.Context, args []string) error {
	if len(args) != 1 {
		s.say("connection: which one? for example: connection 1")
		return nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		s.say("connection: %q is no number", args[0])
		return nil
	}
	dbg, err := s.file.Open(n)
	if err != nil {
		s.say("connection %d: %v", n, err)
		return nil
	}
	s.leave()
	s.begin(dbg)
	s.commanded = true
	if err := s.settle(ctx, func(harness.State) bool { return true }); err != nil {
		return err
	}
	s.greet()
	s.tell()
	return nil
}

// leave closes the connection that is open, if this stepper opened one.
func (s *stepper) leave() {
	if s.file != nil && s.dbg != nil {
		s.dbg.Close()
	}
	s.dbg = nil
}

// recorded tells a connection of which all is known from the beginning: how it
// ended, and where one looks first.
func (s *stepper) recorded() {
	s.last = s.state.Connection
	s.say("%s; list lists them.", pluralSteps(len(steps(s.state))))
	s.verdict()
	s.ended = true
	s.here()
}

func pluralSteps(n int) string {
	if n == 1 {
		return "1 step is recorded"
	}
	return fmt.Sprintf("%s steps are recorded", pane.Thousands(n))
}

// here says which step the replay stands at.
func (s *stepper) here() {
	if at := s.state.Cursor; at >= 0 && at < len(steps(s.state)) {
		s.say("at %s", sentence(steps(s.state)[at]))
	}
}

// passed tells the steps of a recording that a command went over.
func (s *stepper) passed(before harness.State) {
	from := before.Cursor + 1
	if s.state.Connection != before.Connection {
		from = max(s.state.Cursor, 0)
		if s.state.Connection > before.Connection {
			from = 0
		}
		s.say("connection %d of %d", s.state.Connection, s.state.Connections)
	}
	for i := from; i < s.state.Cursor; i++ {
		s.say("%s", sentence(steps(s.state)[i]))
	}
	if s.state.StoppedBy != "" {
		s.say("stopped by the breakpoint %s", s.state.StoppedBy)
	}
	s.here()
}

// whole tells every connection of a recording from its first step to its verdict.
func (s *stepper) whole() error {
	s.dbg.Restart(s.state.Cell)
	for {
		s.state = s.dbg.State()
		if s.state.Connections > 1 {
			s.say("connection %d of %d", s.state.Connection, s.state.Connections)
		}
		for _, step := range steps(s.state) {
			s.say("%s", sentence(step))
		}
		s.verdict()
		last := s.state.Connection
		for s.state.Connection == last {
			if _, off := s.state.Disabled[harness.CommandStep]; off {
				return s.flush()
			}
			s.dbg.Step()
			s.state = s.dbg.State()
		}
	}
}

// newStepper returns a stepper that nothing is open in.
func newStepper(out io.Writer, o Options) *stepper {
	return &stepper{out: bufio.NewWriter(out), o: o}
}

// named is a recording's place in its file, in words.
func named(s harness.State) string {
	r := *s.Recording
	if r.Of <= 1 {
		return "a recording"
	}
	return fmt.Sprintf("recording, connection %d of %s", r.Number, pane.Thousands(r.Of))
}

// titled ends a title as a sentence.
func titled(text string) string { return strings.TrimSuffix(text, ".") + "." }
