package dissect

import (
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
)

// The names of a QUIC step's buffers. Where a message is spread over several
// datagrams or packets they are numbered: "datagram 1", "packet 1".
const (
	datagramBuffer = "datagram"
	packetBuffer   = "packet"
)

// datagramTree returns the tree of a datagram, of which no packet was opened.
func datagramTree(r *reading) func() field.Tree {
	return func() field.Tree {
		var t field.Tree
		addDatagram(&t, r, datagramBuffer)
		return t
	}
}

// packetTree returns the tree of a datagram and of one packet in it.
func packetTree(r *reading, i int) func() field.Tree {
	return func() field.Tree {
		var t field.Tree
		addDatagram(&t, r, datagramBuffer)
		addPacket(&t, r, i, datagramBuffer, packetBuffer)
		return t
	}
}

// messageTree puts the datagrams and packets that a message came in before the
// message itself, and the transport parameters into it.
func messageTree(message func() field.Tree, pieces []piece, fromClient bool) func() field.Tree {
	return func() field.Tree {
		var t field.Tree
		parent, ranges := addPieces(&t, pieces)
		m := message()
		for i := range m.Buffers {
			if m.Buffers[i].Parent == "" {
				m.Buffers[i].Parent, m.Buffers[i].Ranges = parent, ranges
				spliceParameters(m.Fields, m.Buffers[i], fromClient)
			}
		}
		t.Buffers = append(t.Buffers, m.Buffers...)
		t.Fields = append(t.Fields, m.Fields...)
		return t
	}
}

// addPieces adds the datagrams and packets of pieces, each once. It returns the
// buffer of the last packet, and the ranges of the message in it.
func addPieces(t *field.Tree, pieces []piece) (parent string, ranges []field.Range) {
	type place struct {
		reading *reading
		packet  int
	}
	datagrams, packets := map[*reading]string{}, map[place]string{}
	for _, p := range pieces {
		datagrams[p.reading], packets[place{p.reading, p.packet}] = "", ""
	}
	name := func(base string, of, n int) string {
		if of == 1 {
			return base
		}
		return fmt.Sprintf("%s %d", base, n)
	}
	seenDatagrams, seenPackets := 0, 0
	for _, p := range pieces {
		if datagrams[p.reading] == "" {
			seenDatagrams++
			datagrams[p.reading] = name(datagramBuffer, len(datagrams), seenDatagrams)
			addDatagram(t, p.reading, datagrams[p.reading])
		}
		at := place{p.reading, p.packet}
		if packets[at] == "" {
			seenPackets++
			packets[at] = name(packetBuffer, len(packets), seenPackets)
			addPacket(t, p.reading, p.packet, datagrams[p.reading], packets[at])
		}
		if packets[at] != parent {
			parent, ranges = packets[at], nil
		}
		ranges = append(ranges, field.Range{Start: p.at, End: p.at + int(p.end-p.start)})
	}
	return parent, ranges
}

// addDatagram adds a datagram as it was sent.
func addDatagram(t *field.Tree, r *reading, name string) {
	idLength := 0
	for i := range r.packets {
		if !r.packets[i].LongHeader() {
			idLength = len(r.packets[i].DestinationID)
		}
	}
	t.Buffers = append(t.Buffers, field.Buffer{Name: name, Bytes: r.datagram})
	t.Fields = append(t.Fields, quicwire.DatagramFields(r.datagram, idLength, name)...)
}

// addPacket adds a packet without its protection, if it was opened.
func addPacket(t *field.Tree, r *reading, i int, parent, name string) {
	p := &r.packets[i]
	if p.opened.Bytes == nil {
		return
	}
	t.Buffers = append(t.Buffers, field.Buffer{
		Name: name, Bytes: p.opened.Bytes, Parent: parent,
		Ranges: []field.Range{{Start: p.at, End: p.at + len(p.Raw)}},
	})
	t.Fields = append(t.Fields, quicwire.PacketFields(&p.Packet, &p.opened, name))
}

// spliceParameters gives the leaf that holds QUIC's transport parameters its parts.
func spliceParameters(fields []field.Field, in field.Buffer, fromClient bool) {
	for i := range fields {
		f := &fields[i]
		switch {
		case len(f.Fields) > 0:
			spliceParameters(f.Fields, in, fromClient)
		case f.Label == tlswire.LabelQUICTransportParameters && f.Buffer == in.Name:
			f.Fields = quicwire.TransportParameterFields(in.Bytes[f.Start:f.End], f.Start, f.Buffer, fromClient)
		}
	}
}
