package quicwire

import (
	"encoding/hex"
	"fmt"
	"strings"

	"shakedown/harness/field"
)

// A builder lays leaves side by side: each starts where the one before ended.
type builder struct {
	b      []byte
	buffer string
	at     int
	fields []field.Field
}

// leaf adds the bytes up to end as one field.
func (l *builder) leaf(label string, end int, value, meaning, section string) {
	l.fields = append(l.fields, field.Field{
		Label: label, Buffer: l.buffer, Start: l.at, End: end,
		Value: value, Meaning: meaning, Section: section,
	})
	l.at = end
}

// rest adds what is left as one field, if anything is.
func (l *builder) rest(label, meaning, section string) {
	if l.at < len(l.b) {
		l.leaf(label, len(l.b), hexValue(l.b[l.at:]), meaning, section)
	}
}

// hexValue writes bytes as a person reads them: all of a few, the first of many.
func hexValue(b []byte) string {
	const most, shown = 32, 16
	switch {
	case len(b) == 0:
		return "empty"
	case len(b) <= most:
		return hex.EncodeToString(b)
	}
	return fmt.Sprintf("%s… (%d bytes)", hex.EncodeToString(b[:shown]), len(b))
}

// DatagramFields returns one field per packet of a datagram, as it is on the
// wire: headers with their protected parts, and payloads that cannot be read.
// Each byte is in exactly one leaf. shortIDLength is as in [ParsePacket].
func DatagramFields(datagram []byte, shortIDLength int, buffer string) []field.Field {
	var fields []field.Field
	for at := 0; at < len(datagram); {
		if at > 0 && ZeroFill(datagram[at:]) {
			return append(fields, field.Field{
				Label: "zero bytes", Buffer: buffer, Start: at, End: len(datagram),
				Value: fmt.Sprintf("%d bytes", len(datagram)-at), Meaning: "No packet: they only make the datagram larger.", Section: "RFC 9000 14.1",
			})
		}
		p, err := ParsePacket(datagram[at:], shortIDLength)
		if err != nil {
			return append(fields, field.Field{
				Label: "unread bytes", Buffer: buffer, Start: at, End: len(datagram),
				Value: hexValue(datagram[at:]), Meaning: field.Printable("No packet can be read here: " + err.Error() + "."), Section: "RFC 9000 12.2",
			})
		}
		one := wireFields(&p, buffer)
		shift([]field.Field{one}, at)
		one.Start, one.End = at, at+len(p.Raw)
		fields = append(fields, one)
		at += len(p.Raw)
	}
	return fields
}

// shift moves the ranges of all parts of fields by n bytes.
func shift(fields []field.Field, n int) {
	for i := range fields {
		fields[i].Start += n
		fields[i].End += n
		shift(fields[i].Fields, n)
	}
}

// wireFields returns a packet's field as it is on the wire, from offset 0.
func wireFields(p *Packet, buffer string) field.Field {
	l := &builder{b: p.Raw, buffer: buffer}
	header(l, p, 0)
	if p.Type.Protected() {
		if end := len(p.Raw) - tagSize; end > l.at {
			l.leaf("Packet Number and Payload", end, fmt.Sprintf("%d bytes, protected", end-l.at),
				"The packet number, under header protection, and the frames, encrypted.", "RFC 9001 5.3")
		}
		l.rest("authentication tag", "The AEAD's tag over header and payload.", "RFC 9001 5.3")
	} else {
		l.rest("version-specific data", "What follows the connection IDs is this version's own matter.", "RFC 8999 5.1")
	}
	return packetField(p, l.fields, buffer, len(p.Raw))
}

// PacketFields returns the field of one packet whose protection was removed:
// its header, and each frame. Ranges count from the start of Opened.Bytes.
func PacketFields(p *Packet, o *Opened, buffer string) field.Field {
	l := &builder{b: o.Bytes, buffer: buffer}
	header(l, p, o.NumberLength)
	l.leaf("Packet Number", len(o.Header), fmt.Sprint(o.Number),
		fmt.Sprintf("Sent in %d bytes; the rest follows from the numbers before it.", o.NumberLength), "RFC 9000 17.1")
	parts := append(l.fields, FrameFields(o.Payload, len(o.Header), buffer)...)
	return packetField(p, parts, buffer, len(o.Bytes))
}

// packetField wraps the parts of a packet up.
func packetField(p *Packet, parts []field.Field, buffer string, size int) field.Field {
	kind := packetKinds[p.Type]
	value := fmt.Sprintf("%d bytes", size)
	if p.Version != 0 {
		value = p.Version.String() + ", " + value
	}
	return field.Field{
		Label: p.Type.String() + " packet", Buffer: buffer, Start: 0, End: size,
		Value: value, Meaning: kind.meaning, Section: kind.section, Fields: parts,
	}
}

var packetKinds = map[PacketType]struct{ meaning, section string }{
	Unknown:            {"A packet of a QUIC version that is not known here.", "RFC 8999 5.1"},
	Initial:            {"Carries the first handshake messages, under keys that anybody on the path can derive.", "RFC 9000 17.2.2"},
	ZeroRTT:            {"Carries early data, before the handshake is over.", "RFC 9000 17.2.3"},
	Handshake:          {"Carries the rest of the handshake, under keys that only the two sides have.", "RFC 9000 17.2.4"},
	Retry:              {"The server wants the client to prove its address: start again and send this token.", "RFC 9000 17.2.5"},
	VersionNegotiation: {"The server does not speak the client's version and lists those that it does.", "RFC 9000 17.2.1"},
	OneRTT:             {"Carries everything after the handshake.", "RFC 9000 17.3.1"},
}

