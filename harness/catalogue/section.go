package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/causes"
)

// section writes one cause: what it is, what it looks like, what tells it from
// others, what mends it, and where to see it.
func (d *document) section(b *strings.Builder, c causes.Cause) {
	fmt.Fprintf(b, "### %s\n\n**%s.** %s\n\n", c.ID, prose(c.Title), prose(c.Explanation))
	rows := merged(d.first(c))
	d.rows(b, c, rows)
	d.more(b, differently(rows, merged(d.by[c.ID])))
	evidence(b, c, rows)
	d.lookalikes.of(b, c, rows)
	foreign(b, c)
	fmt.Fprintf(b, "**Remedy.** %s\n\n", prose(c.Remedy))
	d.foot(b, c)
}

// first returns the sights of the scenario that the cause names, else of the
// first that shows it. Of a scenario with one connection they are all of its
// cells: that the fault does not exist over one transport is worth seeing.
func (d *document) first(c causes.Cause) []*sight {
	all := d.by[c.ID]
	if len(all) == 0 {
		return nil
	}
	id := all[0].scenario
	if slices.ContainsFunc(all, func(s *sight) bool { return s.scenario == c.Scenario }) {
		id = c.Scenario
	}
	var list []*sight
	for _, s := range d.all {
		if s.scenario == id && (s.of == 1 || slices.Contains(all, s)) {
			list = append(list, s)
		}
	}
	return list
}

// differently returns of all sights those that have words which are not in rows,
// each words once.
func differently(rows, all []*sight) []*sight {
	seen := slices.Clone(rows)
	var more []*sight
	for _, s := range all {
		if !slices.ContainsFunc(seen, s.sameWords) {
			seen, more = append(seen, s), append(more, s)
		}
	}
	return more
}

// rows writes what the cause looks like in its own scenario.
func (d *document) rows(b *strings.Builder, c causes.Cause, rows []*sight) {
	aside := slices.ContainsFunc(rows, func(s *sight) bool { return s.cause != c.ID })
	head := []string{"over", "the client reports", "the server reports", "alert", "ends"}
	if aside {
		head = append(head, "cause")
	}
	lines := make([][]string, 0, len(rows))
	for _, s := range rows {
		line := []string{s.over(), s.client, s.server, s.alert, s.end}
		switch {
		case aside && s.cause == "":
			line = append(line, "none")
		case aside && s.cause == c.ID:
			line = append(line, "this one")
		case aside:
			line = append(line, link(s.cause, "", s.cause))
		}
		lines = append(lines, line)
	}
	table(b, head, lines)
}

// more writes what the cause looks like in other scenarios.
func (d *document) more(b *strings.Builder, rows []*sight) {
	if len(rows) == 0 {
		return
	}
	b.WriteString("The same cause in other scenarios, where a side says something else:\n\n")
	lines := make([][]string, 0, len(rows))
	for _, s := range rows {
		lines = append(lines, []string{link(s.scenario, ScenariosFile, s.scenario), s.over(), s.client, s.server, s.alert, s.end})
	}
	table(b, []string{"scenario", "over", "the client reports", "the server reports", "alert", "ends"}, lines)
}

// foot says where the cause can be seen and where it was measured.
func (d *document) foot(b *strings.Builder, c causes.Cause) {
	var shown []string
	for _, s := range d.by[c.ID] {
		if !slices.Contains(shown, s.scenario) {
			shown = append(shown, s.scenario)
		}
	}
	if i := slices.Index(shown, c.Scenario); i > 0 {
		shown = slices.Insert(slices.Delete(shown, i, i+1), 0, c.Scenario)
	}
	if len(shown) == 0 {
		b.WriteString("No built-in scenario shows it.")
	} else {
		fmt.Fprintf(b, "**See it live:** %s", link(code("shakedown "+shown[0]), ScenariosFile, shown[0]))
		links := make([]string, 0, len(shown))
		for _, id := range shown[1:] {
			links = append(links, link(id, ScenariosFile, id))
		}
		if len(links) > 0 {
			b.WriteString("; it is also behind " + listed(links))
		}
		b.WriteByte('.')
	}
	if len(c.Rows) > 0 {
		fmt.Fprintf(b, " Measured as %s.", listed(c.Rows))
	}
	b.WriteString("\n\n")
}

// evidence writes what the diagnosis found in the first row that has the cause,
// but for what both sides said, which stands above.
func evidence(b *strings.Builder, c causes.Cause, rows []*sight) {
	var lines []string
	for _, e := range evidenceOf(c.ID, rows) {
		if e = numbered.ReplaceAllString(e, ""); !quotes.MatchString(e) {
			lines = append(lines, "- "+prose(steady(e))+"\n")
		}
	}
	if len(lines) > 0 {
		b.WriteString("**Evidence:**\n\n" + strings.Join(lines, "") + "\n")
	}
}

func evidenceOf(cause string, rows []*sight) []string {
	for _, s := range rows {
		for _, found := range slices.Concat(s.result.Causes, s.result.Further) {
			if found.ID == cause {
				return found.Evidence
			}
		}
	}
	return nil
}
