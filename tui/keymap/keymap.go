// Package keymap holds every key of the terminal UI as data.
//
// For most uses, take [Default] and ask it for the [Action] of a key in a
// [Focus]. The footer, the help and docs/keys.md are made from the same
// bindings, so they cannot disagree with what a key does.
package keymap

import (
	"fmt"
	"slices"

	"charm.land/bubbles/v2/key"
)

// An Action is what a key does. The empty Action is nothing.
type Action string

// The actions.
const (
	Quit       Action = "quit"
	Help       Action = "help"
	Close      Action = "close"
	NextPane   Action = "next-pane"
	PrevPane   Action = "previous-pane"
	Pane1      Action = "pane-1"
	Pane2      Action = "pane-2"
	Pane3      Action = "pane-3"
	Pane4      Action = "pane-4"
	Search     Action = "search"
	NextMatch  Action = "next-match"
	PrevMatch  Action = "previous-match"
	Copy       Action = "copy"
	CopyMenu   Action = "copy-menu"
	Mouse      Action = "mouse"
	Up         Action = "up"
	Down       Action = "down"
	Left       Action = "left"
	Right      Action = "right"
	Top        Action = "top"
	Bottom     Action = "bottom"
	PageUp     Action = "page-up"
	PageDown   Action = "page-down"
	HalfUp     Action = "half-page-up"
	HalfDown   Action = "half-page-down"
	Step       Action = "step"
	Next       Action = "next"
	Continue   Action = "continue"
	Breakpoint Action = "breakpoint"
	Finish     Action = "finish"
	Back       Action = "back"
	Forward    Action = "forward"
	Restart    Action = "restart"
	Transport  Action = "transport"
	Version    Action = "version"
	Open       Action = "open"
	Inspect    Action = "inspect"
	Fold       Action = "fold"
	GoToStep   Action = "go-to-step"
	Choose     Action = "choose"
	Toggle     Action = "toggle"
	WriteFile  Action = "write-file"
	NextFailed Action = "next-failed"
	PrevFailed Action = "previous-failed"
	Zoom       Action = "zoom"
	FoldAll    Action = "fold-all"
	UnfoldAll  Action = "unfold-all"
	Bytes      Action = "bytes"
	NextBuffer Action = "next-buffer"
	PrevBuffer Action = "previous-buffer"
)

// A Scope is a set of bindings that belong together; it is a heading in the help.
type Scope string

// The scopes.
const (
	General     Scope = "everywhere"
	Moving      Scope = "moving"
	Stepping    Scope = "stepping"
	Catalogue   Scope = "catalogue"
	Connections Scope = "connections"
	Handshake   Scope = "handshake"
	Fields      Scope = "step"
	Dump        Scope = "bytes"
	Sides       Scope = "both sides"
	Dialogs     Scope = "dialogs"
	CopyTo      Scope = "copy menu"
)

// A Focus is where keys go: a pane, or an open dialog.
type Focus string

// The focuses.
const (
	OnCatalogue   Focus = "catalogue"
	OnAbout       Focus = "about"
	OnConnections Focus = "connections" // the connections of a recording
	OnConnection  Focus = "connection"
	OnHandshake   Focus = "handshake"
	OnStep        Focus = "step"
	OnBytes       Focus = "bytes" // of the step: a part of its pane
	OnSides       Focus = "both sides"
	OnChains      Focus = "chains"
	OnHelp        Focus = "help"
	OnBreakpoints Focus = "breakpoints"
	OnCopyMenu    Focus = "copy menu"
)

// Focuses are all of them.
var Focuses = []Focus{OnCatalogue, OnAbout, OnConnections, OnConnection, OnHandshake, OnStep, OnBytes, OnSides, OnChains, OnHelp, OnBreakpoints, OnCopyMenu}

// scopes says which bindings are live in a focus.
var scopes = map[Focus][]Scope{
	OnCatalogue:   {Catalogue, Moving, General},
	OnAbout:       {Catalogue, Moving, General},
	OnConnections: {Connections, Moving, General},
	OnConnection:  {Connections, Moving, General},
	OnHandshake:   {Stepping, Handshake, Moving, General},
	OnStep:        {Stepping, Fields, Moving, General},
	OnBytes:       {Stepping, Dump, Moving, General},
	OnSides:       {Stepping, Sides, Moving, General},
	OnChains:      {Stepping, Moving, General},
	OnHelp:        {Dialogs, Moving},
	OnBreakpoints: {Dialogs, Moving},
	OnCopyMenu:    {Dialogs, CopyTo, Moving},
}

