package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/explain"
	"shakedown/harness/outcome"
)

// A lookalike is one thing that a log can say: the texts that mean it, and every
// cause for which the runs have one of them.
type lookalike struct {
	role    outcome.Role
	heading string
	texts   []string
	causes  []string
	// separate is what tells the causes apart, the cheapest first.
	separate []string
}

// lookalikes are all of them, those of the client's log first, in the order in
// which the runs have them.
type lookalikes []*lookalike

// logged are lines as a client and a server of net/http log them. They tell
// package explain whose log a text is from.
var logged = map[outcome.Role]string{
	outcome.Client: `Get "https://server.test/": `,
	outcome.Server: "http: TLS handshake error from 127.0.0.1:50000: ",
}

// ownWords is what texts mean that an application chose itself.
const ownWords = "The application's own words"

func newLookalikes(all []*sight) lookalikes {
	var list lookalikes
	for _, role := range roles {
		for _, s := range all {
			if s.cause == "" {
				continue
			}
			for _, text := range s.texts[role] {
				list = list.add(role, text, s.cause)
			}
		}
	}
	return list
}

func (list lookalikes) add(role outcome.Role, text, cause string) lookalikes {
	heading, separate := meaning(role, text)
	i := slices.IndexFunc(list, func(l *lookalike) bool { return l.role == role && l.heading == heading })
	if i < 0 {
		i, list = len(list), append(list, &lookalike{role: role, heading: heading})
	}
	l := list[i]
	l.texts = with(l.texts, text)
	l.causes = with(l.causes, cause)
	for _, s := range separate {
		l.separate = with(l.separate, s)
	}
	return list
}

// with appends what is not there yet.
func with(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// meaning says what a text means in the log of a side, and what tells its causes
// apart.
func meaning(role outcome.Role, text string) (string, []string) {
	e, ok := explain.Explain(logged[role] + text)
	if !ok || len(e.Candidates) == 0 {
		return ownWords, nil
	}
	return strings.TrimSuffix(e.Means, "."), e.Separate
}

// write writes the index by error text.
func (list lookalikes) write(b *strings.Builder) {
	b.WriteString("## By error text\n\nEvery text of the runs, by what it says, with the causes behind it in those runs.\n\n")
	for _, role := range roles {
		fmt.Fprintf(b, "### In the %s's log\n\n", role)
		for _, l := range list {
			if l.role == role {
				l.write(b)
			}
		}
	}
}

func (l *lookalike) write(b *strings.Builder) {
	fmt.Fprintf(b, "#### %s\n\n", prose(l.heading))
	for _, text := range l.texts {
		b.WriteString("- " + code(text) + "\n")
	}
	links := make([]string, 0, len(l.causes))
	for _, id := range l.causes {
		links = append(links, link(id, "", id))
	}
	fmt.Fprintf(b, "\n%s: %s.\n\n", count(len(links), "cause"), listed(links))
	if len(l.causes) > 1 && len(l.separate) > 0 {
		b.WriteString("To tell them apart:\n\n")
		for _, s := range l.separate {
			b.WriteString("- " + prose(s) + "\n")
		}
		b.WriteByte('\n')
	}
}

// most is how many look-alikes are named; of more than that only the number is.
const most = 8

// of writes which causes a log alone does not tell from c.
func (list lookalikes) of(b *strings.Builder, c causes.Cause, rows []*sight) {
	var parts []string
	for _, role := range roles {
		var others []string
		for _, l := range list {
			if l.role != role || !slices.Contains(l.causes, c.ID) || !l.in(rows) {
				continue
			}
			for _, id := range l.causes {
				if id != c.ID {
					others = with(others, id)
				}
			}
		}
		switch {
		case len(others) == 0:
		case len(others) > most:
			parts = append(parts, fmt.Sprintf("in the %s's log %s", role, link(count(len(others), "other cause"), "", "In the "+string(role)+"'s log")))
		default:
			links := make([]string, 0, len(others))
			for _, id := range others {
				links = append(links, link(id, "", id))
			}
			parts = append(parts, fmt.Sprintf("in the %s's log %s", role, listed(links)))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "**Looks the same:** %s.\n\n", strings.Join(parts, "; "))
	}
}

// in says that one of the rows has one of the texts.
func (l *lookalike) in(rows []*sight) bool {
	return slices.ContainsFunc(rows, func(s *sight) bool {
		return slices.ContainsFunc(s.texts[l.role], func(text string) bool { return slices.Contains(l.texts, text) })
	})
}
