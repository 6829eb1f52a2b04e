package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/explain"
	"shakedown/harness/outcome"
)

// A lookalike is one thing that a log can say: the texts that mean it, with
// every cause for which the runs have one of them.
type lookalike struct {
	role outcome.Role
	// heading says what they mean, and note what else is to be known.
	heading, note string
	texts         []*text
	// separate is what tells the causes apart, the cheapest first.
	separate []string
	// loose says that the texts have nothing in common but that no rule knows
	// them: they do not look alike.
	loose bool
}

// A text is one error, over whatever transport.
type text struct {
	key string
	// tcp is how it reads over TCP, quic over QUIC; one of them may be empty.
	tcp, quic string
	causes    []string
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

func newLookalikes(all []*sight) lookalikes {
	var list lookalikes
	for _, role := range roles {
		for _, s := range all {
			if s.cause == "" {
				continue
			}
			for _, t := range s.texts[role] {
				list = list.add(role, t, s.cause)
			}
		}
	}
	// What no rule knows stands last.
	slices.SortStableFunc(list, func(a, b *lookalike) int {
		switch {
		case a.loose == b.loose:
			return 0
		case a.loose:
			return 1
		}
		return -1
	})
	return list
}

// add notes that a cause has the text in a side's log. A text that was met over
// the other transport stays where it stands.
func (list lookalikes) add(role outcome.Role, said, cause string) lookalikes {
	l, t := list.find(role, keyOf(said))
	if l == nil {
		meant := meaning(role, said)
		i := slices.IndexFunc(list, func(l *lookalike) bool { return l.role == role && l.heading == meant.heading })
		if i < 0 {
			i, list = len(list), append(list, meant)
		}
		l, t = list[i], &text{key: keyOf(said)}
		l.texts = append(l.texts, t)
		for _, s := range meant.separate {
			l.separate = with(l.separate, s)
		}
	}
	switch quic := said != core(said) && strings.Contains(said, " 0x"); {
	case quic && t.quic == "":
		t.quic = said
	case !quic && t.tcp == "":
		t.tcp = said
	}
	t.causes = with(t.causes, cause)
	return list
}

func (list lookalikes) find(role outcome.Role, key string) (*lookalike, *text) {
	for _, l := range list {
		if l.role != role {
			continue
		}
		for _, t := range l.texts {
			if t.key == key {
				return l, t
			}
		}
	}
	return nil, nil
}

// instant is a time in an error.
var instant = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z`)

// keyOf is what is the same of a text over every transport and at any time. Who
// decided is a part of it.
func keyOf(said string) string {
	key := instant.ReplaceAllString(core(said), "…")
	if strings.Contains(said, "(remote)") || strings.HasPrefix(said, "remote error: ") {
		return "remote: " + key
	}
	return key
}

// with appends what is not there yet.
func with(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// others is the heading of texts that no rule knows.
const others = "Other texts"

// meaning says what a text means in the log of a side, and what tells its causes
// apart.
func meaning(role outcome.Role, said string) *lookalike {
	e, ok := explain.Explain(logged[role] + said)
	// Where all that is known of a refusal is its alert, the words are this side's own.
	if !ok || len(e.Candidates) == 0 || e.Alert != nil && e.Decided == explain.ThisSide {
		return &lookalike{role: role, heading: others, loose: true, note: "Words that an application chose itself, and rare ones of the stacks."}
	}
	heading, note, _ := strings.Cut(strings.TrimSuffix(e.Means, "."), ". ")
	if note != "" {
		note += "."
	}
	return &lookalike{role: role, heading: heading, note: note, separate: e.Separate}
}

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
	if !l.loose && len(l.causes()) > 1 && len(l.separate) > 0 {
		b.WriteString("To tell them apart:\n\n")
		for _, s := range l.separate {
			b.WriteString("- " + prose(s) + "\n")
		}
		b.WriteByte('\n')
	}
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
