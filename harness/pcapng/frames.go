package pcapng

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// Frames builds the Ethernet frames of segments that crossed no real network,
// with the lengths and checksums that they would have had. The zero Frames is
// ready. It is not safe for concurrent use.
//
// It is our own rather than gopacket's, which knows hundreds of protocols and
// needs milliseconds to set them up whenever a program starts. The tests hold
// both against each other.
type Frames struct {
	buffer []byte
}

const (
	// MSS is the most payload that a TCP segment has in an Ethernet frame of
	// 1,500 bytes (RFC 9293 3.7.1).
	MSS = 1460
	// maxPayload is the most that any packet has: IP's length has 16 bits.
	maxPayload = 0xffff - 60
	// windowScale makes the window 65535 << 7 bytes (RFC 7323 2), so large that
	// no flight fills it.
	windowScale = 7
	// minFrame is what a frame is filled up to (IEEE 802.3 3.2.8), without the
	// check sequence at its end, which captures do not have.
	minFrame = 60
	// hops is how many routers a packet may pass.
	hops = 64
)

// ErrPayload says that a payload is too long for a packet.
var ErrPayload = errors.New("the payload is longer than an IP packet")

// hardware addresses stand for the lower and the higher address of a pair. They
// are locally administered, so they are nobody's.
var (
	lowerHardware  = [6]byte{2, 0, 0, 0, 0, 1}
	higherHardware = [6]byte{2, 0, 0, 0, 0, 2}
)

// Frame returns the frame of a segment. It is overwritten by the next call.
func (f *Frames) Frame(s Segment) ([]byte, error) {
	if len(s.Payload) > maxPayload {
		return nil, ErrPayload
	}
	b := s.ethernet(f.buffer[:0])
	b = s.network(b)
	start := len(b)
	b = append(s.transport(b), s.Payload...)
	s.sum(b[start:])
	for len(b) < minFrame {
		b = append(b, 0)
	}
	f.buffer = b
	return b, nil
}

// ethernet appends the header of the frame.
func (s *Segment) ethernet(b []byte) []byte {
	from, to := lowerHardware, higherHardware
	if s.To.Addr().Less(s.From.Addr()) {
		from, to = to, from
	}
	b = append(append(b, to[:]...), from[:]...)
	if s.From.Addr().Is4() {
		return binary.BigEndian.AppendUint16(b, etherIPv4)
	}
	return binary.BigEndian.AppendUint16(b, etherIPv6)
}

// network appends the IP header (RFC 791 3.1, RFC 8200 3).
func (s *Segment) network(b []byte) []byte {
	size := s.transportSize() + len(s.Payload)
	if !s.From.Addr().Is4() {
		b = append(b, 6<<4, 0, 0, 0) // no traffic class, no flow label
		b = binary.BigEndian.AppendUint16(b, uint16(size))
		b = append(b, byte(s.Protocol), hops)
		return appendAddresses(b, s.From, s.To)
	}
	const headerSize, dontFragment = 20, 1 << 14
	start := len(b)
	b = append(b, 4<<4|headerSize/4, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(headerSize+size))
	b = append(b, 0, 0) // identification, which only fragments need
	b = binary.BigEndian.AppendUint16(b, dontFragment)
	b = append(b, hops, byte(s.Protocol), 0, 0)
	b = appendAddresses(b, s.From, s.To)
	binary.BigEndian.PutUint16(b[start+10:], ^fold(add(0, b[start:])))
	return b
}

func appendAddresses(b []byte, from, to netip.AddrPort) []byte {
	return append(append(b, from.Addr().AsSlice()...), to.Addr().AsSlice()...)
}

// synOptions are what the stack of a sender says of itself in a SYN: its MSS, and
// behind a NOP its window scale.
var synOptions = []byte{2, 4, MSS >> 8, MSS & 0xff, 1, 3, 3, windowScale}

// transportSize is the size of the segment's own header.
func (s *Segment) transportSize() int {
	switch {
	case s.Protocol == UDP:
		return 8
	case s.SYN:
		return 20 + len(synOptions)
	}
	return 20
}

// transport appends the segment's own header, without a checksum (RFC 768, RFC
// 9293 3.1).
func (s *Segment) transport(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, s.From.Port())
	b = binary.BigEndian.AppendUint16(b, s.To.Port())
	size := s.transportSize()
	if s.Protocol == UDP {
		b = binary.BigEndian.AppendUint16(b, uint16(size+len(s.Payload)))
		return append(b, 0, 0)
	}
	b = binary.BigEndian.AppendUint32(b, s.Seq)
	b = binary.BigEndian.AppendUint32(b, s.Ack)
	var flags byte
	for bit, set := range []bool{s.FIN, s.SYN, s.RST, s.PSH, s.ACK} {
		if set {
			flags |= 1 << bit
		}
	}
	const window = 0xffff
	b = append(b, byte(size/4)<<4, flags, window>>8, window&0xff)
	b = append(b, 0, 0, 0, 0) // checksum and urgent pointer
	if s.SYN {
		b = append(b, synOptions...)
	}
	return b
}

// sum writes the checksum into a segment. It covers the addresses, the protocol and
// the length as well (RFC 9293 3.1, RFC 8200 8.1).
func (s *Segment) sum(segment []byte) {
	total := add(0, s.From.Addr().AsSlice())
	total = add(total, s.To.Addr().AsSlice())
	total += uint64(s.Protocol) + uint64(len(segment))
	sum := ^fold(add(total, segment))
	if s.Protocol != UDP {
		binary.BigEndian.PutUint16(segment[16:], sum)
		return
	}
	// "If the computed checksum is zero, it is transmitted as all ones" (RFC 768).
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(segment[6:], sum)
}

// add adds 16-bit words to a checksum, the last of them filled up with a zero
// (RFC 1071 1).
func add(total uint64, b []byte) uint64 {
	for len(b) >= 2 {
		total += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) > 0 {
		total += uint64(b[0]) << 8
	}
	return total
}

// fold adds the carries of a checksum to it.
func fold(total uint64) uint16 {
	for total > 0xffff {
		total = total>>16 + total&0xffff
	}
	return uint16(total)
}
