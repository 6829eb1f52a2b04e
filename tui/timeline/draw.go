package timeline

import (
	"errors"
	"strconv"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
	"shakedown/tui/pane"
	"shakedown/tui/theme"

	"shakedown/harness"
)

// View draws the visible part of the ladder.
func (p *Pane) View() string {
	switch {
	case p.state.Err != nil:
		return p.Empty("This could not run.", p.state.Err.Error())
	case len(p.steps) == 0 && p.state.Recording != nil:
		return p.Empty("Nothing of this connection was recorded.", "Pane 3 says what is known of it.")
	case len(p.steps) == 0 && p.state.Phase == harness.PhaseEnded:
		return p.Empty("Nothing was sent.", "Pane 3 says what each side reports; r runs it again.")
	case len(p.steps) == 0:
		return p.Empty("Nothing has been sent yet.", "s releases the first unit as soon as one waits at the gate.")
	}
	r := p.Rows()
	r.Add(p.actors(), false)
	p.List.Visible(func(_, item, sub int) {
		r.Add(p.row(item, sub), p.Focused && item == p.List.Selected() && sub >= p.gap(item))
	})
	end := p.Height - p.geo.legendRows()
	notes := p.noteLines(end - r.Len() - 2)
	first := true
	for r.Len() < end-len(notes) {
		r.Add(p.below(first), false)
		first = false
	}
	for _, s := range notes {
		var l theme.Line
		r.Add(*l.To(p.geo.client).Add(theme.Text, s), false)
	}
	if p.geo.legend {
		r.Add(p.legend(), false)
	}
	return r.String()
}

// noteLines wraps the session's notes, none of them if there is not room for all.
func (p *Pane) noteLines(room int) []string {
	if !p.notes || p.state.Phase == harness.PhaseEnded && p.state.Recording == nil {
		return nil
	}
	var lines []string
	for _, n := range p.state.Notes {
		for i, s := range theme.Wrap(n, p.Width-p.geo.client-3) {
			if i == 0 {
				s = theme.Mark + " " + s
			} else {
				s = "  " + s
			}
			lines = append(lines, s)
		}
	}
	if len(lines) > room {
		return nil
	}
	return lines
}

// actors is the row of names over the lifelines.
func (p *Pane) actors() theme.Line {
	var l theme.Line
	client, server := p.actor(outcome.Client), p.actor(outcome.Server)
	l.To(p.geo.client).Cut(theme.Strong, client, max(p.geo.span()-theme.Width(server), 6))
	l.To(p.geo.server+1-theme.Width(server)).Add(theme.Strong, server)
	if p.geo.size > 0 {
		l.Right(theme.Dim, "bytes", p.geo.server+1+p.geo.size)
	}
	return l
}

// below is a row behind the last step: lifelines that go on while the
// connection does, and end where it ended.
func (p *Pane) below(first bool) theme.Line {
	var l theme.Line
	life := theme.Lifeline
	if p.state.Phase == harness.PhaseEnded {
		if !first {
			return l
		}
		life = theme.LifeEnd
	}
	l.To(p.geo.client).Add(theme.Dim, life).To(p.geo.server).Add(theme.Dim, life)
	return l
}

func (p *Pane) legend() theme.Line {
	var l theme.Line
	l.To(p.geo.client)
	for _, e := range []struct{ line, words string }{
		{theme.Clear, "clear"}, {theme.Protected, "handshake keys"}, {theme.Secure, "application keys"},
	} {
		l.Add(theme.Dim, e.line+e.line+" "+e.words+"  ")
	}
	return l
}

// row draws one row of a step.
func (p *Pane) row(i, sub int) theme.Line {
	s := p.steps[i]
	gap := p.gap(i)
	if sub < gap {
		return p.below(true)
	}
	var l theme.Line
	if sub == gap {
		p.gutter(&l, i)
	}
	l.To(p.geo.client)
	switch {
	case s.Kind == dissect.KindLocal:
		p.fact(&l, s, sub-gap)
	case sub == gap:
		p.arrow(&l, s, i == p.rejected)
		if p.geo.size > 0 && s.Bytes > 0 {
			l.Right(theme.Dim, size(s.Bytes, p.geo.size-1), p.geo.server+1+p.geo.size)
		}
	default:
		p.detail(&l, s)
	}
	return l
}

