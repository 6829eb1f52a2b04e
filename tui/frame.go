package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

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
	columns := make([]string, len(a.columns))
	for i, c := range a.columns {
		var lines []string
		for _, s := range c.slots {
			lines = append(lines, a.box(c.width, s)...)
		}
		columns[i] = strings.Join(lines, "\n")
	}
	return strings.Split(lipgloss.JoinHorizontal(lipgloss.Top, columns...), "\n")
}

// border is what panes and dialogs are framed with.
var border = lipgloss.RoundedBorder()

// box draws a slot: its pane within a border that names it.
func (a *App) box(width int, s slot) []string {
	role := theme.Frame
	if s.active == a.shown() && a.dialog == nil {
		role = theme.Accent
	}
	var top theme.Line
	top.Add(role, border.TopLeft)
	for i, title := range a.titles(s, width) {
		f := s.tabs[i]
		name := theme.Dim
		if f == s.active {
			name = theme.Strong
		}
		if top.Width()+theme.Width(title)+4 > width {
			break
		}
		top.Add(role, border.Top)
		if f == a.shown() && a.dialog == nil {
			top.Add(theme.Accent, theme.Here).Add(name, title+" ")
		} else {
			top.Add(name, " "+title+" ")
		}
	}
	top.FillTo(role, border.Top, width-1).Add(role, border.TopRight)
	lines := []string{top.Render(a.theme, width, false)}
	side, thumb := a.theme.Render(role, border.Left), a.theme.Render(role, theme.Thumb)
	first, last := a.thumb(s)
	for i, row := range strings.Split(a.panes[s.active].View(), "\n") {
		right := side
		if i >= first && i < last {
			right = thumb
		}
		lines = append(lines, side+row+right)
	}
	var bottom theme.Line
	bottom.Add(role, border.BottomLeft).FillTo(role, border.Bottom, width-1).Add(role, border.BottomRight)
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
		return fmt.Sprintf("%d %s", n, a.o.Listing.Many)
	case keymap.OnStep:
		if s := a.ladder.Step(); s != nil {
			return fmt.Sprintf("%d step %d", n, s.N)
		}
	}
	return fmt.Sprintf("%d %s", n, f)
}
