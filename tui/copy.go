package tui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/scroll"
	"shakedown/tui/theme"
)

// A copier is a pane that has something to copy, the likeliest first.
type copier interface{ Copy() []pane.Clip }

// copied and refused are what came of writing a file.
type (
	copied  struct{ text string }
	refused struct{ text string }
)

// clips are what can be copied in the focused pane.
func (a *App) clips() []pane.Clip {
	var clips []pane.Clip
	if c, ok := a.panes[a.focus].(copier); ok {
		clips = c.Copy()
	}
	if a.inSession() {
		clips = append(clips, pane.Clip{Label: "the command that shows this again", Ext: "sh", Text: a.reproduce()})
	}
	return clips
}

// copyFirst copies what is selected.
func (a *App) copyFirst() tea.Cmd {
	clips := a.clips()
	if len(clips) == 0 {
		a.say(theme.Dim, "there is nothing to copy here")
		return nil
	}
	return a.toClipboard(clips[0])
}

// toClipboard asks the terminal to take a clip into its clipboard (OSC 52).
// Whether it did, a terminal does not say: the menu can write a file instead.
func (a *App) toClipboard(c pane.Clip) tea.Cmd {
	n := pane.Thousands(len([]rune(c.Text)))
	a.say(theme.Good, theme.Check+" copied "+c.Label+", "+n+" characters; if your terminal did not take it, "+a.keyOf(keymap.CopyMenu)+" can write a file")
	return tea.SetClipboard(c.Text)
}

func (a *App) openCopyMenu() {
	clips := a.clips()
	if len(clips) == 0 {
		a.say(theme.Dim, "there is nothing to copy here")
		return
	}
	m := &copyMenu{Base: pane.Base{Theme: a.theme, Keys: a.keys, On: keymap.OnCopyMenu}, app: a, clips: clips}
	m.List.SetItems(len(clips), scroll.One)
	a.show(m)
}

// A copyMenu offers everything that can be copied in a pane, to the clipboard
// or to a file.
type copyMenu struct {
	pane.Base
	app   *App
	clips []pane.Clip
}

func (m *copyMenu) title() string       { return "copy" }
func (m *copyMenu) focus() keymap.Focus { return keymap.OnCopyMenu }

func (m *copyMenu) size(width, height int) (int, int) {
	return min(width, 60), min(height, len(m.clips))
}

func (m *copyMenu) update(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	clip := m.clips[m.List.Selected()]
	switch a := m.Action(msg); a {
	case keymap.Close:
		return nil, true
	case keymap.Choose, keymap.Toggle:
		return m.app.toClipboard(clip), true
	case keymap.WriteFile:
		return func() tea.Msg { return toFile(clip) }, true
	default:
		m.Move(a)
	}
	return nil, false
}

func (m *copyMenu) lines(width, height int) []string {
	m.Width, m.Height = width, height
	m.List.SetHeight(height)
	r := m.Rows()
	m.List.Visible(func(_, i, _ int) {
		c := m.clips[i]
		var l theme.Line
		l.Cut(theme.Text, " "+c.Label, width-18)
		l.Right(theme.Dim, pane.Thousands(len([]rune(c.Text)))+" chars", width-1)
		r.Add(l, i == m.List.Selected())
	})
	return fill(m.Theme, strings.Split(r.String(), "\n"), width, height)
}

// toFile writes a clip to a new file in the working directory; it overwrites none.
func toFile(c pane.Clip) tea.Msg {
	stem := "shakedown-" + strings.Join(strings.FieldsFunc(strings.ToLower(c.Label), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	}), "-")
	for n := range 100 {
		name := stem + "." + c.Ext
		if n > 0 {
			name = fmt.Sprintf("%s-%d.%s", stem, n, c.Ext)
		}
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return refused{err.Error()}
		}
		_, err = f.WriteString(c.Text)
		if err = errors.Join(err, f.Close()); err != nil {
			return refused{err.Error()}
		}
		return copied{theme.Check + " wrote " + c.Label + " to " + name}
	}
	return refused{"there are already a hundred files like " + stem + "." + c.Ext}
}

// quote returns s as one word of a shell.
func quote(s string) string {
	safe := s != ""
	for _, r := range s {
		safe = safe && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+,=", r))
	}
	if safe {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
