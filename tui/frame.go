package tui

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// frame draws the whole screen: header, panes in their borders, footer, and a
// dialog over them.
func (a *App) frame() string {
	switch {
	case a.width <= 0 || a.height <= 0:
		return ""
	case a.tooSmall():
		return a.ascii7(a.askForRoom())
	}
	lines := append(a.header(), a.body()...)
	lines = append(lines, a.footer())
	if a.dialog != nil {
		lines = a.overlay(lines)
	}
	return a.ascii7(strings.Join(lines, "\n"))
}

// ascii7 replaces glyphs where the terminal has none.
func (a *App) ascii7(s string) string {
	if a.ascii {
		return theme.ASCII(s)
	}
	return s
}

func (a *App) askForRoom() string {
	text := fmt.Sprintf("shakedown needs %d×%d cells; this terminal has %d×%d.", minWidth, minHeight, a.width, a.height)
	lines := theme.Wrap(text, a.width)
	return strings.Join(lines[:min(len(lines), a.height)], "\n")
}

// body draws the columns next to each other.
func (a *App) body() []string {
	rows := make([]strings.Builder, a.bodyHeight())
	for _, c := range a.columns {
		y := 0
		for _, s := range c.slots {
			for _, line := range a.box(c.width, s) {
				if y < len(rows) {
					rows[y].WriteString(line)
				}
				y++
			}
		}
	}
	lines := make([]string, len(rows))
	for i := range rows {
		lines[i] = rows[i].String()
	}
	return lines
}

// box draws a slot: its pane within a border that names it.
func (a *App) box(width int, s slot) []string {
	border := theme.Frame
	if s.active == a.focus && a.dialog == nil {
		border = theme.Accent
	}
	var top theme.Line
	top.Add(border, "╭")
	for i, title := range a.titles(s, width) {
		f := s.tabs[i]
		role := theme.Dim
		if f == s.active {
			role = theme.Strong
		}
		if top.Width()+theme.Width(title)+4 > width {
			break
		}
		top.Add(border, theme.Clear)
		if f == a.focus && a.dialog == nil {
			top.Add(theme.Accent, theme.Here).Add(role, title+" ")
		} else {
			top.Add(role, " "+title+" ")
		}
	}
	top.FillTo(border, theme.Clear, width-1).Add(border, "╮")
	lines := []string{top.Render(a.theme, width, false)}
	side, thumb := a.theme.Render(border, theme.Lifeline), a.theme.Render(border, theme.Thumb)
	first, last := a.thumb(s)
	for i, row := range strings.Split(a.panes[s.active].View(), "\n") {
		right := side
		if i >= first && i < last {
			right = thumb
		}
		lines = append(lines, side+row+right)
	}
	var bottom theme.Line
	bottom.Add(border, "╰").FillTo(border, theme.Clear, width-1).Add(border, "╯")
	return append(lines, bottom.Render(a.theme, width, false))
}

// thumb returns the rows of a slot's border that show which part is visible;
// none if all is.
func (a *App) thumb(s slot) (first, last int) {
	w, ok := a.panes[s.active].(interface {
		Window() (top, visible, total int)
	})
	if !ok {
		return 0, 0
	}
	top, visible, total := w.Window()
	height := s.height - 2
	if total <= visible || visible <= 0 || height <= 0 {
		return 0, 0
	}
	size := max(height*visible/total, 1)
	first = (height - size) * top / (total - visible)
	return first, first + size
}

// titles are the names of a slot's tabs, short ones if the whole ones do not fit.
func (a *App) titles(s slot, width int) []string {
	titles := make([]string, len(s.tabs))
	room := width - 2
	for i, f := range s.tabs {
		titles[i] = a.title(f)
		room -= theme.Width(titles[i]) + 3
	}
	if room >= 0 {
		return titles
	}
	short := map[keymap.Focus]string{keymap.OnStep: "step", keymap.OnSides: "sides", keymap.OnChains: "chains"}
	for i, f := range s.tabs {
		if name, ok := short[f]; ok {
			titles[i] = fmt.Sprintf("%d %s", slices.Index(a.order(), f)+1, name)
		}
	}
	return titles
}

// title is a pane's name with its number.
func (a *App) title(f keymap.Focus) string {
	n := slices.Index(a.order(), f) + 1
	switch f {
	case keymap.OnCatalogue:
		return fmt.Sprintf("%d scenarios", n)
	case keymap.OnStep:
		if s := a.ladder.Step(); s != nil {
			return fmt.Sprintf("%d step %d", n, s.N)
		}
	}
	return fmt.Sprintf("%d %s", n, f)
}
