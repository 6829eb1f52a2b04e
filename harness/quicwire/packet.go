package quicwire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/quic-go/quic-go/quicvarint"
)

// A PacketType is one of the packets of RFC 9000 17.
type PacketType uint8

// The packet types. A packet of a version that this package does not know is
// Unknown: RFC 8999 gives only its connection IDs.
const (
	Unknown PacketType = iota
	Initial
	ZeroRTT
	Handshake
	Retry
	VersionNegotiation
	OneRTT
)

// String returns the type's name in RFC 9000.
func (t PacketType) String() string {
	switch t {
	case Initial:
		return "Initial"
	case ZeroRTT:
		return "0-RTT"
	case Handshake:
		return "Handshake"
	case Retry:
		return "Retry"
	case VersionNegotiation:
		return "Version Negotiation"
	case OneRTT:
		return "1-RTT"
	}
	return "unknown"
}

// Protected says that packets of this type carry a packet number and frames
// under packet protection (RFC 9001 5).
func (t PacketType) Protected() bool {
	return t == Initial || t == ZeroRTT || t == Handshake || t == OneRTT
}

// ErrTruncated says that a packet, frame or value ends before its length says.
var ErrTruncated = errors.New("truncated")

// A Packet is the part of a packet that can be read without keys.
type Packet struct {
	Type PacketType
	// Version is 0 in a 1-RTT packet, which does not carry it, and in a Version
	// Negotiation packet.
	Version Version
	// DestinationID and SourceID are the connection IDs; a 1-RTT packet has no
	// SourceID.
	DestinationID, SourceID []byte
	// Token is an Initial packet's token, or the Retry token.
	Token []byte
	// IntegrityTag is a Retry packet's tag (RFC 9001 5.8).
	IntegrityTag []byte
	// Versions are the four-byte versions that a Version Negotiation packet
	// lists, see SupportedVersions.
	Versions []byte
	// Raw are the packet's bytes, protection and all.
	Raw []byte
	// number is the offset of the protected packet number in Raw.
	number int
	// lengthAt is the offset of the Length field, 0 where there is none.
	lengthAt int
}

// connection IDs are at most 20 bytes in the known versions (RFC 9000 17.2),
// 255 in others (RFC 8999 5.1).
const maxConnectionID = 20

// retryTagSize is the size of the Retry Integrity Tag.
const retryTagSize = 16

// ParsePacket reads the header of the first packet in datagram. What follows
// len(Packet.Raw) is the next packet: Initial, 0-RTT and Handshake packets
// "contain a Length field that determines the end of the packet" (RFC 9000
// 12.2). Packets of the other types, and of an unknown version, run to the end
// of the datagram.
//
// shortIDLength is the length of the connection IDs that the receiver chose,
// which a 1-RTT packet's header does not say.
//
// The Fixed Bit may be 0, as RFC 9287 allows; see [Packet.FixedBit].
func ParsePacket(datagram []byte, shortIDLength int) (Packet, error) {
	if len(datagram) == 0 {
		return Packet{}, fmt.Errorf("parse packet: empty: %w", ErrTruncated)
	}
	if datagram[0]&0x80 == 0 {
		return parseShort(datagram, shortIDLength)
	}
	p, err := parseLong(datagram)
	if err != nil {
		return Packet{}, fmt.Errorf("parse long header: %w", err)
	}
	return p, nil
}

// parseShort reads a 1-RTT packet's header (RFC 9000 17.3.1).
func parseShort(b []byte, idLength int) (Packet, error) {
	if idLength < 0 || len(b) < 1+idLength {
		return Packet{}, fmt.Errorf("parse short header: destination connection ID: %w", ErrTruncated)
	}
	return Packet{Type: OneRTT, DestinationID: b[1 : 1+idLength], Raw: b, number: 1 + idLength}, nil
}

// parseLong reads the version-independent part (RFC 8999 5.1) and then what the
// version makes of the rest.
func parseLong(b []byte) (Packet, error) {
	if len(b) < 5 {
		return Packet{}, fmt.Errorf("version: %w", ErrTruncated)
	}
	p := Packet{Version: Version(binary.BigEndian.Uint32(b[1:])), Raw: b}
	at := 5
	var err error
	if p.DestinationID, at, err = parseID(b, at); err != nil {
		return Packet{}, fmt.Errorf("destination connection ID: %w", err)
	}
	if p.SourceID, at, err = parseID(b, at); err != nil {
		return Packet{}, fmt.Errorf("source connection ID: %w", err)
	}
	if p.Version == 0 {
		return parseVersionNegotiation(p, at)
	}
	if !p.Version.Known() {
		return p, nil
	}
	// "In QUIC version 1, this value MUST NOT exceed 20 bytes. Endpoints that
	// receive a version 1 long header with a value larger than 20 MUST drop the
	// packet" (RFC 9000 17.2).
	if n := max(len(p.DestinationID), len(p.SourceID)); n > maxConnectionID {
		return Packet{}, fmt.Errorf("connection ID of %d bytes, at most %d are allowed", n, maxConnectionID)
	}
	p.Type = longType(b[0], p.Version)
	switch p.Type {
	case Retry:
		return parseRetry(p, at)
	case Initial:
		if p.Token, at, err = parseToken(b, at); err != nil {
			return Packet{}, fmt.Errorf("token: %w", err)
		}
	}
	return parseLength(p, at)
}

