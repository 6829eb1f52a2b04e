package tui

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// A session is the open debugger and what it was last seen to be.
type session struct {
	Debugger
	// entry is the ID of the catalogue's entry that was opened, empty for none.
	entry string
	state harness.State
	// happening is how it ends, once that is settled.
	happening diagnose.Happening
	settled   bool
	// restarting says that a restart is under way: it waits for the old run.
	restarting bool
	done       chan struct{}
	once       sync.Once
}

// changed says that a session's state changed.
type changed struct{ s *session }

// opened is what came of opening an entry.
type opened struct {
	id  string
	dbg Debugger
	err error
}

// wait returns the command that reads the session's next change.
func (s *session) wait() tea.Cmd {
	events, done := s.Changed(), s.done
	return func() tea.Msg {
		select {
		case _, ok := <-events:
			if ok {
				return changed{s}
			}
		case <-done:
		}
		return nil
	}
}

func (s *session) close() {
	s.once.Do(func() {
		close(s.done)
		s.Close()
	})
}

// open begins to open a catalogue entry.
func (a *App) open(id string) tea.Cmd {
	e, ok := a.catalog.Find(id)
	if !ok {
		a.say(theme.Bad, fmt.Sprintf("there is no %s %q", a.o.Listing.One, field.Printable(id)))
		return nil
	}
	if a.o.Open == nil || a.opening != "" {
		return nil
	}
	a.opening = id
	open, cell := a.o.Open, e.Nearest(a.cell)
	return func() tea.Msg {
		dbg, err := open(id, cell)
		return opened{id, dbg, err}
	}
}

// opened shows the session, unless the person went elsewhere meanwhile.
func (a *App) opened(msg opened) tea.Cmd {
	wanted := a.opening == msg.id
	if wanted {
		a.opening = ""
	}
	switch {
	case msg.err != nil && wanted:
		a.say(theme.Bad, field.Printable(msg.err.Error()))
		return nil
	case msg.err != nil:
		return nil
	case !wanted:
		return func() tea.Msg { msg.dbg.Close(); return nil }
	}
	a.attach(msg.dbg)
	a.session.entry = msg.id
	return a.session.wait()
}

// attach shows a session.
func (a *App) attach(d Debugger) {
	a.session = &session{Debugger: d, done: make(chan struct{})}
	a.search, a.kept, a.zoomed = nil, a.search, false
	a.refresh()
	a.setFocus(keymap.OnHandshake)
	a.bringForward(a.session.state.Diagnosis != nil)
}

// leave closes the session and goes back to the catalogue.
func (a *App) leave() tea.Cmd {
	s := a.session
	a.session, a.runTo = nil, nil
	a.search, a.kept, a.zoomed = a.kept, nil, false
	a.catalog.Show(cmp.Or(s.entry, s.state.ID))
	a.describe()
	a.setFocus(a.o.Listing.List)
	return func() tea.Msg { s.close(); return nil }
}

// Close closes the open session, if there is one. Call it after the program ended.
func (a *App) Close() {
	if a.session != nil {
		a.session.close()
	}
}

// changed takes over a session's new state, and waits for the next.
func (a *App) changed(msg changed) tea.Cmd {
	if msg.s != a.session {
		return nil
	}
	before := a.session.state
	a.refresh()
	s := a.session.state
	if s.StoppedBy != "" && (s.Cursor != before.Cursor || before.StoppedBy != s.StoppedBy) {
		a.say(theme.Warn, "stopped by the breakpoint "+s.StoppedBy)
	}
	a.bringForward((before.Diagnosis == nil) != (s.Diagnosis == nil))
	if s.Recording != nil && s.Cursor != before.Cursor {
		a.follow() // what is stepped over is asked for, not why it ended
	}
	if a.runTo != nil && s.Cell == *a.runTo && s.Phase == harness.PhaseHeld {
		a.runTo = nil
		a.session.Finish()
	}
	return a.session.wait()
}

// bringForward puts, of the panes that share a slot, the one on top that
// answers the question of the moment: why, once it has ended, and what, while
// it is stepped. It leaves alone a pane that the person has gone to.
func (a *App) bringForward(turned bool) {
	if !turned || a.focus != keymap.OnHandshake {
		return
	}
	a.detail, a.lower = keymap.OnStep, keymap.OnSides
	if a.session.state.Diagnosis != nil {
		a.detail = keymap.OnSides
	}
	a.layout()
}

