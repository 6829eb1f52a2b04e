package quicwire

import (
	"strconv"

	"shakedown/harness/field"
)

// leaf adds the bytes up to end as one field.
func (l *builder) leaf(label string, end int, value, meaning, section string) {
	f := l.New()
	f.Label, f.Buffer, f.Start, f.End = label, l.buffer, l.base+l.at, l.base+end
	f.Value, f.Meaning, f.Section = value, meaning, section
	l.at = end
}

// rest adds what is left as one field, if anything is.
func (l *builder) rest(label, meaning, section string) {
	if l.at < len(l.b) {
		l.leaf(label, len(l.b), l.Hex(l.b[l.at:]), meaning, section)
	}
}

// hexValue writes bytes as a person reads them: all of a few, the first of many.
func hexValue(b []byte) string { return field.Hex(b) }

// uintText writes a number.
func uintText(n uint64) string { return field.Decimal(n) }

// hexText writes a number in hexadecimal, with at least two digits.
func hexText(n uint64) string {
	if n < 0x10 {
		return "0x0" + strconv.FormatUint(n, 16)
	}
	return "0x" + strconv.FormatUint(n, 16)
}

// DatagramFields returns one field per packet of a datagram, as it is on the
// wire: headers with their protected parts, and payloads that cannot be read.
// Each byte is in exactly one leaf. shortIDLength is as in [ParsePacket]. The
// fields are made in room, which may be nil.
func DatagramFields(datagram []byte, shortIDLength int, buffer string, room *field.Room) []field.Field {
	d := newDesk(room)
	for at := 0; at < len(datagram); {
		at += datagramPart(d, datagram, at, shortIDLength, buffer)
	}
	return d.fields()
}

// datagramPart adds the packet that starts at at, or what is there in its place,
// and returns how long that is.
func datagramPart(d *desk, datagram []byte, at, shortIDLength int, buffer string) int {
	rest := datagram[at:]
	if at > 0 && ZeroFill(rest) {
		d.Add(field.Field{
			Label: "zero bytes", Buffer: buffer, Start: at, End: len(datagram),
			Value: field.Count(len(rest), "byte"), Meaning: "No packet: they only make the datagram larger.", Section: "RFC 9000 14.1",
		})
		return len(rest)
	}
	p, err := ParsePacket(rest, shortIDLength)
	if err != nil {
		d.Add(field.Field{
			Label: "unread bytes", Buffer: buffer, Start: at, End: len(datagram),
			Value: d.Hex(rest), Meaning: field.Printable("No packet can be read here: " + err.Error() + "."), Section: "RFC 9000 12.2",
		})
		return len(rest)
	}
	mark := d.Mark()
	l := d.leaves(p.Raw, at, buffer)
	header(l, &p, nil)
	if p.Type.Protected() {
		if end := len(p.Raw) - tagSize; end > l.at {
			var room [32]byte
			size := append(field.AppendCount(room[:0], end-l.at, "byte"), ", protected"...)
			l.leaf("Packet Number and Payload", end, d.Text(size),
				"The packet number, under header protection, and the frames, encrypted.", "RFC 9001 5.3")
		}
		l.rest("authentication tag", "The AEAD's tag over header and payload.", "RFC 9001 5.3")
	} else {
		l.rest("version-specific data", "What follows the connection IDs is this version's own matter.", "RFC 8999 5.1")
	}
	d.Add(packetField(d, &p, d.Take(mark), buffer, at, len(p.Raw)))
	return len(p.Raw)
}

// PacketFields returns the field of one packet whose protection was removed:
// its header, and each frame. Ranges count from the start of Opened.Bytes. Its
// parts are made in room, which may be nil.
func PacketFields(p *Packet, o *Opened, buffer string, room *field.Room) field.Field {
	d := newDesk(room)
	l := d.leaves(o.Bytes, 0, buffer)
	header(l, p, o)
	l.leaf("Packet Number", len(o.Header), d.Decimal(o.Number), numberMeaning(o, l.at), "RFC 9000 17.1")
	addFrames(d, o.Payload, len(o.Header), buffer)
	whole := packetField(d, p, d.Take(0), buffer, 0, len(o.Bytes))
	d.free()
	return whole
}

// numberMeaning says how much of the packet number was sent, which starts at at.
func numberMeaning(o *Opened, at int) string {
	sent := o.Header[at:]
	var n uint64
	for _, c := range sent {
		n = n<<8 | uint64(c)
	}
	if n == o.Number && 0 < len(sent) && len(sent) <= len(wholeNumber) {
		return wholeNumber[len(sent)-1]
	}
	return "Sent are its last " + field.Count(len(sent), "byte") + " (" + hexValue(sent) + "): the number that ends so and is closest to the one expected next."
}

