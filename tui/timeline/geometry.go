package timeline

import (
	"strconv"

	"shakedown/harness/dissect"
	"shakedown/tui/theme"
)

// A geometry says where the columns of the ladder are, and how much of each
// step there is room for.
type geometry struct {
	number         int // width of the step numbers
	client, server int // columns of the lifelines
	size           int // width of the sizes, 0 if they are left out
	details        bool
	roomy          bool
	legend         bool
}

// widest is how far apart lifelines stand at most: a longer arrow is only
// harder to follow.
const widest = 74

// layout decides the geometry for the pane's size. It depends on the size
// alone, so that a ladder does not jump as it grows.
func (p *Pane) layout() {
	g := geometry{number: max(2, len(strconv.Itoa(len(p.steps))))}
	if p.Width >= 54 {
		g.number = max(g.number, 3)
	}
	g.client = g.number + 3
	switch {
	case p.Width >= 38:
		g.size = 6
	}
	g.server = min(p.Width-g.size-1, g.client+widest)
	g.details = p.Height >= 24
	g.roomy = p.Height >= 46
	g.legend = p.Height >= 20 && p.Width >= 56
	p.geo = g
	p.List.SetItems(len(p.steps), p.rows)
	p.List.SetHeight(p.Height - 1 - g.legendRows())
}

func (g geometry) legendRows() int {
	if g.legend {
		return 1
	}
	return 0
}

// span is the number of cells between the lifelines.
func (g geometry) span() int { return max(g.server-g.client-1, 0) }

// rows returns how many rows a step takes.
func (p *Pane) rows(i int) int {
	s := p.steps[i]
	n := p.gap(i)
	switch {
	case s.Kind == dissect.KindLocal:
		return n + len(p.factLines(s))
	case p.geo.details && detail(s) != "" && p.inline(s) == "":
		return n + 2
	}
	return n + 1
}

// gap is the number of empty rows above a step: one where a flight begins and
// there is room.
func (p *Pane) gap(i int) int {
	if p.geo.roomy && i > 0 && p.steps[i].Flight != p.steps[i-1].Flight {
		return 1
	}
	return 0
}

// inline returns what is said of a step behind its name, on the arrow: key
// facts that are as short as "empty".
func (p *Pane) inline(s *dissect.Step) string {
	d := detail(s)
	if w := theme.Width(d); w > 24 || theme.Width(label(s))+3+w > p.geo.span()-10 {
		return ""
	}
	return d
}

// factLines wraps a local fact, over three rows at most where there is room and
// else in one.
func (p *Pane) factLines(s *dissect.Step) []string {
	room := p.geo.span() - 4
	text := brief(s)
	if theme.Width(text) <= room || !p.geo.details || room < 8 {
		return []string{text}
	}
	lines := theme.Wrap(text, room)
	if len(lines) > 3 {
		lines = append(lines[:2:2], theme.Shorten(lines[2]+" "+lines[3], room))
	}
	return lines
}
