package harness

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// A Session is one cell of a scenario under the debugger. Its commands return
// at once; the state changes as the wire moves, and [Session.Changed] says so.
// Stepping is live: nothing behind the held unit has reached the other side.
//
// A Session is safe for concurrent use. [Session.Close] ends it and everything
// that it started.
type Session struct {
	parent  context.Context
	options Options
	subject subject
	changed chan struct{}

	restarting  sync.Mutex // one Restart at a time; taken before mu
	mu          sync.Mutex
	run         *sessionRun
	breakpoints []Breakpoint
	closed      bool
}

// A subject is what a session debugs: a scenario, or a live peer.
type subject interface {
	// describe fills in what a screen says of it.
	describe(*State)
	// play runs it once with the session's hooks, and returns what came of it.
	play(context.Context, outcome.Cell, Options, hooks) ([]*Connection, Result, error)
	// connects is how many connections it makes.
	connects() int
}

// hooks are how a session follows a play.
type hooks struct {
	opened  func(*link.Link)
	changed func()
	between func(context.Context, *Connection) error
	// left says whether the person has left, and returns the recording as it was
	// then, nil if there was none: how the two ends break off is nothing that
	// they saw.
	left func() (*transcript.Transcript, bool)
}

// A sessionRun is one start of a session, from its first connection to its last.
type sessionRun struct {
	cell   outcome.Cell
	cancel context.CancelFunc
	done   chan struct{}
	wake   chan struct{}
	resume chan struct{} // the person goes on to the next connection

	// All below is guarded by Session.mu.
	link   *link.Link
	driver driver
	cursor int
	follow bool // the cursor stays at the newest step
	number int  // of the connection, from 1
	ended  *Connection
	left   bool
	saw    *transcript.Transcript // when they left
	// earlier are the connections before the one under way.
	earlier []*Connection
	result  *Result
	err     error
}

// OpenSession starts a scenario in one cell, held at its first unit.
func OpenSession(ctx context.Context, sc *scenario.Scenario, cell outcome.Cell, o Options) (*Session, error) {
	if !slices.Contains(sc.Cells, cell) {
		return nil, fmt.Errorf("%s has no cell %s", sc.ID, cell)
	}
	ready, err := newStage(sc, o.now(), o.Also)
	if err != nil {
		return nil, err
	}
	return openSession(ctx, ready, cell, o), nil
}

func openSession(ctx context.Context, of subject, cell outcome.Cell, o Options) *Session {
	o.Hold = true
	s := &Session{parent: ctx, options: o, subject: of, changed: make(chan struct{}, 1)}
	s.start(cell)
	return s
}

// Changed is signalled after each change of the state. Signals merge.
func (s *Session) Changed() <-chan struct{} { return s.changed }

func (s *Session) signal() { wake(s.changed) }

// wake signals a channel that holds one signal. It never blocks.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// start begins a run. No run is under way.
func (s *Session) start(cell outcome.Cell) {
	ctx, cancel := context.WithCancel(s.parent)
	r := &sessionRun{
		cell: cell, cancel: cancel, done: make(chan struct{}), wake: make(chan struct{}, 1), resume: make(chan struct{}, 1),
		driver: newDriver(), cursor: -1, follow: true,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		cancel()
		close(r.done)
		return
	}
	s.run = r
	go s.drive(ctx, r)
	go s.play(ctx, r)
}

// play runs the subject to its end and keeps what came of it.
func (s *Session) play(ctx context.Context, r *sessionRun) {
	defer close(r.done)
	connections, result, err := s.protect(func() ([]*Connection, Result, error) {
		return s.subject.play(ctx, r.cell, s.options, hooks{
			opened:  func(l *link.Link) { s.opened(r, l) },
			changed: func() { wake(r.wake) },
			between: func(ctx context.Context, c *Connection) error { return s.between(ctx, r, c) },
			left:    func() (*transcript.Transcript, bool) { return s.left(r) },
		})
	})
	s.mu.Lock()
	if len(connections) > 0 {
		r.ended = connections[len(connections)-1]
	}
	if r.result = &result; !errors.Is(err, context.Canceled) {
		r.err = err
	}
	s.mu.Unlock()
	s.options.record(result, connections)
	s.signal()
}

