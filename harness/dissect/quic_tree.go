package dissect

import (
	"cmp"
	"slices"
	"strconv"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
)

// The names of a QUIC step's buffers. Where a message is spread over several
// datagrams or packets they are numbered: "datagram 1", "packet 1".
const (
	datagramBuffer = "datagram"
	packetBuffer   = "packet"
)

// usualBuffers is how many buffers a step's tree has, unless it came in several
// packets: a datagram, a packet, and the message.
const usualBuffers = 3

// datagramTree returns the tree of a datagram, of which no packet was opened.
func datagramTree(r *reading) func(*field.Room) field.Tree {
	return func(room *field.Room) field.Tree {
		t := room.Tree(len(r.packets), 1)
		addDatagram(room, &t, r, datagramBuffer)
		return t
	}
}

// packetTree makes the tree of a datagram and of one packet in it. The packet is
// told again where it was told already: the step is one of its frames.
func packetTree(at place, told *Told) field.Tree {
	room := told.room()
	t := room.Tree(usualRoots, usualBuffers)
	if !told.datagram(at.reading) {
		addDatagram(room, &t, at.reading, datagramBuffer)
	}
	told.packet(at)
	addPacket(room, &t, at.reading, at.packet, datagramBuffer, packetBuffer)
	return t
}

// messageOver puts the datagrams and packets that a message came in before the
// message itself, and the transport parameters into it.
func messageOver(s *Step, told *Told) field.Tree {
	room := told.room()
	t := room.Tree(usualRoots, usualBuffers)
	origins := addPieces(&t, s.pieces, told)
	m := s.tree(room)
	for i := range m.Buffers {
		if m.Buffers[i].Origins == nil {
			m.Buffers[i].Origins = origins
			spliceParameters(room, m.Fields, m.Buffers[i], s.From == outcome.Client)
		}
	}
	t.Buffers = append(t.Buffers, m.Buffers...)
	t.Fields = append(t.Fields, m.Fields...)
	return t
}

// addPieces adds the datagrams and packets of pieces, each once, and says which
// of their bytes the message is made of.
func addPieces(t *field.Tree, pieces []piece, told *Told) []field.Origin {
	if len(pieces) == 1 {
		p := &pieces[0]
		if !told.datagram(p.reading) {
			addDatagram(told.room(), t, p.reading, datagramBuffer)
		}
		if !told.packet(place{p.reading, p.packet}) {
			addPacket(told.room(), t, p.reading, p.packet, datagramBuffer, packetBuffer)
		}
		return append(told.room().Origins(1), p.origin(packetBuffer))
	}
	datagrams, packets := map[*reading]string{}, map[place]string{}
	for _, p := range pieces {
		datagrams[p.reading], packets[place{p.reading, p.packet}] = "", ""
	}
	name := func(base string, of, n int) string {
		if of == 1 {
			return base
		}
		return base + " " + strconv.Itoa(n)
	}
	seenDatagrams, seenPackets := 0, 0
	buffers := make([]string, 0, len(pieces))
	for _, p := range pieces {
		if datagrams[p.reading] == "" {
			seenDatagrams++
			datagrams[p.reading] = name(datagramBuffer, len(datagrams), seenDatagrams)
			if !told.datagram(p.reading) {
				addDatagram(told.room(), t, p.reading, datagrams[p.reading])
			}
		}
		at := place{p.reading, p.packet}
		if packets[at] == "" {
			seenPackets++
			packets[at] = name(packetBuffer, len(packets), seenPackets)
			if !told.packet(at) {
				addPacket(told.room(), t, p.reading, p.packet, datagrams[p.reading], packets[at])
			}
		}
		buffers = append(buffers, packets[at])
	}
	return originsOf(pieces, buffers)
}

// origin is where a piece is in its packet, whose buffer has that name.
func (p *piece) origin(buffer string) field.Origin {
	return field.Origin{Buffer: buffer, Start: p.at, End: p.at + int(p.end-p.start)}
}

// originsOf returns where each byte of a message came from, in the message's
// order. Pieces stand in the order in which they came, and can overlap where one
// was sent again; the first that brought a byte is its origin.
func originsOf(pieces []piece, buffers []string) []field.Origin {
	if origins := inTurn(pieces, buffers); origins != nil {
		return origins
	}
	start, end := pieces[0].start, pieces[0].end
	for _, p := range pieces {
		start, end = min(start, p.start), max(end, p.end)
	}
	owners := make([]int32, end-start) // one more than the index of the piece
	for i, p := range pieces {
		for at := p.start - start; at < p.end-start; at++ {
			if owners[at] == 0 {
				owners[at] = int32(i + 1)
			}
		}
	}
	origins := make([]field.Origin, 0, len(pieces))
	for at := 0; at < len(owners); {
		owner, from := owners[at], at
		for at < len(owners) && owners[at] == owner {
			at++
		}
		if owner == 0 {
			continue // a message is whole: there is no such byte
		}
		p := &pieces[owner-1]
		first := p.at + from - int(p.start-start)
		origins = append(origins, field.Origin{Buffer: buffers[owner-1], Start: first, End: first + at - from})
	}
	return origins
}

