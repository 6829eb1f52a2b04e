package tui

import (
	"fmt"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"shakedown/harness/field"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// A searcher is a pane that can be searched.
type searcher interface {
	// Search looks for a query and returns the number of matches; an empty
	// query clears the search.
	Search(query string) int
	// Match selects the next (1) or the previous (-1) match.
	Match(by int)
}

// A searchBox is the line in which a search is typed. It stays after enter, so
// that ] and [ go through the matches, until esc.
type searchBox struct {
	input  textinput.Model
	typing bool
	found  int
	// on is the pane that is searched.
	on keymap.Focus
}

func newInput() textinput.Model {
	in := textinput.New()
	in.Prompt = ""
	in.Focus()
	return in
}

// startSearch opens the line for the focused pane, with what was typed before.
func (a *App) startSearch() tea.Cmd {
	if _, ok := a.panes[a.focus].(searcher); !ok {
		a.say(theme.Dim, "there is nothing to search in this pane")
		return nil
	}
	if a.search == nil || a.search.on != a.focus {
		a.endSearch()
		a.search = &searchBox{input: newInput(), on: a.focus}
	}
	a.search.typing = true
	return nil
}

// searchKey routes a key while a search is typed: text to the line, movement to
// the pane.
func (a *App) searchKey(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "ctrl+c":
		return a.quit()
	case "esc":
		a.endSearch()
		return nil
	case "enter":
		a.search.typing = false
		if a.search.input.Value() == "" {
			a.endSearch()
		}
		return nil
	case "up", "down", "pgup", "pgdown":
		cmd := a.panes[a.focus].Update(msg)
		a.follow()
		return cmd
	}
	return a.searchUpdate(msg)
}

// searchUpdate searches as the person types.
func (a *App) searchUpdate(msg tea.Msg) tea.Cmd {
	before := a.search.input.Value()
	a.search.input, _ = a.search.input.Update(msg)
	if q := a.search.input.Value(); q != before {
		a.search.found = a.panes[a.search.on].(searcher).Search(q)
		a.follow()
	}
	return nil
}

// endSearch clears the search.
func (a *App) endSearch() {
	if a.search == nil {
		return
	}
	a.panes[a.search.on].(searcher).Search("")
	a.search = nil
	a.follow()
}

// match goes to the next or previous match of the search.
func (a *App) match(by int) {
	if a.search == nil {
		a.say(theme.Dim, "nothing is searched for: "+a.keyOf(keymap.Search)+" starts a search")
		return
	}
	if a.search.found == 0 {
		a.say(theme.Warn, fmt.Sprintf("nothing matches %q", field.Printable(a.search.input.Value())))
		return
	}
	a.panes[a.search.on].(searcher).Match(by)
	a.follow()
}

func (a *App) searchFooter() string {
	var l theme.Line
	l.Add(theme.Strong, " /")
	typed(&l, a.search.input)
	words := fmt.Sprintf("%d match", a.search.found)
	switch {
	case a.search.input.Value() == "":
		words = "type to search"
	case a.search.found != 1:
		words += "es"
	}
	l.Right(theme.Dim, words+"   enter keeps it, esc clears it", a.width-1)
	return l.Render(a.theme, a.width, false)
}

// typed draws an input's text with its cursor.
func typed(l *theme.Line, in textinput.Model) {
	text, at := []rune(in.Value()), in.Position()
	at = min(at, len(text))
	l.Add(theme.Text, string(text[:at]))
	if at < len(text) {
		l.Add(theme.Cursor, string(text[at])).Add(theme.Text, string(text[at+1:]))
		return
	}
	l.Add(theme.Cursor, " ")
}
