package harness

import (
	"fmt"

	"shakedown/harness/endpoint"
	"shakedown/harness/fault"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// quirks are what the stack of one side does otherwise than Go's. The zero quirks
// are nobody's.
type quirks struct {
	of outcome.Role
	fault.Quirks
}

// ends are the ends of a stream as the endpoints use them: one may be in costume.
func (p pair) ends(l *link.Link, w *wire, failed func(error)) (map[outcome.Role]endpoint.HalfCloser, *link.Costume) {
	ends := map[outcome.Role]endpoint.HalfCloser{}
	for role, end := range w.stream {
		ends[role] = end
	}
	if !p.quirks.Any() {
		return ends, nil
	}
	costume := l.Dress(w.stream[p.quirks.of], p.quirks.Quirks, p.signers(), failed)
	ends[p.quirks.of] = costume
	return ends, costume
}

// wear lets both sides log their secrets to the costume.
func (p *pair) wear(c *link.Costume) {
	wearer, peer := c.KeyLogs()
	p.client.KeyLog, p.server.KeyLog = wearer, peer
	if p.quirks.of == outcome.Server {
		p.client.KeyLog, p.server.KeyLog = peer, wearer
	}
}

// quirks are those of the side that has any.
func (p *play) quirks() (quirks, error) {
	for role, side := range map[outcome.Role]scenario.Endpoint{outcome.Client: p.client, outcome.Server: p.server} {
		q, err := p.stage.quirks(role, side, p.cell)
		if err != nil || q.Any() {
			return quirks{role, q}, err
		}
	}
	return quirks{}, nil
}

// quirks returns what a side's stack does otherwise than Go's, in a cell.
func (s *stage) quirks(role outcome.Role, e scenario.Endpoint, cell outcome.Cell) (fault.Quirks, error) {
	q := fault.Quirks{LateRequest: e.LateRequest}
	for _, quirk := range e.Quirks {
		f, err := s.withCertificates(quirk.In(role, cell))
		if err != nil {
			return q, fmt.Errorf("the %s's quirks: %w", role, err)
		}
		q.Rewrites = append(q.Rewrites, f)
	}
	return q, nil
}