// wholeNumber says of a packet number, by its length, that all of it was sent.
var wholeNumber = [4]string{
	"Sent in 1 byte, which hold all of it.", "Sent in 2 bytes, which hold all of it.",
	"Sent in 3 bytes, which hold all of it.", "Sent in 4 bytes, which hold all of it.",
}

// packetField wraps the parts of a packet up, which starts at at.
func packetField(d *desk, p *Packet, parts []field.Field, buffer string, at, size int) field.Field {
	kind := &packetKinds[p.Type]
	var room [64]byte
	value := room[:0]
	if p.Version != 0 {
		value = append(append(value, p.Version.String()...), ", "...)
	}
	return field.Field{
		Label: kind.label, Buffer: buffer, Start: at, End: at + size,
		Value: d.Text(field.AppendCount(value, size, "byte")), Meaning: kind.meaning, Section: kind.section, Fields: parts,
	}
}

var packetKinds = [...]struct{ label, meaning, section string }{
	Unknown:            {"unknown packet", "A packet of a QUIC version that is not known here.", "RFC 8999 5.1"},
	Initial:            {"Initial packet", "Carries the first handshake messages, under keys that anybody on the path can derive.", "RFC 9000 17.2.2"},
	ZeroRTT:            {"0-RTT packet", "Carries early data, before the handshake is over.", "RFC 9000 17.2.3"},
	Handshake:          {"Handshake packet", "Carries the rest of the handshake, under keys that only the two sides have.", "RFC 9000 17.2.4"},
	Retry:              {"Retry packet", "The server wants the client to prove its address: start again and send this token.", "RFC 9000 17.2.5"},
	VersionNegotiation: {"Version Negotiation packet", "The server does not speak the client's version and lists those that it does.", "RFC 9000 17.2.1"},
	OneRTT:             {"1-RTT packet", "Carries everything after the handshake.", "RFC 9000 17.3.1"},
}

// header lays out the leaves of a header up to the packet number. o is nil where
// the packet is still under header protection.
func header(l *builder, p *Packet, o *Opened) {
	firstByte(l, p, o)
	if !p.LongHeader() {
		l.leaf("Destination Connection ID", 1+len(p.DestinationID), l.id(p.DestinationID),
			"The receiver chose it; a short header does not say how long it is.", "RFC 9000 17.3.1")
		return
	}
	version := "Decides how the rest of the packet reads and which keys it is under."
	if p.Version == 0 {
		version = "No version: this marks a Version Negotiation packet."
	}
	l.leaf("Version", 5, p.Version.String(), version, "RFC 9000 17.2")
	const size = "The length of the connection ID in bytes."
	l.leaf("Destination Connection ID Length", l.at+1, uintText(uint64(len(p.DestinationID))), size, "RFC 9000 17.2")
	l.leaf("Destination Connection ID", l.at+len(p.DestinationID), l.id(p.DestinationID), "The receiver's: the packet is for it.", "RFC 9000 17.2")
	l.leaf("Source Connection ID Length", l.at+1, uintText(uint64(len(p.SourceID))), size, "RFC 9000 17.2")
	l.leaf("Source Connection ID", l.at+len(p.SourceID), l.id(p.SourceID), "The sender's: what it wants its peer to send to.", "RFC 9000 17.2")
	switch p.Type {
	case Initial:
		l.leaf("Token Length", p.tokenAt(), uintText(uint64(len(p.Token))), "The length of the token in bytes.", "RFC 9000 17.2.2")
		l.leaf("Token", l.at+len(p.Token), l.Hex(p.Token), tokenMeaning(p), "RFC 9000 17.2.2")
		lengthLeaf(l, p)
	case ZeroRTT, Handshake:
		lengthLeaf(l, p)
	case Retry:
		l.leaf("Retry Token", l.at+len(p.Token), l.Hex(p.Token), "The client must put this into its next Initial packets.", "RFC 9000 17.2.5")
		l.leaf(LabelIntegrityTag, len(p.Raw), l.Hex(p.IntegrityTag),
			"Covers this packet and the Destination Connection ID of the client's first Initial packet.", "RFC 9001 5.8")
	case VersionNegotiation:
		for _, v := range p.SupportedVersions() {
			l.leaf("Supported Version", l.at+4, v.String(), versionMeaning(v), "RFC 9000 17.2.1")
		}
	}
}

// LabelIntegrityTag is the leaf with a Retry packet's tag, which only somebody
// who has seen the client's first Initial packet can check.
const LabelIntegrityTag = "Retry Integrity Tag"

// tokenAt returns where an Initial packet's token starts.
func (p *Packet) tokenAt() int { return p.lengthAt - len(p.Token) }

// lengthLeaf adds the Length field of a packet.
func lengthLeaf(l *builder, p *Packet) {
	l.leaf("Length", p.number, uintText(uint64(len(p.Raw)-p.number)), "Bytes of packet number, payload and tag: where the packet ends.", "RFC 9000 17.2")
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
