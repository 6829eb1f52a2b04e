package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// key routes a key press.
func (a *App) key(msg tea.KeyPressMsg) tea.Cmd {
	a.notice = notice{}
	if a.dialog != nil {
		return a.dialogKey(msg)
	}
	if a.search != nil && a.search.typing {
		return a.searchKey(msg)
	}
	action := a.keys.Action(a.focus, msg.String())
	if action != keymap.Quit {
		a.leaving = false
	}
	if cmd, done := a.global(action); done {
		return cmd
	}
	if action == "" {
		return nil
	}
	cmd := a.panes[a.focus].Update(msg)
	a.follow()
	return cmd
}

// follow brings along the panes that show what is selected in another.
func (a *App) follow() {
	switch a.focus {
	case a.o.Listing.List:
		a.describe()
	case keymap.OnHandshake:
		a.inspect()
		if a.detail != keymap.OnStep {
			a.detail = keymap.OnStep
			a.layout()
		}
	}
}

// global does what an action means in every pane, and says whether it was one
// of those.
func (a *App) global(action keymap.Action) (tea.Cmd, bool) {
	switch action {
	case keymap.Quit:
		return a.quit(), true
	case keymap.Help:
		a.show(newHelp(a))
	case keymap.Close:
		return a.back(), true
	case keymap.NextPane:
		a.cycle(1)
	case keymap.PrevPane:
		a.cycle(-1)
	case keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4:
		n := slices.Index([]keymap.Action{keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4}, action)
		if order := a.order(); n < len(order) {
			a.setFocus(order[n])
		}
	case keymap.Search:
		return a.startSearch(), true
	case keymap.NextMatch:
		a.match(1)
	case keymap.PrevMatch:
		a.match(-1)
	case keymap.Copy:
		return a.copyFirst(), true
	case keymap.CopyMenu:
		a.openCopyMenu()
	case keymap.Mouse:
		a.mouse = !a.mouse
		if a.mouse {
			a.say(theme.Text, "mouse on: click and wheel work; hold shift to select text")
		} else {
			a.say(theme.Text, "mouse off: the terminal selects text")
		}
	case keymap.Step, keymap.Next, keymap.Continue, keymap.Finish, keymap.Back, keymap.Forward, keymap.Restart:
		return a.command(action), true
	case keymap.Breakpoint:
		a.show(newBreakpoints(a))
	case keymap.Bytes:
		a.enterBytes()
	case keymap.Zoom:
		a.zoom()
	case keymap.NextFailed:
		a.toFailed(1)
	case keymap.PrevFailed:
		a.toFailed(-1)
	case keymap.Transport:
		return a.switchCell(true), true
	case keymap.Version:
		return a.switchCell(false), true
	default:
		return nil, false
	}
	return nil, true
}

// quit leaves, after asking once more where something would be lost.
func (a *App) quit() tea.Cmd {
	if a.o.Unsaved != nil && !a.leaving {
		if lost := a.o.Unsaved(); lost != "" {
			a.leaving = true
			a.say(theme.Warn, lost+": quit again to leave it, any other key stays")
			return nil
		}
	}
	return tea.Quit
}

// enterBytes goes from the fields to their bytes, and back.
func (a *App) enterBytes() {
	switch {
	case a.focus == keymap.OnBytes:
		a.setFocus(keymap.OnStep)
	case a.inspector.HasBytes():
		a.setFocus(keymap.OnBytes)
	default:
		a.say(theme.Dim, "there are no bytes to go to")
	}
}

// zoom gives the focused pane the whole screen, or takes it back.
func (a *App) zoom() {
	if a.width < twoPanes {
		a.say(theme.Dim, "the pane has the whole screen already")
		return
	}
	a.zoomed = !a.zoomed
	a.layout()
}

// back undoes the last thing that was opened: a search, a look at the bytes, a
// zoomed pane, then the session. It never quits.
func (a *App) back() tea.Cmd {
	switch {
	case a.search != nil:
		a.endSearch()
	case a.focus == keymap.OnBytes:
		a.setFocus(keymap.OnStep)
	case a.zoomed:
		a.zoom()
	case a.opening != "":
		a.opening = ""
	case a.session != nil && len(a.o.Catalogue) > 0:
		return a.leave()
	default:
		a.say(theme.Dim, "esc closes what is open; "+a.keyOf(keymap.Quit)+" quits")
	}
	return nil
}

// toFailed selects the next or previous entry that failed.
func (a *App) toFailed(by int) {
	if !a.catalog.Failed(by) {
		a.say(theme.Text, "none of the "+a.o.Listing.Many+" that are shown failed")
	}
	a.describe()
}

// cycle focuses the next or previous pane.
func (a *App) cycle(by int) {
	order := a.order()
	at := slices.Index(order, a.shown())
	a.setFocus(order[(at+by+len(order))%len(order)])
}

// mouseEvent focuses and selects what is clicked, and moves by the wheel.
func (a *App) mouseEvent(msg tea.MouseMsg) tea.Cmd {
	if a.dialog != nil {
		return nil
	}
	m := msg.Mouse()
	f, y, ok := a.at(m.X, m.Y)
	if !ok {
		return nil
	}
	switch msg.(type) {
	case tea.MouseClickMsg:
		a.setFocus(f)
		if c, ok := a.panes[f].(interface{ Click(y int) }); ok {
			c.Click(y)
		}
	case tea.MouseWheelMsg:
		mover, ok := a.panes[f].(interface{ Move(keymap.Action) bool })
		if !ok {
			return nil
		}
		action := keymap.Down
		if m.Button == tea.MouseWheelUp {
			action = keymap.Up
		}
		mover.Move(action)
	}
	a.describe()
	a.inspect()
	return nil
}
