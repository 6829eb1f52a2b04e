package capture

import (
	"container/list"
	"net/netip"
	"slices"
	"strconv"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/quicwire"
	"shakedown/harness/transcript"
)

// A quicConn is one QUIC connection.
type quicConn struct {
	tape
	client, server netip.AddrPort
	ids            []string
	keys           []flowKey
	// emptyID says that the client has chosen a connection ID of no length.
	emptyID bool
	// version is that of the client's first packet. Negotiated says that the
	// server knows another one, retried that it has sent a Retry, answered that it
	// has sent anything else.
	version                       quicwire.Version
	negotiated, retried, answered bool
	middle                        bool
	moved                         int
	learned                       int // packets when IDs were last learned
	cut                           int
	// sent counts the datagrams of the client and of the server, idLengths are the
	// lengths of the connection IDs that they have chosen.
	sent      [2]int64
	idLengths [2]uint8
	// talks is its place among those that are to be looked at. Known says that the
	// key log has secrets of random, the ClientHello.random; left, that it was
	// closed, and handed on when it was silent.
	talks       *list.Element
	random      keylog.Random
	known, left bool
}

// after says that a packet which can be of both connections is likelier one of c: of
// the one that is open, else of the one whose last packet came later.
func (c *quicConn) after(other *quicConn) bool {
	if c.over != other.over {
		return other.over
	}
	return c.last.After(other.last)
}

func (c *quicConn) address(side outcome.Role) netip.AddrPort {
	if side == outcome.Client {
		return c.client
	}
	return c.server
}

// answers says that a client's packet with a new Destination Connection ID goes
// on with the connection: behind a Retry packet that carries a token, or in
// another version behind a Version Negotiation packet.
func (c *quicConn) answers(h *header) bool {
	if c.answered {
		return false
	}
	if c.negotiated && h.version != c.version {
		return true
	}
	return c.retried && c.emptyID && len(h.source) == 0 && len(h.rest) > 0 && h.rest[0] != 0
}

// header takes note of the connection IDs that a packet brings.
func (c *quicConn) header(g *grouping, s *pcapng.Segment, h *header, kind quicwire.PacketType, from outcome.Role) {
	if from == outcome.Client {
		g.register(c, h.destination, outcome.Server)
		g.register(c, h.source, outcome.Client)
		g.chosen(h.source)
		if kind == quicwire.Handshake {
			g.chosen(h.destination)
		}
		c.emptyID = c.emptyID || len(h.source) == 0
		c.idLengths[0] = uint8(len(h.source))
		if kind == quicwire.Initial || kind == quicwire.Unknown {
			c.version = h.version
		}
		return
	}
	g.register(c, h.destination, outcome.Client)
	g.chosen(h.destination)
	c.emptyID = c.emptyID || len(h.destination) == 0
	switch kind {
	case quicwire.VersionNegotiation:
		c.negotiated = true
		return // it repeats the IDs of the client's packet
	case quicwire.Retry:
		c.retried = true
	default:
		c.answered = true
	}
	g.register(c, h.source, outcome.Server)
	g.chosen(h.source)
	c.idLengths[1] = uint8(len(h.source))
}

// take records a datagram.
func (c *quicConn) take(s *pcapng.Segment, from outcome.Role, w arrival) {
	c.seen(w.at, len(s.Payload)+s.Missing)
	g := &c.reader.quic
	if c.over {
		if c.left {
			g.r.count("datagram that came more than a second after its QUIC connection had closed", "datagrams that came more than a second after their QUIC connections had closed")
		}
		return
	}
	g.speaks(c)
	c.sent[sideOf(from)]++
	if peer := c.address(from); s.From != peer && !c.middle {
		c.moves(g, s, from, w)
	}
	if s.Missing > 0 {
		c.cut++
	}
	if !c.counting && c.kept > followAt {
		c.count()
	}
	c.add(unit{kind: transcript.Data, server: from == outcome.Server, sent: slices.Clone(s.Payload)}, w.at)
}

// moves takes note of a new address: "Receiving a packet from a new peer address
// containing a non-probing frame indicates that the peer has migrated to that
// address" (RFC 9000 9.3), or that a NAT between has given it another one.
func (c *quicConn) moves(g *grouping, s *pcapng.Segment, from outcome.Role, w arrival) {
	g.follow(c, keyOf(s.From, s.To))
	if c.moved++; c.moved <= maxNamed {
		c.notes = append(c.notes, "the "+string(from)+" sends from "+s.From.String()+" as of "+clock(w.at)+" (packet "+strconv.Itoa(w.packet)+")")
	}
	if from == outcome.Client {
		c.client = s.From
	}
}

// end hands the recording on.
func (c *quicConn) end(why string) {
	if c.over {
		return
	}
	rec := c.recording()
	if c.left && rec.followed == nil { // it was looked at just now, and is yet to be dissected
		rec.derived = c.reader.quic.look.derived()
		rec.charge += keysCost * (2*len(rec.derived.Initial) + len(rec.derived.Traffic))
	}
	rec.Client, rec.Server = c.began(), c.server
	if c.middle {
		rec.note("the capture starts in the middle of this connection")
	}
	if c.cut > 0 {
		rec.note("the capture kept only the beginning of %s: what is in them cannot be read", plural(c.cut, "datagram"))
	}
	if why != "" {
		rec.note("%s", why)
	}
	r := c.reader
	r.quic.rests(c)
	c.close()
	r.ended(rec)
}

// began returns the client's first address.
func (c *quicConn) began() netip.AddrPort {
	if c.moved == 0 {
		return c.client
	}
	first := c.keys[0]
	if first.a == c.server {
		return first.b
	}
	return first.a
}

// drop forgets the connection.
func (c *quicConn) drop() {
	g := &c.reader.quic
	for _, id := range c.ids {
		if g.ids[id] = slices.DeleteFunc(g.ids[id], func(i identity) bool { return i.conn == c }); len(g.ids[id]) == 0 {
			delete(g.ids, id)
		}
	}
	isThis := func(other *quicConn) bool { return other == c }
	for _, key := range c.keys {
		if g.paths[key] = slices.DeleteFunc(g.paths[key], isThis); len(g.paths[key]) == 0 {
			delete(g.paths, key)
		}
	}
	if g.servers[c.server] = slices.DeleteFunc(g.servers[c.server], isThis); len(g.servers[c.server]) == 0 {
		delete(g.servers, c.server)
	}
	c.ring.remove(&c.tape)
}
