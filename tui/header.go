package tui

import (
	"fmt"
	"strings"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// header says what is open, where it stands, and how it ended.
func (a *App) header() []string {
	var l theme.Line
	l.Add(theme.Text, " ")
	if a.inSession() {
		a.sessionHeader(&l)
	} else {
		l.Add(theme.Strong, "shakedown")
		l.Add(theme.Dim, "  mutual TLS handshakes, one message at a time")
		right := "opens in " + pane.Cell(a.cell)
		if a.opening != "" {
			right = "opening " + a.opening + theme.Ellipsis
		}
		if l.Width()+theme.Width(right)+4 > a.width {
			l = theme.Line{}
			l.Add(theme.Strong, " shakedown")
		}
		l.Right(theme.Text, right, a.width-1)
	}
	lines := []string{l.Render(a.theme, a.width, false)}
	if a.headerHeight() > 1 {
		lines = append(lines, a.second())
	}
	return lines
}

// sessionHeader gives each part its place as long as there is room, the verdict first.
func (a *App) sessionHeader(l *theme.Line) {
	s := a.session.state
	verdict, role := a.verdict()
	room := a.width - theme.Width(verdict) - 3
	if a.width >= threePanes {
		l.Add(theme.Dim, "shakedown  ")
	}
	id := s.ID
	if id == "" {
		id = s.Title
	}
	l.Cut(theme.Strong, id, max(room-l.Width(), 8))
	phase, phaseRole := a.phase()
	cell := pane.Cell(s.Cell)
	if a.width < twoPanes {
		cell = "" // the breadcrumb has it
	}
	for _, part := range []struct {
		role theme.Role
		text string
	}{{theme.Text, cell}, {phaseRole, phase}} {
		if part.text != "" && l.Width()+3+theme.Width(part.text) <= room {
			l.Add(theme.Text, "   ").Add(part.role, part.text)
		}
	}
	l.Right(role, verdict, a.width-1)
}

// phase says what the session waits for.
func (a *App) phase() (string, theme.Role) {
	s := a.session.state
	text, role := string(s.Phase), theme.Dim
	switch s.Phase {
	case harness.PhaseHeld:
		text, role = fmt.Sprintf("held: %s %s %s", s.HeldFrom, theme.ToRight, s.HeldFrom.Peer()), theme.Warn
		if s.Queued > 0 {
			text += fmt.Sprintf(", %d behind it", s.Queued)
		}
	case harness.PhaseStarting, harness.PhaseRunning:
		text += theme.Ellipsis
	case harness.PhaseEnded:
		if s.Diagnosis != nil {
			text = "" // the verdict says it
		}
	}
	if s.Connections > 1 {
		text = strings.TrimSuffix(fmt.Sprintf("connection %d of %d %s %s", s.Connection, s.Connections, theme.Dot, text), " "+theme.Dot+" ")
	}
	return text, role
}

// verdict says how it ended, in words that need no colour.
func (a *App) verdict() (string, theme.Role) {
	s := a.session.state
	if s.Err != nil {
		return theme.Cross + " COULD NOT RUN", theme.Bad
	}
	if !a.session.settled {
		return "", theme.Text
	}
	d := a.session.happening
	text, role := theme.Cross+" "+strings.ToUpper(string(d.Outcome)), theme.Bad
	switch d.Outcome {
	case diagnose.Established:
		text, role = theme.Check+" ESTABLISHED", theme.Good
	case diagnose.Refused:
		text = theme.Cross + " REFUSED by " + string(d.RefusedBy)
	case diagnose.Unknown:
		text, role = "OUTCOME NOT SHOWN", theme.Warn
		if l := d.Likely; l != nil {
			text += " " + theme.Dot + " probably " + string(l.Outcome)
		}
	case diagnose.Unloadable:
		text = theme.Cross + " UNLOADABLE " + string(d.Side)
	}
	switch {
	case s.Result == nil:
	case pane.Differs(s):
		text += " " + theme.Dot + " NOT AS EXPECTED"
	case s.Result.Status == harness.Passed && a.width >= 100:
		text += " " + theme.Dot + " as expected"
	}
	return text, role
}

// second is the header's second line: where panes are stacked a breadcrumb,
// else the title.
func (a *App) second() string {
	var l theme.Line
	if a.width < twoPanes {
		for i, f := range a.order() {
			if i > 0 {
				l.Add(theme.Dim, " "+theme.Pointer+" ")
			} else {
				l.Add(theme.Text, " ")
			}
			name := string(f)
			if f == keymap.OnCatalogue {
				name = "scenarios"
			}
			if f == a.focus {
				l.Add(theme.Accent, "["+name+"]")
			} else {
				l.Add(theme.Dim, name)
			}
		}
		if a.inSession() {
			l.Right(theme.Text, pane.Cell(a.session.state.Cell), a.width-1)
		}
		return l.Render(a.theme, a.width, false)
	}
	if a.inSession() {
		l.Add(theme.Dim, " ").Cut(theme.Dim, a.session.state.Title, a.width-2)
	}
	return l.Render(a.theme, a.width, false)
}