// longType returns the type in a long header's first byte. Version 2 rotates
// the numbers: "Initial: 0b01, 0-RTT: 0b10, Handshake: 0b11, Retry: 0b00"
// (RFC 9369 3.2).
func longType(first byte, v Version) PacketType {
	bits := first >> 4 & 3
	if v == Version2 {
		bits = (bits + 3) & 3
	}
	return [4]PacketType{Initial, ZeroRTT, Handshake, Retry}[bits]
}

// parseID reads a connection ID behind its one-byte length.
func parseID(b []byte, at int) (id []byte, next int, err error) {
	if at >= len(b) {
		return nil, 0, ErrTruncated
	}
	end := at + 1 + int(b[at])
	if end > len(b) {
		return nil, 0, ErrTruncated
	}
	return b[at+1 : end], end, nil
}

// parseToken reads an Initial packet's token behind its length (RFC 9000 17.2.2).
func parseToken(b []byte, at int) (token []byte, next int, err error) {
	length, n, err := quicvarint.Parse(b[at:])
	if err != nil {
		return nil, 0, ErrTruncated
	}
	at += n
	if length > uint64(len(b)-at) {
		return nil, 0, ErrTruncated
	}
	return b[at : at+int(length)], at + int(length), nil
}

// parseLength reads the Length field and cuts the packet off the datagram there.
func parseLength(p Packet, at int) (Packet, error) {
	length, n, err := quicvarint.Parse(p.Raw[at:])
	if err != nil {
		return Packet{}, fmt.Errorf("length: %w", ErrTruncated)
	}
	p.lengthAt, p.number = at, at+n
	if length > uint64(len(p.Raw)-p.number) {
		return Packet{}, fmt.Errorf("length says %d bytes, %d are left: %w", length, len(p.Raw)-p.number, ErrTruncated)
	}
	p.Raw = p.Raw[:p.number+int(length)]
	return p, nil
}

// parseRetry reads what follows the connection IDs of a Retry packet: the Retry
// Token and a tag of 16 bytes (RFC 9000 17.2.5).
func parseRetry(p Packet, at int) (Packet, error) {
	if len(p.Raw)-at < retryTagSize {
		return Packet{}, fmt.Errorf("retry integrity tag: %w", ErrTruncated)
	}
	end := len(p.Raw) - retryTagSize
	p.Token, p.IntegrityTag = p.Raw[at:end], p.Raw[end:]
	return p, nil
}

// parseVersionNegotiation reads the list of versions (RFC 9000 17.2.1).
func parseVersionNegotiation(p Packet, at int) (Packet, error) {
	p.Type, p.Versions = VersionNegotiation, p.Raw[at:]
	if len(p.Versions) == 0 || len(p.Versions)%4 != 0 {
		return Packet{}, fmt.Errorf("supported versions take %d bytes, want a multiple of 4: %w", len(p.Versions), ErrTruncated)
	}
	return p, nil
}

// SupportedVersions returns the versions that a Version Negotiation packet lists.
func (p *Packet) SupportedVersions() []Version {
	versions := make([]Version, 0, len(p.Versions)/4)
	for b := p.Versions; len(b) >= 4; b = b[4:] {
		versions = append(versions, Version(binary.BigEndian.Uint32(b)))
	}
	return versions
}

// LongHeader says that the packet has a long header.
func (p *Packet) LongHeader() bool { return p.Raw[0]&0x80 != 0 }

// FixedBit says that the Fixed Bit is 1. It is, unless the receiver said with
// grease_quic_bit that it may be anything (RFC 9287 3).
func (p *Packet) FixedBit() bool { return p.Raw[0]&0x40 != 0 }

// ZeroFill says that b, what follows a packet in a datagram, holds nothing but
// zero bytes. Some stacks enlarge a datagram so instead of with PADDING frames;
// it is no packet.
func ZeroFill(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
