package quicwire

import (
	"strconv"
	"sync/atomic"

	"shakedown/harness/field"
)

// usualFirst has the first bytes of the first packet in a datagram, and of opened
// packets: few are different, and they are a fifth of all fields of a QUIC
// handshake. They are by whether header protection was removed, by version 2 or
// another, and by the byte. otherFirst has those of other packets.
var (
	usualFirst [2][2][256]atomic.Pointer[field.Field]
	otherFirst field.Memo[firstByteKind]
)

// A firstByteKind is what the field of a first byte depends on besides the byte.
type firstByteKind struct {
	buffer   string
	base     int
	packet   PacketType
	version2 bool
	// opened says that there is no header protection; then the others say what the
	// bits do not.
	opened                bool
	numberLength, updates int
}

// usual returns where a first byte is remembered among the usual ones, nil for
// nowhere: it stands further in or in a buffer of another name, or its bits do not
// say everything.
func (k *firstByteKind) usual(first byte) *atomic.Pointer[field.Field] {
	opened, second := 0, 0
	switch {
	case k.base != 0, k.packet == Unknown, k.packet == VersionNegotiation, k.updates != 0:
		return nil
	case !k.opened && k.buffer == "datagram":
	case k.opened && k.buffer == "packet":
		opened = 1
	default:
		return nil
	}
	if k.version2 {
		second = 1
	}
	return &usualFirst[opened][second][first]
}

// firstByte adds a packet's first byte, and what its bits say. o is nil where
// some of them are still under header protection.
func firstByte(l *builder, p *Packet, o *Opened) {
	kind := firstByteKind{buffer: l.buffer, base: l.base, packet: p.Type, version2: p.Version == Version2, opened: o != nil}
	if o != nil {
		kind.numberLength, kind.updates = o.NumberLength, o.Updates
	}
	if f := rememberedFirst(kind, l.b[:1]); f != nil {
		l.Add(*f)
	} else {
		f := firstByteField(l, p, o)
		otherFirst.Remember(kind, l.b[:1], f)
		l.Add(f)
	}
	l.at = 1
}

// rememberedFirst returns the field of a first byte of that kind, which raw holds, nil
// if it is not known yet.
func rememberedFirst(kind firstByteKind, raw []byte) *field.Field {
	usual := kind.usual(raw[0])
	if usual == nil {
		return otherFirst.Find(kind, raw)
	}
	f := usual.Load()
	if f == nil {
		if f = otherFirst.Find(kind, raw); f != nil {
			usual.Store(f)
		}
	}
	return f
}

// firstByteField describes a first byte.
func firstByteField(l *builder, p *Packet, o *Opened) field.Field {
	first := l.b[0]
	f := bitsField{builder: l, first: first, section: "RFC 9000 17.3.1"}
	mark := l.Mark()
	switch {
	case !p.LongHeader():
		f.short(o)
	case p.Type == VersionNegotiation:
		f.section = "RFC 9000 17.2.1"
		f.add("Header Form", 1, "long", longMeaning)
		f.add("Unused", 7, "", "A server fills them as it likes; QUIC's other packets have the Fixed Bit here.")
	case p.Type == Unknown:
		f.section = "RFC 8999 5.1"
		f.add("Header Form", 1, "long", longMeaning)
		f.add("Version-Specific Bits", 7, "", "This version's own matter.")
	default:
		f.section = "RFC 9000 17.2"
		if p.Version == Version2 {
			f.section = "RFC 9369 3.2"
		}
		f.long(p, o)
	}
	return field.Field{
		Label: "Header Form and flags", Buffer: l.buffer, Start: l.base, End: l.base + 1,
		Value: hexText(uint64(first)), Meaning: firstMeaning(p, o), Section: f.section, Fields: l.Take(mark),
	}
}

