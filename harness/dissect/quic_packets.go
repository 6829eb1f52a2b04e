package dissect

// A Packet is a QUIC packet by what its number counts in: the sender's packets
// of a level (RFC 9000 12.3).
type Packet struct {
	Level  Level
	Number uint64
}

// AppendPackets appends the QUIC packets that brought the step, none for other steps
// and for packets that could not be opened.
func (s *Step) AppendPackets(list []Packet) []Packet {
	if s.packets == nil {
		return list
	}
	return s.packets(list)
}

// opened returns the packet of that index.
func (r *reading) opened(i int) Packet {
	p := &r.packets[i]
	_, level := spaceOf(p.Type)
	return Packet{Level: level, Number: p.opened.Number}
}

// packetsOf returns the packets that pieces came in, each once.
func packetsOf(pieces []piece) func([]Packet) []Packet {
	return func(list []Packet) []Packet {
		first := len(list)
		for _, p := range pieces {
			if opened := p.reading.opened(p.packet); len(list) == first || list[len(list)-1] != opened {
				list = append(list, opened)
			}
		}
		return list
	}
}
