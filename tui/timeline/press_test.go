package timeline_test

import tea "charm.land/bubbletea/v2"

func press(name string) tea.KeyPressMsg {
	return tea.KeyPressMsg{Code: map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight}[name]}
}
