// Package theme is where colours and glyphs are decided, and nowhere else.
//
// A pane builds a [Line] of spans, each with a [Role], and renders it with a
// [Theme]. Colours are the sixteen ANSI names, so the terminal's own palette
// rules, light or dark. No meaning rests on colour alone: whatever is coloured
// also has a glyph or a word, and what is selected is in reverse video. The
// program's renderer strips colours where the terminal or NO_COLOR asks for it;
// bold, faint and reverse stay.
package theme

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
	Cursor      // where text is typed
	roles
)

// A Theme gives each role its SGR parameters. The zero Theme has no styles at all.
type Theme struct {
	sgr [roles]string
}

// Default returns the theme for a terminal of any palette. Good is blue and Bad
// is red: the pair stays apart for readers who cannot tell red from green.
func Default() *Theme {
	t := &Theme{}
	t.sgr[Dim] = "2"
	t.sgr[Frame] = "90"
	t.sgr[Strong] = "1"
	t.sgr[Accent] = "36"
	t.sgr[Good] = "94"
	t.sgr[Bad] = "1;31"
	t.sgr[Warn] = "33"
	t.sgr[Match] = "1;4"
	t.sgr[Cursor] = "7"
	return t
}

// Render returns s in the role's style.
func (t *Theme) Render(r Role, s string) string { return paint(t.sgr[r], s) }

// selected returns s as a selected row: one reverse bar in the accent's colour.
func (t *Theme) selected(s string) string {
	sgr := "7"
	if accent := t.sgr[Accent]; accent != "" {
		sgr = accent + ";7"
	}
	return paint(sgr, s)
}

func paint(sgr, s string) string {
	if s == "" || sgr == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[m"
}
