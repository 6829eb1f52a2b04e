package explain

import (
	"fmt"
	"slices"
)

// readAll reads a paste: every line by itself, and where it holds the words of
// both sides, these together. It returns the reading to explain and the lines
// that it rests on.
func (t *tables) readAll(p paste) (reading, []reading, bool) {
	var list []reading
	for _, l := range p {
		if r, ok := t.read(l); ok {
			list = append(list, r)
		}
	}
	best, ok := mostSaying(list)
	if len(p) > 1 {
		// A line that was broken in two says more in one piece.
		if whole, found := t.read(p.joined()); found && (!ok || whole.kind > best.kind) {
			return whole, nil, true
		}
	}
	if !ok {
		return reading{}, nil, false
	}
	if c, s, both := bothSides(list); both {
		return t.together(c, s)
	}
	return best, []reading{best}, true
}

func mostSaying(list []reading) (reading, bool) {
	if len(list) == 0 {
		return reading{}, false
	}
	return slices.MaxFunc(list, says), true
}

// bothSides finds the client's words and the server's, where it is plain which
// are whose.
func bothSides(list []reading) (c, s reading, ok bool) {
	of := func(r role) (reading, bool) {
		return mostSaying(slices.DeleteFunc(slices.Clone(list), func(x reading) bool { return x.role != r || x.kind < ending }))
	}
	c, fromClient := of(client)
	s, fromServer := of(server)
	if fromClient && fromServer {
		return c, s, true
	}
	// One that refused and one that was told cannot be the same side in Go: its
	// first error is its last. An OpenSSL client goes on after its own complaint.
	told := slices.IndexFunc(list, func(r reading) bool { return r.kind == alerted && r.decided == OtherSide && inGo(r) })
	decided := slices.IndexFunc(list, func(r reading) bool { return r.kind == reasoning && r.decided == ThisSide && inGo(r) })
	if told < 0 || decided < 0 {
		return c, s, false
	}
	a, b := list[told], list[decided]
	switch {
	case a.role == client && b.role != client, b.role == server && a.role != server:
		return a, b, true
	case a.role == server && b.role != server, b.role == client && a.role != client:
		return b, a, true
	case a.role == "" && b.role == "":
		// Which is which, the causes say.
		if asClient := common(a.client, b.server); len(asClient) > 0 && len(common(b.client, a.server)) == 0 {
			return a, b, true
		}
		if asServer := common(b.client, a.server); len(asServer) > 0 && len(common(a.client, b.server)) == 0 {
			return b, a, true
		}
	}
	return c, s, false
}

// inGo says that a line is in the words of Go's TLS or of quic-go.
func inGo(r reading) bool {
	return r.stack == "go" || r.stack == "quic-go" || wordsIn(r.line.words, "remote error: tls:") >= 0 || wordsIn(r.line.words, "crypto_error") >= 0
}

// together reads the client's words and the server's as those of one connection:
// what is wrong has to fit both. Where nothing does, the side that decided is
// explained alone.
func (t *tables) together(c, s reading) (reading, []reading, bool) {
	best := c
	if decides := s.decided == ThisSide && c.decided != ThisSide; decides || s.kind > c.kind && c.decided != ThisSide {
		best = s
	}
	lines := []reading{c, s}
	fits := common(c.client, s.server)
	if len(fits) == 0 {
		best.also = append(best.also, "The two lines do not fit together as the ends of one connection; the one that says more is explained.")
		return best, []reading{best}, true
	}
	if best.role == "" {
		best.role = client
		if says(best, s) == 0 && best.line == s.line {
			best.role = server
		}
	}
	best.also = append(best.also, fmt.Sprintf("Read as the two ends of one connection: of the %d causes that fit the client's line and the %d that fit the server's, %s both.",
		len(unique(c.client)), len(unique(s.server)), count(len(fits))))
	best.client, best.server = fits, fits
	best.alert = firstAlert(c, s)
	return best, lines, true
}

func count(n int) string {
	if n == 1 {
		return "1 fits"
	}
	return fmt.Sprintf("%d fit", n)
}

func firstAlert(list ...reading) *alertEntry {
	for _, r := range list {
		if r.alert != nil {
			return r.alert
		}
	}
	return nil
}

// common returns what is in both lists, in the order of the first.
func common(a, b []string) []string {
	var list []string
	for _, id := range a {
		if slices.Contains(b, id) && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}
