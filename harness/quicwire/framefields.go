package quicwire

import (
	"fmt"

	"shakedown/harness/field"
)

// FrameFields returns one field per frame of a packet's payload; adjacent
// PADDING frames are one. Each byte is in exactly one leaf. base is where the
// payload starts in buffer.
func FrameFields(payload []byte, base int, buffer string) []field.Field {
	var fields []field.Field
	for at := 0; at < len(payload); {
		t := &trace{buffer: buffer, base: base + at}
		r := reader{b: payload[at:], trace: t}
		var f Frame
		readFrame(&r, &f)
		if r.err != nil {
			return append(fields, field.Field{
				Label: "unread bytes", Buffer: buffer, Start: base + at, End: base + len(payload),
				Value:   hexValue(payload[at:]),
				Meaning: field.Printable(fmt.Sprintf("No frame can be read here: %v: %v.", f.Type, r.err)), Section: "RFC 9000 12.4",
			})
		}
		f.Raw = payload[at : at+r.at]
		fields = append(fields, frameField(&f, t))
		at += r.at
	}
	return fields
}

// frameField makes one field of a frame and the parts that were traced.
func frameField(f *Frame, t *trace) field.Field {
	kind := frameKinds[f.Type.Base()]
	for i := range t.fields {
		explain(f, &t.fields[i], kind.section)
	}
	return field.Field{
		Label: f.Type.String(), Buffer: t.buffer, Start: t.base, End: t.base + len(f.Raw),
		Value: f.Value(), Meaning: kind.meaning, Section: kind.section, Fields: t.fields,
	}
}

// explain gives a part of a frame its value and meaning.
func explain(f *Frame, part *field.Field, section string) {
	part.Section = section
	part.Meaning = partMeanings[part.Label]
	switch part.Label {
	case "Type":
		part.Value = fmt.Sprintf("0x%02x (%v)", uint64(f.Type), f.Type)
		part.Meaning = typeFlags(f)
	case "Frame Type":
		part.Value = fmt.Sprintf("0x%02x (%v)", uint64(f.Trigger), f.Trigger)
		if f.Trigger == 0 {
			part.Value = "0x00"
		}
	case "Error Code":
		part.Value, part.Meaning = codeValue(f), codeMeaning(f)
	case "Application Protocol Error Code":
		part.Value = fmt.Sprintf("0x%x", f.ErrorCode)
	case "Stream ID":
		part.Meaning = streamMeaning(f.StreamID)
	case "Reason Phrase":
		if len(f.Data) > 0 {
			part.Value = string(f.Data)
		}
	case "Crypto Data", "Stream Data", "Datagram Data":
		part.Value = fmt.Sprintf("%d bytes", len(f.Data))
	}
}

// Value says in a few words what a frame carries, empty where its name says it
// all ("7-9" for an ACK, "offset 0, 90 bytes" for CRYPTO).
func (f *Frame) Value() string {
	switch f.Type.Base() {
	case FramePadding:
		return fmt.Sprintf("%d bytes", len(f.Raw))
	case FrameAck:
		return ackValue(f)
	case FrameCrypto:
		return fmt.Sprintf("offset %d, %d bytes", f.Offset, len(f.Data))
	case FrameStream:
		return fmt.Sprintf("stream %d, offset %d, %d bytes", f.StreamID, f.Offset, len(f.Data))
	case FrameConnectionClose, FrameApplicationClose:
		return codeValue(f)
	case FrameNewConnectionID:
		return fmt.Sprintf("%d: %x", f.Sequence, f.Data)
	case FrameNewToken, FrameDatagram, FramePathChallenge, FramePathResponse:
		return hexValue(f.Data)
	case FrameMaxData, FrameMaxStreamsBidi, FrameMaxStreamsUni, FrameDataBlocked, FrameStreamsBlockedBidi, FrameStreamsBlockedUni:
		return fmt.Sprint(f.Limit)
	case FrameMaxStreamData, FrameStreamDataBlocked:
		return fmt.Sprintf("stream %d, %d", f.StreamID, f.Limit)
	case FrameResetStream, FrameStopSending:
		return fmt.Sprintf("stream %d, error 0x%x", f.StreamID, f.ErrorCode)
	case FrameRetireConnectionID:
		return fmt.Sprint(f.Sequence)
	}
	return ""
}