// firstMeaning says in a sentence what the bits say.
func firstMeaning(p *Packet, o *Opened) string {
	form := "Short header"
	switch {
	case p.Type == VersionNegotiation, p.Type == Unknown:
		return "Long header; the other bits are this version's own matter."
	case p.Type == Retry:
		return "Long header of a Retry packet; the low 4 bits are unused."
	case p.LongHeader():
		form = "Long header of type " + p.Type.String()
	}
	switch {
	case o != nil:
		return form + ", packet number of " + field.Count(o.NumberLength, "byte") + "."
	case p.LongHeader():
		return form + "; the low 4 bits are under header protection."
	}
	return form + "; the low 5 bits are under header protection."
}

// A bitsField adds parts of the first byte, from the highest bit down.
type bitsField struct {
	*builder
	first   byte
	section string
	at      int
}

// add adds the next bits as one part, whose value is their number unless text
// says it.
func (f *bitsField) add(label string, size int, text, meaning string) {
	value := uint64(f.first) >> (8 - f.at - size) & (1<<size - 1)
	if text == "" {
		text = uintText(value)
	}
	part := f.New()
	part.Label, part.Buffer, part.Start, part.End = label, f.buffer, f.base, f.base+1
	part.Value, part.Meaning, part.Section = text, meaning, f.section
	part.Bits = field.BitPicture(f.at, size, value, 8)
	f.at += size
}

const longMeaning = "A long header, which names its version and both connection IDs: used until the handshake is over."

// long tells the bits of a long header apart. Version 2 counts the types from
// another start: "Initial: 0b01, 0-RTT: 0b10, Handshake: 0b11, Retry: 0b00" (RFC
// 9369 3.2).
func (f *bitsField) long(p *Packet, o *Opened) {
	f.add("Header Form", 1, "long", longMeaning)
	f.fixedBit()
	f.add("Long Packet Type", 2, uintText(uint64(f.first>>4&3))+" ("+p.Type.String()+")", "Which packet this is; version 2 counts the types from another start.")
	switch {
	case p.Type == Retry:
		f.add("Unused", 4, "", "A Retry packet has no packet number; the server fills these bits as it likes.")
	case o == nil:
		f.add("protected", 4, "", "Reserved Bits and Packet Number Length, under header protection: on the wire they look random.")
	default:
		f.add("Reserved Bits", 2, "", "Zero, or the receiver closes with PROTOCOL_VIOLATION.")
		f.numberLength(o)
	}
}

func (f *bitsField) short(o *Opened) {
	f.add("Header Form", 1, "short", "A short header: used once both sides have the keys of the application data.")
	f.fixedBit()
	f.add("Spin Bit", 1, "", "Flips once in a round trip, so that observers can measure it; a side may leave it at random.")
	if o == nil {
		f.add("protected", 5, "", "Reserved Bits, Key Phase and Packet Number Length, under header protection: on the wire they look random.")
		return
	}
	f.add("Reserved Bits", 2, "", "Zero, or the receiver closes with PROTOCOL_VIOLATION.")
	f.add("Key Phase", 1, "", phaseMeaning(o))
	f.numberLength(o)
}

func (f *bitsField) fixedBit() {
	meaning := "Always 1, so that QUIC can be told from other protocols on the same port."
	if f.first&0x40 == 0 {
		meaning = "0 is allowed only where the receiver has sent grease_quic_bit (RFC 9287); otherwise it drops the packet."
	}
	f.add("Fixed Bit", 1, "", meaning)
}

func (f *bitsField) numberLength(o *Opened) {
	f.add("Packet Number Length", 2, strconv.Itoa(o.NumberLength-1)+" ("+field.Count(o.NumberLength, "byte")+")", "One less than the bytes that the packet number takes.")
}

// phaseMeaning says which keys a 1-RTT packet is under.
func phaseMeaning(o *Opened) string {
	if o.Updates == 0 {
		return "Flips with each key update; these are the first keys of the application data (RFC 9001 6)."
	}
	return "Flips with each key update; these are the keys after " + field.Count(o.Updates, "update") + " (RFC 9001 6)."
}
