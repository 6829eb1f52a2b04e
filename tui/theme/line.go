package theme

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/harness/field"
)

// A Line is one row of a pane while it is built: spans with roles, and how many
// cells they take. The zero value is an empty line.
//
// Text is escaped as it is added, so nothing that came from a peer can drive
// the terminal, whoever forgot to escape it.
type Line struct {
	spans []span
	width int
}

type span struct {
	role Role
	text string
}

// Add appends text in a role.
func (l *Line) Add(r Role, text string) *Line {
	if text == "" {
		return l
	}
	text = field.Printable(text)
	l.spans = append(l.spans, span{r, text})
	l.width += Width(text)
	return l
}

// Cut appends text shortened to at most limit cells, an ellipsis included.
func (l *Line) Cut(r Role, text string, limit int) *Line {
	return l.Add(r, Shorten(text, limit))
}

// To appends spaces until the line is width cells wide.
func (l *Line) To(width int) *Line { return l.FillTo(Text, " ", width) }

// FillTo appends a one-cell glyph until the line is width cells wide.
func (l *Line) FillTo(r Role, glyph string, width int) *Line {
	if n := width - l.width; n > 0 {
		l.spans = append(l.spans, span{r, strings.Repeat(glyph, n)})
		l.width = width
	}
	return l
}

// Right appends text so that it ends at column width, after at least one
// space; it is left out if there is no room for it.
func (l *Line) Right(r Role, text string, width int) *Line {
	text = field.Printable(text)
	if text == "" || l.width+1+Width(text) > width {
		return l
	}
	return l.To(width-Width(text)).Add(r, text)
}

// Append appends the other line's spans.
func (l *Line) Append(o Line) *Line {
	l.spans = append(l.spans, o.spans...)
	l.width += o.width
	return l
}

// Width returns the cells that the line takes so far.
func (l *Line) Width() int { return l.width }

// Render returns the line in exactly width cells: cut or padded. A selected
// line is in reverse video over its whole width, in the colour of what is bad if
// some of it is.
func (l *Line) Render(t *Theme, width int, selected bool) string {
	if width <= 0 {
		return ""
	}
	draw := t.Render
	if selected {
		draw = func(_ Role, s string) string { return s }
	}
	var b strings.Builder
	b.Grow(width * 2)
	left := width
	bad := false
	for _, s := range l.spans {
		if left == 0 {
			break
		}
		bad = bad || s.role == Bad
		text := s.text
		if Width(text) > left {
			text = Shorten(text, left)
		}
		b.WriteString(draw(s.role, text))
		left -= Width(text)
	}
	b.WriteString(strings.Repeat(" ", left))
	if selected {
		return t.selected(b.String(), bad)
	}
	return b.String()
}

// Width returns the cells that plain text takes.
func Width(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return lipgloss.Width(s)
		}
	}
	return len(s)
}

// Shorten returns s escaped and cut to at most limit cells, the last of which
// is then an ellipsis.
func Shorten(s string, limit int) string {
	s = field.Printable(s)
	switch {
	case limit <= 0:
		return ""
	case Width(s) <= limit:
		return s
	}
	return ansi.Truncate(s, limit, Ellipsis)
}

// Wrap breaks s, escaped, at spaces into lines of at most width cells. A word
// longer than that is broken where it must be; a hyphen breaks nothing, so that
// an option or an id stays whole.
func Wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(field.Printable(s)) {
		switch {
		case line == "":
			line = word
		case Width(line)+1+Width(word) <= width:
			line += " " + word
			continue
		default:
			lines = append(lines, line)
			line = word
		}
		for Width(line) > width {
			head := ansi.Truncate(line, width, "")
			if head == "" {
				return lines // not even one wide character fits
			}
			lines = append(lines, head)
			line = line[len(head):]
		}
	}
	return append(lines, line)
}
