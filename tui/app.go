package tui

import (
	"charm.land/bubbles/v2/help"
	tea "charm.land/bubbletea/v2"

	"shakedown/harness/crossref"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/tui/catalog"
	"shakedown/tui/chain"
	"shakedown/tui/inspector"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
	"shakedown/tui/timeline"
	"shakedown/tui/verdict"
)

// A Pane is one region of the screen. It renders itself and offers its keys;
// the App decides its size, its focus, and which messages it sees.
type Pane interface {
	SetSize(width, height int)
	SetFocus(bool)
	Update(tea.Msg) tea.Cmd
	View() string
	help.KeyMap
}

// An App is the whole UI as a Bubble Tea model. Make one with [New].
type App struct {
	o     Options
	theme *theme.Theme
	keys  *keymap.Map
	ascii bool

	width, height int
	columns       []column

	catalog   *catalog.Pane
	about     *catalog.About
	ladder    *timeline.Pane
	inspector *inspector.Pane
	sides     *verdict.Pane
	chains    *chain.Pane
	panes     map[keymap.Focus]Pane

	// focus is the focused pane. detail is the pane that shares a slot with
	// others and is on top of it.
	focus  keymap.Focus
	detail keymap.Focus
	lower  keymap.Focus

	session *session
	opening string // ID of the entry that is being opened
	cell    outcome.Cell
	// runTo is the cell that a session is to be run to the end in, as soon as
	// it waits there.
	runTo *outcome.Cell

	dialog  dialog
	search  *searchBox
	kept    *searchBox // the catalogue's search, while a session is open
	notice  notice
	mouse   bool
	zoomed  bool // the focused pane has the whole screen
	leaving bool
}

// A notice is one line in the footer, until the next key.
type notice struct {
	text string
	role theme.Role
}

// New returns the UI, on the catalogue.
func New(o Options) *App {
	if o.Keys == nil {
		o.Keys = keymap.Default()
	}
	if o.Listing.Many == "" {
		o.Listing = catalog.Scenarios
	}
	t := theme.Default()
	a := &App{
		o: o, theme: t, keys: o.Keys, ascii: !o.utf8(), mouse: o.Mouse,
		catalog:   catalog.New(t, o.Keys, o.Listing, o.Catalogue),
		about:     catalog.NewAbout(t, o.Keys, o.Listing),
		ladder:    timeline.New(t, o.Keys),
		inspector: inspector.New(t, o.Keys),
		sides:     verdict.New(t, o.Keys),
		chains:    chain.New(t, o.Keys),
		focus:     o.Listing.List,
		detail:    keymap.OnStep,
		lower:     keymap.OnSides,
		cell:      outcome.Cell{Transport: outcome.TCP, TLS: "1.3"},
	}
	a.panes = map[keymap.Focus]Pane{
		o.Listing.List: a.catalog, o.Listing.Beside: a.about,
		keymap.OnHandshake: a.ladder, keymap.OnStep: a.inspector, keymap.OnBytes: a.inspector, keymap.OnSides: a.sides, keymap.OnChains: a.chains,
	}
	if o.StartCell != (outcome.Cell{}) {
		a.cell = o.StartCell
	}
	a.catalog.SetCell(a.cell)
	a.catalog.Show(o.Start)
	a.describe()
	if o.Debugger != nil {
		a.attach(o.Debugger)
	}
	return a
}

// Init opens what the options name.
func (a *App) Init() tea.Cmd {
	switch {
	case a.session != nil:
		return a.session.wait()
	case a.o.Start != "":
		return a.open(a.o.Start)
	}
	return nil
}

// Update routes a message: to the open dialog, the text input, the global keys,
// the focused pane, in this order. Session events go to every pane.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = msg.Width, msg.Height
		a.layout()
		return a, nil
	case tea.KeyPressMsg:
		return a, a.key(msg)
	case tea.PasteMsg:
		if a.search != nil {
			return a, a.searchUpdate(msg)
		}
	case tea.MouseMsg:
		return a, a.mouseEvent(msg)
	case opened:
		return a, a.opened(msg)
	case changed:
		return a, a.changed(msg)
	case restarted:
		msg.s.restarting = false
	case pane.Open:
		return a, a.open(msg.ID)
	case pane.Inspect:
		a.setFocus(keymap.OnStep)
	case pane.GoToStep:
		a.ladder.GoTo(msg.N)
		a.inspect()
		a.setFocus(keymap.OnHandshake)
	case copied:
		a.say(theme.Good, msg.text)
	case refused:
		a.say(theme.Bad, msg.text)
	}
	return a, nil
}

// View draws the frame.
func (a *App) View() tea.View {
	v := tea.NewView(a.frame())
	v.AltScreen = true
	v.WindowTitle = "shakedown"
	if a.session != nil {
		v.WindowTitle += " " + field.Shorten(a.session.state.ID, 60)
	}
	if a.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// setFocus gives a pane the keys.
func (a *App) setFocus(f keymap.Focus) {
	a.focus = f
	a.inspector.InBytes(f == keymap.OnBytes)
	switch f {
	case keymap.OnStep, keymap.OnBytes:
		a.detail = keymap.OnStep
	case keymap.OnSides, keymap.OnChains:
		a.detail, a.lower = f, f
	}
	a.layout()
}

// shown is the focused pane as the layout knows it: the bytes are a part of the
// step.
func (a *App) shown() keymap.Focus {
	if a.focus == keymap.OnBytes {
		return keymap.OnStep
	}
	return a.focus
}

// say shows a line in the footer until the next key.
func (a *App) say(r theme.Role, text string) { a.notice = notice{text: text, role: r} }

// inSession says whether the debugger is on the screen, not the catalogue.
func (a *App) inSession() bool { return a.session != nil }

// order is the panes of the page in the order of tab and of their numbers.
func (a *App) order() []keymap.Focus {
	if a.inSession() {
		return []keymap.Focus{keymap.OnHandshake, keymap.OnStep, keymap.OnSides, keymap.OnChains}
	}
	return []keymap.Focus{a.o.Listing.List, a.o.Listing.Beside}
}

// describe shows the selected entry in the pane beside the list.
func (a *App) describe() {
	e, ok := a.catalog.Selected()
	a.about.SetEntry(e, ok, a.cell)
}

// inspect shows the selected step's fields.
func (a *App) inspect() {
	s := a.ladder.Step()
	if s == nil {
		a.inspector.SetStep(nil, field.Tree{}, inspector.Told{})
		return
	}
	var book *crossref.Book
	if a.session != nil {
		book = a.session.state.Book
	}
	tree := book.Tree
	if a.o.Tree != nil {
		tree = a.o.Tree
	}
	a.inspector.SetStep(s, tree(s), inspector.Told{Says: book.Says(s), Checks: book.Checks(s)})
}
