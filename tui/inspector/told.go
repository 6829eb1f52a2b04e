package inspector

import (
	"fmt"
	"slices"

	"shakedown/harness/crossref"
	"shakedown/harness/transcript"
	"shakedown/tui/theme"
)

// Told is what the whole connection tells of a step, beside its fields.
type Told struct {
	Says   []string
	Checks []crossref.Proof
}

// toldLines adds what was proven of the step to the headline, and as much of what
// else is said of it as there is room for: all of it stands in the meanings of
// the fields as well.
func (p *Pane) toldLines() {
	room := max(p.Height/7, 1)
	proofs := p.proofs(room)
	proofs = proofs[:min(len(proofs), room)]
	p.head = append(p.head, proofs...)
	room -= len(proofs)
	for _, text := range p.told.Says {
		lines := theme.Wrap(text, p.Width-2)
		if len(lines) > room {
			return
		}
		for _, l := range lines {
			p.line(theme.Dim, " "+l)
		}
		room -= len(lines)
	}
}

// proofs are the lines of what was checked, what failed first. Those that hold
// share a line where there is none for each. What is checked is what was sent, which
// is said where something else arrived.
func (p *Pane) proofs(room int) []theme.Line {
	checks := slices.Clone(p.told.Checks)
	slices.SortStableFunc(checks, func(a, b crossref.Proof) int {
		return slices.Index(byWeight, a.Result) - slices.Index(byWeight, b.Result)
	})
	var lines []theme.Line
	before := ""
	if p.step != nil && slices.Contains(p.step.Marks, transcript.Rewritten) {
		before = "as it was sent: "
	}
	for i, c := range checks {
		text := c.Brief
		if len(checks) > 1 {
			text = c.Of + " " + c.Brief
		}
		left := len(checks) - i
		together := left > 1 && left > room-len(lines) && c.Result == crossref.Verified
		if together {
			text = fmt.Sprintf("%d signatures verify", left)
		}
		lines = append(lines, p.proof(c.Result, before+text, room-len(lines)-left+1)...)
		if together {
			break
		}
	}
	return lines
}

// byWeight are the results, what matters most first.
var byWeight = []crossref.Result{crossref.Failed, crossref.NotChecked, crossref.Verified}

// proof is one result over that many lines at most.
func (p *Pane) proof(result crossref.Result, text string, room int) []theme.Line {
	glyph, role := theme.Dot, theme.Dim
	switch result {
	case crossref.Verified:
		glyph, role = theme.Check, theme.Good
	case crossref.Failed:
		glyph, role = theme.Cross, theme.Bad
	}
	words := theme.Wrap(text, p.Width-4)
	if room = max(room, 1); len(words) > room {
		words = append(words[:room-1], theme.Shorten(words[room-1]+" "+theme.Ellipsis, p.Width-4))
	}
	lines := make([]theme.Line, len(words))
	for i, w := range words {
		if i > 0 {
			glyph = " "
		}
		lines[i].Add(role, " "+glyph+" "+w)
	}
	return lines
}