// protect turns a panic into an error, so that it never wrecks the terminal.
func (s *Session) protect(play func() ([]*Connection, Result, error)) (c []*Connection, r Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the engine panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return play()
}

// opened is called when a connection's link is there, before its first byte.
func (s *Session) opened(r *sessionRun, l *link.Link) {
	s.mu.Lock()
	r.link, r.ended = l, nil
	r.number++
	r.cursor, r.follow = -1, true
	if !r.driver.goesOn() {
		r.driver = newDriver()
	}
	s.mu.Unlock()
	s.signal()
}

// between waits, after a connection that is not the last, for the person.
func (s *Session) between(ctx context.Context, r *sessionRun, c *Connection) error {
	s.mu.Lock()
	r.ended, r.earlier = c, append(r.earlier, c)
	goesOn := r.driver.order == CommandFinish
	select { // a second command while the last connection was set up asked for nothing
	case <-r.resume:
	default:
	}
	s.mu.Unlock()
	s.signal()
	if goesOn {
		return nil
	}
	select {
	case <-r.resume:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drive releases units as the command in force asks, whenever the link changed.
func (s *Session) drive(ctx context.Context, r *sessionRun) {
	for {
		select {
		case <-r.wake:
			for s.release(r) {
			}
			s.signal()
		case <-ctx.Done():
			return
		}
	}
}

// release lets the unit at the gate go if the command in force says so.
func (s *Session) release(r *sessionRun) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.link == nil {
		return false
	}
	head, ok := r.link.Head()
	if !ok || !r.driver.releases(head.Unit, head.From, head.Steps, s.breakpoints) {
		return false
	}
	r.link.Release()
	return true
}

// SetBreakpoint sets a breakpoint, or takes it away.
func (s *Session) SetBreakpoint(b Breakpoint, on bool) {
	s.mu.Lock()
	s.breakpoints = withBreakpoint(s.breakpoints, b, on)
	s.mu.Unlock()
	s.signal()
}

// Restart ends the run and begins a new one in that cell, with the same
// certificates and clock. The zero cell means the present one. A cell that the
// subject does not have is left alone.
func (s *Session) Restart(cell outcome.Cell) {
	s.restarting.Lock()
	defer s.restarting.Unlock()
	var state State
	s.subject.describe(&state)
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if cell == (outcome.Cell{}) {
		cell = r.cell
	}
	if !slices.Contains(state.Cells, cell) {
		return
	}
	s.end(r)
	s.start(cell)
	s.signal()
}

// end ends a run, and keeps the connection under way as it is now.
func (s *Session) end(r *sessionRun) {
	s.mu.Lock()
	if r.left = true; r.link != nil && r.ended == nil && r.result == nil {
		r.saw = ended(r.link)
	}
	s.mu.Unlock()
	r.cancel()
	<-r.done
}

func (s *Session) left(r *sessionRun) (*transcript.Transcript, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.saw, r.left
}

// Close ends the session and waits until nothing of it is left.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	r := s.run
	s.mu.Unlock()
	s.end(r)
}

// Settle waits until nothing will move by itself: a unit is held and both sides
// wait, or the connection has ended. It is for those who show the state once
// and then ask a person, such as a line-oriented stepper. It waits at most that
// long.
func (s *Session) Settle(ctx context.Context, atMost time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !s.settled() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Session) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.run
	if r.ended != nil || r.result != nil {
		return true
	}
	if r.link == nil || len(r.wake) > 0 {
		return false
	}
	_, held := r.link.Head()
	return held && r.driver.order != CommandFinish && r.link.Settled(20*time.Millisecond)
}