// ackValue lists the ranges of an ACK frame, the first few of them.
func ackValue(f *Frame) string {
	ranges, err := f.AckRanges()
	if err != nil {
		return err.Error()
	}
	text := ""
	for i, r := range ranges {
		switch {
		case i == 8:
			return fmt.Sprintf("%s and %d more", text, len(ranges)-i)
		case i > 0:
			text += ", "
		}
		if r.Smallest == r.Largest {
			text += fmt.Sprint(r.Largest)
			continue
		}
		text += fmt.Sprintf("%d-%d", r.Smallest, r.Largest)
	}
	return text
}

// typeFlags says what the low bits of a frame type mean.
func typeFlags(f *Frame) string {
	switch f.Type.Base() {
	case FrameStream:
		return fmt.Sprintf("OFF %d, LEN %d, FIN %d: which fields follow, and whether the stream ends here.", f.Type>>2&1, f.Type>>1&1, f.Type&1)
	case FrameAck:
		if f.Type == 0x03 {
			return "An ACK with ECN counts behind its ranges."
		}
	case FrameConnectionClose:
		return "The transport closes the connection."
	case FrameApplicationClose:
		return "The application closes the connection."
	}
	return "Says what the frame is, and with that which fields follow."
}

// codeValue names the error code of a CONNECTION_CLOSE.
func codeValue(f *Frame) string {
	if f.Type == FrameApplicationClose {
		return fmt.Sprintf("0x%x", f.ErrorCode)
	}
	return fmt.Sprintf("0x%x (%s)", f.ErrorCode, TransportErrorName(f.ErrorCode))
}

// codeMeaning says what the error code of a CONNECTION_CLOSE stands for.
func codeMeaning(f *Frame) string {
	if f.Type == FrameApplicationClose {
		return "The application protocol decides what this code means."
	}
	if alert, ok := AlertOf(f.ErrorCode); ok {
		return fmt.Sprintf("The TLS handshake failed with alert %d: the code is 0x100 plus the alert.", alert)
	}
	return "The transport's reason for ending the connection."
}

// streamMeaning says what the two lowest bits of a stream ID mean (RFC 9000 2.1).
func streamMeaning(id uint64) string {
	who, kind := "client", "bidirectional"
	if id&1 != 0 {
		who = "server"
	}
	if id&2 != 0 {
		kind = "unidirectional"
	}
	return fmt.Sprintf("The two lowest bits say: opened by the %s, %s (RFC 9000 2.1).", who, kind)
}

