// Package plain is the line-oriented stepper: for screen readers, for pipes,
// and for people who like a prompt.
//
// [Run] writes one sentence for each event and reads commands typed as in a
// debugger. It draws no boxes, moves no cursor and uses no colour.
package plain

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"shakedown/harness"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/tui"
	"shakedown/tui/pane"
	"shakedown/tui/timeline"
	"shakedown/tui/verdict"
)

// Options are what [Run] may be told. The zero value runs to the end without
// reading anything.
type Options struct {
	// Interactive says that a person types: commands are read, and a prompt is
	// written. Without it the handshake runs to its end.
	Interactive bool
	// Scripted says that the commands come from a pipe or a file: there is no
	// prompt, and where they end without quit, the handshake runs to its end.
	Scripted bool
	// Tree returns a step's fields, nil for those of the state's Book.
	Tree func(*dissect.Step) field.Tree
}

// Run steps through a session until the end of the input, quit, or the end of
// ctx. It closes nothing.
func Run(ctx context.Context, dbg tui.Debugger, in io.Reader, out io.Writer, o Options) error {
	s := newStepper(out, o)
	s.begin(dbg)
	if err := s.settle(ctx, func(harness.State) bool { return true }); err != nil {
		return err
	}
	s.greet()
	if !o.Interactive || in == nil {
		return s.toTheEnd(ctx)
	}
	s.tell()
	return s.prompt(ctx, in)
}

// A stepper is one run.
type stepper struct {
	dbg   tui.Debugger // nil while none of a recording's connections is chosen
	file  *Recording   // nil for a session that is of no file
	out   *bufio.Writer
	o     Options
	state harness.State
	told  int  // steps that were told as delivered
	ended bool // the verdict was told
	// settled says that it was told who refused, before the end.
	settled bool
	last    int // the connection that was told of last
	// running says that nobody is asked before the end: what is held on the
	// way is of no interest.
	running bool
	// commanded says that a command was carried out on the session.
	commanded bool
	err       error
}

// begin takes another session, of which nothing was told.
func (s *stepper) begin(dbg tui.Debugger) {
	s.dbg, s.state = dbg, harness.State{}
	s.told, s.ended, s.settled, s.last, s.commanded = 0, false, false, 0, false
}

