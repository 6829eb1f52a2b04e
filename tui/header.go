package tui

import (
	"cmp"
	"fmt"
	"strings"

	"shakedown/harness"
	"shakedown/harness/diagnose"
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
		a.catalogueHeader(&l)
	}
	lines := []string{l.Render(a.theme, a.width, false)}
	if a.headerHeight() > 1 {
		lines = append(lines, a.second())
	}
	return lines
}

// catalogueHeader says what is listed, and in which cell it would be opened.
func (a *App) catalogueHeader(l *theme.Line) {
	list := a.o.Listing
	l.Add(theme.Strong, "shakedown")
	right := "opens in " + pane.Cell(a.cell)
	columns := len(list.Columns) > 0
	if columns {
		right = a.counts()
	}
	if a.opening != "" {
		right = "opening " + a.opening + theme.Ellipsis
		if columns {
			right = "opening " + list.One + " " + a.opening + theme.Ellipsis
		}
	}
	room := a.width - l.Width() - theme.Width(right) - 5
	switch {
	case columns:
		l.Add(theme.Text, "  ").Cut(theme.Strong, list.Heading, max(room, 8))
	case theme.Width(list.Heading) <= room:
		l.Add(theme.Dim, "  "+list.Heading)
	}
	l.Right(theme.Text, right, a.width-1)
}

// counts says how many entries there are, and how many of them failed.
func (a *App) counts() string {
	n, failed := a.catalog.Count()
	text := pane.Thousands(n) + " " + a.o.Listing.Many
	if n == 1 {
		text = "1 " + a.o.Listing.One
	}
	if failed > 0 {
		text += ", " + theme.Cross + " " + pane.Thousands(failed) + " failed"
	}
	return text
}

// sessionHeader gives each part its place as long as there is room, the verdict first.
func (a *App) sessionHeader(l *theme.Line) {
	s := a.session.state
	verdict, role := a.verdict()
	room := a.width - theme.Width(verdict) - 3
	if a.width >= threePanes {
		l.Add(theme.Dim, "shakedown  ")
	}
	id := cmp.Or(s.ID, s.Title)
	cell := pane.Cell(s.Cell)
	if a.width < twoPanes {
		cell = "" // the breadcrumb has it
	}
	phase, phaseRole := a.phase()
	left := room - l.Width()
	if s.Recording != nil { // that nothing is live must not be crowded out
		crowded := func() bool {
			return theme.Width(id)+3+theme.Width(cell)+3+theme.Width(phase) > room-l.Width()
		}
		if crowded() {
			phase = place(s, false)
		}
		if crowded() {
			cell = ""
		}
		left -= 3 + theme.Width(phase)
	}
	l.Cut(theme.Strong, id, max(left, 8))
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

// place says that nothing is live, and where the connection stands in its file.
func place(s harness.State, words bool) string {
	switch r := *s.Recording; {
	case r.Of <= 1:
		return "recording"
	case words:
		return fmt.Sprintf("recording %s connection %d of %d", theme.Dot, r.Number, r.Of)
	default:
		return fmt.Sprintf("recording %d of %d", r.Number, r.Of)
	}
}

// phase says what the session waits for.
func (a *App) phase() (string, theme.Role) {
	s := a.session.state
	if s.Recording != nil {
		return place(s, true), theme.Text
	}
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
	if d.Outcome == diagnose.Unknown {
		text := theme.Dot + " UNDECIDED"
		if d.Likely != nil {
			text += ", probably " + string(d.Likely.Outcome)
		}
		return text, theme.Dim
	}
	text, role := theme.Cross+" "+strings.ToUpper(string(d.Outcome)), theme.Bad
	switch d.Outcome {
	case diagnose.Established:
		text, role = theme.Check+" ESTABLISHED", theme.Good
	case diagnose.Refused:
		text = theme.Cross + " REFUSED by " + string(d.RefusedBy)
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
			if f == a.o.Listing.List {
				name = a.o.Listing.Many
			}
			if f == a.shown() {
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
	switch {
	case !a.inSession():
	case a.session.state.Recording != nil:
		a.noted(&l, a.session.state)
	default:
		l.Add(theme.Dim, " ").Cut(theme.Dim, a.session.state.Title, a.width-2)
	}
	return l.Render(a.theme, a.width, false)
}

// noted is a recording's title with what it lacks beside it: the notes
// themselves where there is room, else how many there are and where they stand.
func (a *App) noted(l *theme.Line, s harness.State) {
	text := ""
	if len(s.Notes) > 0 {
		text = theme.Mark + " " + strings.Join(s.Notes, " "+theme.Dot+" ")
	}
	if theme.Width(s.Title)+theme.Width(text)+5 > a.width {
		text = fmt.Sprintf("%s %d notes in pane 3", theme.Mark, len(s.Notes))
		if len(s.Notes) == 1 {
			text = theme.Mark + " a note in pane 3"
		}
	}
	l.Add(theme.Dim, " ").Cut(theme.Dim, s.Title, a.width-4-theme.Width(text)).Right(theme.Text, text, a.width-1)
}
