package explain

import (
	"fmt"
	"slices"

	"shakedown/harness/tlswire"
)

// An account is what a whole paste says.
type account struct {
	reading
	// lines are those that the reading rests on, others those that say something
	// else.
	lines, others []reading
}

// readAll reads a paste: every line by itself, and where it holds the words of
// both sides, these together.
func (t *tables) readAll(p paste) (account, bool) {
	var list []reading
	for _, l := range p {
		if r, ok := t.readLine(l); ok {
			list = append(list, r)
		}
	}
	best, ok := mostSaying(list)
	if whole, found := t.readBroken(p); found && (!ok || best.kind < alerted && whole.kind > best.kind) {
		return account{whole, []reading{whole}, nil}, true
	}
	if !ok {
		return account{}, false
	}
	a := account{best, []reading{best}, nil}
	if one, other, both := bothSides(list); both {
		a = together(one, other)
	}
	a.others = a.unlike(list)
	return a, true
}

// unlike returns, once each, the readings that say something else than what the
// account rests on.
func (a account) unlike(list []reading) []reading {
	said := map[string]bool{}
	for _, r := range a.lines {
		said[r.means] = true
	}
	var others []reading
	for _, r := range list {
		if r.kind >= ending && !said[r.means] {
			said[r.means] = true
			others = append(others, r)
		}
	}
	return others
}

// maxPieces is into how many lines one may have been broken, maxBroken how long a
// paste may be for that to be looked at.
const (
	maxPieces = 4
	maxBroken = 40
)

// readBroken reads lines that follow each other as one, which a terminal or a
// mail has broken.
func (t *tables) readBroken(p paste) (reading, bool) {
	if len(p) > maxBroken {
		return reading{}, false
	}
	var list []reading
	for n := 2; n <= min(maxPieces, len(p)); n++ {
		for i := range len(p) - n + 1 {
			if r, ok := t.readLine(p[i : i+n].joined()); ok {
				list = append(list, r)
			}
		}
	}
	return mostSaying(list)
}

func mostSaying(list []reading) (reading, bool) {
	if len(list) == 0 {
		return reading{}, false
	}
	return slices.MaxFunc(list, says), true
}

// bothSides finds the words of one side and of the other, where it is plain that
// they are of two: the one that decided comes first.
func bothSides(list []reading) (one, other reading, ok bool) {
	of := func(r role) (reading, bool) {
		return mostSaying(slices.DeleteFunc(slices.Clone(list), func(x reading) bool { return x.role != r || x.kind < ending }))
	}
	c, fromClient := of(client)
	s, fromServer := of(server)
	if fromClient && fromServer {
		if c.decided == ThisSide || s.decided != ThisSide && says(c, s) >= 0 {
			return c, s, true
		}
		return s, c, true
	}
	// One that refused and one that was told cannot be the same side in Go: its
	// first error is its last. An OpenSSL client goes on after its own complaint.
	decided := slices.IndexFunc(list, func(r reading) bool { return r.kind == reasoning && r.decided == ThisSide && inGo(r) })
	told := slices.IndexFunc(list, func(r reading) bool { return r.kind == alerted && r.decided == OtherSide && inGo(r) })
	if decided < 0 || told < 0 || list[decided].role != "" && list[decided].role == list[told].role {
		return reading{}, reading{}, false
	}
	return list[decided], list[told], true
}

// inGo says that a line is in the words of Go's TLS or of quic-go.
func inGo(r reading) bool {
	return r.stack == "go" || r.stack == "quic-go" || wordsIn(r.line.words, "remote error: tls:") >= 0 || wordsIn(r.line.words, "crypto_error") >= 0
}

// together reads the words of one side with those of the other as the two ends of
// one connection: what is wrong has to fit both. Where nothing does, the first is
// explained alone.
func together(one, other reading) account {
	r := one
	r.client, r.server = common(one.client, other.server), common(one.server, other.client)
	if inGo(one) && inGo(other) && other.alert != nil && graded(other.alert.code) {
		r.client = nil
	}
	fits := unique(slices.Concat(r.client, r.server))
	if len(fits) == 0 {
		one.also = append(one.also, "The lines do not fit together as the two ends of one connection; the one that says more is explained.")
		return account{one, []reading{one}, nil}
	}
	switch {
	case len(r.server) == 0:
		r.role = client
	case len(r.client) == 0:
		r.role = server
	}
	if r.alert == nil {
		r.alert = other.alert
	}
	r.also = append(r.also, fmt.Sprintf("Read as the two ends of one connection: %d causes fit the one line, %d the other, and %s both.",
		len(unique(slices.Concat(one.client, one.server))), len(unique(slices.Concat(other.client, other.server))), fit(len(fits))))
	one.role, other.role = r.role, r.role.peer()
	if r.role == server {
		return account{r, []reading{other, one}, nil}
	}
	return account{r, []reading{one, other}, nil}
}

// graded says that of Go's two sides only the server sends the alert for a
// certificate: its client has bad_certificate for every one that it refuses.
func graded(code uint8) bool {
	return code == tlswire.AlertCertificateExpired || code == tlswire.AlertUnknownCA
}

func fit(n int) string {
	if n == 1 {
		return "1 fits"
	}
	return fmt.Sprintf("%d fit", n)
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