// gutter is the step's number, and marks for the selection, the session's
// place and breakpoints.
func (p *Pane) gutter(l *theme.Line, i int) {
	s := p.steps[i]
	n := strconv.Itoa(s.N)
	role := theme.Dim
	if p.search.Has(i) {
		role = theme.Match
	}
	l.To(p.geo.number-len(n)).Add(role, n)
	switch {
	case i == p.List.Selected():
		l.Add(theme.Accent, theme.Here)
	case i == p.state.Cursor:
		l.Add(theme.Warn, theme.Mark)
	default:
		l.Add(theme.Text, " ")
	}
	if p.breakpoint(s) {
		l.Add(theme.Warn, theme.Break)
	}
}

// arrow draws a message from its sender's lifeline towards the other.
func (p *Pane) arrow(l *theme.Line, s *dissect.Step, rejected bool) {
	span := p.geo.span()
	line := lineOf(s.Level)
	stop, stopRole := "", theme.Dim
	switch {
	case s.Held:
		stop, stopRole = theme.Gate, theme.Warn
	case marked(s, transcript.Dropped):
		stop, stopRole = theme.Cross, theme.Bad
		if s.Name == "ACK" {
			stopRole = theme.Dim // it is sent again, and nobody waits for it
		}
	}
	label := label(s)
	if s.Alert != nil && theme.Width(label) > span-6 {
		label = strings.Replace(label, "alert ", "", 1)
	}
	label, tail := theme.Shorten(label, span-6), ""
	if d := p.inline(s); d != "" {
		tail = theme.Dot + " " + d + " "
	}
	w := theme.Width(label) + 4 + theme.Width(tail)
	fill := span - w - 1 // between the label and the head
	if stop != "" {
		fill = max(span/2-w, min(1, fill))
	}
	rest := span - w - fill - 1
	end, endRole := theme.Lifeline, theme.Dim
	if rejected {
		end, endRole = theme.Cross, theme.Bad
	}
	role := p.nameRole(s)
	lineRole := theme.Dim
	if role == theme.Bad {
		lineRole = theme.Bad
	}
	if s.From == outcome.Client {
		l.Add(theme.Dim, theme.FromLeft).Add(lineRole, line+line).Add(role, " "+label+" ").Add(theme.Dim, tail).Add(lineRole, strings.Repeat(line, max(fill, 0)))
		if stop != "" {
			l.Add(stopRole, stop).Add(theme.Text, strings.Repeat(" ", max(rest, 0)))
		} else {
			l.Add(lineRole, theme.HeadRight)
		}
		l.Add(endRole, end)
		return
	}
	l.Add(endRole, end)
	if stop != "" {
		l.Add(theme.Text, strings.Repeat(" ", max(rest, 0))).Add(stopRole, stop)
	} else {
		l.Add(lineRole, theme.HeadLeft)
	}
	l.Add(lineRole, strings.Repeat(line, max(fill, 0))).Add(role, " "+label+" ").Add(theme.Dim, tail).Add(lineRole, line+line).Add(theme.Dim, theme.FromRight)
}

// size returns a number of bytes in at most width cells: commas go first.
func size(n, width int) string {
	if s := pane.Thousands(n); len(s) <= width {
		return s
	}
	if s := strconv.Itoa(n); len(s) <= width {
		return s
	}
	if s := strconv.Itoa(n/1000) + "k"; len(s) <= width {
		return s
	}
	return strconv.Itoa(n/1_000_000) + "M"
}

// detail draws a message's key facts under its name, on its sender's side.
func (p *Pane) detail(l *theme.Line, s *dissect.Step) {
	text := whole(detail(s), p.geo.span()-4)
	l.Add(theme.Dim, theme.Lifeline)
	if s.From == outcome.Client {
		l.Add(theme.Text, "   ").Add(theme.Dim, text)
	} else {
		l.To(p.geo.server-3-theme.Width(text)).Add(theme.Dim, text)
	}
	l.To(p.geo.server).Add(theme.Dim, theme.Lifeline)
}

// whole returns as many of a summary's parts as there is room for, rather than
// a piece of one. The inspector has them all.
func whole(summary string, room int) string {
	const between = " " + theme.Dot + " "
	for theme.Width(summary) > room {
		i := strings.LastIndex(summary, between)
		if i < 0 {
			return theme.Shorten(summary, room)
		}
		summary = summary[:i]
	}
	return summary
}

// fact draws what happened inside one side, at its lifeline.
func (p *Pane) fact(l *theme.Line, s *dissect.Step, sub int) {
	lines := p.factLines(s)
	if sub >= len(lines) {
		return
	}
	glyph, role := factGlyph(s)
	if sub > 0 {
		glyph = " "
	}
	text := theme.Shorten(lines[sub], p.geo.span()-4)
	l.Add(theme.Dim, theme.Lifeline)
	if s.From == outcome.Client {
		l.Add(role, " "+glyph+" "+text)
	} else {
		l.To(p.geo.server-3-theme.Width(text)).Add(role, text+" "+glyph+" ")
	}
	l.To(p.geo.server).Add(theme.Dim, theme.Lifeline)
}

