package pcapng

import (
	"bytes"
	"encoding/binary"
)

// The blocks of pcapng that mean something here
// (https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcapng.html#section-11.1).
const (
	blockSection      = 0x0a0d0d0a
	blockInterface    = 1
	blockPacket       = 2 // obsolete
	blockSimplePacket = 3
	blockStatistics   = 5 // of an interface
	blockEnhanced     = 6
	blockSecrets      = 10
)

const (
	sectionMagic = 0x1a2b3c4d
	// tlsKeyLog is the type of secrets that is a key log: "TLSK".
	tlsKeyLog = 0x544c534b
	// maxInterfaces bounds what is remembered of a section. The obsolete packet
	// block could not name more.
	maxInterfaces = 1 << 16
)

// Our own data are custom options of statistics of the interface. A Custom Block
// would say the same, but Wireshark counts and lists one as a packet, whoever it
// belongs to; statistics it reads without a word, and their custom options it
// skips. The options are of the kind that tools which rewrite a file do not
// copy, since packets may then no longer be those they are about.
//
// They carry the Private Enterprise Number that RFC 5612 sets aside for
// documentation, as we have none, and so they also begin with a name.
const (
	optionCustom     = 19373
	enterpriseNumber = 32473
	noteMagic        = "shakedown\x00"
)

// Sections is a pcapng file: one section after another, each with its byte order
// and its interfaces.
type sections struct {
	order      binary.ByteOrder
	interfaces []iface
}

// An iface is what an Interface Description Block says.
type iface struct {
	link  LinkType
	limit uint32 // of a packet's bytes, 0 for none
	clock clock
}

func (s *sections) next(r *Reader) (Block, error) {
	for {
		kind, body, err := s.read(r.source)
		if err != nil {
			return nil, err
		}
		var b Block
		switch kind {
		case blockSection:
			err = s.begin(body)
		case blockInterface:
			err = s.describe(body)
		case blockEnhanced:
			b, err = s.enhanced(r, body)
		case blockPacket:
			b, err = s.obsolete(r, body)
		case blockSimplePacket:
			b, err = s.simple(r, body)
		case blockSecrets:
			b, err = s.secrets(body)
		case blockStatistics:
			b, err = s.statistics(body)
		}
		if err != nil {
			r.source.at -= int64(len(body) + 12) // where the block began
			return nil, err
		}
		if b != nil {
			return b, nil
		}
	}
}

// read returns the next block's type and what is between its two lengths.
func (s *sections) read(src *source) (kind uint32, body []byte, err error) {
	head, err := src.peek(8)
	if err != nil {
		return 0, nil, err
	}
	if kind = s.order.Uint32(head); kind == blockSection { // the same in both orders
		if head, err = src.peek(12); err != nil {
			return 0, nil, err
		}
		order := byteOrder(head)
		if order == nil {
			return 0, nil, damaged("a section begins with the byte-order magic %x", head[8:12])
		}
		s.order = order
	}
	length := s.order.Uint32(head[4:])
	switch {
	case length < 12 || length%4 != 0:
		return 0, nil, damaged("a block of type %#x is said to have %d bytes", kind, length)
	case length > maxBlock:
		return 0, nil, damaged("a block of type %#x is said to have %d bytes, more than the %d that are read", kind, length, maxBlock)
	}
	all, err := src.take(int(length))
	if err != nil {
		return 0, nil, err
	}
	if last := s.order.Uint32(all[length-4:]); last != length {
		src.at -= int64(length)
		return 0, nil, damaged("a block of type %#x is said to have %d bytes at its beginning and %d at its end", kind, length, last)
	}
	return kind, all[8 : length-4], nil
}

// begin reads a Section Header Block. Interfaces are a section's own.
func (s *sections) begin(body []byte) error {
	if len(body) < 16 {
		return damaged("a section header has %d bytes", len(body))
	}
	if major := s.order.Uint16(body[4:]); major != 1 {
		return damaged("a section has version %d, and only version 1 is known", major)
	}
	s.interfaces = s.interfaces[:0]
	return nil
}

