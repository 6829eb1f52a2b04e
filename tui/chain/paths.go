package chain

import (
	"fmt"
	"strings"

	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/tui/theme"
)

// paths lays out the ways from a side's own certificate to a trust anchor, where
// there are several: the one that was used first, then why the others fail.
func (p *Pane) paths(r outcome.Role) (item, bool) {
	d := p.state.Diagnosis
	if d == nil {
		return item{}, false
	}
	list := d.ServerPaths
	if r == outcome.Client {
		list = d.ClientPaths
	}
	if len(list) < 2 {
		return item{}, false
	}
	it := item{side: r}
	words := []string{fmt.Sprintf("%d paths, from below", len(list))}
	var l theme.Line
	it.lines = append(it.lines, *l.Add(theme.Dim, "   "+words[0]))
	for _, path := range list {
		glyph, role := theme.Check, theme.Good
		if path.Fails != "" {
			glyph, role = theme.Cross, theme.Bad
		}
		text := pathText(path)
		words = append(words, text)
		for i, s := range theme.Wrap(text, p.Width-8) {
			var l theme.Line
			if i == 0 {
				l.Add(role, "   "+glyph+" ")
			}
			it.lines = append(it.lines, *l.To(5).Add(theme.Dim, s))
		}
	}
	it.text = strings.Join(words, "\n")
	return it, true
}

func pathText(path diagnose.ChainPath) string {
	text := strings.Join(path.Subjects, ", ")
	if path.Fails != "" {
		text += ": " + path.Fails
	}
	return text
}
