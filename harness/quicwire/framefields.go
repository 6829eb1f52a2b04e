package quicwire

import (
	"fmt"
	"strconv"
	"sync"

	"shakedown/harness/field"
)

// FrameFields returns one field per frame of a packet's payload; adjacent
// PADDING frames are one. Each byte is in exactly one leaf. base is where the
// payload starts in buffer.
func FrameFields(payload []byte, base int, buffer string) []field.Field {
	d := newDesk(nil)
	addFrames(d, payload, base, buffer)
	return d.fields()
}

// addFrames adds the frames of a payload.
func addFrames(d *desk, payload []byte, base int, buffer string) {
	t := d.parts(buffer)
	for at := 0; at < len(payload); {
		r := t.read(payload[at:], base+at)
		var f Frame
		readFrame(&r, &f)
		if r.err != nil {
			d.Drop(t.mark)
			d.Add(field.Field{
				Label: "unread bytes", Buffer: buffer, Start: base + at, End: base + len(payload),
				Value:   d.Hex(payload[at:]),
				Meaning: field.Printable(fmt.Sprintf("No frame can be read here: %v: %v.", f.Type, r.err)), Section: "RFC 9000 12.4",
			})
			return
		}
		f.Raw = payload[at : at+r.at]
		d.Add(frameField(&f, t))
		at += r.at
	}
}

// frameField makes one field of a frame and the parts that were traced.
func frameField(f *Frame, t *trace) field.Field {
	kind := frameKinds().of(f.Type.Base())
	parts := t.Since(t.mark)
	for i := range parts {
		explain(f, &parts[i], kind.section)
	}
	var room [128]byte
	return field.Field{
		Label: f.Type.String(), Buffer: t.buffer, Start: t.base, End: t.base + len(f.Raw),
		Value: t.Text(f.appendValue(room[:0])), Meaning: kind.meaning, Section: kind.section, Fields: t.Take(t.mark),
	}
}

// explain gives a part of a frame its value and meaning.
func explain(f *Frame, part *field.Field, section string) {
	part.Section = section
	if part.Label == "Type" {
		part.Value, part.Meaning = typeValue(f.Type), typeFlags(f)
		return
	}
	part.Meaning = partMeanings[part.Label]
	switch part.Label {
	case "Frame Type":
		part.Value = "0x00"
		if f.Trigger != 0 {
			part.Value = typeValue(f.Trigger)
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
		part.Value = field.Count(len(f.Data), "byte")
	}
}

// typeValue writes a frame's type and its name.
func typeValue(t FrameType) string {
	if t < knownTypes {
		return typeValues()[t]
	}
	return hexText(uint64(t)) + " (" + t.String() + ")"
}

// knownTypes is up to where typeValues has types: those of one byte.
const knownTypes = 0x40

// typeValues are made once: a handshake has dozens of frames.
var typeValues = sync.OnceValue(func() *[knownTypes]string {
	var all [knownTypes]string
	for t := range all {
		all[t] = hexText(uint64(t)) + " (" + FrameType(t).String() + ")"
	}
	return &all
})

// typeFlags says what the low bits of a frame type mean.
func typeFlags(f *Frame) string {
	switch f.Type.Base() {
	case FrameStream:
		return streamFlags[f.Type&7]
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

// streamFlags are the low bits of a STREAM frame's type (RFC 9000 19.8).
var streamFlags = func() (all [8]string) {
	for bits := range all {
		all[bits] = fmt.Sprintf("OFF %d, LEN %d, FIN %d: which fields follow, and whether the stream ends here.", bits>>2&1, bits>>1&1, bits&1)
	}
	return all
}()

// codeValue names the error code of a CONNECTION_CLOSE.
func codeValue(f *Frame) string {
	code := "0x" + strconv.FormatUint(f.ErrorCode, 16)
	if f.Type == FrameApplicationClose {
		return code
	}
	return code + " (" + TransportErrorName(f.ErrorCode) + ")"
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
	switch id & 3 {
	case 0:
		return "The two lowest bits say: opened by the client, bidirectional (RFC 9000 2.1)."
	case 1:
		return "The two lowest bits say: opened by the server, bidirectional (RFC 9000 2.1)."
	case 2:
		return "The two lowest bits say: opened by the client, unidirectional (RFC 9000 2.1)."
	}
	return "The two lowest bits say: opened by the server, unidirectional (RFC 9000 2.1)."
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
	"Ack-Eliciting Threshold":         "How many packets the peer may receive before it has to acknowledge them.",
	"Requested Max Ack Delay":         "How long the peer may hold an acknowledgment back, in microseconds.",
	"Reordering Threshold":            "How far out of order packets may come before the peer has to acknowledge at once.",
	"Reliable Size":                   "So many bytes of the stream are delivered all the same.",
	"Path Identifier":                 "Which path this is about.",
	"Maximum Path Identifier":         "The largest path identifier that may be used.",
	"Path Status Sequence Number":     "Tells a newer status of the path from an older one.",
	"Next Sequence Number":            "The connection ID that the sender waits for.",
}

// multipath is where the frames of several paths are defined.
const multipath = "draft-ietf-quic-multipath 4"

// A frameKind is what is known of a type of frames.
type frameKind struct{ meaning, section string }

var frameKinds = newLookup(map[FrameType]frameKind{
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

	FrameImmediateAck:           {"Asks for an acknowledgment at once.", "draft-ietf-quic-ack-frequency 5"},
	FrameAckFrequency:           {"Asks the peer to acknowledge less often, or more.", "draft-ietf-quic-ack-frequency 4"},
	FrameResetStreamAt:          {"Ends the sending part of a stream, but for its first bytes.", "draft-ietf-quic-reliable-stream-reset 4"},
	FramePathAck:                {"Says which packets of a path have arrived.", multipath},
	FramePathAbandon:            {"Gives up a path.", multipath},
	FramePathStatusBackup:       {"Asks the peer to keep a path in reserve.", multipath},
	FramePathStatusAvailable:    {"Lets the peer use a path.", multipath},
	FramePathNewConnectionID:    {"Offers the peer a connection ID for a path.", multipath},
	FramePathRetireConnectionID: {"Gives up one of the peer's connection IDs of a path.", multipath},
	FrameMaxPathID:              {"Raises the limit for the number of paths.", multipath},
	FramePathsBlocked:           {"Says that the limit for paths keeps one from being opened.", multipath},
	FramePathCIDsBlocked:        {"Says that a path lacks connection IDs.", multipath},
})