func (s *sections) describe(body []byte) error {
	switch {
	case len(body) < 8:
		return damaged("an interface description has %d bytes", len(body))
	case len(s.interfaces) == maxInterfaces:
		return damaged("a section has more than %d interfaces", maxInterfaces)
	}
	i := iface{link: LinkType(s.order.Uint16(body)), limit: s.order.Uint32(body[4:]), clock: microseconds}
	var err error
	s.options(body[8:], func(code uint16, value []byte) {
		switch {
		case code == optionResolution && len(value) == 1:
			err = i.clock.resolution(value[0])
		case code == optionOffset && len(value) == 8:
			i.clock.offset = int64(s.order.Uint64(value))
		}
	})
	s.interfaces = append(s.interfaces, i)
	return err
}

// lookup returns an interface that a packet names.
func (s *sections) lookup(number uint32) (iface, error) {
	if uint64(number) >= uint64(len(s.interfaces)) {
		return iface{}, damaged("a packet is of interface %d, and the section has %d", number, len(s.interfaces))
	}
	return s.interfaces[number], nil
}

func (s *sections) enhanced(r *Reader, body []byte) (Block, error) {
	if len(body) < 20 {
		return nil, damaged("a packet block has %d bytes", len(body))
	}
	return s.packet(r, s.order.Uint32(body), body)
}

// obsolete reads a Packet Block, which has a count of drops where the upper half
// of the interface's number is now.
func (s *sections) obsolete(r *Reader, body []byte) (Block, error) {
	if len(body) < 20 {
		return nil, damaged("a packet block has %d bytes", len(body))
	}
	return s.packet(r, uint32(s.order.Uint16(body)), body)
}

func (s *sections) packet(r *Reader, number uint32, body []byte) (Block, error) {
	i, err := s.lookup(number)
	if err != nil {
		return nil, err
	}
	units := uint64(s.order.Uint32(body[4:]))<<32 | uint64(s.order.Uint32(body[8:]))
	kept, length := s.order.Uint32(body[12:]), s.order.Uint32(body[16:])
	if uint64(kept) > uint64(len(body)-20) {
		return nil, damaged("a packet is said to have %d bytes in a block that has room for %d", kept, len(body)-20)
	}
	p := r.found()
	p.At, p.Link = i.clock.time(units), i.link
	p.Data, p.Length = body[20:20+kept], frameLength(kept, length)
	return p, nil
}

// simple reads a Simple Packet Block, which is of the first interface and has no
// time. How much of it was kept follows from the interface's limit.
func (s *sections) simple(r *Reader, body []byte) (Block, error) {
	if len(body) < 4 {
		return nil, damaged("a packet block has %d bytes", len(body))
	}
	i, err := s.lookup(0)
	if err != nil {
		return nil, err
	}
	length := s.order.Uint32(body)
	kept := min(length, uint32(len(body)-4))
	if i.limit != 0 {
		kept = min(kept, i.limit)
	}
	p := r.found()
	p.Link, p.Data, p.Length = i.link, body[4:4+kept], frameLength(kept, length)
	return p, nil
}

// secrets reads a Decryption Secrets Block, nil if its secrets are not TLS's.
func (s *sections) secrets(body []byte) (Block, error) {
	if len(body) < 8 {
		return nil, damaged("a block of secrets has %d bytes", len(body))
	}
	kind, length := s.order.Uint32(body), s.order.Uint32(body[4:])
	if uint64(length) > uint64(len(body)-8) {
		return nil, damaged("secrets are said to have %d bytes in a block that has room for %d", length, len(body)-8)
	}
	if kind != tlsKeyLog {
		return nil, nil
	}
	found := Secrets{KeyLog: bytes.Clone(body[8 : 8+length])}
	s.options(body[min(8+padded(int(length)), len(body)):], func(code uint16, value []byte) {
		if code == optionComment && found.Comment == "" {
			found.Comment = string(value)
		}
	})
	return found, nil
}

// statistics reads an Interface Statistics Block for its custom options, nil if
// none is ours. As an option is at most 64 KiB long, a note may be in several.
func (s *sections) statistics(body []byte) (Block, error) {
	if len(body) < 12 {
		return nil, damaged("a block of statistics has %d bytes", len(body))
	}
	var note Note
	found := false
	s.options(body[12:], func(code uint16, value []byte) {
		if code != optionCustom || len(value) < 4 || s.order.Uint32(value) != enterpriseNumber {
			return
		}
		if part, ours := bytes.CutPrefix(value[4:], []byte(noteMagic)); ours {
			note.Data, found = append(note.Data, part...), true
		}
	})
	if !found {
		return nil, nil
	}
	return note, nil
}
