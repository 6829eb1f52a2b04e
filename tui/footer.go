package tui

import (
	"fmt"

	"shakedown/harness"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// footer shows the keys of the focused pane, or what was just said, or the
// search that is being typed.
func (a *App) footer() string {
	var l theme.Line
	l.Add(theme.Text, " ")
	switch {
	case a.search != nil && a.search.typing && a.dialog == nil:
		return a.searchFooter()
	case a.notice.text != "":
		l.Cut(a.notice.role, a.notice.text, a.width-2)
		return l.Render(a.theme, a.width, false)
	case a.dialog != nil:
		for _, b := range a.keys.Footer(a.dialog.focus()) {
			a.hint(&l, b, a.width)
		}
		return l.Render(a.theme, a.width, false)
	}
	right := a.rightFooter()
	room := a.width - right.Width() - 1
	for _, b := range a.hints() {
		a.hint(&l, b, room)
	}
	return l.To(a.width-right.Width()).Append(right).Render(a.theme, a.width, false)
}

// hints are the footer's keys: six of them, a few more on a wide screen. Those
// that can be used now go before those that cannot; where no step shows what is
// selected, there is none to go to.
func (a *App) hints() []keymap.Binding {
	most := 6
	if a.width >= threePanes {
		most = 8
	}
	var on, off []keymap.Binding
	for _, b := range a.keys.Footer(a.focus) {
		switch {
		case b.Action == keymap.GoToStep && a.sides.Shown() == 0:
		case !a.off(b.Action):
			on = append(on, b)
		case commands[b.Action] != harness.CommandSwitch: // which is off for good
			off = append(off, b)
		}
	}
	on = append(on, off...)
	return on[:min(len(on), most)]
}

// hint adds a key and its word, as far as there is room. A key that cannot be
// used now is faint; pressing it says why.
func (a *App) hint(l *theme.Line, b keymap.Binding, room int) {
	key, label := b.KeyText(), b.Label
	switch {
	case b.Action == keymap.Left && a.focus == keymap.OnCatalogue:
		key, label = theme.ToLeft+theme.ToRight, "group"
	case b.Action == keymap.Left && a.focus == keymap.OnConnections:
		key, label = theme.ToLeft+theme.ToRight, "outcome"
	case b.Action == keymap.Left && a.focus == keymap.OnBytes:
		key, label = theme.ToLeft+theme.ToRight, "byte"
	case b.Action == keymap.Right && a.focus == keymap.OnChains:
		key, label = theme.ToLeft+theme.ToRight, "side"
	}
	if l.Width()+theme.Width(key)+theme.Width(label)+3 > room {
		return
	}
	keyRole := theme.Strong
	if a.off(b.Action) {
		keyRole = theme.Dim
	}
	l.Add(keyRole, key).Add(theme.Dim, " "+label+"  ")
}

// off says whether an action cannot be done now.
func (a *App) off(action keymap.Action) bool {
	c, ok := commands[action]
	if !ok || !a.inSession() {
		return false
	}
	_, off := a.session.state.Disabled[c]
	return off
}

func (a *App) rightFooter() theme.Line {
	var l theme.Line
	if a.search != nil {
		l.Add(theme.Match, "/"+a.search.input.Value()).Add(theme.Dim, fmt.Sprintf(" %d found  ", a.search.found))
	}
	for _, b := range a.keys.In(keymap.General) {
		if b.Action == keymap.Help || b.Action == keymap.Quit {
			l.Add(theme.Strong, b.KeyText()).Add(theme.Dim, " "+b.Label+"  ")
		}
	}
	return l
}