// inTurn is originsOf for pieces that begin where others end, in whatever order they
// came: nothing was sent twice, as is usual. It is nil for others.
func inTurn(pieces []piece, buffers []string) []field.Origin {
	order := make([]int, len(pieces))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(pieces[a].start, pieces[b].start) })
	origins := make([]field.Origin, 0, len(pieces))
	for n, i := range order {
		p := &pieces[i]
		if n > 0 && p.start != pieces[order[n-1]].end || p.start == p.end {
			return nil
		}
		origins = append(origins, p.origin(buffers[i]))
	}
	return origins
}

// addDatagram adds a datagram as it was sent.
func addDatagram(room *field.Room, t *field.Tree, r *reading, name string) {
	idLength := 0
	for i := range r.packets {
		if !r.packets[i].LongHeader() {
			idLength = len(r.packets[i].DestinationID)
		}
	}
	t.Buffers = append(t.Buffers, field.Buffer{Name: name, Bytes: r.datagram})
	t.Fields = append(t.Fields, quicwire.DatagramFields(r.datagram, idLength, name, room)...)
}

// retryTree returns the tree of a datagram with a Retry packet, and what came of
// checking its tag.
func retryTree(r *reading, checked error) func(*field.Room) field.Tree {
	return func(room *field.Room) field.Tree {
		t := datagramTree(r)(room)
		if tag := findLeaf(t.Fields, quicwire.LabelIntegrityTag); tag != nil {
			says := " It was checked and is right: the packet answers the client's, and nobody changed it."
			if checked != nil {
				says = " It was checked: " + field.Printable(checked.Error()) + ". A client drops such a packet."
			}
			tag.Meaning += says
		}
		return t
	}
}

// resetTree returns the tree of a datagram that is a stateless reset: it looks
// like a 1-RTT packet, and only its end tells who knows the token (RFC 9000 10.3).
func resetTree(r *reading) func(*field.Room) field.Tree {
	return func(*field.Room) field.Tree {
		const section = "RFC 9000 10.3"
		token := len(r.datagram) - resetTokenSize
		leaf := func(label string, start, end int, value, meaning string) field.Field {
			return field.Field{Label: label, Buffer: datagramBuffer, Start: start, End: end, Value: value, Meaning: meaning, Section: section}
		}
		whole := leaf("Stateless Reset", 0, len(r.datagram), count(len(r.datagram), "byte"),
			"The sender has lost all state of the connection, after a restart perhaps, and says so in the only way that it still can.")
		whole.Fields = []field.Field{
			leaf("Unpredictable Bits", 0, token, count(token, "byte"), "They make it look like any other packet to everybody else."),
			leaf("Stateless Reset Token", token, len(r.datagram), field.Hex(r.datagram[token:]),
				"The token that the sender has given for this connection ID earlier: it ends the connection at once."),
		}
		return field.Tree{Buffers: []field.Buffer{{Name: datagramBuffer, Bytes: r.datagram}}, Fields: []field.Field{whole}}
	}
}

// addPacket adds a packet without its protection, if it was opened.
func addPacket(room *field.Room, t *field.Tree, r *reading, i int, parent, name string) {
	p := &r.packets[i]
	if p.opened.Bytes == nil {
		return
	}
	t.Buffers = append(t.Buffers, field.Buffer{
		Name: name, Bytes: p.opened.Bytes,
		Origins: append(room.Origins(1), field.Origin{Buffer: parent, Start: p.at, End: p.at + len(p.Raw)}),
	})
	t.Fields = append(t.Fields, quicwire.PacketFields(&p.Packet, &p.opened, name, room))
}

// spliceParameters gives the leaf that holds QUIC's transport parameters its parts.
func spliceParameters(room *field.Room, fields []field.Field, in field.Buffer, fromClient bool) {
	for i := range fields {
		f := &fields[i]
		switch {
		case f.Shared:
		case len(f.Fields) > 0:
			spliceParameters(room, f.Fields, in, fromClient)
		case f.Label == tlswire.LabelQUICTransportParameters && f.Buffer == in.Name:
			content := in.Bytes[f.Start:f.End]
			parts, absent := quicwire.TransportParameterFields(content, f.Start, f.Buffer, fromClient, room)
			f.Fields = parts
			if absent != "" {
				f.Meaning += " " + absent
			}
		}
	}
}
