package dissect

import (
	"fmt"

	"shakedown/harness/outcome"
)

// The sizes of protected QUIC packets. They hold whole flights, acknowledgements
// and padding, so that they tell less than records do.
const (
	// shortFlight is more than a client's Handshake packets take that carry
	// Finished, an empty Certificate and an acknowledgement, and less than any
	// with a certificate.
	shortFlight = 150
	longFlight  = 300
)

// A shapeQUIC is what the protected packets of a QUIC handshake show.
type shapeQUIC struct {
	// flight are the client's Handshake packets up to its first 1-RTT packet,
	// and size the bytes of those that are not repetitions.
	flight []int
	size   int
	// done is the index of the client's first 1-RTT packet, -1 if there is none.
	// The client has the keys for it once its handshake is complete
	// (RFC 9001 5.7).
	done int
	// read says that done is the client's Finished, which could be read: only the
	// client's keys are known.
	read bool
	// serverFlight says that the server has sent a Handshake packet.
	serverFlight bool
	// early says that the server has sent a 1-RTT packet before that. server are
	// its packets behind it.
	early  bool
	server []int
}

// inferQUIC reads the shape of a QUIC handshake of which only the Initial
// packets can be opened.
func (d *Dissector) inferQUIC(steps []*Step, g *guesses) {
	p, ok := shapeOfQUIC(steps)
	if ok && p.read {
		p.answer(steps, g)
		return
	}
	if !ok || !p.serverFlight || len(p.flight) == 0 {
		return
	}
	if p.done < 0 {
		p.refusedByClient(steps, g)
		return
	}
	if !d.settled.resumed {
		switch {
		case p.size >= longFlight:
			g.add(CertificateSent, outcome.Client, fmt.Sprintf("the client probably sent a certificate: its Handshake packets have %d bytes, and without one they are below %d", p.size, shortFlight), p.flight...)
		case p.size < shortFlight:
			g.add(NoCertificateSent, outcome.Client, fmt.Sprintf("the client probably sent no certificate, whether it was asked or not: its Handshake packets have %d bytes together, too few for one", p.size), p.flight...)
		}
	}
	p.answer(steps, g)
}

func shapeOfQUIC(steps []*Step) (p shapeQUIC, ok bool) {
	p.done = -1
	sizes := map[int]bool{}
	for i, s := range steps {
		switch {
		case s.Kind == KindLocal || s.Level != Handshake && s.Level != Application:
		case !s.keyless() && s.From == outcome.Client:
			p.read = true
			if s.Name == finishedName {
				p.done = i
			}
		case !s.keyless():
			return p, false // there are keys, and sizes are not the only witness
		case s.From == outcome.Server:
			p.serverFlight = p.serverFlight || s.Level == Handshake
			p.early = p.early || s.Level == Application && p.done < 0
			if p.done >= 0 {
				p.server = append(p.server, i)
			}
		case s.Level == Application && p.done < 0:
			p.done = i
		case s.Level == Handshake && p.done < 0:
			p.flight = append(p.flight, i)
			if !sizes[s.Bytes] || s.Bytes == s.WireBytes && s.Bytes >= 1200 {
				p.size += s.Bytes // the same size again is most likely a repetition
			}
			sizes[s.Bytes] = true
		}
	}
	return p, true
}

// refusedByClient is a client that is never done: the last that it sends is a
// short Handshake packet, behind which nobody says anything.
func (p *shapeQUIC) refusedByClient(steps []*Step, g *guesses) {
	last := p.flight[len(p.flight)-1]
	if steps[last].Bytes >= shortFlight || p.size >= longFlight {
		return
	}
	for _, s := range steps[last+1:] {
		if s.Kind != KindLocal && (s.From == outcome.Server || s.Level == Application) {
			return
		}
	}
	g.note(last, "probably CONNECTION_CLOSE: too short for Finished with a certificate, and the last packet")
	g.add(ClientRefuses, outcome.Client, fmt.Sprintf("the client probably refuses what the server sent: it never sends a 1-RTT packet, and its last is a Handshake packet of %d bytes, after which both are silent; a recording that stops there looks the same", steps[last].Bytes), last)
}

// answer reads what the server sends once the client is done. A server that has
// accepted the client's Finished has no use for Handshake packets any more: "An
// endpoint MUST discard its Handshake keys when the TLS handshake is confirmed"
// (RFC 9001 4.9.2). Until then "an endpoint SHOULD send a CONNECTION_CLOSE frame
// in both Handshake and 1-RTT packets" (RFC 9000 10.2.3).
func (p *shapeQUIC) answer(steps []*Step, g *guesses) {
	alone, both := -1, -1
	crossing := !p.early // the first can have been sent before the client's Finished came
	for _, i := range p.server {
		switch s := steps[i]; {
		case s.Level == Handshake:
			alone, both = -1, -1
			if i+1 < len(steps) && steps[i+1].Unit == s.Unit && steps[i+1].Level == Application {
				both = i
			}
		case both >= 0 && i == both+1:
		case crossing:
			crossing = false
		case alone < 0:
			alone, both = i, -1
		}
	}
	switch {
	case alone >= 0:
		g.add(ServerAccepts, outcome.Server, fmt.Sprintf("the server probably accepted what the client sent: it goes on with 1-RTT packets alone (%d bytes in the first), as one does that has discarded its Handshake keys", steps[alone].Bytes), alone)
	case both >= 0:
		for _, i := range []int{both, both + 1} {
			g.note(i, "probably CONNECTION_CLOSE, in the server's last datagram")
		}
		g.add(ServerRefuses, outcome.Server, fmt.Sprintf("the server probably refuses what the client sent: its last datagram still has a Handshake packet (%d bytes) beside a 1-RTT packet (%d), as one has that closes before it has accepted the client's Finished", steps[both].Bytes, steps[both+1].Bytes), both, both+1)
	}
}
