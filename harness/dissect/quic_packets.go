package dissect

import "shakedown/harness/field"

// A Packet is a QUIC packet by what its number counts in: the sender's packets
// of a level (RFC 9000 12.3).
type Packet struct {
	Level  Level
	Number uint64
}

// AppendPackets appends the QUIC packets that brought the step, none for other steps
// and for packets that could not be opened.
func (s *Step) AppendPackets(list []Packet) []Packet {
	if s.frame.reading != nil {
		return append(list, s.frame.reading.opened(s.frame.packet))
	}
	first := len(list)
	for _, p := range s.pieces {
		if opened := p.reading.opened(p.packet); len(list) == first || list[len(list)-1] != opened {
			list = append(list, opened)
		}
	}
	return list
}

// inPackets says that the step came in QUIC packets that were opened.
func (s *Step) inPackets() bool { return s.frame.reading != nil || len(s.pieces) > 0 }

// over makes the tree of a step that came in QUIC packets, which may be told
// already.
func (s *Step) over(told *Told) field.Tree {
	if s.frame.reading != nil {
		return packetTree(s.frame, told)
	}
	return messageOver(s, told)
}

// opened returns the packet of that index.
func (r *reading) opened(i int) Packet {
	p := &r.packets[i]
	_, level := spaceOf(p.Type)
	return Packet{Level: level, Number: p.opened.Number}
}
