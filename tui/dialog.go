package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// A dialog is drawn over the panes and has all keys until it is closed.
type dialog interface {
	title() string
	focus() keymap.Focus
	// size returns the room that it wants, within what there is.
	size(width, height int) (w, h int)
	// lines draws it in exactly that room.
	lines(w, h int) []string
	// update takes a key; done closes the dialog.
	update(msg tea.KeyPressMsg) (cmd tea.Cmd, done bool)
}

// show opens a dialog; the pane behind it has the keys no more.
func (a *App) show(d dialog) {
	a.dialog = d
	a.layout()
}

// dialogKey routes a key to the open dialog.
func (a *App) dialogKey(msg tea.KeyPressMsg) tea.Cmd {
	if msg.String() == "ctrl+c" {
		return a.quit()
	}
	cmd, done := a.dialog.update(msg)
	if done {
		a.dialog = nil
	}
	a.layout()
	return cmd
}

// overlay draws the dialog in the middle of the panes. It cuts the rows that
// the dialog covers; a Lip Gloss compositor, which takes every cell of the
// screen apart, needs ten times as long for the same frame.
func (a *App) overlay(lines []string) []string {
	w, h := a.dialog.size(a.width-4, a.bodyHeight()-2)
	w, h = min(w, a.width-4), min(h, a.bodyHeight()-2)
	if w <= 0 || h <= 0 {
		return lines
	}
	x, y := (a.width-w-2)/2, a.headerHeight()+(a.bodyHeight()-h-2)/2
	for i, row := range a.dialogBox(w, h) {
		if at := y + i; at < len(lines) {
			lines[at] = splice(lines[at], row, x, w+2)
		}
	}
	return lines
}

// splice replaces width cells of a drawn row, from column x on.
func splice(row, by string, x, width int) string {
	return ansi.Truncate(row, x, "") + "\x1b[m" + by + ansi.TruncateLeft(row, x+width, "")
}

// dialogBox draws the dialog within a border that names it.
func (a *App) dialogBox(w, h int) []string {
	var head, foot theme.Line
	head.Add(theme.Accent, border.TopLeft+border.Top).Add(theme.Strong, " "+theme.Shorten(a.dialog.title(), w-4)+" ")
	head.FillTo(theme.Accent, border.Top, w+1).Add(theme.Accent, border.TopRight)
	foot.Add(theme.Accent, border.BottomLeft).FillTo(theme.Accent, border.Bottom, w+1).Add(theme.Accent, border.BottomRight)
	side := a.theme.Render(theme.Accent, border.Left)
	box := []string{head.Render(a.theme, w+2, false)}
	for _, l := range a.dialog.lines(w, h) {
		box = append(box, side+l+side)
	}
	return append(box, foot.Render(a.theme, w+2, false))
}

// fill returns lines as exactly h rows.
func fill(t *theme.Theme, rows []string, w, h int) []string {
	for len(rows) < h {
		rows = append(rows, strings.Repeat(" ", w))
	}
	return rows[:h]
}