// header lays out the leaves of a header up to the packet number. numberLength
// is 0 where the first byte is still under header protection.
func header(l *builder, p *Packet, numberLength int) {
	if !p.LongHeader() {
		l.leaf("Header Form and flags", 1, fmt.Sprintf("0x%02x", l.b[0]), shortFlags(l.b[0], numberLength), "RFC 9000 17.3.1")
		l.leaf("Destination Connection ID", 1+len(p.DestinationID), hexValue(p.DestinationID),
			"The receiver chose it; a short header does not say how long it is.", "RFC 9000 17.3.1")
		return
	}
	l.leaf("Header Form and flags", 1, fmt.Sprintf("0x%02x", l.b[0]), longFlags(l.b[0], p, numberLength), longSection(p))
	version := "Decides how the rest of the packet reads and which keys it is under."
	if p.Version == 0 {
		version = "No version: this marks a Version Negotiation packet."
	}
	l.leaf("Version", 5, p.Version.String(), version, "RFC 9000 17.2")
	connectionID(l, "Destination Connection ID", p.DestinationID, "The receiver's: the packet is for it.")
	connectionID(l, "Source Connection ID", p.SourceID, "The sender's: what it wants its peer to send to.")
	switch p.Type {
	case Initial:
		l.leaf("Token Length", p.tokenAt(), fmt.Sprint(len(p.Token)), "The length of the token in bytes.", "RFC 9000 17.2.2")
		l.leaf("Token", l.at+len(p.Token), hexValue(p.Token), tokenMeaning(p), "RFC 9000 17.2.2")
		lengthLeaf(l, p)
	case ZeroRTT, Handshake:
		lengthLeaf(l, p)
	case Retry:
		l.leaf("Retry Token", l.at+len(p.Token), hexValue(p.Token), "The client must put this into its next Initial packets.", "RFC 9000 17.2.5")
		l.leaf("Retry Integrity Tag", len(p.Raw), hexValue(p.IntegrityTag),
			"Covers this packet and the Destination Connection ID of the client's first Initial packet.", "RFC 9001 5.8")
	case VersionNegotiation:
		for _, v := range p.SupportedVersions() {
			l.leaf("Supported Version", l.at+4, v.String(), versionMeaning(v), "RFC 9000 17.2.1")
		}
	}
}

// tokenAt returns where an Initial packet's token starts.
func (p *Packet) tokenAt() int { return p.lengthAt - len(p.Token) }

// connectionID adds a connection ID and its length.
func connectionID(l *builder, label string, id []byte, meaning string) {
	l.leaf(label+" Length", l.at+1, fmt.Sprint(len(id)), "The length of the connection ID in bytes.", "RFC 9000 17.2")
	l.leaf(label, l.at+len(id), hexValue(id), meaning, "RFC 9000 17.2")
}

// lengthLeaf adds the Length field of a packet.
func lengthLeaf(l *builder, p *Packet) {
	l.leaf("Length", p.number, fmt.Sprint(len(p.Raw)-p.number), "Bytes of packet number, payload and tag: where the packet ends.", "RFC 9000 17.2")
}

func longSection(p *Packet) string {
	if p.Version == Version2 {
		return "RFC 9369 3.2"
	}
	return "RFC 9000 17.2"
}

// longFlags says what the bits of a long header's first byte are.
func longFlags(first byte, p *Packet, numberLength int) string {
	if p.Type == VersionNegotiation || p.Type == Unknown {
		return "Long header; the other bits are this version's own matter."
	}
	parts := []string{fmt.Sprintf("Long header, Fixed Bit %d, packet type %d (%v)", first>>6&1, first>>4&3, p.Type)}
	switch {
	case p.Type == Retry:
		parts = append(parts, "the low 4 bits are unused")
	case numberLength == 0:
		parts = append(parts, "the low 4 bits are under header protection")
	default:
		parts = append(parts, fmt.Sprintf("Reserved Bits %d, packet number of %d bytes", first>>2&3, numberLength))
	}
	return strings.Join(parts, ", ") + "."
}

// shortFlags says what the bits of a short header's first byte are.
func shortFlags(first byte, numberLength int) string {
	start := fmt.Sprintf("Short header, Fixed Bit %d, Spin Bit %d", first>>6&1, first>>5&1)
	if numberLength == 0 {
		return start + ", the low 5 bits are under header protection."
	}
	return fmt.Sprintf("%s, Reserved Bits %d, Key Phase %d, packet number of %d bytes.", start, first>>3&3, first>>2&1, numberLength)
}

func tokenMeaning(p *Packet) string {
	if len(p.Token) == 0 {
		return "No token: the client has not met this server, or it did not ask for one."
	}
	return "From a Retry packet or from a NEW_TOKEN frame of an earlier connection."
}

func versionMeaning(v Version) string {
	if v.Reserved() {
		return "Reserved: nobody speaks it, it is there so that clients learn to skip what they do not know."
	}
	return "The server speaks it; the client can start again with it."
}
