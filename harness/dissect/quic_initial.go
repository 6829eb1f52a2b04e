package dissect

import (
	"fmt"
	"slices"

	"shakedown/harness/quicwire"
)

// An attempt is one Destination Connection ID that the client chose, or was
// given by a Retry: what Initial keys are derived from.
type attempt struct {
	id []byte
	// keys are those of each version: the two sides can change versions on the way
	// (RFC 9368 2.3).
	keys []InitialKeys
}

// in returns the attempt's keys in a version.
func (a *attempt) in(v quicwire.Version, known *Derived) (*InitialKeys, error) {
	for i := range a.keys {
		if a.keys[i].Version == v {
			return &a.keys[i], nil
		}
	}
	keys, err := known.initial(v, a.id)
	if err != nil {
		return nil, err
	}
	a.keys = append(a.keys, keys)
	return &a.keys[len(a.keys)-1], nil
}

// openInitial opens an Initial packet with the keys of the latest attempt, else
// of an earlier one, else, from a client, with those that the packet's own
// Destination Connection ID gives: then a new attempt begins.
func (q *datagrams) openInitial(r *reading, p *packet, largest int64) error {
	err := error(quicwire.ErrAuthentication)
	for i, a := range slices.Backward(q.attempts) {
		// A client that answers a Version Negotiation packet starts anew, even
		// where it keeps its Destination Connection ID.
		if r.from == q.client && i < q.givenUp && p.Version != a.keys[0].Version {
			continue
		}
		var keys *InitialKeys
		if keys, err = a.in(p.Version, &q.d.derived); err != nil {
			return err
		}
		if p.opened, err = keys.Of(r.from.role).Open(r.free(), &p.Packet, largest); err == nil {
			p.stale = i != len(q.attempts)-1
			return nil
		}
	}
	if r.from != q.client {
		if len(q.attempts) == 0 {
			return fmt.Errorf("%w: the client's first Initial packet was not seen", errNoKey)
		}
		return err
	}
	a := &attempt{id: p.DestinationID}
	keys, err := a.in(p.Version, &q.d.derived)
	if err != nil {
		return err
	}
	if p.opened, err = keys.Client.Open(r.free(), &p.Packet, largest); err != nil {
		return err
	}
	q.begin(a, p)
	return nil
}

// begin makes a the attempt in force. A token under another Destination
// Connection ID answers a Retry: the same handshake goes on, for the client "MUST
// use the same cryptographic handshake message it included in" its first packet
// (RFC 9000 17.2.5.3), and only the Initial CRYPTO streams start again. After a
// Version Negotiation everything does.
func (q *datagrams) begin(a *attempt, p *packet) {
	before := q.attempts
	q.attempts = append(q.attempts, a)
	switch {
	case len(before) == 0:
	case len(p.Token) > 0 && before[len(before)-1].keys[0].Version == p.Version:
		q.client.crypto[initialSpace] = cryptoStream{repeats: true}
		q.server.crypto[initialSpace] = cryptoStream{}
	default:
		q.client.forget()
		q.server.forget()
		q.retried = false
	}
}
