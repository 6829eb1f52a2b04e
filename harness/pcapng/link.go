package pcapng

import "encoding/binary"

// The EtherTypes that lead to IP (https://www.iana.org/assignments/ieee-802-numbers).
const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	// A tag of a virtual LAN, or of several around one another.
	etherVLAN        = 0x8100
	etherServiceVLAN = 0x88a8
	etherOldQinQ     = 0x9100
)

// network strips a frame down to its IP packet and says which version it is.
func network(link LinkType, frame []byte) (packet []byte, version byte, err error) {
	switch link {
	case LinkEthernet:
		if len(frame) < 14 {
			return nil, 0, ErrShort
		}
		return untagged(frame[14:], binary.BigEndian.Uint16(frame[12:]))
	case LinkLinuxSLL:
		if len(frame) < 16 {
			return nil, 0, ErrShort
		}
		return untagged(frame[16:], binary.BigEndian.Uint16(frame[14:]))
	case LinkLinuxSLL2:
		if len(frame) < 20 {
			return nil, 0, ErrShort
		}
		return untagged(frame[20:], binary.BigEndian.Uint16(frame))
	case LinkNull, LinkLoop:
		return loopback(frame)
	case LinkRaw, LinkRawBSD, LinkRawOther, LinkIPv4, LinkIPv6:
		return raw(frame)
	}
	return nil, 0, ErrLinkType
}

// untagged goes from an EtherType to IP, behind any tags of virtual LANs.
func untagged(rest []byte, kind uint16) ([]byte, byte, error) {
	for {
		switch kind {
		case etherIPv4, etherIPv6:
			return raw(rest)
		case etherVLAN, etherServiceVLAN, etherOldQinQ:
			if len(rest) < 4 {
				return nil, 0, ErrShort
			}
			kind, rest = binary.BigEndian.Uint16(rest[2:]), rest[4:]
		default:
			return nil, 0, ErrNotIP
		}
	}
}

// loopback reads the address family before a packet. It is in the byte order of
// the machine that captured, which the file's need not be, and IPv6's number
// differs from system to system; the packet itself says which it is.
func loopback(frame []byte) ([]byte, byte, error) {
	if len(frame) < 4 {
		return nil, 0, ErrShort
	}
	family := binary.LittleEndian.Uint32(frame)
	if family > 0xffff {
		family = binary.BigEndian.Uint32(frame)
	}
	switch family {
	case 2, 10, 24, 28, 30: // AF_INET; AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of Darwin
		return raw(frame[4:])
	}
	return nil, 0, ErrNotIP
}

// raw reads the version that every IP packet begins with.
func raw(packet []byte) ([]byte, byte, error) {
	if len(packet) == 0 {
		return nil, 0, ErrShort
	}
	version := packet[0] >> 4
	if version != 4 && version != 6 {
		return nil, 0, ErrNotIP
	}
	return packet, version, nil
}
