package dissect

import (
	"fmt"
	"slices"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/transcript"
)

// datagrams is the carrier of QUIC: its units are UDP datagrams.
type datagrams struct {
	d              *Dissector
	client, server *sender
	// attempts are the sets of Initial keys so far, the last of them in force.
	attempts []*attempt
	// version is that of the packets that were opened last.
	version quicwire.Version
	// negotiated says that the server sent a Version Negotiation packet; givenUp
	// counts the attempts that there were then. retried says that it sent a
	// Retry packet in the attempt in force.
	negotiated, retried bool
	givenUp             int
	// waiting are the packets that no key has opened yet.
	waiting []*waiting
}

// A sender is one side of the connection, as far as what it sent shows it.
type sender struct {
	role outcome.Role
	keys senderKeys
	// largest is the largest packet number seen in each space, -1 for none.
	largest [spaces]int64
	crypto  [spaces]cryptoStream
	streams map[uint64]sentStream
	// idLengths are the lengths of the connection IDs that this side chose,
	// the latest first. They are what its peer's short headers carry.
	idLengths []int
	// ids counts, as bits, the sequence numbers in NEW_CONNECTION_ID frames.
	ids uint64
	// newIDs are the connection IDs in them.
	newIDs [][]byte
	// tokens are the tokens of NEW_TOKEN frames.
	tokens [][]byte
	// resetTokens are what this side's stateless resets end with, parameters
	// the transport parameters that can name another one.
	resetTokens [][]byte
	parameters  []byte
	// done and closed say that a HANDSHAKE_DONE and a CONNECTION_CLOSE were sent.
	done, closed bool
}

// The packet number spaces (RFC 9000 12.3), which are the CRYPTO streams too.
const (
	initialSpace = iota
	handshakeSpace
	applicationSpace
	spaces
)

func newSender(role outcome.Role) *sender {
	s := &sender{role: role}
	s.forget()
	return s
}

// forget drops what belongs to an attempt that the client has given up. Packet
// numbers go on: quic-go uses one sequence over all attempts and spaces.
func (s *sender) forget() {
	if s.idLengths == nil {
		s.largest = [spaces]int64{-1, -1, -1}
	}
	s.keys = senderKeys{}
	s.crypto = [spaces]cryptoStream{}
	s.streams, s.tokens, s.resetTokens, s.parameters = nil, nil, nil, nil
	s.ids, s.newIDs, s.done, s.closed = 0, nil, false, false
}

func newDatagrams(d *Dissector) *datagrams {
	return &datagrams{d: d, client: newSender(outcome.Client), server: newSender(outcome.Server)}
}

func (q *datagrams) sender(r outcome.Role) *sender {
	if r == outcome.Client {
		return q.client
	}
	return q.server
}

// add reads one datagram. Each datagram has at least one step: a held one must
// be there to be seen.
func (q *datagrams) add(u *transcript.Unit) []*Step {
	if u.Kind != transcript.Data {
		return []*Step{q.foreign(u, nil)}
	}
	r := q.reading(u)
	suite := q.d.settled.cipherSuite
	q.packets(r)
	r.finish(q, u)
	if q.d.counting && q.counts(r) {
		return q.count(r)
	}
	if len(q.waiting) > 0 && q.d.settled.cipherSuite != suite {
		r.steps = append(r.steps, q.retry()...) // they waited for the ServerHello
	}
	return r.steps
}

// packets reads the coalesced packets of a datagram, one after the other.
func (q *datagrams) packets(r *reading) {
	for at := 0; at < len(r.datagram); {
		rest := r.datagram[at:]
		if at > 0 && quicwire.ZeroFill(rest) {
			return
		}
		p, err := quicwire.ParsePacket(rest, q.sender(r.from.role.Peer()).idLength())
		if err == nil && p.Type == quicwire.OneRTT && len(q.attempts) == 0 {
			err = fmt.Errorf("a short header packet of %d bytes, and no connection is known", len(rest))
		}
		if err != nil {
			r.steps = append(r.steps, q.foreign(q.d.unit(r.unit), err))
			return
		}
		r.packets = append(r.packets, packet{Packet: p, at: at})
		q.packet(r, len(r.packets)-1)
		at += len(p.Raw)
	}
}

// packet reads the packet of that index.
func (q *datagrams) packet(r *reading, i int) {
	switch p := &r.packets[i]; p.Type {
	case quicwire.VersionNegotiation:
		q.readVersionNegotiation(r, i)
	case quicwire.Retry:
		q.readRetry(r, i)
	case quicwire.Unknown:
		r.steps = append(r.steps, q.protected(r, i, fmt.Errorf("%v is not known", p.Version)))
	default:
		if err := q.open(r, i); err != nil {
			q.wait(r, i, err)
			return
		}
		q.frames(r, i)
	}
}

// A waiting packet could not be opened. Its step stands in for what is in it.
type waiting struct {
	reading *reading
	packet  int
	step    *Step
}

// wait keeps a packet for later, unless it is a stateless reset.
func (q *datagrams) wait(r *reading, i int, err error) {
	if q.isStatelessReset(r, i) {
		r.steps = append(r.steps, q.statelessReset(r, i))
		return
	}
	s := q.protected(r, i, err)
	s.unread = true
	r.steps = append(r.steps, s)
	r.unread++
	if q.d.counting {
		return // it would wait for ever, and all that follow with it
	}
	q.waiting = append(q.waiting, &waiting{reading: r, packet: i, step: s})
}

// retry opens what has been waiting, again and again as long as one packet
// makes the next one readable.
func (q *datagrams) retry() []*Step {
	var steps []*Step
	for progress := true; progress; {
		progress = false
		q.waiting = slices.DeleteFunc(q.waiting, func(w *waiting) bool {
			if err := q.open(w.reading, w.packet); err != nil {
				return false
			}
			steps, progress = append(steps, q.reread(w)...), true
			return true
		})
	}
	return steps
}

// reread returns the steps that are in a packet which could be opened at last.
func (q *datagrams) reread(w *waiting) []*Step {
	r := w.reading
	w.step.superseded = true
	r.shown--
	r.unread--
	r.steps, r.telling, r.close = nil, telling{}, nil
	q.frames(r, w.packet)
	r.finish(q, q.d.unit(r.unit))
	return r.steps
}

// unfinished returns a step for each handshake message that has begun and is
// not whole yet.
func (q *datagrams) unfinished() []*Step {
	var steps []*Step
	for _, s := range []*sender{q.client, q.server} {
		for space := range s.crypto {
			if step := q.partOf(s, space); step != nil {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// foreign returns the step of a datagram, or the rest of one, that is no QUIC.
func (q *datagrams) foreign(u *transcript.Unit, err error) *Step {
	s := q.d.newStep(u.From, KindTransport, "datagram", q.d.only(u.Index))
	s.Level = Plaintext
	s.Bytes = len(u.Sent)
	s.Summary = "no QUIC packet"
	if err != nil {
		s.Err = err
		s.Summary += ": " + field.Printable(err.Error())
	}
	sent := u.Sent
	s.tree = func(*field.Room) field.Tree {
		return field.Tree{
			Buffers: []field.Buffer{{Name: datagramBuffer, Bytes: sent}},
			Fields: []field.Field{{
				Label: "datagram", Buffer: datagramBuffer, Start: 0, End: len(sent),
				Value: fmt.Sprintf("%d bytes", len(sent)), Meaning: "No QUIC packet can be read here.", Section: "RFC 9000 12.2",
			}},
		}
	}
	return s
}
