package explain

import (
	"cmp"
	"slices"
)

// A reading is what one line says.
type reading struct {
	line  line
	kind  kind
	size  int // how many of its letters are known
	stack string
	means string
	// decided is seen from the side whose log it is: role, if that can be told.
	decided Decider
	role    role
	alert   *alertEntry
	// client and server are the causes if the line is from the client's log, and
	// if it is from the server's; the one that it cannot be has none.
	client, server []string
	first, tells   []string
	// also are other things that the same text can be.
	also []string
}

// readLine finds what a line says: the phrase that says most, else the alert in it,
// else at least who decided.
func (t *tables) readLine(l line) (reading, bool) {
	r := reading{line: l, role: l.role}
	best, side, decides := t.phrasesIn(l.words)
	if code, ok := t.alertIn(l.words); ok {
		r.alert = t.alert(code)
	}
	if r.role == "" && best != nil {
		r.role = best.role
	}
	r.role = cmp.Or(r.role, side)
	r.decided = decides
	switch {
	case best != nil && (best.kind > alerted || r.alert == nil):
		r.take(best)
	case r.alert != nil:
		r.takeAlert()
	case decides != NotSaid && speaking().MatchString(l.words):
		r.means = "The other side ended the handshake; its own log says why."
		if decides == ThisSide {
			r.means = "The side that wrote this line ended the handshake; the text behind the prefix is its reason."
		}
	default:
		return reading{}, false
	}
	if best != nil {
		r.size = best.in(l.words)
	}
	if r.kind == reasoning && wordsIn(l.words, "verify error:num=") >= 0 {
		// OpenSSL's s_client and s_server print it and go on: what ended the
		// connection stands elsewhere, if anything did.
		r.kind = ending
	}
	r.seat(cmp.Or(r.role, l.from))
	r.readNames()
	r.readDates()
	return r, true
}

// readAs reads a line as if it had these words in place of its own, in the log
// that it is in.
func (t *tables) readAs(l line, words string) (reading, bool) {
	r, ok := t.readLine(newLine(words))
	_, side, _ := t.phrasesIn(l.words)
	side = cmp.Or(l.role, side)
	if side == "" && r.role == "" {
		side = l.from
	}
	if !ok || r.role != "" && side != "" && r.role != side {
		return reading{}, false
	}
	r.line = l
	if side != "" {
		r.seat(side)
	}
	return r, true
}

// seat says whose log it is: what only the other side's can mean is left out.
func (r *reading) seat(side role) {
	r.role = side
	switch side {
	case client:
		r.server = nil
	case server:
		r.client = nil
	}
}

// phrasesIn finds the phrase that says most of those in a line, and what all of
// them together tell of whose log it is and who decided: the longest counts.
func (t *tables) phrasesIn(words string) (best *phrase, side role, decides Decider) {
	most, sideSize, decideSize := 0, 0, 0
	for _, p := range t.phrases {
		n := p.in(words)
		if n == 0 {
			continue
		}
		if p.kind != marking && p.beats(best, n, most) {
			best, most = p, n
		}
		if p.role != "" && n > sideSize {
			side, sideSize = p.role, n
		}
		if p.kind <= wrapping && p.decided != NotSaid && n > decideSize {
			decides, decideSize = p.decided, n
		}
	}
	return best, side, decides
}

func (r *reading) take(p *phrase) {
	r.kind, r.stack, r.means, r.first, r.tells = p.kind, p.stack, p.means, p.first, p.tells
	r.client, r.server = p.client, p.server
	if p.decided != NotSaid {
		r.decided = p.decided
	}
	switch {
	case r.role != "":
	case len(p.client) == 0 && len(p.server) > 0:
		r.role = server
	case len(p.server) == 0 && len(p.client) > 0:
		r.role = client
	}
}

func (r *reading) takeAlert() {
	a := r.alert
	r.kind, r.first, r.tells = alerted, a.first, a.tells
	if r.role == "" && r.decided != NotSaid {
		// An alert that only one side sends tells whose log it is.
		sender := role("")
		switch {
		case len(a.fromClient) == 0 && len(a.fromServer) > 0:
			sender = server
		case len(a.fromServer) == 0 && len(a.fromClient) > 0:
			sender = client
		}
		r.role = sender
		if r.decided == OtherSide {
			r.role = sender.peer()
		}
	}
	r.role = cmp.Or(r.role, r.line.from)
	r.means = a.says(r.role, r.decided)
	r.client, r.server = a.sent(client, r.decided), a.sent(server, r.decided)
}

// decidedBy is the side that decided, where both whose log it is and who decided
// can be told.
func (r *reading) decidedBy() role {
	switch r.decided {
	case ThisSide:
		return r.role
	case OtherSide:
		return r.role.peer()
	}
	return ""
}

// causes are the candidates, the likeliest first.
func (t *tables) causes(r reading) []string {
	inClient, inServer := t.ranked(r.client, r.first), t.ranked(r.server, r.first)
	list := slices.Concat(inClient, inServer)
	if r.alert != nil && r.kind == alerted && r.alert.usually == server {
		list = slices.Concat(inServer, inClient)
	} else {
		list = t.ranked(list, r.first)
	}
	return unique(list)
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// says orders readings by how much they say.
func says(a, b reading) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.size, b.size))
}