// footers name the few keys that matter most in a focus, the most wanted first.
// Help and Quit stand at the right of every footer, beside these.
var footers = map[Focus][]Action{
	OnCatalogue:   {Open, Search, Left, Transport, Version, NextPane},
	OnAbout:       {Open, Down, Transport, Version, Copy, NextPane},
	OnConnections: {Open, NextFailed, Search, Left, NextPane, Copy},
	OnConnection:  {Open, Down, NextFailed, Copy, NextPane},
	OnHandshake:   {Step, Next, Continue, Breakpoint, Back, Restart, Transport, Version, Finish},
	OnStep:        {Step, Back, Fold, Bytes, Search, Zoom, Copy, NextPane},
	OnBytes:       {Left, NextBuffer, Bytes, Zoom, Copy, Step, Back},
	OnSides:       {GoToStep, Restart, Transport, Version, Copy, NextPane, Step, Back},
	OnChains:      {Step, Right, Copy, CopyMenu, Search, NextPane, Back, Restart},
	OnHelp:        {Down, Up, Close},
	OnBreakpoints: {Toggle, Down, Close},
	OnCopyMenu:    {Choose, WriteFile, Close},
}

// A Binding is an action's keys and the words that describe it.
type Binding struct {
	Action Action
	Scope  Scope
	// Keys are keystrokes as Bubble Tea spells them ("ctrl+d", "shift+tab").
	Keys []string
	// Label is one or two words for the footer, Help a sentence.
	Label, Help string
}

// Bubble returns the binding in the form that bubbles components take.
func (b Binding) Bubble() key.Binding {
	return key.NewBinding(key.WithKeys(b.Keys...), key.WithHelp(b.KeyText(), b.Label))
}

// A Map is a set of bindings. It is not changed after it was made and may be
// shared.
type Map struct {
	bindings []Binding
	byKey    map[Scope]map[string]Action
}

// New returns a map of the bindings.
func New(bindings []Binding) *Map {
	m := &Map{bindings: bindings, byKey: map[Scope]map[string]Action{}}
	for _, b := range bindings {
		if m.byKey[b.Scope] == nil {
			m.byKey[b.Scope] = map[string]Action{}
		}
		for _, k := range b.Keys {
			m.byKey[b.Scope][k] = b.Action
		}
	}
	return m
}

// Action returns what a key does in a focus.
func (m *Map) Action(f Focus, key string) Action {
	for _, s := range scopes[f] {
		if a, ok := m.byKey[s][key]; ok {
			return a
		}
	}
	return ""
}

// Bindings returns the live bindings of a focus, its own first.
func (m *Map) Bindings(f Focus) []Binding {
	var live []Binding
	for _, s := range scopes[f] {
		for _, b := range m.bindings {
			if b.Scope == s && len(b.Keys) > 0 {
				live = append(live, b)
			}
		}
	}
	return live
}

// Footer returns the bindings that the footer shows in a focus.
func (m *Map) Footer(f Focus) []Binding {
	live := m.Bindings(f)
	var shown []Binding
	for _, a := range footers[f] {
		if i := slices.IndexFunc(live, func(b Binding) bool { return b.Action == a }); i >= 0 {
			shown = append(shown, live[i])
		}
	}
	return shown
}

// Override returns a map in which actions have other keys; no keys switch an
// action off.
func (m *Map) Override(keys map[Action][]string) (*Map, error) {
	changed := slices.Clone(m.bindings)
	for a, k := range keys {
		found := false
		for i := range changed {
			if changed[i].Action == a {
				changed[i].Keys, found = k, true
			}
		}
		if !found {
			return nil, fmt.Errorf("unknown action %q", a)
		}
	}
	n := New(changed)
	return n, n.Conflict()
}

// Conflict returns an error that names a key with two meanings in one focus.
func (m *Map) Conflict() error {
	for _, f := range Focuses {
		taken := map[string]Action{}
		for _, b := range m.Bindings(f) {
			for _, k := range b.Keys {
				if other, ok := taken[k]; ok {
					return fmt.Errorf("%s: key %q is bound to both %s and %s", f, k, other, b.Action)
				}
				taken[k] = b.Action
			}
		}
	}
	return nil
}
