package quicwire

import (
	"encoding/binary"
	"net/netip"
	"sync"

	"shakedown/harness/field"
)

// TransportParameterFields returns one field per transport parameter of a
// quic_transport_parameters extension's content. Each byte is in exactly one
// leaf. base is where the content starts in buffer; fromClient says who sent it.
// absent says what holds for the parameters that are not there (RFC 9000 18.2, RFC
// 9221 3), and is empty if none is missing. The fields are made in room, which may
// be nil.
func TransportParameterFields(b []byte, base int, buffer string, fromClient bool, room *field.Room) (fields []field.Field, absent string) {
	d := newDesk(room)
	t := d.parts(buffer)
	var sent idSet
	for at := 0; at < len(b); {
		r := t.read(b[at:], base+at)
		one := readTuple(&r)
		if r.err != nil {
			d.Drop(t.mark)
			d.Add(field.Field{
				Label: "unread bytes", Buffer: buffer, Start: base + at, End: base + len(b),
				Value: d.Hex(b[at:]), Meaning: field.Printable("No transport parameter can be read here: " + r.err.Error() + "."),
				Section: "RFC 9000 18",
			})
			break
		}
		sent.add(one.ID)
		d.Add(parameterField(one, t, r.at, fromClient))
		at += r.at
	}
	return d.fields(), absentParameters(sent.small, fromClient)
}

// parameterField makes one field of a parameter and the parts that were traced:
// identifier, length and value.
func parameterField(one TransportParameter, t *trace, size int, fromClient bool) field.Field {
	kind := parameterKinds().of(one.ID)
	meaning, section := kind.meaning, kind.section
	switch {
	case kind.serverOnly && fromClient:
		meaning += " A client must not send it."
	case kind.name == "" && one.ID.Reserved():
		meaning, section = "Reserved (GREASE): it means nothing and must be ignored.", "RFC 9000 18.1"
	case kind.name == "":
		meaning, section = "Not known here; unknown parameters must be ignored.", "RFC 9000 7.4.2"
	}
	name, value := one.ID.String(), parameterValue(t.desk, one, kind.integer)
	parts := t.Since(t.mark)
	parts[0].Value = identifierValue(one.ID, name)
	parts[0].Meaning = "Says which parameter this is."
	parts[1].Meaning = "The length of the value in bytes."
	parts[2].Value, parts[2].Meaning = value, valueMeaning(one, kind.integer)
	for i := range parts {
		parts[i].Section = section
	}
	start := parts[2].Start
	if inner := valueParts(t, one, start); inner != nil {
		t.Last(t.mark).Fields = inner
	}
	return field.Field{
		Label: name, Buffer: t.buffer, Start: t.base, End: t.base + size,
		Value: value, Meaning: meaning, Section: section, Fields: t.Take(t.mark),
	}
}

// identifierValue writes a parameter's identifier and its name.
func identifierValue(id ParameterID, name string) string {
	if value := identifierValues().find(id); value != nil {
		return *value
	}
	return hexText(uint64(id)) + " (" + name + ")"
}

// identifierValues are those of the parameters that are known, made once.
var identifierValues = sync.OnceValue(func() *lookup[ParameterID, string] {
	all := make(map[ParameterID]string)
	for id, kind := range parameterKinds().all {
		all[id] = hexText(uint64(id)) + " (" + kind.name + ")"
	}
	return newLookup(all)()
})

// parameterValue writes a parameter's value as a person reads it.
func parameterValue(d *desk, one TransportParameter, integer bool) string {
	var room [64]byte
	switch {
	case integer:
		r := reader{b: one.Value}
		if n := r.varint("value"); r.err == nil && r.left() == 0 {
			switch one.ID {
			case MaxIdleTimeout, MaxAckDelay:
				return d.Text(append(appendNumber(room[:0], n), " ms"...))
			}
			return d.Decimal(n)
		}
		return d.Text(append(field.AppendHex(room[:0], one.Value), " (no integer)"...))
	case one.ID == DisableActiveMigration || one.ID == GreaseQUICBit:
		return "present"
	}
	return d.Hex(one.Value)
}

// valueMeaning says how a parameter's value is written.
func valueMeaning(one TransportParameter, integer bool) string {
	switch {
	case integer:
		return "The value, a variable-length integer."
	case len(one.Value) == 0:
		return "No bytes: the parameter says what it says by being there."
	}
	return "The value, as it was sent."
}

// valueParts returns the parts of the values that have a structure of their own,
// nil for others. The value starts at start.
func valueParts(t *trace, one TransportParameter, start int) []field.Field {
	mark := t.Mark()
	l := t.leaves(one.Value, start, t.buffer)
	switch {
	case one.ID == VersionInformation && len(one.Value) > 0 && len(one.Value)%4 == 0:
		for i, v := range (&Packet{Versions: one.Value}).SupportedVersions() {
			label, meaning := "Available Version", "A version that the sender could use."
			switch {
			case i == 0:
				label, meaning = "Chosen Version", "The version that the sender uses now."
			case v.Reserved():
				meaning = "Reserved: nobody speaks it, it is there so that peers learn to skip what they do not know."
			}
			l.leaf(label, l.at+4, v.String(), meaning, "RFC 9368 3")
		}
	case one.ID == PreferredAddress && len(one.Value) > 24 && len(one.Value) == 25+int(one.Value[24])+resetTokenSize:
		preferredAddress(l, one.Value)
	}
	return t.Take(mark)
}

// preferredAddress lays out RFC 9000 18.2's Preferred Address.
func preferredAddress(l *builder, b []byte) {
	const section = "RFC 9000 18.2"
	v4, _ := netip.AddrFromSlice(b[:4])
	v6, _ := netip.AddrFromSlice(b[6:22])
	l.leaf("IPv4 Address", 4, v4.String(), "The IPv4 address, all zero for none.", section)
	l.leaf("IPv4 Port", 6, uintText(uint64(binary.BigEndian.Uint16(b[4:]))), "The UDP port at that address.", section)
	l.leaf("IPv6 Address", 22, v6.String(), "The IPv6 address, all zero for none.", section)
	l.leaf("IPv6 Port", 24, uintText(uint64(binary.BigEndian.Uint16(b[22:]))), "The UDP port at that address.", section)
	l.leaf("Connection ID Length", 25, uintText(uint64(b[24])), "The length of the connection ID in bytes.", section)
	end := 25 + int(b[24])
	l.leaf("Connection ID", end, l.Hex(b[25:end]), "The connection ID to use at that address; its sequence number is 1.", section)
	l.leaf("Stateless Reset Token", len(b), l.Hex(b[end:]), "A datagram that ends in these bytes is a stateless reset of that connection ID.", section)
}