// partMeanings explain parts whose meaning depends on nothing else.
var partMeanings = map[string]string{
	"Largest Acknowledged":            "The largest packet number that this acknowledges.",
	"ACK Delay":                       "How long the acknowledgment was held back, in units of 2^ack_delay_exponent microseconds.",
	"ACK Range Count":                 "How many pairs of gap and range follow the first range.",
	"First ACK Range":                 "So many packets directly below the largest have arrived too.",
	"Gap":                             "One less than the number of packets that are missing here.",
	"ACK Range Length":                "One less than the number of packets that have arrived here.",
	"ECT0 Count":                      "Packets that arrived with the ECT(0) mark.",
	"ECT1 Count":                      "Packets that arrived with the ECT(1) mark.",
	"ECN-CE Count":                    "Packets that arrived with the mark for congestion.",
	"Offset":                          "Where the data starts in its stream of bytes.",
	"Crypto Data":                     "A piece of the TLS handshake messages of this encryption level.",
	"Stream Data":                     "What the application sent.",
	"Datagram Data":                   "What the application sent, without any promise that it arrives.",
	"Token":                           "The client can send this in its first packet to the same server another time.",
	"Final Size":                      "How many bytes the stream had in all.",
	"Maximum Data":                    "The limit for the data on all streams together, in bytes from the start.",
	"Maximum Stream Data":             "The limit for the data on this stream, in bytes from the start.",
	"Maximum Streams":                 "The limit for the number of streams of this kind since the start.",
	"Sequence Number":                 "Which of the sender's connection IDs this is about.",
	"Retire Prior To":                 "Connection IDs with a smaller number are to be given up.",
	"Connection ID":                   "Another connection ID that the peer may send to.",
	"Stateless Reset Token":           "A datagram that ends in these bytes is a stateless reset of this connection ID.",
	"Data":                            "Arbitrary bytes, which the answer repeats.",
	"Frame Type":                      "The type of the frame that caused the error, 0 where that is not known.",
	"Reason Phrase":                   "Words for a person, often none.",
	"Reason Phrase Length":            "The length of the reason phrase in bytes.",
	"Token Length":                    "The length of the token in bytes.",
	"Length":                          "The length of what follows in bytes.",
	"Application Protocol Error Code": "The application protocol decides what this code means.",
}

var frameKinds = map[FrameType]struct{ meaning, section string }{
	FramePadding:            {"Means nothing: makes the packet larger.", "RFC 9000 19.1"},
	FramePing:               {"Asks for nothing but an acknowledgment.", "RFC 9000 19.2"},
	FrameAck:                {"Says which packets of this encryption level have arrived.", "RFC 9000 19.3"},
	FrameResetStream:        {"Ends the sending part of a stream before its data is complete.", "RFC 9000 19.4"},
	FrameStopSending:        {"Asks the peer to stop sending on a stream.", "RFC 9000 19.5"},
	FrameCrypto:             {"Carries TLS handshake messages: they have no records in QUIC.", "RFC 9000 19.6"},
	FrameNewToken:           {"Gives the client a token for a later connection.", "RFC 9000 19.7"},
	FrameStream:             {"Carries application data of one stream.", "RFC 9000 19.8"},
	FrameMaxData:            {"Raises the limit for the data of the whole connection.", "RFC 9000 19.9"},
	FrameMaxStreamData:      {"Raises the limit for the data of one stream.", "RFC 9000 19.10"},
	FrameMaxStreamsBidi:     {"Raises the limit for the number of bidirectional streams.", "RFC 9000 19.11"},
	FrameMaxStreamsUni:      {"Raises the limit for the number of unidirectional streams.", "RFC 9000 19.11"},
	FrameDataBlocked:        {"Says that the connection's limit keeps data back.", "RFC 9000 19.12"},
	FrameStreamDataBlocked:  {"Says that a stream's limit keeps data back.", "RFC 9000 19.13"},
	FrameStreamsBlockedBidi: {"Says that the limit for bidirectional streams keeps one from being opened.", "RFC 9000 19.14"},
	FrameStreamsBlockedUni:  {"Says that the limit for unidirectional streams keeps one from being opened.", "RFC 9000 19.14"},
	FrameNewConnectionID:    {"Offers the peer another connection ID to send to.", "RFC 9000 19.15"},
	FrameRetireConnectionID: {"Gives up one of the peer's connection IDs.", "RFC 9000 19.16"},
	FramePathChallenge:      {"Asks whether this path leads to the peer.", "RFC 9000 19.17"},
	FramePathResponse:       {"Answers a PATH_CHALLENGE.", "RFC 9000 19.18"},
	FrameConnectionClose:    {"Ends the connection and says why.", "RFC 9000 19.19"},
	FrameApplicationClose:   {"Ends the connection and says why.", "RFC 9000 19.19"},
	FrameHandshakeDone:      {"The server tells the client that the handshake is confirmed: it accepted the client.", "RFC 9000 19.20"},
	FrameDatagram:           {"Carries application data outside any stream.", "RFC 9221 4"},
}
