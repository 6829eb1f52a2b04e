package harness

import (
	"slices"
	"strings"
	"sync"

	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A Recording is what a [Replay] goes through: the connections of one run, all
// of them over.
type Recording struct {
	// ID is what the recording is known by, such as its file's name; Title and
	// About say in a sentence, and in more of them, what it holds.
	ID, Title, About string
	// Connections are in the order in which they were made.
	Connections []*Connection
	// Result is what came of them, nil where nobody asked.
	Result *Result
	// Numbers are those of the connections in their file, and Of is how many the
	// file holds. Without them these are all, numbered from 1.
	Numbers []int
	Of      int
	// Begin is the number of the connection to open on, 0 for the first that did
	// not succeed.
	Begin int
	// Notes are sentences about what the recording lacks.
	Notes []string
}

// A Replay is a recording under the debugger. It takes the commands of a
// [Session] and gives its states, but nothing is held and nothing moves by
// itself: every command moves the cursor over what is recorded, at once.
//
// It opens where a person looks first: at the step that refused, or else ended,
// a handshake that did not succeed; any other is read from its beginning.
//
// A Replay is safe for concurrent use.
type Replay struct {
	recording Recording
	changed   chan struct{}

	mu          sync.Mutex
	at          int // index of the connection
	cursor      int // of its step, -1 where it has none
	breakpoints []Breakpoint
	stoppedBy   string
}

// NewReplay opens a recording of at least one connection.
func NewReplay(r Recording) *Replay {
	if len(r.Numbers) != len(r.Connections) {
		r.Numbers = nil
		for n := range r.Connections {
			r.Numbers = append(r.Numbers, n+1)
		}
	}
	r.Connections = withBooks(r.Connections)
	p := &Replay{recording: r, changed: make(chan struct{}, 1)}
	if p.at = slices.Index(r.Numbers, r.Begin); p.at < 0 {
		p.at = max(slices.IndexFunc(r.Connections, (*Connection).failed), 0)
	}
	p.cursor = p.first()
	if p.connection().failed() {
		p.cursor = newest(p.steps(), p.connection())
	}
	return p
}

// withBooks gives each connection of a run that has none a Book, which goes back
// to those of the connections before it.
func withBooks(run []*Connection) []*Connection {
	run = slices.Clone(run)
	for i, c := range run {
		if c.Book == nil {
			own := *c
			own.Book = crossref.New(crossref.Input{Timeline: c.Timeline, Transcript: c.Transcript, Before: books(run[:i])})
			run[i] = &own
		}
	}
	return run
}

// Changed is signalled after each command. Signals merge.
func (p *Replay) Changed() <-chan struct{} { return p.changed }

// Close does nothing: a recording holds nothing that must be given back.
func (p *Replay) Close() {}

// Step moves one step on, and from the last one to the next connection.
func (p *Replay) Step() { p.do(CommandStep, p.on) }

// Next moves on to the first step of the next flight.
func (p *Replay) Next() { p.do(CommandNext, p.on) }

// Forward moves one step on, as Step does: nothing is there to be released.
func (p *Replay) Forward() { p.do(CommandForward, p.on) }

// Continue moves on to a step with a breakpoint, else to the step that ended
// the connection, else to its last one.
func (p *Replay) Continue() { p.do(CommandContinue, p.toBreakpoint) }

// Finish moves to the end of the last connection, whatever breakpoints there are.
func (p *Replay) Finish() {
	p.do(CommandFinish, func(Command) {
		if last := len(p.recording.Connections) - 1; p.at != last {
			p.at, p.cursor = last, -1
		}
		p.toEnd()
	})
}

// Back moves one step back, and from the first one to the connection before.
func (p *Replay) Back() {
	p.do(CommandBack, func(Command) {
		if p.cursor > 0 {
			p.cursor--
			return
		}
		p.at--
		p.cursor = len(p.steps()) - 1
	})
}

// Restart moves to the first step of the first connection. The cell is of no
// account: what is recorded cannot be run in another.
func (p *Replay) Restart(outcome.Cell) {
	p.do(CommandRestart, func(Command) {
		p.at = 0
		p.cursor = p.first()
	})
}

// SetBreakpoint sets a breakpoint, or takes it away.
func (p *Replay) SetBreakpoint(b Breakpoint, on bool) {
	p.mu.Lock()
	p.breakpoints = withBreakpoint(p.breakpoints, b, on)
	p.mu.Unlock()
	wake(p.changed)
}

// do carries out a command, unless it cannot be used now.
func (p *Replay) do(c Command, move func(Command)) {
	p.mu.Lock()
	if _, off := p.disabled()[c]; !off {
		p.stoppedBy = ""
		move(c)
	}
	p.mu.Unlock()
	wake(p.changed)
}

// on moves over recorded steps, and behind the last of them to the first of the
// next connection.
func (p *Replay) on(c Command) {
	if steps := p.steps(); p.cursor < len(steps)-1 {
		p.cursor = onward(c, steps, p.cursor)
		return
	}
	p.at++
	p.cursor = p.first()
}

func (p *Replay) toBreakpoint(c Command) {
	steps := p.steps()
	if p.cursor >= len(steps)-1 {
		p.on(c)
		return
	}
	for i := p.cursor + 1; i < len(steps); i++ {
		if b, hit := firstHit(p.breakpoints, steps[i:i+1]); hit {
			p.cursor, p.stoppedBy = i, b.String()
			return
		}
	}
	p.toEnd()
}

// toEnd moves to the step that ended the connection, or to its last one if the
// cursor has come as far as that.
func (p *Replay) toEnd() {
	steps := p.steps()
	end := newest(steps, p.connection())
	if end <= p.cursor {
		end = len(steps) - 1
	}
	p.cursor = end
}

// failed says that the handshake is known not to have succeeded, or thought not to.
func (c *Connection) failed() bool {
	d := c.Diagnosis
	if d.Outcome == diagnose.Unknown {
		return d.Likely != nil && d.Likely.Outcome != diagnose.Established
	}
	return d.Outcome != diagnose.Established
}

func (p *Replay) connection() *Connection { return p.recording.Connections[p.at] }

func (p *Replay) steps() []*dissect.Step { return p.connection().Timeline.Steps }

// first is the cursor's place at the beginning of a connection.
func (p *Replay) first() int { return min(0, len(p.steps())-1) }

// disabled says, for each command that cannot be used now, why not.
func (p *Replay) disabled() map[Command]string {
	why := map[Command]string{CommandSwitch: "this is a recording: nothing can be changed"}
	if p.at == 0 && p.cursor <= 0 {
		why[CommandBack] = "this is the first step"
	}
	if p.at == len(p.recording.Connections)-1 && p.cursor >= len(p.steps())-1 {
		for _, c := range []Command{CommandStep, CommandNext, CommandContinue, CommandFinish, CommandForward} {
			why[c] = "this is the last step of the recording"
		}
	}
	return why
}

// State returns a snapshot of the replay.
func (p *Replay) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.recording
	cell := cellOf(p.connection())
	state := State{
		ID: r.ID, Title: r.Title, About: r.About, Notes: slices.Clone(r.Notes),
		Cell: cell, Cells: []outcome.Cell{cell},
		Connection: p.at + 1, Connections: len(r.Connections),
		Recording: &RecordingPlace{Number: r.Numbers[p.at], Of: max(r.Of, len(r.Connections))},
		Cursor:    p.cursor, Breakpoints: slices.Clone(p.breakpoints), StoppedBy: p.stoppedBy,
		Result: r.Result, Disabled: p.disabled(),
	}
	p.connection().show(&state)
	return state
}

// cellOf is the cell that a recorded connection ran in. Its version is empty
// where the recording does not tell.
func cellOf(c *Connection) outcome.Cell {
	cell := outcome.Cell{Transport: c.Transcript.Transport}
	switch {
	case cell.Transport == outcome.QUIC:
		cell.TLS = "1.3" // RFC 9001 4.2
	case c.Timeline.Version != 0:
		cell.TLS = strings.TrimPrefix(tlswire.VersionName(c.Timeline.Version), "TLS ")
	}
	return cell
}
