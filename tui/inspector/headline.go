package inspector

import (
	"fmt"
	"strings"
	"time"

	"shakedown/harness/dissect"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// headline says what the step is before its bytes are taken apart.
func (p *Pane) headline() {
	s := p.step
	if s.Kind == dissect.KindLocal {
		p.line(theme.Strong, " "+string(s.From)+": "+strings.ReplaceAll(s.Name, "-", " "))
		p.wrapped(theme.Text, s.Summary, 6)
		p.line(theme.Dim, "")
		p.wrapped(theme.Dim, fmt.Sprintf("What the %s itself reports, %s after the start. It put no bytes on the wire, so there are no fields.", s.From, elapsed(s.At)), 4)
		return
	}
	var l theme.Line
	l.Add(theme.Strong, " "+s.Name)
	size := "+" + elapsed(s.At)
	if s.Bytes > 0 {
		size = pane.Bytes(s.Bytes) + " " + theme.Dot + " " + size
	}
	p.head = append(p.head, *l.Right(theme.Dim, size, p.Width-1))
	facts := []string{fmt.Sprintf("%s %s %s", s.From, theme.ToRight, s.From.Peer())}
	if s.Kind != dissect.KindTransport {
		facts = append(facts, pane.LevelWords(s.Level))
	}
	if s.WireBytes > 0 && s.WireBytes != s.Bytes {
		facts = append(facts, pane.Thousands(s.WireBytes)+" on the wire")
	}
	p.wrapped(theme.Dim, strings.Join(facts, " "+theme.Dot+" "), 2)
	if s.Held {
		p.wrapped(theme.Warn, "held at the gate: the "+string(s.From.Peer())+" has not seen a byte of it", 2)
	}
	for _, m := range s.Marks {
		if m != "held" {
			p.line(theme.Warn, " "+string(m)+" on the path")
		}
	}
	if s.Err != nil {
		p.wrapped(theme.Bad, theme.Cross+" "+s.Err.Error(), 3)
	} else if t := summary(s); t != "" {
		p.wrapped(theme.Text, t, 3)
	}
	p.toldLines()
	p.line(theme.Dim, "")
}

// summary is what the step's own summary adds to its name.
func summary(s *dissect.Step) string {
	switch {
	case s.Summary == s.Name:
		return ""
	case s.Kind == dissect.KindAlert && s.Alert != nil:
		return strings.Replace(s.Summary, strings.TrimPrefix(s.Name, "alert ")+" (", "(", 1)
	}
	return s.Summary
}

func (p *Pane) line(r theme.Role, text string) {
	var l theme.Line
	p.head = append(p.head, *l.Add(r, text))
}

// wrapped adds text over a few rows at most, fewer in a low pane.
func (p *Pane) wrapped(r theme.Role, text string, most int) {
	lines := theme.Wrap(text, p.Width-2)
	if most = min(most, max(p.Height/6, 1)); len(lines) > most {
		lines = lines[:most]
		lines[most-1] = theme.Shorten(lines[most-1]+" "+theme.Ellipsis, p.Width-2)
	}
	for _, s := range lines {
		p.line(r, " "+s)
	}
}

func elapsed(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
