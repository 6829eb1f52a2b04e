// Package timeline is the pane that draws the handshake as a ladder between
// client and server. It grows as the session is stepped.
//
// The style of an arrow tells the encryption level; a unit that is held at the
// gate stops half-way; a local fact stands on its side's lifeline. A reader
// needs no colour for any of it.
package timeline

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// A Pane is the ladder.
type Pane struct {
	pane.Base
	state  harness.State
	steps  []*dissect.Step
	search pane.Search
	geo    geometry
	// rejected is the index of the message whose content was rejected, -1 for none.
	rejected int
	// notes says that the session's notes stand below the ladder until it needs
	// the room: where no other pane on the screen shows them.
	notes bool
}

// New returns an empty ladder.
func New(t *theme.Theme, k *keymap.Map) *Pane {
	return &Pane{Base: pane.Base{Theme: t, Keys: k, On: keymap.OnHandshake}, rejected: -1}
}

// SetSize lays the ladder out.
func (p *Pane) SetSize(width, height int) {
	p.Width, p.Height = width, height
	p.layout()
}

// SetState shows a session's state. The selection follows the session's current
// step when that moves, and else stays with the reader.
func (p *Pane) SetState(s harness.State) {
	moved := s.Cursor != p.state.Cursor || s.ID != p.state.ID || s.Cell != p.state.Cell || s.Connection != p.state.Connection
	p.state = s
	p.steps = nil
	if s.Timeline != nil {
		p.steps = s.Timeline.Steps
	}
	p.rejected = p.findRejected()
	p.layout()
	p.search.Refresh(len(p.steps), p.text)
	if moved && s.Cursor >= 0 {
		p.List.Select(s.Cursor)
	}
}

// ShowNotes says whether the session's notes are shown here.
func (p *Pane) ShowNotes(on bool) { p.notes = on }

// Step returns the selected step, nil if there is none.
func (p *Pane) Step() *dissect.Step {
	if i := p.List.Selected(); i < len(p.steps) {
		return p.steps[i]
	}
	return nil
}

// GoTo selects the step of that number.
func (p *Pane) GoTo(n int) {
	for i, s := range p.steps {
		if s.N == n {
			p.List.Select(i)
		}
	}
}

// Update moves the selection.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch a := p.Action(msg); a {
	case keymap.Left:
		p.flight(-1)
	case keymap.Right:
		p.flight(1)
	case keymap.Inspect:
		return pane.Send(pane.Inspect{})
	default:
		p.Move(a)
	}
	return nil
}

// flight selects the first step of the flight before or behind.
func (p *Pane) flight(by int) {
	at := p.List.Selected()
	if at >= len(p.steps) {
		return
	}
	first := func(i int) int {
		for i > 0 && p.steps[i-1].Flight == p.steps[i].Flight {
			i--
		}
		return i
	}
	switch start := first(at); {
	case by < 0 && start == at && at > 0:
		p.List.Select(first(at - 1))
	case by < 0:
		p.List.Select(start)
	default:
		for i := at + 1; i < len(p.steps); i++ {
			if p.steps[i].Flight != p.steps[at].Flight {
				p.List.Select(i)
				return
			}
		}
	}
}

// Search looks for a query in the steps and returns how many match.
func (p *Pane) Search(query string) int {
	p.search.Set(query, len(p.steps), p.text, &p.List)
	return p.search.Found()
}

// Match selects the next or previous match.
func (p *Pane) Match(by int) { p.search.Step(by, &p.List) }

func (p *Pane) text(i int) string {
	s := p.steps[i]
	return strings.Join([]string{s.Name, s.Summary, string(s.From), string(s.Kind)}, " ")
}

// Copy returns the ladder's clips: the selected step, then the whole of it.
func (p *Pane) Copy() []pane.Clip {
	s := p.Step()
	if s == nil {
		return nil
	}
	var all strings.Builder
	for _, s := range p.steps {
		fmt.Fprintln(&all, Sentence(s))
	}
	return []pane.Clip{
		{Label: fmt.Sprintf("step %d as text", s.N), Ext: "txt", Text: Sentence(s)},
		{Label: "all steps as text", Ext: "txt", Text: all.String()},
	}
}

// findRejected looks for the message that the refusing side would not take.
func (p *Pane) findRejected() int {
	d, settled := pane.Decision(p.state)
	if !settled || d.At == "" || d.RefusedBy == "" {
		return -1
	}
	for i := len(p.steps) - 1; i >= 0; i-- {
		if s := p.steps[i]; s.Kind == dissect.KindHandshake && s.Name == d.At && s.From == d.RefusedBy.Peer() {
			return i
		}
	}
	return -1
}

// breakpoint says whether a Continue would stop before the step.
func (p *Pane) breakpoint(s *dissect.Step) bool {
	for _, b := range p.state.Breakpoints {
		if b.From != "" && b.From != s.From {
			continue
		}
		if b.Message == s.Name || b.Message == "alert" && s.Kind == dissect.KindAlert {
			return true
		}
	}
	return false
}

// actor returns a side's name over its lifeline.
func (p *Pane) actor(r outcome.Role) string {
	side := p.state.Client
	if r == outcome.Server {
		side = p.state.Server
	}
	if side.Settings.VerifyNone {
		return string(r) + " (verifies nothing)"
	}
	return string(r)
}

// Sentence returns a step as one line of prose.
func Sentence(s *dissect.Step) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d. ", s.N)
	if s.Kind == dissect.KindLocal {
		fmt.Fprintf(&b, "%s: %s%s", s.From, failing(s), factText(s))
		return b.String()
	}
	fmt.Fprintf(&b, "%s to %s: %s", s.From, s.From.Peer(), s.Name)
	switch {
	case s.Alert != nil && s.Kind == dissect.KindAlert:
		fmt.Fprintf(&b, ", %s", strings.Replace(s.Summary, strings.TrimPrefix(s.Name, "alert ")+" (", "(", 1))
	case sealed(s):
		b.WriteString(", no key")
		if d := inferred(s); d != "" {
			b.WriteString(", " + d)
		}
	case s.Summary != "" && s.Summary != s.Name:
		fmt.Fprintf(&b, ", %s", s.Summary)
	}
	if size := pane.Bytes(s.Bytes); s.Bytes > 0 && s.Summary != size {
		b.WriteString(", " + size)
	}
	for _, m := range s.Marks {
		fmt.Fprintf(&b, ", %s", m)
	}
	return b.String()
}

// failing says in words what an error's text leaves to a glyph.
func failing(s *dissect.Step) string {
	if s.Fact == nil {
		return ""
	}
	switch s.Fact.Kind {
	case transcript.HandshakeFailed:
		return "the handshake fails, "
	case transcript.LateError:
		return "the first read fails, "
	}
	return ""
}
