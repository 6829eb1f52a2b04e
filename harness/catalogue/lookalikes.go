package catalogue

import (
	"regexp"
	"slices"
	"strings"

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
	// tells and evidence are what tells the causes apart, the cheapest first.
	tells    []string
	evidence []explain.Evidence
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
		for _, s := range meant.tells {
			l.tells = with(l.tells, s)
		}
		for _, e := range meant.evidence {
			l.evidence = withEvidence(l.evidence, e)
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

// withEvidence adds a question, or to one that is there what its answers leave of
// other texts' causes.
func withEvidence(list []explain.Evidence, e explain.Evidence) []explain.Evidence {
	i := slices.IndexFunc(list, func(old explain.Evidence) bool { return old.Ask == e.Ask })
	if i < 0 {
		return append(list, e)
	}
	for _, a := range e.Answers {
		k := slices.IndexFunc(list[i].Answers, func(old explain.Answer) bool { return old.Answer == a.Answer })
		if k < 0 {
			list[i].Answers = append(list[i].Answers, a)
			continue
		}
		for _, id := range a.Causes {
			list[i].Answers[k].Causes = with(list[i].Answers[k].Causes, id)
		}
	}
	return list
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
	return &lookalike{role: role, heading: heading, note: note, tells: e.Separate[:len(e.Separate)-len(e.Evidence)], evidence: e.Evidence}
}
