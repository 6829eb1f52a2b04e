package capture

import (
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
)

// short finds the connection of a 1-RTT packet, whose header does not say how
// long the connection ID is.
func (g *grouping) short(s *pcapng.Segment) (*quicConn, outcome.Role) {
	if c, from := g.shortByID(s); c != nil {
		return c, from
	}
	if s.Payload[0]&0x40 == 0 {
		return nil, ""
	}
	path := g.paths[keyOf(s.From, s.To)]
	if len(path) == 1 {
		return path[0], path[0].sender(s) // a new ID between the same addresses
	}
	// NEW_CONNECTION_ID frames are read of those that may know the ID.
	candidates := slices.Concat(path, g.servers[s.To], g.servers[s.From])
	again := false
	for _, c := range candidates {
		again = c.learn(g) || again
	}
	if again {
		if c, from := g.shortByID(s); c != nil {
			return c, from
		}
	}
	// A client without an ID is known by its address alone.
	for _, c := range slices.Backward(path) {
		if s.From == c.server && c.emptyID {
			return c, outcome.Server
		}
	}
	if len(path) > 0 {
		c := path[len(path)-1]
		return c, c.sender(s)
	}
	return nil, ""
}

// sender returns the side that a datagram comes from, by its addresses.
func (c *quicConn) sender(s *pcapng.Segment) outcome.Role {
	if s.From == c.server {
		return outcome.Server
	}
	return outcome.Client
}

func (g *grouping) shortByID(s *pcapng.Segment) (*quicConn, outcome.Role) {
	if c, owner := g.usual(s); c != nil {
		return c, owner.Peer()
	}
	for length := maxID; length > 0; length-- {
		if g.lengths&(1<<length) == 0 || len(s.Payload) < 1+length {
			continue
		}
		if c, owner := g.lookup(s.Payload[1:1+length], s.To, s.From); c != nil {
			return c, owner.Peer()
		}
	}
	return nil, ""
}

// usual looks for an ID of the length that the receiver has chosen before, on the
// latest connection between the same addresses: clients begin with IDs of any length,
// and all would have to be tried.
func (g *grouping) usual(s *pcapng.Segment) (*quicConn, outcome.Role) {
	path := g.paths[keyOf(s.From, s.To)]
	if len(path) == 0 {
		return nil, ""
	}
	latest := path[len(path)-1]
	length := int(latest.idLengths[sideOf(latest.sender(s).Peer())])
	if length < minTelling || len(s.Payload) < 1+length {
		return nil, ""
	}
	c, owner := g.lookup(s.Payload[1:1+length], s.To, s.From)
	if c == nil || s.To != c.address(owner) || s.From != c.address(owner.Peer()) {
		return nil, ""
	}
	return c, owner
}

// learn reads the NEW_CONNECTION_ID frames of a connection, as far as its keys
// are known, and says whether there were any that are new.
func (c *quicConn) learn(g *grouping) bool {
	if c.over || c.learned == c.packets || len(c.ids) >= maxIDs || c.packets > learnAlways && c.packets < 2*c.learned {
		return false // then at most once for each doubling of its length
	}
	c.learned = c.packets
	c.follow()
	before := len(c.ids)
	for _, side := range []outcome.Role{outcome.Client, outcome.Server} {
		for _, id := range c.d.ConnectionIDs(side) {
			g.register(c, id, side)
			g.chosen(id)
		}
	}
	return len(c.ids) > before
}
