package capture

import (
	"encoding/binary"

	"shakedown/harness/quicwire"
)

// A header is the part of a long header that every version has (RFC 8999 5.1).
type header struct {
	version             quicwire.Version
	destination, source []byte
	first               byte
	rest                []byte
}

func parseHeader(b []byte) (h header, ok bool) {
	if len(b) < 7 {
		return h, false
	}
	h.first, h.version = b[0], quicwire.Version(binary.BigEndian.Uint32(b[1:]))
	rest := b[5:]
	for _, id := range []*[]byte{&h.destination, &h.source} {
		if len(rest) == 0 || len(rest)-1 < int(rest[0]) || rest[0] > maxID {
			return h, false
		}
		*id, rest = rest[1:1+rest[0]], rest[1+rest[0]:]
	}
	h.rest = rest
	return h, true
}

// kind returns the packet's type, Unknown for a version that is not known.
func (h *header) kind() quicwire.PacketType {
	switch bits := h.first >> 4 & 3; {
	case h.version == 0:
		return quicwire.VersionNegotiation
	case h.version == quicwire.Version1:
		return [4]quicwire.PacketType{quicwire.Initial, quicwire.ZeroRTT, quicwire.Handshake, quicwire.Retry}[bits]
	case h.version == quicwire.Version2: // RFC 9369 3.2
		return [4]quicwire.PacketType{quicwire.Retry, quicwire.Initial, quicwire.ZeroRTT, quicwire.Handshake}[bits]
	}
	return quicwire.Unknown
}
