package pcapng

import (
	"encoding/binary"
	"fmt"
)

// The magic numbers of a pcap file, by which its byte order, the resolution of
// its times and the form of its packets' headers are told
// (https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcap.html).
const (
	pcapMicroseconds = 0xa1b2c3d4
	pcapNanoseconds  = 0xa1b23c4d
	pcapModified     = 0xa1b2cd34 // Kuznetsov's: eight more bytes before each packet
	pcapHeaderLen    = 24
	pcapRecordLen    = 16
)

// A plain is a pcap file: packets, one after another, and nothing else.
type plain struct {
	order   binary.ByteOrder
	clock   clock
	link    LinkType
	heading int // the length of a packet's header
}

// isPcap says that a file begins as pcap does.
func isPcap(head []byte) bool {
	p := plainOf(head)
	return p != nil
}

func plainOf(head []byte) *plain {
	if len(head) < 4 {
		return nil
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(head) {
		case pcapMicroseconds:
			return &plain{order: order, clock: microseconds, heading: pcapRecordLen}
		case pcapNanoseconds:
			return &plain{order: order, clock: nanoseconds, heading: pcapRecordLen}
		case pcapModified:
			return &plain{order: order, clock: microseconds, heading: pcapRecordLen + 8}
		}
	}
	return nil
}

// readFileHeader reads a pcap file's first header. Its time zone and accuracy
// are always zero in practice, its snapshot length is no promise that writers keep.
func readFileHeader(src *source) (*plain, error) {
	head, err := src.take(pcapHeaderLen)
	switch {
	case ended(err):
		return nil, fmt.Errorf("%w: it ends in the header of a pcap file", ErrTruncated)
	case err != nil:
		return nil, fmt.Errorf("read the header of the pcap file: %w", err)
	}
	p := plainOf(head)
	if major, minor := p.order.Uint16(head[4:]), p.order.Uint16(head[6:]); major != 2 {
		return nil, &FormatError{
			Looks: fmt.Sprintf("a pcap file of version %d.%d, and only version 2 is known", major, minor),
			Next:  convert,
		}
	}
	// The upper bits say how long a frame's check sequence is; IP's own lengths
	// tell it from payload.
	p.link = LinkType(p.order.Uint32(head[20:]) & 0xffff)
	return p, nil
}

func (p *plain) next(r *Reader) (Block, error) {
	head, err := r.source.peek(p.heading)
	if err != nil {
		return nil, err
	}
	kept, length := p.order.Uint32(head[8:]), p.order.Uint32(head[12:])
	if kept > maxBlock {
		return nil, damaged("a packet is said to have %d bytes", kept)
	}
	all, err := r.source.take(p.heading + int(kept))
	if err != nil {
		return nil, err
	}
	packet := r.found()
	packet.At = p.clock.sum(uint64(p.order.Uint32(all)), uint64(p.order.Uint32(all[4:])))
	packet.Link = p.link
	packet.Data, packet.Length = all[p.heading:], frameLength(kept, length)
	return packet, nil
}