// prompt reads commands and carries them out. An empty line repeats the last one.
func (s *stepper) prompt(ctx context.Context, in io.Reader) error {
	lines := make(chan string)
	go func() {
		// This outlives Run if ctx ends while a person thinks: a read from a
		// terminal cannot be called off.
		defer close(lines)
		scanner := bufio.NewScanner(in)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	last := ""
	for {
		if !s.o.Scripted {
			s.print("> ")
		}
		if err := s.flush(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, ok := <-lines:
			if !ok && s.o.Scripted {
				return s.scriptEnds(ctx)
			}
			if !ok {
				s.say("")
				return s.flush()
			}
			if line = strings.TrimSpace(line); line == "" {
				line = last
			}
			last = line
			if quit, err := s.command(ctx, line); quit || err != nil {
				return firstError(err, s.flush())
			}
		}
	}
}

// scriptEnds is what happens where the commands of a script end without quit: a
// handshake runs to its end, and a recording of which nothing was asked is told
// as a whole.
func (s *stepper) scriptEnds(ctx context.Context) error {
	if s.dbg == nil || s.state.Recording != nil && s.commanded {
		return s.flush()
	}
	return s.toTheEnd(ctx)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// toTheEnd runs every connection to its end and tells all of it. Breakpoints
// do not stop it.
func (s *stepper) toTheEnd(ctx context.Context) error {
	if s.state.Recording != nil {
		return s.whole()
	}
	s.running = true
	defer func() { s.running = false }()
	for {
		if s.state.Phase != harness.PhaseEnded && s.state.Err == nil {
			if s.state.Connections > 1 {
				// Finish would go on to the next connection before this one was told.
				s.dbg.Next()
			} else {
				s.dbg.Finish()
			}
			before := s.state
			if err := s.settle(ctx, func(now harness.State) bool {
				return over(now) || now.Connections > 1 && differs(before, now)
			}); err != nil {
				return firstError(s.flush(), err)
			}
		}
		s.tell()
		switch {
		case s.state.Err != nil, s.state.Phase == harness.PhaseEnded && s.state.Connection >= s.state.Connections:
			return s.flush()
		case s.state.Phase == harness.PhaseEnded:
			last := s.state.Connection
			s.dbg.Step()
			if err := s.settle(ctx, func(now harness.State) bool { return now.Connection != last || now.Err != nil }); err != nil {
				return firstError(s.flush(), err)
			}
			if s.state.Connection == last {
				return s.flush()
			}
		}
	}
}

// over says that a connection has ended and all is known of it. Of the last
// one that includes the result.
func over(s harness.State) bool {
	return s.Err != nil || s.Phase == harness.PhaseEnded && (s.Result != nil || s.Connection < s.Connections)
}

// A settler is a debugger that can say when both sides have come to rest:
// facts may still arrive while a unit is held.
type settler interface {
	Settle(ctx context.Context, atMost time.Duration)
}

// grace is how long a command may take to show any effect at all. Most take
// effect at once; one that has none must not leave the prompt away forever.
const grace = 2 * time.Second

// settle waits until the session stands still and done says that the command
// has had its effect.
func (s *stepper) settle(ctx context.Context, done func(harness.State) bool) error {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	for {
		if d, ok := s.dbg.(settler); ok {
			d.Settle(ctx, grace)
		}
		s.state = s.dbg.State()
		still := s.state.Err != nil || s.state.Phase == harness.PhaseHeld || s.state.Phase == harness.PhaseEnded
		if still && done(s.state) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case _, ok := <-s.dbg.Changed():
			if !ok {
				s.state = s.dbg.State()
				return nil
			}
			timer.Reset(grace)
		case <-timer.C:
			if still {
				return nil
			}
			timer.Reset(grace) // while it runs, the session's own deadline decides
		}
	}
}

// differs says whether a command has had an effect.
func differs(a, b harness.State) bool {
	return a.Phase != b.Phase || a.Cursor != b.Cursor || a.Cell != b.Cell || a.Connection != b.Connection ||
		len(steps(a)) != len(steps(b)) || a.Queued != b.Queued || heldUnit(a) != heldUnit(b)
}

// heldUnit is the unit at the gate, -1 if there is none.
func heldUnit(s harness.State) int {
	if len(s.HeldSteps) == 0 {
		return -1
	}
	return s.HeldSteps[0].Unit
}

func steps(s harness.State) []*dissect.Step {
	if s.Timeline == nil {
		return nil
	}
	return s.Timeline.Steps
}

// greet says what is open.
func (s *stepper) greet() {
	st := s.state
	over := string(st.Cell.Transport)
	if st.Cell.TLS != "" {
		over += ", TLS " + st.Cell.TLS
	}
	if st.Recording != nil {
		over += ", " + named(st)
	}
	s.say("%s, %s.", st.ID, over)
	if st.Title != "" {
		s.say("%s", spoken(titled(st.Title)))
	}
	for _, n := range st.Notes {
		if st.Recording == nil { // else the verdict, which follows, has them
			s.say("note: %s", n)
		}
	}
	if s.o.Interactive && !s.o.Scripted && s.file == nil {
		s.say("Type step, next, continue or finish; help lists the commands.")
	}
}

// tell says what happened since the last time, what is held now, and once it
// ended, the verdict.
func (s *stepper) tell() {
	if s.state.Recording != nil {
		s.recorded()
		return
	}
	all := steps(s.state)
	if s.state.Connection != s.last {
		s.told, s.ended, s.settled, s.last = 0, false, false, s.state.Connection
		if s.state.Connections > 1 {
			s.say("connection %d of %d", s.state.Connection, s.state.Connections)
		}
	}
	s.told = min(s.told, len(all))
	for s.told < len(all) && !all[s.told].Held {
		s.say("%s", sentence(all[s.told]))
		s.told++
	}
	if s.state.StoppedBy != "" {
		s.say("stopped by the breakpoint %s", s.state.StoppedBy)
	}
	s.decision()
	if s.state.Phase == harness.PhaseHeld && s.o.Interactive && !s.running {
		for _, h := range s.state.HeldSteps {
			s.say("held, from the %s: %s", h.From, h.Name)
		}
	}
	ended := s.state.Phase == harness.PhaseEnded || s.state.Err != nil
	if ended && !s.ended {
		s.verdict()
	}
	s.ended = ended
}

// decision says once who has refused, while the other side does not know it yet.
func (s *stepper) decision() {
	if _, settled := pane.Decision(s.state); !settled || s.settled || s.state.Phase == harness.PhaseEnded || s.running {
		return
	}
	s.settled = true
	for _, st := range verdict.Statements(s.state) {
		if st.Head == "verdict" {
			s.say("%s: %s", st.Head, st.Text)
		}
	}
}

// verdict says how it ended, and why.
func (s *stepper) verdict() {
	if d := s.state.Diagnosis; d != nil {
		text := "outcome: " + cmp.Or(string(d.Outcome), "undecided")
		if d.RefusedBy != "" {
			text += " by the " + string(d.RefusedBy)
		}
		if d.Side != "" {
			text += ", the " + string(d.Side)
		}
		if d.At != "" {
			text += ", at " + d.At
		}
		s.say("%s", text)
	}
	for _, st := range verdict.Statements(s.state) {
		text := st.Head + ": " + spoken(st.Text)
		if where := st.Where(); where != "" {
			text += ", " + where
		}
		s.say("%s", text)
	}
}

// sentence is a step as a person says it: no glyph separates its parts.
func sentence(s *dissect.Step) string { return spoken(timeline.Sentence(s)) }

// spoken returns text with words for its glyphs, which a screen reader leaves
// out or spells.
func spoken(text string) string { return glyphs.Replace(text) }

var glyphs = strings.NewReplacer(" · ", ", ", " ← ", ", issued by ", " → ", " to ", "✗ ", "problem: ", "✓ ", "", "…", "...")

// say writes a line, escaped: it can hold text from a peer.
func (s *stepper) say(format string, args ...any) {
	s.print(field.Printable(fmt.Sprintf(format, args...)) + "\n")
}

func (s *stepper) print(text string) {
	if s.err == nil {
		_, s.err = s.out.WriteString(text)
	}
}

func (s *stepper) flush() error { return firstError(s.err, s.out.Flush()) }
