package pcapng

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// Why a packet is no segment.
var (
	// ErrFragment says that a packet is a piece of an IP datagram.
	ErrFragment = errors.New("an IP fragment: fragments are not put together")
	// ErrNotIP says that a frame holds something else, such as ARP.
	ErrNotIP = errors.New("not IP")
	// ErrNotTransport says that a packet is IP but holds neither TCP nor UDP.
	ErrNotTransport = errors.New("neither TCP nor UDP")
	// ErrLinkType says that frames of that link type are not read.
	ErrLinkType = errors.New("a link type that is not read")
	// ErrShort says that the capture kept too little of a packet to tell what it is.
	ErrShort = errors.New("too little of the packet was captured")
	// ErrMalformed says that a header contradicts itself.
	ErrMalformed = errors.New("a malformed header")
)

// Segment takes a packet apart down to its TCP segment or UDP datagram. The
// error is one of this package's, as it stands.
func (p *Packet) Segment() (Segment, error) {
	data, version, err := network(p.Link, p.Data)
	if err != nil {
		return Segment{}, err
	}
	read := ipv4
	if version == 6 {
		read = ipv6
	}
	d, err := read(data, max(p.Length-len(p.Data), 0))
	if err != nil {
		return Segment{}, err
	}
	var s Segment
	switch Protocol(d.protocol) {
	case TCP:
		err = s.tcp(&d)
	case UDP:
		err = s.udp(&d)
	default:
		return Segment{}, ErrNotTransport
	}
	return s, err
}

// A datagram is an IP packet without its headers.
type datagram struct {
	from, to netip.Addr
	protocol byte
	payload  []byte
	missing  int // how much of the payload was not captured
}

// ipv4 reads an IPv4 header (RFC 791 3.1). Options mean nothing here. Cut is how
// much the capture cut off the frame's end, for a header that does not say.
func ipv4(data []byte, cut int) (d datagram, err error) {
	if len(data) < 20 {
		return d, ErrShort
	}
	header, total := int(data[0]&0x0f)*4, int(binary.BigEndian.Uint16(data[2:]))
	if header < 20 {
		return d, ErrMalformed
	}
	// Where the network card is to cut a long segment up, some systems show it
	// before that, with a length of zero: the packet goes to the frame's end.
	if total == 0 {
		total = len(data) + cut
	}
	if total < header {
		return d, ErrMalformed
	}
	if binary.BigEndian.Uint16(data[6:])&0x3fff != 0 { // more fragments, or an offset
		return d, ErrFragment
	}
	d.protocol = data[9]
	d.from = netip.AddrFrom4([4]byte(data[12:]))
	d.to = netip.AddrFrom4([4]byte(data[16:]))
	return d, d.trim(data, header, total)
}

// trim sets the payload: what is between the header's end and the datagram's.
// After that stands padding, or a frame's check sequence.
func (d *datagram) trim(data []byte, header, total int) error {
	if len(data) < header {
		return ErrShort
	}
	end := min(total, len(data))
	d.payload, d.missing = data[header:end], total-end
	return nil
}

// The IPv6 extension headers that may stand before a segment (RFC 8200 4.1).
const (
	hopByHop    = 0
	routing     = 43
	fragment    = 44
	destination = 60
	mobility    = 135
)

// ipv6 reads an IPv6 header and its extension headers (RFC 8200 3 and 4).
func ipv6(data []byte, cut int) (d datagram, err error) {
	if len(data) < 40 {
		return d, ErrShort
	}
	d.from = netip.AddrFrom16([16]byte(data[8:]))
	d.to = netip.AddrFrom16([16]byte(data[24:]))
	total := int(binary.BigEndian.Uint16(data[4:]))
	if total == 0 { // as with IPv4, or a jumbogram (RFC 2675)
		total = len(data) - 40 + cut
	}
	if err := d.trim(data, 40, 40+total); err != nil {
		return d, err
	}
	d.protocol = data[6]
	for {
		switch d.protocol {
		default:
			return d, nil
		case hopByHop, routing, destination, mobility:
			if err := d.skip(); err != nil {
				return d, err
			}
		case fragment:
			if len(d.payload) < 8 {
				return d, d.short()
			}
			// "If the fragment is a whole datagram (that is, both the Fragment
			// Offset field and the M flag are zero), then it does not need any
			// further reassembly" (RFC 8200 4.5).
			if binary.BigEndian.Uint16(d.payload[2:])&0xfff9 != 0 {
				return d, ErrFragment
			}
			d.protocol, d.payload = d.payload[0], d.payload[8:]
		}
	}
}

// skip moves behind an extension header, whose second byte counts units of eight
// bytes beyond the first.
func (d *datagram) skip() error {
	if len(d.payload) < 2 {
		return d.short()
	}
	length := (int(d.payload[1]) + 1) * 8
	if length > len(d.payload) {
		return d.short()
	}
	d.protocol, d.payload = d.payload[0], d.payload[length:]
	return nil
}

// tcp reads a TCP header (RFC 9293 3.1). Options mean nothing here.
func (s *Segment) tcp(d *datagram) error {
	data := d.payload
	if len(data) < 20 {
		return d.short()
	}
	header := int(data[12]>>4) * 4
	if header < 20 || header > len(data)+d.missing {
		return ErrMalformed
	}
	s.Protocol = TCP
	s.From = netip.AddrPortFrom(d.from, binary.BigEndian.Uint16(data))
	s.To = netip.AddrPortFrom(d.to, binary.BigEndian.Uint16(data[2:]))
	s.Seq, s.Ack = binary.BigEndian.Uint32(data[4:]), binary.BigEndian.Uint32(data[8:])
	flags := data[13]
	s.FIN, s.SYN, s.RST = flags&1 != 0, flags&2 != 0, flags&4 != 0
	s.PSH, s.ACK = flags&8 != 0, flags&16 != 0
	s.Payload, s.Missing = data[min(header, len(data)):], d.missing
	if header > len(data) {
		s.Missing -= header - len(data)
	}
	return nil
}

// udp reads a UDP header (RFC 768).
func (s *Segment) udp(d *datagram) error {
	data := d.payload
	if len(data) < 8 {
		return d.short()
	}
	whole := len(data) + d.missing
	length := int(binary.BigEndian.Uint16(data[4:]))
	switch {
	case length == 0: // longer than its field can say (RFC 2675 4)
		length = whole
	case length < 8 || length > whole:
		return ErrMalformed
	}
	s.Protocol = UDP
	s.From = netip.AddrPortFrom(d.from, binary.BigEndian.Uint16(data))
	s.To = netip.AddrPortFrom(d.to, binary.BigEndian.Uint16(data[2:]))
	end := min(length, len(data))
	s.Payload, s.Missing = data[8:end], length-end
	return nil
}

// short says why a header is not there: it was not captured, or not sent.
func (d *datagram) short() error {
	if d.missing > 0 {
		return ErrShort
	}
	return ErrMalformed
}