func factText(s *dissect.Step) string {
	switch {
	case s.Summary != "":
		return s.Summary
	case s.Fact != nil && s.Fact.Text != "":
		return s.Fact.Text
	}
	return s.Name
}

// brief is a local fact without what its place says already: whose certificate
// was verified, and which package found that it is not. The pane with both
// sides' words has them verbatim.
func brief(s *dissect.Step) string {
	text := factText(s)
	if s.Fact == nil {
		return text
	}
	if s.Fact.Kind == transcript.ChainVerified {
		return strings.TrimPrefix(text, string(s.From.Peer())+" ")
	}
	if _, why, ok := strings.Cut(text, "tls: failed to verify certificate: "); ok {
		return strings.TrimPrefix(why, "x509: ")
	}
	return text
}

func factGlyph(s *dissect.Step) (string, theme.Role) {
	if s.Fact == nil {
		return theme.Dot, theme.Dim
	}
	switch s.Fact.Kind {
	case transcript.HandshakeComplete, transcript.ChainVerified, transcript.Accepted:
		return theme.Check, theme.Good
	case transcript.HandshakeFailed, transcript.LateError:
		return theme.Cross, theme.Bad
	case transcript.Waiting:
		return theme.Dot, theme.Warn
	}
	return theme.Dot, theme.Dim
}

func (p *Pane) nameRole(s *dissect.Step) theme.Role {
	switch {
	case refusal(s) || s.Name == "RST":
		return theme.Bad
	case s.Held:
		return theme.Warn
	case sealed(s), s.Kind == dissect.KindTransport, s.Kind == dissect.KindChangeCipherSpec, s.Kind == dissect.KindApplicationData:
		return theme.Dim
	}
	return theme.Text
}

// refusal says whether a step ends the connection because of what was sent:
// every alert but close_notify (RFC 8446 6.1), and a CONNECTION_CLOSE with an
// error code.
func refusal(s *dissect.Step) bool {
	return s.Alert != nil && s.Alert.Code != 0 || s.Close != nil && s.Close.Code != 0 && !s.Close.Application
}

// label is the step's name with what is remarkable about it.
func label(s *dissect.Step) string {
	text := s.Name
	if refusal(s) {
		text = theme.Cross + " " + text
	}
	for _, m := range s.Marks {
		if m != transcript.Held {
			text += " · " + string(m)
		}
	}
	switch {
	case sealed(s):
		text = theme.Lock + " " + text
	case s.Err != nil && s.Kind != dissect.KindTransport:
		text += " · unreadable"
	}
	return text
}

// sealed says that no key opens the step: that is how it is meant to be for
// whoever has none, and no fault. What a key should open, and does not, is one.
func sealed(s *dissect.Step) bool {
	return errors.Is(s.Err, dissect.ErrNoKey) || s.Sealed() && !errors.Is(s.Err, tlswire.ErrRecordMAC)
}

// counted says that the step stands for more than one record or datagram.
func counted(s *dissect.Step) bool {
	return s.Kind == dissect.KindApplicationData && (strings.Contains(s.Summary, " records, ") || strings.Contains(s.Summary, " datagrams, "))
}

// inferred is what is thought to be in a sealed step, or which packet it is:
// that no key opens it, its glyph says.
func inferred(s *dissect.Step) string {
	text := strings.Trim(strings.Replace(s.Summary, dissect.ErrNoKey.Error(), "", 1), ";, ")
	if _, guess, ok := strings.Cut(text, "; "); ok {
		return guess
	}
	packet, _, _ := strings.Cut(text, ": no key")
	return packet
}

// detail is the second line of a step: the key facts of a message that has
// some. The inspector has the summary of every step.
func detail(s *dissect.Step) string {
	switch {
	case sealed(s):
		return inferred(s)
	case counted(s), s.Kind == dissect.KindTransport && s.Err != nil:
		return s.Summary
	case s.Summary == s.Name, s.Kind != dissect.KindHandshake && s.Close == nil, s.Name == "Finished", s.Name == "ServerHelloDone":
		return ""
	}
	return s.Summary
}

func marked(s *dissect.Step, m transcript.Mark) bool {
	for _, have := range s.Marks {
		if have == m {
			return true
		}
	}
	return false
}

func lineOf(l dissect.Level) string {
	switch l {
	case dissect.Early:
		return theme.EarlyData
	case dissect.Handshake:
		return theme.Protected
	case dissect.Application:
		return theme.Secure
	}
	return theme.Clear
}
