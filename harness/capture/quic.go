package capture

import (
	"container/list"
	"net/netip"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/quicwire"
)

// A grouping tells the QUIC connections of a file apart. "Each connection
// possesses a set of connection identifiers, or connection IDs, each of which can
// identify the connection. [...] The primary function of a connection ID is to
// ensure that changes in addressing at lower protocol layers (UDP, IP) do not
// cause packets for a QUIC connection to be delivered to the wrong endpoint"
// (RFC 9000 5.1). Addresses decide only where an ID is empty or not known.
type grouping struct {
	r *reader
	// ids are the connections by the connection IDs that packets to one of their
	// ends carry, lengths the lengths that those IDs have in short headers, as bits.
	ids     map[string][]identity
	lengths uint32
	// paths are the connections between two addresses, the latest last.
	paths map[flowKey][]*quicConn
	// servers are the latest connections to an address.
	servers map[netip.AddrPort][]*quicConn
	// talking are the open connections of which something has come since they were
	// looked at, in the order of their last packets.
	talking list.List
	// look is what looks at one connection after the other.
	look look
}

// An identity is whose connection ID it is: what is sent to it comes from the
// peer of its owner.
type identity struct {
	conn  *quicConn
	owner outcome.Role
}

const (
	// maxPerPath is how many connections between the same addresses, or to the
	// same server, are looked through for one whose ID is not known.
	maxPerPath = 16
	// maxIDs is how many connection IDs of one connection are remembered, and
	// maxPerID how many connections with the same one.
	maxIDs   = 64
	maxPerID = 64
	// minInitial is the least size of a client's first datagram (RFC 9000 14.1).
	minInitial = 1200
	// minFirstID is the least length of the connection ID that a client makes up
	// for the server: "This Destination Connection ID MUST be at least 8 bytes in
	// length" (RFC 9000 7.2).
	minFirstID = 8
	maxID      = 20
	// minTelling is the least length of a connection ID that is not the same as
	// another one by chance.
	minTelling = 4
	// learnAlways is how many packets of a connection are looked through for new
	// IDs whenever one is not known: most are issued right behind the handshake.
	learnAlways = 64
)

func (g *grouping) init(r *reader) {
	g.r = r
	g.ids = map[string][]identity{}
	g.paths = map[flowKey][]*quicConn{}
	g.servers = map[netip.AddrPort][]*quicConn{}
	g.look.room = make([]byte, 0, 2048) // for most datagrams
}

// datagram takes one UDP datagram.
func (g *grouping) datagram(s *pcapng.Segment, w arrival) {
	c, from := g.find(s, w)
	if c == nil {
		g.foreign(s, w)
		return
	}
	c.take(s, from, w)
}

// find returns the connection of a datagram and the side that sent it.
func (g *grouping) find(s *pcapng.Segment, w arrival) (*quicConn, outcome.Role) {
	b := s.Payload
	if len(b) == 0 {
		return nil, ""
	}
	if b[0]&0x80 == 0 {
		return g.short(s)
	}
	h, ok := parseHeader(b)
	if !ok {
		return nil, ""
	}
	return g.long(s, &h, w)
}

// long finds the connection of a datagram that begins with a long header, and
// begins one where a client does.
func (g *grouping) long(s *pcapng.Segment, h *header, w arrival) (*quicConn, outcome.Role) {
	kind := h.kind()
	c, owner := g.lookup(h.destination, s.To, s.From)
	from := owner.Peer()
	if c == nil {
		c, from = g.bySource(s, h, kind)
	}
	if c == nil {
		if c, from = g.begin(s, h, kind, w); c == nil {
			return nil, ""
		}
	}
	c.header(g, s, h, kind, from)
	return c, from
}

// lookup returns the connection that has a connection ID, and which side has
// chosen it: the one at own, whose peer is at peer. Short IDs are chosen by many:
// those whose addresses fit come first, and others count only if they are too
// long for chance.
func (g *grouping) lookup(id []byte, own, peer netip.AddrPort) (*quicConn, outcome.Role) {
	if len(id) == 0 {
		return nil, ""
	}
	var best identity
	score := 0
	for _, i := range g.ids[string(id)] {
		fits := 0
		if len(id) >= minTelling {
			fits = 1
		}
		if own == i.conn.address(i.owner) {
			fits += 4
		}
		if peer == i.conn.address(i.owner.Peer()) {
			fits += 2
		}
		if fits > score || fits == score && fits > 0 && i.conn.after(best.conn) {
			best, score = i, fits
		}
	}
	return best.conn, best.owner
}

