package pane

import (
	tea "charm.land/bubbletea/v2"
)

// GoToStep asks the App to select the step of that number.
type GoToStep struct{ N int }

// Inspect asks the App to focus the fields of the selected step.
type Inspect struct{}

// Open asks the App to open the selected entry of the catalogue.
type Open struct{ ID string }

// Send returns a command that delivers a message.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// A Clip is something that can be copied.
type Clip struct {
	// Label says what it is, for the menu and the toast ("step 4 as text").
	Label string
	// Ext is the ending of the file that it would make ("txt", "hex", "pem").
	Ext  string
	Text string
}
