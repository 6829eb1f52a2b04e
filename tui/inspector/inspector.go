// Package inspector is the pane that shows what every byte of a step is: its
// field tree, and the bytes of the selected field.
package inspector

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/scroll"
	"shakedown/tui/theme"
)

// A Pane shows one step.
type Pane struct {
	pane.Base
	step   *dissect.Step
	tree   field.Tree
	told   Told
	head   []theme.Line
	rows   []row
	column int // where values begin
	// folded remembers, by path, what the reader folded or unfolded, also for
	// the steps that follow.
	folded map[string]bool
	search pane.Search
	dump   dump
}

// A row is one visible field.
type row struct {
	field *field.Field
	path  string
	depth int
	open  bool
	// section is shown where it differs from that of the field above.
	section string
}

// New returns an empty inspector.
func New(t *theme.Theme, k *keymap.Map) *Pane {
	return &Pane{Base: pane.Base{Theme: t, Keys: k, On: keymap.OnStep}, folded: map[string]bool{}}
}

// SetStep shows a step, its field tree, and what else is told of it; nil shows none.
func (p *Pane) SetStep(s *dissect.Step, tree field.Tree, told Told) {
	fresh := s == nil || p.step == nil || s.N != p.step.N || s.Name != p.step.Name || len(tree.Fields) != len(p.tree.Fields)
	p.step, p.tree, p.told = s, tree, told
	if fresh {
		p.List.Reset()
	}
	p.build()
	if fresh {
		p.toContent()
		p.follow()
	}
}

// toContent selects what the step is about: the message, below the packet or
// record that carried it, or the frame in its packet. The window begins there,
// or above it where not much is, whatever the pane's height is at this moment.
func (p *Pane) toContent() {
	at := -1
	for i, r := range p.rows {
		if r.field.Label == p.step.Name {
			at = i
			break
		}
		if at < 0 && r.depth == 0 && r.field == p.content() {
			at = i
		}
	}
	if at < 0 {
		return
	}
	height := p.List.Height()
	p.List.SetHeight(1)
	if few := 3; at <= few {
		p.List.SetHeight(len(p.rows))
	}
	p.List.Select(at)
	p.List.SetHeight(height)
}

// content returns the root that holds the step's own message or frame, nil if
// the tree is empty: the one of its name or with one of that name, else the last.
func (p *Pane) content() *field.Field {
	roots := p.tree.Fields
	for i := range roots {
		if roots[i].Label == p.step.Name {
			return &roots[i]
		}
	}
	for i := range roots {
		if slices.ContainsFunc(roots[i].Fields, func(f field.Field) bool { return f.Label == p.step.Name }) {
			return &roots[i]
		}
	}
	if len(roots) == 0 {
		return nil
	}
	return &roots[len(roots)-1]
}

// SetSize lays the pane out.
func (p *Pane) SetSize(width, height int) {
	p.Width, p.Height = width, height
	p.build()
}

// Update moves the selection, and folds; while the keys move over the bytes, it
// moves there.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	a := p.Action(msg)
	if p.dump.entered && p.moveBytes(a) {
		return nil
	}
	switch a {
	case keymap.Fold:
		p.foldOrRead()
	case keymap.FoldAll, keymap.UnfoldAll:
		p.foldAll(p.tree.Fields, "", a == keymap.FoldAll)
		p.build()
	case keymap.PrevBuffer:
		p.switchBuffer(-1)
	case keymap.NextBuffer:
		p.switchBuffer(1)
	case keymap.Right:
		p.unfoldOrEnter()
	case keymap.Left:
		p.foldOrLeave()
	default:
		p.Move(a)
	}
	p.follow()
	return nil
}

// Move moves the selection if the action is a movement up or down.
func (p *Pane) Move(a keymap.Action) bool {
	if p.dump.entered {
		return p.moveBytes(a)
	}
	moved := p.Base.Move(a)
	p.follow()
	return moved
}

func (p *Pane) selected() (row, bool) {
	if i := p.List.Selected(); i < len(p.rows) {
		return p.rows[i], true
	}
	return row{}, false
}

// Search looks for a query in the whole tree, unfolds what holds a match, and
// returns how many match.
func (p *Pane) Search(query string) int {
	if query != "" {
		p.unfold(p.tree.Fields, "", strings.ToLower(query))
		p.build()
	}
	p.search.Set(query, len(p.rows), p.text, &p.List)
	p.follow()
	return p.search.Found()
}

// Match selects the next or previous match.
func (p *Pane) Match(by int) {
	p.search.Step(by, &p.List)
	p.follow()
}

func (p *Pane) text(i int) string { return haystack(p.rows[i].field) }

func haystack(f *field.Field) string {
	return strings.ToLower(f.Label + " " + f.Value + " " + f.Meaning + " " + f.Section)
}

// Click selects the field at row y.
func (p *Pane) Click(y int) {
	p.Base.Click(y - len(p.head))
	p.follow()
}

// build makes the headline and the visible rows.
func (p *Pane) build() {
	was, had := p.selected()
	p.head, p.rows = p.head[:0], p.rows[:0]
	if p.step == nil {
		p.List.SetItems(0, scroll.One)
		return
	}
	p.headline()
	count := 0
	if root := p.content(); root != nil {
		count = leaves(root.Fields)
	}
	p.flatten(p.tree.Fields, "", 0, count)
	p.column = 0
	for _, r := range p.rows {
		p.column = max(p.column, r.depth*2+3+theme.Width(r.field.Label)+2)
	}
	p.column = min(p.column, max(p.Width*9/20, 18))
	p.List.SetItems(len(p.rows), scroll.One)
	p.List.SetHeight(p.Height - len(p.head) - p.bytesHeight())
	if had {
		p.reselect(was.path)
	}
	p.search.Refresh(len(p.rows), p.text)
}
