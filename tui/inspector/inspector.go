// Package inspector is the pane that shows what every byte of a step is: its
// field tree, and the bytes of the selected field.
package inspector

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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
	fresh := s == nil || p.step == nil || s.N != p.step.N || s.Name != p.step.Name
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
// record that carried it.
func (p *Pane) toContent() {
	for i, r := range p.rows {
		if r.depth == 0 && r.field == p.content() {
			p.List.Select(i)
		}
	}
}

// content returns the root that holds the step's own message, nil if the tree
// is empty: the one of its name, else the last.
func (p *Pane) content() *field.Field {
	roots := p.tree.Fields
	for i := range roots {
		if roots[i].Label == p.step.Name {
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

// foldOrRead folds or unfolds the selected field; of one without parts it shows
// the meaning to its end.
func (p *Pane) foldOrRead() {
	switch r, ok := p.selected(); {
	case !ok:
	case len(r.field.Fields) > 0:
		p.fold(r, r.open)
	case p.dump.whole == r.path:
		p.dump.whole = ""
	default:
		p.dump.whole = r.path
	}
}

// foldAll folds every field but the outermost, or unfolds every field. What was
// selected stays so, or what it is folded into.
func (p *Pane) foldAll(fields []field.Field, path string, folded bool) {
	for i := range fields {
		at := child(path, &fields[i], i)
		if len(fields[i].Fields) > 0 {
			p.folded[at] = folded && path != ""
			p.foldAll(fields[i].Fields, at, folded)
		}
	}
}

func (p *Pane) unfoldOrEnter() {
	r, ok := p.selected()
	switch {
	case !ok || len(r.field.Fields) == 0:
	case r.open:
		p.List.Move(1)
	default:
		p.fold(r, false)
	}
}

func (p *Pane) foldOrLeave() {
	r, ok := p.selected()
	switch {
	case !ok:
	case r.open && len(r.field.Fields) > 0:
		p.fold(r, true)
	default:
		for i := p.List.Selected() - 1; i >= 0; i-- {
			if p.rows[i].depth < r.depth {
				p.List.Select(i)
				return
			}
		}
	}
}

func (p *Pane) fold(r row, folded bool) {
	p.folded[r.path] = folded
	p.build()
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

// unfold opens the fields that hold a match, and says whether there was one.
func (p *Pane) unfold(fields []field.Field, path, query string) bool {
	found := false
	for i := range fields {
		f := &fields[i]
		at := child(path, f, i)
		if p.unfold(f.Fields, at, query) {
			p.folded[at] = false
			found = true
		}
		found = found || strings.Contains(haystack(f), query)
	}
	return found
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

// reselect selects the field of that path, or what it is folded into.
func (p *Pane) reselect(path string) {
	if r, ok := p.selected(); ok && r.path == path {
		return
	}
	for i := len(p.rows) - 1; i >= 0; i-- {
		if at := p.rows[i].path; at == path || strings.HasPrefix(path, at+"/") {
			p.List.Select(i)
			return
		}
	}
}

// fewFields is how many leaves a message may have to be shown unfolded throughout.
const fewFields = 28

func (p *Pane) flatten(fields []field.Field, path string, depth, count int) {
	for i := range fields {
		f := &fields[i]
		at := child(path, f, i)
		folded, chosen := p.folded[at]
		if !chosen {
			bits := f.Leaf() && len(f.Fields) > 0 // a byte says what it is before its bits do
			folded = depth == 0 && f != p.content() || depth > 1 && count > fewFields || bits
		}
		r := row{field: f, path: at, depth: depth, open: !folded}
		if n := len(p.rows); n == 0 || p.rows[n-1].field.Section != f.Section {
			r.section = f.Section
		}
		p.rows = append(p.rows, r)
		if r.open {
			p.flatten(f.Fields, at, depth+1, count)
		}
	}
}

// child is the path of a field within another: by label and place, as labels
// repeat in lists.
func child(path string, f *field.Field, i int) string {
	return path + "/" + f.Label + "#" + strconv.Itoa(i)
}

func leaves(fields []field.Field) int {
	n := 0
	for i := range fields {
		if len(fields[i].Fields) == 0 {
			n++
		}
		n += leaves(fields[i].Fields)
	}
	return n
}

// headline says what the step is before its bytes are taken apart.
func (p *Pane) headline() {
	s := p.step
	if s.Kind == dissect.KindLocal {
		p.line(theme.Strong, " "+string(s.From)+": "+strings.ReplaceAll(s.Name, "-", " "))
		p.wrapped(theme.Text, s.Summary, 6)
		p.line(theme.Dim, "")
		p.wrapped(theme.Dim, fmt.Sprintf("What the %s itself reports, %s after the start. It put no bytes on the wire, so there are no fields.", s.From, elapsed(s.At)), 4)
		return
	}
	var l theme.Line
	l.Add(theme.Strong, " "+s.Name)
	size := "+" + elapsed(s.At)
	if s.Bytes > 0 {
		size = pane.Bytes(s.Bytes) + " " + theme.Dot + " " + size
	}
	p.head = append(p.head, *l.Right(theme.Dim, size, p.Width-1))
	facts := []string{fmt.Sprintf("%s %s %s", s.From, theme.ToRight, s.From.Peer())}
	if s.Kind != dissect.KindTransport {
		facts = append(facts, pane.LevelWords(s.Level))
	}
	if s.WireBytes > 0 && s.WireBytes != s.Bytes {
		facts = append(facts, pane.Thousands(s.WireBytes)+" on the wire")
	}
	p.wrapped(theme.Dim, strings.Join(facts, " "+theme.Dot+" "), 2)
	if s.Held {
		p.wrapped(theme.Warn, "held at the gate: the "+string(s.From.Peer())+" has not seen a byte of it", 2)
	}
	for _, m := range s.Marks {
		if m != "held" {
			p.line(theme.Warn, " "+string(m)+" on the path")
		}
	}
	if s.Err != nil {
		p.wrapped(theme.Bad, theme.Cross+" "+s.Err.Error(), 3)
	} else if t := summary(s); t != "" {
		p.wrapped(theme.Text, t, 3)
	}
	p.toldLines()
	p.line(theme.Dim, "")
}

// summary is what the step's own summary adds to its name.
func summary(s *dissect.Step) string {
	switch {
	case s.Summary == s.Name:
		return ""
	case s.Kind == dissect.KindAlert && s.Alert != nil:
		return strings.Replace(s.Summary, strings.TrimPrefix(s.Name, "alert ")+" (", "(", 1)
	}
	return s.Summary
}

func (p *Pane) line(r theme.Role, text string) {
	var l theme.Line
	p.head = append(p.head, *l.Add(r, text))
}

// wrapped adds text over a few rows at most, fewer in a low pane.
func (p *Pane) wrapped(r theme.Role, text string, most int) {
	lines := theme.Wrap(text, p.Width-2)
	if most = min(most, max(p.Height/6, 1)); len(lines) > most {
		lines = lines[:most]
		lines[most-1] = theme.Shorten(lines[most-1]+" "+theme.Ellipsis, p.Width-2)
	}
	for _, s := range lines {
		p.line(r, " "+s)
	}
}

func elapsed(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
