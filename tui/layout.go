package tui

import (
	"slices"

	"shakedown/tui/keymap"
)

// The sizes at which the layout changes.
const (
	minWidth, minHeight = 40, 10
	twoPanes            = 80
	threePanes          = 120
	fourPanes           = 160
)

// A column is a part of the screen's width, with slots from top to bottom.
type column struct {
	width int
	slots []slot
}

// A slot shows one of several panes, the others being tabs in its border.
type slot struct {
	height int
	tabs   []keymap.Focus
	active keymap.Focus
}

// layout decides what is where, and sizes the panes that are visible. It
// changes no selection, no scroll position and no focus.
func (a *App) layout() {
	a.columns = nil
	height := a.bodyHeight()
	if a.tooSmall() {
		return
	}
	switch {
	case a.zoomed:
		a.columns = []column{{a.width, []slot{only(height, a.shown())}}}
	case a.inSession():
		a.columns = a.debuggerColumns(height)
	case a.width >= twoPanes:
		a.columns = a.catalogueColumns(height)
	default:
		a.columns = []column{{a.width, []slot{only(height, a.focus)}}}
	}
	for f, p := range a.panes {
		if f != keymap.OnBytes { // which is the step's pane once more
			p.SetFocus(f == a.shown() && a.dialog == nil)
		}
	}
	sides := slices.ContainsFunc(a.columns, func(c column) bool {
		return slices.ContainsFunc(c.slots, func(s slot) bool { return s.active == keymap.OnSides })
	})
	a.ladder.ShowNotes(!sides)
	a.sides.Titled(a.width >= twoPanes && a.headerHeight() > 1)
	for _, c := range a.columns {
		for _, s := range c.slots {
			a.panes[s.active].SetSize(c.width-2, s.height-2)
		}
	}
}

// catalogueColumns puts what is said of an entry beside the list, or, where the
// list has columns of its own, below it.
func (a *App) catalogueColumns(height int) []column {
	list, beside := a.o.Listing.List, a.o.Listing.Beside
	if len(a.o.Listing.Columns) > 0 {
		below := min(height*2/5, 14)
		return []column{{a.width, []slot{only(height-below, list), only(below, beside)}}}
	}
	width := a.width * 3 / 5
	return []column{
		{width, []slot{only(height, list)}},
		{a.width - width, []slot{only(height, beside)}},
	}
}

func (a *App) debuggerColumns(height int) []column {
	ladder := only(height, keymap.OnHandshake)
	switch {
	case a.width >= fourPanes:
		left := min(a.width*2/5, 94)
		middle := (a.width - left) / 2
		return []column{
			{left, []slot{ladder}},
			{middle, []slot{only(height, keymap.OnStep)}},
			{a.width - left - middle, a.lowerSlots(height, 26)},
		}
	case a.width >= threePanes:
		left := a.width / 2
		upper := height * 3 / 5
		switch {
		case a.focus == keymap.OnBytes:
			upper = height * 4 / 5
		case a.session.state.Diagnosis != nil && a.focus != keymap.OnStep:
			upper = height * 2 / 5 // the end asks why, and that takes more words
		}
		return []column{
			{left, []slot{ladder}},
			{a.width - left, append([]slot{only(upper, keymap.OnStep)}, a.lowerSlots(height-upper, 40)...)},
		}
	case a.width >= twoPanes:
		left := a.width * 11 / 20
		return []column{
			{left, []slot{ladder}},
			{a.width - left, []slot{{height, []keymap.Focus{keymap.OnStep, keymap.OnSides, keymap.OnChains}, a.detail}}},
		}
	}
	return []column{{a.width, []slot{only(height, a.shown())}}}
}

// lowerSlots holds both sides and the chains: one above the other from that
// height on, else as tabs.
func (a *App) lowerSlots(height, both int) []slot {
	if height >= both {
		return []slot{only(height-height/2, keymap.OnSides), only(height/2, keymap.OnChains)}
	}
	return []slot{{height, []keymap.Focus{keymap.OnSides, keymap.OnChains}, a.lower}}
}

func only(height int, f keymap.Focus) slot {
	return slot{height, []keymap.Focus{f}, f}
}

func (a *App) tooSmall() bool { return a.width < minWidth || a.height < minHeight }

// headerHeight is a line, and from a certain height on one for the title, or
// the breadcrumb where panes are stacked.
func (a *App) headerHeight() int {
	if a.width < twoPanes || a.height >= 28 {
		return 2
	}
	return 1
}

func (a *App) bodyHeight() int { return max(a.height-a.headerHeight()-1, 0) }

// at returns the pane at a place on the screen, and the row within it.
func (a *App) at(x, y int) (keymap.Focus, int, bool) {
	y -= a.headerHeight()
	for _, c := range a.columns {
		if x >= c.width {
			x -= c.width
			continue
		}
		for _, s := range c.slots {
			if y >= 0 && y < s.height {
				return s.active, y - 1, true
			}
			y -= s.height
		}
		break
	}
	return "", 0, false
}
