package explain

import (
	"fmt"
	"slices"
	"strings"
)

// A phrase is what a stack says, and what it can mean in either side's log.
type phrase struct {
	stack string
	// texts are the ways to say it. Each is the pieces that a line has in this
	// order, made comparable as the line is.
	texts [][]string
	// shown is the first text as the table has it.
	shown string
	kind  kind
	means string
	// decided is who ended it and role whose log it is, where the text says so.
	decided Decider
	role    role
	// client and server are the causes where it stands in the client's log and in
	// the server's; first are those that the text itself points at, in order.
	client, server, first []string
	// tells are what to look at that no entry of the evidence has.
	tells []string
}

// A role is the side whose log a line is from, empty if that cannot be told.
type role string

// The sides.
const (
	client role = "client"
	server role = "server"
)

func (r role) peer() role {
	switch r {
	case client:
		return server
	case server:
		return client
	}
	return ""
}

// A kind says how much a text says. Of several in one paste, the one that says
// most is explained.
type kind int

const (
	// marking only tells whose log it is, or who decided.
	marking kind = iota
	// wrapping is what others' errors are wrapped in.
	wrapping
	// ending is how a transport ended.
	ending
	// alerted is an alert, which has no phrase of its own.
	alerted
	// prefixing is what stands before an application's own words.
	prefixing
	// reasoning is why a side refused.
	reasoning
)

var kinds = map[string]kind{"mark": marking, "wrapper": wrapping, "ending": ending, "prefix": prefixing, "": reasoning}

var phraseKeys = []string{"kind", "means", "by", "log", "client", "server", "either", "first", "tell"}

func (t *tables) takePhrase(stack string, b *block) error {
	p := &phrase{stack: stack, shown: b.heads[0], means: b.one("means"), role: role(b.one("log")), decided: Decider(b.one("by")), tells: b.all("tell")}
	for _, head := range b.heads {
		var pieces []string
		for piece := range strings.SplitSeq(head, "…") {
			if piece = normal(piece); piece != "" {
				pieces = append(pieces, piece)
			}
		}
		p.texts = append(p.texts, pieces)
	}
	var ok bool
	if p.kind, ok = kinds[b.one("kind")]; !ok {
		return fmt.Errorf("unknown kind %q", b.one("kind"))
	}
	if p.role != "" && p.role.peer() == "" {
		return fmt.Errorf("log: %q is no side", p.role)
	}
	if !slices.Contains([]Decider{ThisSide, OtherSide, Nobody, NotSaid}, p.decided) {
		return fmt.Errorf("by: %q decides nothing", p.decided)
	}
	if (p.means == "") != (p.kind == marking) {
		return fmt.Errorf("%q: a mark has no meaning of its own, everything else has one", p.shown)
	}
	either := b.one("either")
	var err error
	if p.client, err = t.ids(b.one("client") + " " + either); err != nil {
		return err
	}
	if p.server, err = t.ids(b.one("server") + " " + either); err != nil {
		return err
	}
	if p.first, err = t.ids(b.one("first")); err != nil {
		return err
	}
	switch p.role {
	case client:
		p.server = nil
	case server:
		p.client = nil
	}
	t.phrases = append(t.phrases, p)
	return nil
}

// in says how many letters of the line are the phrase's, zero if it is not in it.
func (p *phrase) in(words string) int {
	best := 0
	for _, pieces := range p.texts {
		if n := piecesIn(words, pieces); n > best {
			best = n
		}
	}
	return best
}

// names says that there are causes for it.
func (p *phrase) names() bool { return len(p.client)+len(p.server) > 0 }

// beats says that of two phrases in one line, with so many letters in it each, p
// says more than q.
func (p *phrase) beats(q *phrase, letters, qLetters int) bool {
	switch {
	case q == nil || p.kind != q.kind:
		return q == nil || p.kind > q.kind
	case p.kind == wrapping && p.names() != q.names():
		return p.names()
	}
	return letters > qLetters
}

// piecesIn looks for the pieces one behind the other.
func piecesIn(words string, pieces []string) int {
	n := 0
	for _, piece := range pieces {
		end := wordsIn(words, piece)
		if end < 0 {
			return 0
		}
		words = words[end:]
		n += len(piece)
	}
	return n
}

// wordsIn looks for a text in whole words, and returns where it ends, -1 if it is
// not there: "EOF" is in "geofence" as well. A text that ends in "_" is the
// beginning of a longer name.
func wordsIn(s, text string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], text)
		if i < 0 {
			return -1
		}
		start := from + i
		end := start + len(text)
		startsWord := start == 0 || !letter(s[start-1]) || !letter(text[0])
		endsWord := end == len(s) || !letter(s[end]) || !letter(text[len(text)-1]) || text[len(text)-1] == '_'
		if startsWord && endsWord {
			return end
		}
		from = start + 1
	}
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' }
