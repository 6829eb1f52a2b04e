package keymap

// Default returns the keys as they come. No ctrl+a and no ctrl+b: screen and
// tmux take those.
func Default() *Map {
	return New([]Binding{
		{Step, Stepping, []string{"s"}, "step", "release the held unit, or move over one recorded step"},
		{Next, Stepping, []string{"n"}, "flight", "go on to the end of the flight"},
		{Continue, Stepping, []string{"c"}, "continue", "go on to a breakpoint or to the end"},
		{Finish, Stepping, []string{"f"}, "finish", "go to the end, whatever breakpoints there are"},
		{Back, Stepping, []string{"p"}, "back", "one step back over what is recorded"},
		{Forward, Stepping, []string{"P"}, "forward", "one step forward over what is recorded, releasing nothing"},
		{Restart, Stepping, []string{"r"}, "restart", "again from the start, paused; a recording from its first step"},
		{Breakpoint, Stepping, []string{"b"}, "break", "set and clear breakpoints"},
		{Transport, Stepping, []string{"t"}, "transport", "switch between TCP and QUIC and run again"},
		{Version, Stepping, []string{"v"}, "version", "switch between TLS 1.2 and 1.3 and run again"},

		{Open, Catalogue, []string{"enter"}, "open", "open the scenario, paused before its first unit"},
		{Transport, Catalogue, []string{"t"}, "transport", "switch the transport to open with"},
		{Version, Catalogue, []string{"v"}, "version", "switch the TLS version to open with"},

		{Open, Connections, []string{"enter"}, "open", "open the connection: at the step that ended it, or at its first"},
		{NextFailed, Connections, []string{"f"}, "failed", "to the next connection that did not succeed"},
		{PrevFailed, Connections, []string{"F"}, "previous failed", "to the previous connection that did not succeed"},

		{Inspect, Handshake, []string{"enter"}, "inspect", "go to the fields of the selected step"},
		{Fold, Fields, []string{"enter", "space"}, "fold", "fold or unfold the field"},
		{Bytes, Fields, []string{"x"}, "bytes", "go to the bytes: moving there selects the field"},
		{UnfoldAll, Fields, []string{"+"}, "unfold all", "unfold every field"},
		{FoldAll, Fields, []string{"-"}, "fold all", "fold every field but the outermost"},
		{PrevBuffer, Fields, []string{"<"}, "previous buffer", "to the bytes that these were made from"},
		{NextBuffer, Fields, []string{">"}, "next buffer", "to the bytes that were made from these"},

		{Bytes, Dump, []string{"x", "enter"}, "fields", "back to the fields, on the one that was selected"},
		{PrevBuffer, Dump, []string{"<"}, "previous buffer", "to the bytes that these were made from"},
		{NextBuffer, Dump, []string{">"}, "next buffer", "to the bytes that were made from these"},

		{GoToStep, Sides, []string{"enter"}, "to step", "go to the step that shows the evidence"},

		{Up, Moving, []string{"up", "k"}, "up", "one up"},
		{Down, Moving, []string{"down", "j"}, "down", "one down"},
		{Left, Moving, []string{"left", "h"}, "left", "the group, flight, field, byte or section before"},
		{Right, Moving, []string{"right", "l"}, "right", "the group, flight, field, byte or section behind"},
		{Top, Moving, []string{"g", "home"}, "top", "to the first"},
		{Bottom, Moving, []string{"G", "end"}, "bottom", "to the last"},
		{PageUp, Moving, []string{"pgup"}, "page up", "one page up"},
		{PageDown, Moving, []string{"pgdown"}, "page down", "one page down"},
		{HalfUp, Moving, []string{"ctrl+u"}, "half page up", "half a page up"},
		{HalfDown, Moving, []string{"ctrl+d"}, "half page down", "half a page down"},

		{Search, General, []string{"/"}, "search", "search as you type; a catalogue shows only what matches"},
		{NextMatch, General, []string{"]"}, "next match", "to the next match"},
		{PrevMatch, General, []string{"["}, "previous match", "to the previous match"},
		{NextPane, General, []string{"tab"}, "pane", "focus the next pane"},
		{PrevPane, General, []string{"shift+tab"}, "previous pane", "focus the previous pane"},
		{Pane1, General, []string{"1"}, "pane 1", "focus the first pane: the catalogue, or the handshake"},
		{Pane2, General, []string{"2"}, "pane 2", "focus the second pane: about, or the step"},
		{Pane3, General, []string{"3"}, "pane 3", "focus the third pane: both sides"},
		{Pane4, General, []string{"4"}, "pane 4", "focus the fourth pane: the chains"},
		{Zoom, General, []string{"z"}, "zoom", "give the pane the whole screen, and back"},
		{Copy, General, []string{"y"}, "copy", "copy what is selected"},
		{CopyMenu, General, []string{"Y"}, "copy as", "choose what to copy: text, hex, PEM, the command"},
		{Mouse, General, []string{"m"}, "mouse", "mouse on or off; off, the terminal selects text"},
		{Help, General, []string{"?"}, "help", "all keys, filtered as you type"},
		{Close, General, []string{"esc"}, "back", "close, clear the search, or go back; never quits"},
		{Quit, General, []string{"q", "ctrl+c"}, "quit", "leave"},

		{Search, Dialogs, []string{"/"}, "filter", "show only what matches"},
		{Toggle, Dialogs, []string{"space"}, "set or clear", "set or clear the breakpoint"},
		{Choose, Dialogs, []string{"enter"}, "choose", "take the selected entry"},
		{Close, Dialogs, []string{"esc", "q"}, "close", "close the dialog"},
		{Quit, Dialogs, []string{"ctrl+c"}, "quit", "leave"},
		{WriteFile, CopyTo, []string{"w"}, "to a file", "write the selected entry to a new file here"},
	})
}
