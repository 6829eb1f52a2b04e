package explain

import (
	"cmp"
	"slices"

	"shakedown/harness/tlswire"
)

// Seen is what a log says of a cause.
type Seen struct {
	Reporter string `json:"reporter"` // whose log it is: "client" or "server"
	Stack    string `json:"stack"`    // whose words, empty for an alert
	Text     string `json:"text"`
	// Causes is how many causes have this text; 1 means this one alone.
	Causes int `json:"causes"`
}

// maxSeen is how many texts are told for each side.
const maxSeen = 4

// seen finds what either side's log says of a cause, what says most first, and
// of equals the text that the fewest other causes have.
func (t *tables) seen(id string) []Seen {
	list := []Seen{}
	for _, side := range []role{client, server} {
		var of []Seen
		place := map[string]int{}
		add := func(rank int, stack, text string, ids []string) {
			if _, twice := place[text]; slices.Contains(ids, id) && !twice {
				of = append(of, Seen{string(side), stack, text, len(ids)})
				place[text] = rank
			}
		}
		for _, p := range t.phrases {
			if p.kind < ending {
				continue
			}
			ids := p.client
			if side == server {
				ids = p.server
			}
			add(p.nearness(), p.stack, p.shown, ids)
		}
		for _, a := range t.alerts {
			add(1, "", "the alert "+tlswire.AlertName(a.code)+", received", a.sent(side, OtherSide))
		}
		slices.SortStableFunc(of, func(a, b Seen) int {
			return cmp.Or(cmp.Compare(place[a.Text], place[b.Text]), cmp.Compare(a.Causes, b.Causes))
		})
		list = append(list, of[:min(maxSeen, len(of))]...)
	}
	return list
}

// nearness puts Go's reasons first, behind them the alerts, then other stacks'
// reasons, and last how a transport ends.
func (p *phrase) nearness() int {
	switch {
	case p.kind != reasoning:
		return 3
	case p.stack == "go" || p.stack == "quic-go":
		return 0
	}
	return 2
}