// refresh shows the session's state in every pane.
func (a *App) refresh() {
	s := a.session.State()
	s.Notes = slices.Concat(a.o.Notes, s.Notes)
	a.session.state = s
	a.session.happening, a.session.settled = pane.Decision(s)
	if s.Cell.Transport != "" {
		a.cell = s.Cell
		a.catalog.SetCell(s.Cell)
	}
	a.ladder.SetState(s)
	a.sides.SetState(s)
	a.chains.SetState(s)
	a.inspect()
	if b, ok := a.dialog.(*breakpointDialog); ok {
		b.SetState(s)
	}
}

// commands are the session's verbs by action.
var commands = map[keymap.Action]harness.Command{
	keymap.Step: harness.CommandStep, keymap.Next: harness.CommandNext, keymap.Continue: harness.CommandContinue,
	keymap.Finish: harness.CommandFinish, keymap.Back: harness.CommandBack, keymap.Forward: harness.CommandForward,
	keymap.Restart: harness.CommandRestart, keymap.Transport: harness.CommandSwitch, keymap.Version: harness.CommandSwitch,
}

// command gives the session a command, or says why it cannot have it now.
func (a *App) command(action keymap.Action) tea.Cmd {
	c := commands[action]
	if why, off := a.session.state.Disabled[c]; off {
		a.say(theme.Warn, string(c)+": "+field.Printable(why))
		return nil
	}
	switch action {
	case keymap.Step:
		a.session.Step()
	case keymap.Next:
		a.session.Next()
	case keymap.Continue:
		a.session.Continue()
	case keymap.Finish:
		a.session.Finish()
	case keymap.Back:
		a.session.Back()
	case keymap.Forward:
		a.session.Forward()
	case keymap.Restart:
		return a.restart(a.session.state.Cell)
	}
	return nil
}

// restarted says that a session runs again.
type restarted struct{ s *session }

// restart runs the session again. It waits for the old run to end, so it is
// left to a command; until that is done a second one is ignored.
func (a *App) restart(cell outcome.Cell) tea.Cmd {
	s := a.session
	if s.restarting {
		return nil
	}
	s.restarting = true
	return func() tea.Msg {
		s.Restart(cell)
		return restarted{s}
	}
}

// switchCell changes the transport or the version: of the open session, which
// is run again, or of the next one to be opened.
func (a *App) switchCell(transport bool) tea.Cmd {
	want := a.cell
	if transport {
		want.Transport = map[outcome.Transport]outcome.Transport{outcome.TCP: outcome.QUIC, outcome.QUIC: outcome.TCP}[want.Transport]
	} else {
		want.TLS = map[string]string{"1.2": "1.3", "1.3": "1.2"}[want.TLS]
	}
	why := ""
	if want.Transport == outcome.QUIC && want.TLS == "1.2" {
		if !transport {
			a.say(theme.Warn, "version: QUIC is TLS 1.3 only (RFC 9001 4.2); "+a.keyOf(keymap.Transport)+" switches to TCP")
			return nil
		}
		want.TLS, why = "1.3", ", because QUIC has no TLS 1.2"
	}
	if !a.inSession() {
		a.cell = want
		a.catalog.SetCell(want)
		a.describe()
		a.say(theme.Text, "opens in "+pane.Cell(want)+why)
		return nil
	}
	s := a.session.state
	if disabled, off := s.Disabled[harness.CommandSwitch]; off {
		a.say(theme.Warn, field.Printable(disabled))
		return nil
	}
	if disabled, off := s.Disabled[harness.CommandRestart]; off {
		a.say(theme.Warn, "restart: "+field.Printable(disabled))
		return nil
	}
	if !slices.Contains(s.Cells, want) {
		a.say(theme.Warn, "this scenario does not run in "+pane.Cell(want))
		return nil
	}
	a.runTo = nil
	if s.Phase == harness.PhaseEnded {
		a.runTo = &want
	}
	a.say(theme.Text, "run again in "+pane.Cell(want)+why)
	return a.restart(want)
}

// keyOf returns the key that does something in the focused pane.
func (a *App) keyOf(action keymap.Action) string {
	for _, b := range a.keys.Bindings(a.focus) {
		if b.Action == action {
			return b.KeyText()
		}
	}
	return ""
}

// reproduce returns the command that shows the session again.
func (a *App) reproduce() string {
	s := a.session.state
	if a.o.Command != nil {
		return a.o.Command(s)
	}
	return fmt.Sprintf("shakedown run %s --transport %s --tls %s", quote(s.ID), s.Cell.Transport, s.Cell.TLS)
}
