package catalog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness/outcome"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// A Pane is the list.
type Pane struct {
	pane.Base
	listing   Listing
	entries   []Entry
	haystacks []string
	failed    int   // entries that failed
	longest   int   // cells of the longest name
	widths    []int // cells of the longest text of each column
	columns   []measured
	notes     []string // as many rows of them as there is room for
	groups    []string
	group     int // index in groups; 0 is all of them
	query     string
	shown     []int // indexes in entries
	headed    bool  // whether rows are under headings of their groups
	cell      outcome.Cell
}

// all is the name of the group that holds every entry.
const all = "all"

// New returns the catalogue of these entries, in their order.
func New(t *theme.Theme, k *keymap.Map, l Listing, entries []Entry) *Pane {
	p := &Pane{Base: pane.Base{Theme: t, Keys: k, On: l.List}, listing: l, entries: entries, groups: []string{all}}
	p.widths = measure(l.Columns, entries)
	p.haystacks = make([]string, len(entries))
	seen := map[string]bool{}
	for i, e := range entries {
		p.haystacks[i] = e.haystack()
		p.longest = max(p.longest, theme.Width(e.name()))
		if e.Verdict == Failed {
			p.failed++
		}
		if !seen[e.Group] {
			seen[e.Group] = true
			p.groups = append(p.groups, e.Group)
		}
	}
	p.filter()
	return p
}

// SetSize lays the list out.
func (p *Pane) SetSize(width, height int) {
	p.Width, p.Height = width, height
	p.notes = p.noteLines()
	p.List.SetHeight(height - 2 - len(p.notes))
	p.columns = fit(p.listing.Columns, p.widths, width-4)
}

// Count returns how many entries there are, and how many of them failed.
func (p *Pane) Count() (entries, failed int) { return len(p.entries), p.failed }

// SetCell says in which cell entries would be opened; those without it are dimmed.
func (p *Pane) SetCell(c outcome.Cell) { p.cell = c }

// Selected returns the selected entry, and whether there is one.
func (p *Pane) Selected() (Entry, bool) {
	if i := p.List.Selected(); i < len(p.shown) {
		return p.entries[p.shown[i]], true
	}
	return Entry{}, false
}

// Find returns the entry of that ID, and whether there is one.
func (p *Pane) Find(id string) (Entry, bool) {
	for _, e := range p.entries {
		if e.ID == id {
			return e, true
		}
	}
	return Entry{}, false
}

// Show selects the entry of that ID, and drops a filter that hides it.
func (p *Pane) Show(id string) {
	for pass := range 2 {
		for i, at := range p.shown {
			if p.entries[at].ID == id {
				p.List.Select(i)
				return
			}
		}
		if pass == 0 {
			p.group, p.query = 0, ""
			p.filter()
		}
	}
}

// Update moves the selection, changes the group, or asks to open an entry.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch a := p.Action(msg); a {
	case keymap.Left:
		p.setGroup(p.group - 1)
	case keymap.Right:
		p.setGroup(p.group + 1)
	case keymap.Open:
		if e, ok := p.Selected(); ok {
			return pane.Send(pane.Open{ID: e.ID})
		}
	default:
		p.Move(a)
	}
	return nil
}

func (p *Pane) setGroup(g int) {
	p.group = (g + len(p.groups)) % len(p.groups)
	p.filter()
}

// Search shows only the entries in which every word of the query occurs, and
// returns how many those are.
func (p *Pane) Search(query string) int {
	p.query = strings.ToLower(query)
	p.filter()
	return len(p.shown)
}

// Match selects the next or previous of the entries shown, around the end.
func (p *Pane) Match(by int) {
	if n := len(p.shown); n > 0 {
		p.List.Select((p.List.Selected() + by + n) % n)
	}
}

// Failed selects the next (1) or the previous (-1) of the shown entries that
// failed, or probably did, around the end, and says whether there is one.
func (p *Pane) Failed(by int) bool {
	n := len(p.shown)
	for i := 1; i <= n; i++ {
		at := (p.List.Selected() + by*i + 2*n*i) % n
		if v := p.entries[p.shown[at]].Verdict; v == Failed || v == Suspect {
			p.List.Select(at)
			return true
		}
	}
	return false
}

// filter works out what is shown, and keeps the selected entry selected.
func (p *Pane) filter() {
	was, had := p.Selected()
	words := strings.Fields(p.query)
	p.shown = p.shown[:0]
	for i := range p.entries {
		if p.matches(i, words) {
			p.shown = append(p.shown, i)
		}
	}
	p.headed = p.group == 0 && len(p.listing.Columns) == 0
	p.List.SetItems(len(p.shown), p.rows)
	p.List.Reset()
	if had {
		for i, at := range p.shown {
			if p.entries[at].ID == was.ID {
				p.List.Select(i)
			}
		}
	}
}

func (p *Pane) matches(i int, words []string) bool {
	if p.group > 0 && p.entries[i].Group != p.groups[p.group] {
		return false
	}
	for _, w := range words {
		if !strings.Contains(p.haystacks[i], w) {
			return false
		}
	}
	return true
}

// rows is how many rows an entry takes: with the heading of its group if it is
// the first of one, and an empty row above that.
func (p *Pane) rows(i int) int {
	switch {
	case !p.headed || !p.leads(i):
		return 1
	case i == 0:
		return 2
	}
	return 3
}

// leads says whether a shown entry is the first of its group.
func (p *Pane) leads(i int) bool {
	return i == 0 || p.entries[p.shown[i]].Group != p.entries[p.shown[i-1]].Group
}

// Click selects what is at row y.
func (p *Pane) Click(y int) { p.Base.Click(y - 2) }

// Copy returns the selected entry's clips.
func (p *Pane) Copy() []pane.Clip {
	e, ok := p.Selected()
	if !ok {
		return nil
	}
	return []pane.Clip{
		{Label: "the " + p.listing.One + "'s " + p.key(), Ext: "txt", Text: e.ID},
		{Label: "title and text", Ext: "txt", Text: e.text()},
	}
}

// key is the word for what an entry is known by.
func (p *Pane) key() string {
	if len(p.listing.Columns) > 0 {
		return "number"
	}
	return "id"
}
