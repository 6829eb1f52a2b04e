// Package theme is where colours and glyphs are decided, and nowhere else.
//
// A pane builds a [Line] of spans, each with a [Role], and renders it with a
// [Theme], whose styles are Lip Gloss's. Colours are the sixteen ANSI names, so the terminal's own palette
// rules, light or dark. No meaning rests on colour alone: whatever is coloured
// also has a glyph or a word, and what is selected is in reverse video. The
// program's renderer strips colours where the terminal or NO_COLOR asks for it;
// bold, faint and reverse stay.
package theme

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// A Role is what a span means; the theme decides how that looks.
type Role uint8

// The roles.
const (
	Text   Role = iota
	Dim         // what explains: units, sections, second lines
	Frame       // the borders of panes without focus
	Strong      // names that the eye looks for
	Accent      // what is focused, and the one key to press
	Good        // accepted, verified, established
	Bad         // refused, failed
	Warn        // held, odd, worth a look
	Match       // what a search found
	Cursor      // where text is typed, and the byte that is looked at
	Marked      // what belongs to the selection elsewhere
	roles
)

// A Theme gives each role its style. The zero Theme has no styles at all.
type Theme struct {
	pens [roles]pen
	// bar and alarm draw a selected row: alarm one that has something bad.
	bar, alarm pen
}

// styles are the default theme's, for a terminal of any palette. Good is blue
// and Bad is red: the pair stays apart for readers who cannot tell red from green.
var styles = [roles]lipgloss.Style{
	Dim:    lipgloss.NewStyle().Faint(true),
	Frame:  lipgloss.NewStyle().Foreground(lipgloss.BrightBlack),
	Strong: lipgloss.NewStyle().Bold(true),
	Accent: lipgloss.NewStyle().Foreground(lipgloss.Cyan),
	Good:   lipgloss.NewStyle().Foreground(lipgloss.BrightBlue),
	Bad:    lipgloss.NewStyle().Foreground(lipgloss.Red).Bold(true),
	Warn:   lipgloss.NewStyle().Foreground(lipgloss.Yellow),
	Match:  lipgloss.NewStyle().Bold(true).Underline(true),
	Cursor: lipgloss.NewStyle().Reverse(true),
	Marked: lipgloss.NewStyle().Foreground(lipgloss.Cyan).Reverse(true),
}

// Default returns the default theme.
func Default() *Theme { return New(styles) }

// New returns a theme of these styles.
func New(styles [roles]lipgloss.Style) *Theme {
	t := &Theme{bar: newPen(styles[Accent].Reverse(true)), alarm: newPen(styles[Bad].Reverse(true))}
	for r, s := range styles {
		t.pens[r] = newPen(s)
	}
	return t
}

// Render returns s in the role's style.
func (t *Theme) Render(r Role, s string) string { return t.pens[r].draw(s) }

// selected returns s as a selected row: one reverse bar in the accent's colour,
// or in that of what is bad.
func (t *Theme) selected(s string, bad bool) string {
	p := t.bar
	if bad {
		p = t.alarm
	}
	if p == (pen{}) {
		p = newPen(lipgloss.NewStyle().Reverse(true))
	}
	return p.draw(s)
}

// A pen is a style as the sequences before and behind a text. A frame has some
// five hundred spans; a pen draws one in a twentieth of the time that
// [lipgloss.Style.Render] needs to look at a style's fifty properties again.
type pen struct{ before, behind string }

func newPen(s lipgloss.Style) pen {
	before, behind, _ := strings.Cut(s.Inline(true).Render("x"), "x")
	return pen{before, behind}
}

func (p pen) draw(s string) string {
	if s == "" || p.before == "" {
		return s
	}
	return p.before + s + p.behind
}
