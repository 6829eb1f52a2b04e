package tuitest

import (
	"slices"
	"sync"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A Play is one connection as a [Fake] plays it: every step in causal order,
// and what both sides and the diagnosis say in the end.
type Play struct {
	Steps          []*dissect.Step
	Version        uint16
	Client, Server transcript.Side
	Diagnosis      diagnose.Diagnosis
	Result         harness.Result
}

// A Fake is a debugger over hand-made plays. Its state changes at once, inside
// the command.
type Fake struct {
	id, title, about string
	plays            map[outcome.Cell]*Play
	cells            []outcome.Cell

	mu       sync.Mutex
	cell     outcome.Cell
	released int // units that were let go
	cursor   int
	points   []harness.Breakpoint
	stopped  string
	closed   bool
	changed  chan struct{}
}

// NewFake returns a debugger for an entry, paused in a cell.
func NewFake(id, title, about string, cells []outcome.Cell, plays map[outcome.Cell]*Play, cell outcome.Cell) *Fake {
	f := &Fake{id: id, title: title, about: about, plays: plays, cells: cells, cell: cell, changed: make(chan struct{}, 1)}
	f.cursor = len(f.visible()) - 1
	return f
}

// Step moves over one recorded step, else releases a unit.
func (f *Fake) Step() {
	f.do(func() {
		if f.cursor < len(f.visible())-1 {
			f.cursor++
			return
		}
		f.release()
	})
}

// Next releases the rest of the flight.
func (f *Fake) Next() {
	f.do(func() {
		from := f.heldFrom()
		for f.heldFrom() == from && !f.ended() {
			f.release()
		}
	})
}

// Continue releases up to a breakpoint.
func (f *Fake) Continue() {
	f.do(func() {
		for !f.ended() {
			f.release()
			if b, ok := f.hit(); ok {
				f.stopped = b.String()
				return
			}
		}
	})
}

// Finish releases everything.
func (f *Fake) Finish() {
	f.do(func() {
		for !f.ended() {
			f.release()
		}
		f.cursor = len(f.visible()) - 1
	})
}

// Back moves one step back.
func (f *Fake) Back() { f.do(func() { f.cursor = max(f.cursor-1, 0) }) }

// Forward moves one step forward over what is recorded.
func (f *Fake) Forward() { f.do(func() { f.cursor = min(f.cursor+1, len(f.visible())-1) }) }

// Restart begins again, in a cell.
func (f *Fake) Restart(c outcome.Cell) {
	f.do(func() {
		f.cell, f.released = c, 0
		f.cursor = len(f.visible()) - 1
	})
}

// SetBreakpoint sets or clears a breakpoint.
func (f *Fake) SetBreakpoint(b harness.Breakpoint, on bool) {
	f.do(func() {
		f.points = slices.DeleteFunc(f.points, func(have harness.Breakpoint) bool { return have == b })
		if on {
			f.points = append(f.points, b)
		}
	})
}

// Changed is signalled after each command.
func (f *Fake) Changed() <-chan struct{} { return f.changed }

// Close ends the session.
func (f *Fake) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}

// Closed says whether Close was called.
func (f *Fake) Closed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

func (f *Fake) do(command func()) {
	f.mu.Lock()
	f.stopped = ""
	command()
	f.mu.Unlock()
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

func (f *Fake) play() *Play { return f.plays[f.cell] }

// units is the number of units in the play.
func (f *Fake) units() int {
	n := 0
	for _, s := range f.play().Steps {
		n = max(n, s.Unit+1)
	}
	return n
}

func (f *Fake) ended() bool { return f.released >= f.units() }

func (f *Fake) release() {
	if !f.ended() {
		f.released++
		f.cursor = len(f.visible()) - 1
	}
}

func (f *Fake) heldFrom() outcome.Role {
	for _, s := range f.play().Steps {
		if s.Unit == f.released {
			return s.From
		}
	}
	return ""
}

func (f *Fake) hit() (harness.Breakpoint, bool) {
	for _, s := range f.play().Steps {
		if s.Unit != f.released {
			continue
		}
		for _, b := range f.points {
			if (b.From == "" || b.From == s.From) && (b.Message == s.Name || b.Message == "alert" && s.Kind == dissect.KindAlert) {
				return b, true
			}
		}
	}
	return harness.Breakpoint{}, false
}

// visible are the steps up to those of the held unit, which are marked held.
func (f *Fake) visible() []*dissect.Step {
	var steps []*dissect.Step
	for _, s := range f.play().Steps {
		if s.Unit > f.released || s.Unit < 0 && f.behindGate(s) {
			break
		}
		if s.Unit == f.released {
			held := *s
			held.Held = true
			s = &held
		}
		steps = append(steps, s)
	}
	return steps
}

// behindGate says whether a local fact comes after a unit that is still held.
func (f *Fake) behindGate(fact *dissect.Step) bool {
	for _, s := range f.play().Steps {
		if s == fact {
			return false
		}
		if s.Unit >= f.released {
			return true
		}
	}
	return false
}

// State returns the session as it stands.
func (f *Fake) State() harness.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.play()
	steps := f.visible()
	s := harness.State{
		ID: f.id, Title: f.title, About: f.about, Cell: f.cell, Cells: f.cells,
		Phase: harness.PhaseHeld, Connection: 1, Connections: 1,
		Timeline: &dissect.Timeline{Transport: f.cell.Transport, Version: p.Version, Steps: steps},
		Cursor:   f.cursor, HeldFrom: f.heldFrom(),
		Breakpoints: slices.Clone(f.points), StoppedBy: f.stopped,
		Client: p.Client, Server: p.Server,
		Disabled: map[harness.Command]string{},
	}
	for _, step := range steps {
		if step.Held {
			s.HeldSteps = append(s.HeldSteps, step)
		}
	}
	if f.cursor <= 0 {
		s.Disabled[harness.CommandBack] = "this is the first step"
	}
	if f.cursor >= len(steps)-1 {
		s.Disabled[harness.CommandForward] = "nothing is recorded behind this step"
	}
	if f.ended() {
		d, r := p.Diagnosis, p.Result
		s.Phase, s.HeldFrom, s.Diagnosis, s.Result = harness.PhaseEnded, "", &d, &r
		for _, c := range []harness.Command{harness.CommandStep, harness.CommandNext, harness.CommandContinue, harness.CommandFinish} {
			s.Disabled[c] = "the connection ended, r restarts"
		}
		if f.cursor < len(steps)-1 {
			delete(s.Disabled, harness.CommandStep)
		}
		return s
	}
	// What a side reports is known once its facts are on the timeline.
	s.Client.Outcome, s.Server.Outcome = soFar(steps, p.Client.Outcome, outcome.Client), soFar(steps, p.Server.Outcome, outcome.Server)
	return s
}

// soFar is a side's outcome as far as its facts tell it.
func soFar(steps []*dissect.Step, final outcome.Outcome, r outcome.Role) outcome.Outcome {
	o := outcome.Outcome{Role: r, Known: final.Known}
	for _, s := range steps {
		if s.Fact == nil || s.Fact.Side != r {
			continue
		}
		switch s.Fact.Kind {
		case transcript.HandshakeComplete:
			o.Complete = true
		case transcript.HandshakeFailed:
			o.Handshake = final.Handshake
		case transcript.LateError:
			o.Late = final.Late
		}
	}
	return o
}
