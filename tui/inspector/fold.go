package inspector

import (
	"strconv"
	"strings"

	"shakedown/harness/crossref"
	"shakedown/harness/field"
)

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
			folded = depth == 0 && f != p.content() && f.Label != crossref.Arrived+p.step.Name || depth > 1 && count > fewFields || bits
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
