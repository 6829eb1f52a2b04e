package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/outcome"
)

// write writes the index by error text. What means the same in both logs stands
// under one heading.
func (list lookalikes) write(b *strings.Builder) {
	b.WriteString("## By error text\n\nEvery error of the runs, by what it says, with the causes behind it.\n" +
		"A text that QUIC only puts something in front of stands here once, with that in brackets.\n\n")
	for i, first := range list {
		if list[:i].has(first.heading) {
			continue
		}
		fmt.Fprintf(b, "### %s\n\n", prose(first.heading))
		if first.note != "" {
			b.WriteString(prose(first.note) + "\n\n")
		}
		for _, l := range list[i:] {
			if l.heading == first.heading {
				l.write(b)
			}
		}
	}
}

func (list lookalikes) has(heading string) bool {
	return slices.ContainsFunc(list, func(l *lookalike) bool { return l.heading == heading })
}

func (l *lookalike) write(b *strings.Builder) {
	fmt.Fprintf(b, "In the %s's log:\n\n", l.role)
	same := !slices.ContainsFunc(l.texts, func(t *text) bool { return !slices.Equal(t.causes, l.texts[0].causes) })
	for _, t := range l.texts {
		line := "- " + t.write()
		if !same {
			line += ": " + causeLinks(t.causes)
		}
		b.WriteString(line + "\n")
	}
	b.WriteByte('\n')
	if same {
		fmt.Fprintf(b, "%s: %s.\n\n", count(len(l.texts[0].causes), "cause"), causeLinks(l.texts[0].causes))
	}
	if !l.loose && len(l.causes()) > 1 && len(l.tells)+len(l.evidence) > 0 {
		l.writeEvidence(b)
	}
}

// writeEvidence writes what tells the causes apart: questions, the commands that
// answer them, and what each answer leaves of the causes.
func (l *lookalike) writeEvidence(b *strings.Builder) {
	b.WriteString("To tell them apart:\n\n")
	for _, s := range l.tells {
		b.WriteString("- " + prose(s) + "\n")
	}
	for _, e := range l.evidence {
		b.WriteString("- " + prose(e.Ask) + "\n")
		for _, run := range e.Run {
			b.WriteString("  - " + code(run) + "\n")
		}
		for _, a := range e.Answers {
			b.WriteString("  - " + prose(a.Answer) + ": " + causeLinks(a.Causes) + "\n")
		}
	}
	b.WriteByte('\n')
}

// write writes the text as it reads over TCP, and what is different over QUIC.
func (t *text) write() string {
	switch {
	case t.tcp == "":
		return code(t.quic)
	case t.quic == "":
		return code(t.tcp)
	}
	return fmt.Sprintf("%s (QUIC: %s)", code(t.tcp), code(strings.TrimSuffix(t.quic, core(t.quic))+"…"))
}

// causes are those of all of the texts.
func (l *lookalike) causes() []string {
	var list []string
	for _, t := range l.texts {
		for _, id := range t.causes {
			list = with(list, id)
		}
	}
	return list
}

func causeLinks(ids []string) string {
	links := make([]string, 0, len(ids))
	for _, id := range ids {
		links = append(links, link(id, "", id))
	}
	return listed(links)
}

// most is how many look-alikes are named; of more than that only the number is.
const most = 8

// of writes which causes a log alone does not tell from c.
func (list lookalikes) of(b *strings.Builder, c causes.Cause, rows []*sight) {
	if len(rows) > 0 && !slices.ContainsFunc(rows, (*sight).reported) {
		b.WriteString("**Looks the same:** a handshake in which everything is in order. No log shows the difference; the recording does.\n\n")
		return
	}
	var parts []string
	for _, role := range roles {
		ids, heading := list.like(role, c.ID, rows)
		switch {
		case len(ids) == 0:
		case len(ids) > most:
			parts = append(parts, fmt.Sprintf("in the %s's log %s", role, link(count(len(ids), "other cause"), "", heading)))
		default:
			parts = append(parts, fmt.Sprintf("in the %s's log %s", role, causeLinks(ids)))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "**Looks the same:** %s.\n\n", strings.Join(parts, "; "))
	}
}

// like returns the other causes with what the rows say in a side's log, and the
// heading that they stand under.
func (list lookalikes) like(role outcome.Role, cause string, rows []*sight) (ids []string, heading string) {
	for _, s := range rows {
		if s.cause != cause {
			continue
		}
		for _, said := range s.texts[role] {
			l, t := list.find(role, keyOf(said))
			if l == nil {
				continue
			}
			alike := t.causes
			if !l.loose {
				alike = l.causes()
			}
			for _, id := range alike {
				if id != cause {
					ids, heading = with(ids, id), l.heading
				}
			}
		}
	}
	return ids, heading
}