// bySource finds the connection of a packet whose Destination Connection ID is
// empty or new: by the one that its sender has chosen for itself, or by the
// addresses. What a client begins behind the end of a connection is another one.
func (g *grouping) bySource(s *pcapng.Segment, h *header, kind quicwire.PacketType) (*quicConn, outcome.Role) {
	if c, owner := g.lookup(h.source, s.From, s.To); c != nil && (s.From == c.address(owner) || s.To == c.address(owner.Peer())) {
		if !c.left || kind != quicwire.Initial || owner != outcome.Client {
			return c, owner
		}
	}
	path := g.paths[keyOf(s.From, s.To)]
	for _, c := range slices.Backward(path) {
		toClient := s.From == c.server
		switch {
		case toClient && c.emptyID && len(h.destination) == 0:
			// To a client that has no ID, from a server that has none either, or
			// was not heard before.
			if kind == quicwire.VersionNegotiation || !c.answered || len(h.source) == 0 {
				return c, outcome.Server
			}
		case !toClient && len(h.destination) == 0:
			return c, outcome.Client // to a server that has no ID
		case !toClient && kind == quicwire.Initial && c.answers(h):
			return c, outcome.Client
		case !toClient && kind == quicwire.Unknown && c.version == h.version && !c.answered:
			return c, outcome.Client
		}
	}
	return nil, ""
}

// begin begins a connection with a packet that belongs to none.
func (g *grouping) begin(s *pcapng.Segment, h *header, kind quicwire.PacketType, w arrival) (*quicConn, outcome.Role) {
	whole := len(s.Payload) + s.Missing
	fixed := h.first&0x40 != 0
	switch kind {
	case quicwire.Initial:
		if len(h.destination) >= minFirstID && whole >= minInitial {
			return g.newConn(s, h, w, false), outcome.Client
		}
		if fixed && (whole >= minInitial || s.From.Port() < s.To.Port()) {
			return g.newConn(s, h, w, true), outcome.Server
		}
	case quicwire.Unknown:
		// Any version's first packet is large and has long IDs, or it is not
		// QUIC: many protocols begin with such a bit.
		if fixed && len(h.destination) >= minFirstID && whole >= minInitial && h.version != 0 {
			return g.newConn(s, h, w, false), outcome.Client
		}
	case quicwire.Handshake:
		if fixed {
			return g.newConn(s, h, w, true), g.guess(s)
		}
	}
	return nil, ""
}

// guess says who sends a packet of a connection whose beginning is missing.
func (g *grouping) guess(s *pcapng.Segment) outcome.Role {
	if s.From.Port() < s.To.Port() {
		return outcome.Server
	}
	return outcome.Client
}

func (g *grouping) newConn(s *pcapng.Segment, h *header, w arrival, middle bool) *quicConn {
	c := &quicConn{tape: newTape(g.r, outcome.QUIC, w.at), client: s.From, server: s.To, version: h.version, middle: middle}
	if middle && (h.kind() == quicwire.Initial || g.guess(s) == outcome.Server) {
		c.client, c.server = s.To, s.From
	}
	c.owner = c
	c.ids, c.keys = make([]string, 0, 4), make([]flowKey, 0, 1) // most have no more
	c.account(flowCost)
	c.number = g.r.number()
	g.follow(c, keyOf(s.From, s.To))
	g.servers[c.server] = latest(g.servers[c.server], c)
	return c
}

// latest appends c to a list that holds only the last few.
func latest(list []*quicConn, c *quicConn) []*quicConn {
	if len(list) >= maxPerPath {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, c)
}

// follow takes note that a connection uses a path.
func (g *grouping) follow(c *quicConn, key flowKey) {
	if slices.Contains(c.keys, key) || len(c.keys) >= maxPerPath {
		return
	}
	c.keys = append(c.keys, key)
	g.paths[key] = latest(g.paths[key], c)
}

// register takes note of a connection ID that packets to a side carry.
func (g *grouping) register(c *quicConn, id []byte, owner outcome.Role) {
	if len(id) == 0 || len(c.ids) >= maxIDs {
		return
	}
	for _, known := range g.ids[string(id)] {
		if known.conn == c {
			return
		}
	}
	key := string(id)
	if len(g.ids[key]) >= maxPerID {
		return // no ID that tells anything apart is chosen by so many
	}
	c.ids = append(c.ids, key)
	g.ids[key] = append(g.ids[key], identity{c, owner})
}

// chosen takes note of a connection ID that its owner has chosen, so that short headers
// can carry it. "When an Initial packet is sent by a client that has not previously
// received an Initial or Retry packet from the server, the client populates the
// Destination Connection ID field with an unpredictable value", which is of no use
// once the server has answered (RFC 9000 7.2).
func (g *grouping) chosen(id []byte) { g.lengths |= 1 << len(id) }

// foreign counts a datagram that belongs to no QUIC connection.
func (g *grouping) foreign(s *pcapng.Segment, _ arrival) {
	b := s.Payload
	switch {
	case len(b) > 13 && b[0] >= 20 && b[0] <= 26 && b[1] == 254 && (b[2] == 255 || b[2] == 253 || b[2] == 252):
		g.r.count("DTLS datagram", "DTLS datagrams") // RFC 9147 4: versions count down from 1.0
	case len(b) > 21 && b[0]&0xc0 == 0x40 && (s.From.Port() == 443 || s.To.Port() == 443):
		g.r.count("datagram that can be QUIC whose handshake was not captured", "datagrams that can be QUIC whose handshake was not captured")
	case s.From.Port() == 53 || s.To.Port() == 53:
		g.r.count("DNS datagram", "DNS datagrams")
	default:
		g.r.count("other UDP datagram", "other UDP datagrams")
	}
}
