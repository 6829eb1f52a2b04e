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

// overlay draws the dialog in the middle of the panes.
func (a *App) overlay(lines []string) []string {
	top := a.headerHeight()
	w, h := a.dialog.size(a.width-4, a.bodyHeight()-2)
	w, h = min(w, a.width-4), min(h, a.bodyHeight()-2)
	if w <= 0 || h <= 0 {
		return lines
	}
	x := (a.width - w - 2) / 2
	y := top + (a.bodyHeight()-h-2)/2
	var head, foot theme.Line
	head.Add(theme.Accent, "╭"+theme.Clear).Add(theme.Strong, " "+theme.Shorten(a.dialog.title(), w-4)+" ")
	head.FillTo(theme.Accent, theme.Clear, w+1).Add(theme.Accent, "╮")
	foot.Add(theme.Accent, "╰").FillTo(theme.Accent, theme.Clear, w+1).Add(theme.Accent, "╯")
	side := a.theme.Render(theme.Accent, theme.Lifeline)
	box := []string{head.Render(a.theme, w+2, false)}
	for _, l := range a.dialog.lines(w, h) {
		box = append(box, side+l+side)
	}
	box = append(box, foot.Render(a.theme, w+2, false))
	for i, l := range box {
		if at := y + i; at < len(lines) {
			lines[at] = splice(lines[at], l, x, w+2)
		}
	}
	return lines
}

// splice replaces width cells of a drawn line, from column x on.
func splice(line, by string, x, width int) string {
	return ansi.Truncate(line, x, "") + "\x1b[m" + by + ansi.TruncateLeft(line, x+width, "")
}

// fill returns lines as exactly h rows.
func fill(t *theme.Theme, rows []string, w, h int) []string {
	for len(rows) < h {
		rows = append(rows, strings.Repeat(" ", w))
	}
	return rows[:h]
}
