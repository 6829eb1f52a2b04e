package quicwire

import (
	"bytes"
	"errors"
	"fmt"
)

// A FrameType is the type of a frame, as it stands on the wire.
type FrameType uint64

// The frame types of RFC 9000 19 and of RFC 9221. Where the low bits of a type
// are flags, the constant has none set.
const (
	FramePadding            FrameType = 0x00
	FramePing               FrameType = 0x01
	FrameAck                FrameType = 0x02 // and 0x03, with ECN counts
	FrameResetStream        FrameType = 0x04
	FrameStopSending        FrameType = 0x05
	FrameCrypto             FrameType = 0x06
	FrameNewToken           FrameType = 0x07
	FrameStream             FrameType = 0x08 // to 0x0f: OFF 0x04, LEN 0x02, FIN 0x01
	FrameMaxData            FrameType = 0x10
	FrameMaxStreamData      FrameType = 0x11
	FrameMaxStreamsBidi     FrameType = 0x12
	FrameMaxStreamsUni      FrameType = 0x13
	FrameDataBlocked        FrameType = 0x14
	FrameStreamDataBlocked  FrameType = 0x15
	FrameStreamsBlockedBidi FrameType = 0x16
	FrameStreamsBlockedUni  FrameType = 0x17
	FrameNewConnectionID    FrameType = 0x18
	FrameRetireConnectionID FrameType = 0x19
	FramePathChallenge      FrameType = 0x1a
	FramePathResponse       FrameType = 0x1b
	FrameConnectionClose    FrameType = 0x1c // of the transport
	FrameApplicationClose   FrameType = 0x1d // CONNECTION_CLOSE of the application
	FrameHandshakeDone      FrameType = 0x1e
	FrameDatagram           FrameType = 0x30 // and 0x31, with a length

	// Those of extensions (draft-ietf-quic-ack-frequency,
	// draft-ietf-quic-reliable-stream-reset, draft-ietf-quic-multipath).
	FrameImmediateAck           FrameType = 0x1f
	FrameAckFrequency           FrameType = 0xaf
	FrameResetStreamAt          FrameType = 0x24
	FramePathAck                FrameType = 0x3e // and 0x3f, with ECN counts
	FramePathAbandon            FrameType = 0x3e75
	FramePathStatusBackup       FrameType = 0x3e76
	FramePathStatusAvailable    FrameType = 0x3e77
	FramePathNewConnectionID    FrameType = 0x3e78
	FramePathRetireConnectionID FrameType = 0x3e79
	FrameMaxPathID              FrameType = 0x3e7a
	FramePathsBlocked           FrameType = 0x3e7b
	FramePathCIDsBlocked        FrameType = 0x3e7c
)

// extensionFrames name the frames of extensions.
var extensionFrames = map[FrameType]string{
	FrameImmediateAck:           "IMMEDIATE_ACK",
	FrameAckFrequency:           "ACK_FREQUENCY",
	FrameResetStreamAt:          "RESET_STREAM_AT",
	FramePathAck:                "PATH_ACK",
	FramePathAbandon:            "PATH_ABANDON",
	FramePathStatusBackup:       "PATH_STATUS_BACKUP",
	FramePathStatusAvailable:    "PATH_STATUS_AVAILABLE",
	FramePathNewConnectionID:    "PATH_NEW_CONNECTION_ID",
	FramePathRetireConnectionID: "PATH_RETIRE_CONNECTION_ID",
	FrameMaxPathID:              "MAX_PATH_ID",
	FramePathsBlocked:           "PATHS_BLOCKED",
	FramePathCIDsBlocked:        "PATH_CIDS_BLOCKED",
}

// Base returns the type without the flags in its low bits, so that all STREAM
// frames, both ACK frames and both DATAGRAM frames compare equal.
func (t FrameType) Base() FrameType {
	switch {
	case t == 0x03:
		return FrameAck
	case t >= 0x08 && t <= 0x0f:
		return FrameStream
	case t == 0x31:
		return FrameDatagram
	case t == 0x3f:
		return FramePathAck
	}
	return t
}

// String returns the frame's name in its RFC.
func (t FrameType) String() string {
	switch t.Base() {
	case FramePadding:
		return "PADDING"
	case FramePing:
		return "PING"
	case FrameAck:
		return "ACK"
	case FrameResetStream:
		return "RESET_STREAM"
	case FrameStopSending:
		return "STOP_SENDING"
	case FrameCrypto:
		return "CRYPTO"
	case FrameNewToken:
		return "NEW_TOKEN"
	case FrameStream:
		return "STREAM"
	case FrameMaxData:
		return "MAX_DATA"
	case FrameMaxStreamData:
		return "MAX_STREAM_DATA"
	case FrameMaxStreamsBidi, FrameMaxStreamsUni:
		return "MAX_STREAMS"
	case FrameDataBlocked:
		return "DATA_BLOCKED"
	case FrameStreamDataBlocked:
		return "STREAM_DATA_BLOCKED"
	case FrameStreamsBlockedBidi, FrameStreamsBlockedUni:
		return "STREAMS_BLOCKED"
	case FrameNewConnectionID:
		return "NEW_CONNECTION_ID"
	case FrameRetireConnectionID:
		return "RETIRE_CONNECTION_ID"
	case FramePathChallenge:
		return "PATH_CHALLENGE"
	case FramePathResponse:
		return "PATH_RESPONSE"
	case FrameConnectionClose, FrameApplicationClose:
		return "CONNECTION_CLOSE"
	case FrameHandshakeDone:
		return "HANDSHAKE_DONE"
	case FrameDatagram:
		return "DATAGRAM"
	}
	if name, ok := extensionFrames[t.Base()]; ok {
		return name
	}
	return fmt.Sprintf("frame type 0x%02x", uint64(t))
}

// ErrUnknownFrame says that a frame's type is not known, and so neither is its
// length: nothing behind it in the packet can be read.
var ErrUnknownFrame = errors.New("unknown frame type")

// A Frame is one frame. Only the fields that its type has are set.
type Frame struct {
	Type FrameType
	// Raw are the frame's bytes, type included. Adjacent PADDING frames are one
	// Frame.
	Raw []byte
	// StreamID is the stream of STREAM, RESET_STREAM, STOP_SENDING,
	// MAX_STREAM_DATA and STREAM_DATA_BLOCKED.
	StreamID uint64
	// Offset is where Data starts in the stream (CRYPTO, STREAM).
	Offset uint64
	// Data is the data of CRYPTO, STREAM, DATAGRAM, PATH_CHALLENGE and
	// PATH_RESPONSE, the token of NEW_TOKEN, the connection ID of
	// NEW_CONNECTION_ID and the reason phrase of CONNECTION_CLOSE.
	Data []byte
	// Fin is a STREAM frame's FIN bit.
	Fin bool
	// ErrorCode belongs to RESET_STREAM, STOP_SENDING and CONNECTION_CLOSE.
	ErrorCode uint64
	// Trigger is the type of the frame that caused a CONNECTION_CLOSE of type
	// 0x1c.
	Trigger FrameType
	// Limit is the number in MAX_DATA, MAX_STREAM_DATA, MAX_STREAMS, the
	// BLOCKED frames, and the Final Size of RESET_STREAM.
	Limit uint64
	// Sequence is the Sequence Number in NEW_CONNECTION_ID and
	// RETIRE_CONNECTION_ID, RetirePriorTo the former's other number.
	Sequence, RetirePriorTo uint64
	// ResetToken is NEW_CONNECTION_ID's Stateless Reset Token.
	ResetToken []byte
	// Largest, Delay and First are an ACK's Largest Acknowledged, ACK Delay (as
	// encoded) and First ACK Range; its other ranges are in [Frame.AckRanges].
	Largest, Delay, First uint64
}

// ParseFrame reads the first frame of a packet's payload. The next frame starts
// at len(Frame.Raw).
func ParseFrame(payload []byte) (Frame, error) {
	r := reader{b: payload}
	var f Frame
	readFrame(&r, &f)
	if r.err != nil {
		return Frame{}, fmt.Errorf("parse %v frame: %w", f.Type, r.err)
	}
	f.Raw = payload[:r.at]
	return f, nil
}

// ParseFrames reads every frame of a payload. With an error come the frames in
// front of the one that could not be read.
func ParseFrames(payload []byte) ([]Frame, error) {
	var frames []Frame
	for len(payload) > 0 {
		f, err := ParseFrame(payload)
		if err != nil {
			return frames, err
		}
		frames = append(frames, f)
		payload = payload[len(f.Raw):]
	}
	return frames, nil
}

// readFrame reads one frame, field by field in the order and under the names of
// RFC 9000 19.
func readFrame(r *reader, f *Frame) {
	if f.Type = FrameType(r.varint("Type")); r.err != nil {
		return
	}
	switch f.Type.Base() {
	case FramePadding:
		readPadding(r)
	case FramePing, FrameHandshakeDone:
	case FrameAck:
		readAck(r, f)
	case FrameResetStream:
		f.StreamID = r.varint("Stream ID")
		f.ErrorCode = r.varint("Application Protocol Error Code")
		f.Limit = r.varint("Final Size")
	case FrameStopSending:
		f.StreamID = r.varint("Stream ID")
		f.ErrorCode = r.varint("Application Protocol Error Code")
	case FrameCrypto:
		f.Offset = r.varint("Offset")
		f.Data = r.bytes("Crypto Data", r.varint("Length"))
		checkEnd(r, f)
	case FrameNewToken:
		f.Data = r.bytes("Token", r.varint("Token Length"))
	case FrameStream:
		readStream(r, f)
	case FrameMaxData, FrameDataBlocked:
		f.Limit = r.varint("Maximum Data")
	case FrameMaxStreamData, FrameStreamDataBlocked:
		f.StreamID = r.varint("Stream ID")
		f.Limit = r.varint("Maximum Stream Data")
	case FrameMaxStreamsBidi, FrameMaxStreamsUni, FrameStreamsBlockedBidi, FrameStreamsBlockedUni:
		f.Limit = r.varint("Maximum Streams")
	case FrameNewConnectionID:
		f.Sequence = r.varint("Sequence Number")
		f.RetirePriorTo = r.varint("Retire Prior To")
		f.Data = r.bytes("Connection ID", uint64(r.byte("Length")))
		f.ResetToken = r.bytes("Stateless Reset Token", resetTokenSize)
	case FrameRetireConnectionID:
		f.Sequence = r.varint("Sequence Number")
	case FramePathChallenge, FramePathResponse:
		f.Data = r.bytes("Data", 8)
	case FrameConnectionClose, FrameApplicationClose:
		readClose(r, f)
	case FrameDatagram:
		readDatagram(r, f)
	default:
		readExtensionFrame(r, f)
	}
}

// readExtensionFrame reads the frames of extensions that neither side may send
// before both have agreed on them, and what is none of them.
func readExtensionFrame(r *reader, f *Frame) {
	switch f.Type.Base() {
	case FrameImmediateAck:
	case FrameAckFrequency:
		f.Sequence = r.varint("Sequence Number")
		f.Limit = r.varint("Ack-Eliciting Threshold")
		f.Delay = r.varint("Requested Max Ack Delay")
		r.varint("Reordering Threshold")
	case FrameResetStreamAt:
		f.StreamID = r.varint("Stream ID")
		f.ErrorCode = r.varint("Application Protocol Error Code")
		f.Limit = r.varint("Final Size")
		r.varint("Reliable Size")
	case FramePathAck:
		r.varint("Path Identifier")
		readAck(r, f)
	case FramePathAbandon:
		r.varint("Path Identifier")
		f.ErrorCode = r.varint("Error Code")
	case FramePathStatusBackup, FramePathStatusAvailable:
		r.varint("Path Identifier")
		f.Sequence = r.varint("Path Status Sequence Number")
	case FramePathNewConnectionID:
		r.varint("Path Identifier")
		f.Sequence = r.varint("Sequence Number")
		f.RetirePriorTo = r.varint("Retire Prior To")
		f.Data = r.bytes("Connection ID", uint64(r.byte("Length")))
		f.ResetToken = r.bytes("Stateless Reset Token", resetTokenSize)
	case FramePathRetireConnectionID:
		r.varint("Path Identifier")
		f.Sequence = r.varint("Sequence Number")
	case FrameMaxPathID, FramePathsBlocked:
		f.Limit = r.varint("Maximum Path Identifier")
	case FramePathCIDsBlocked:
		r.varint("Path Identifier")
		f.Sequence = r.varint("Next Sequence Number")
	default:
		r.err = ErrUnknownFrame
	}
}

// resetTokenSize is the size of a stateless reset token (RFC 9000 10.3).
const resetTokenSize = 16

// readPadding takes a whole run of PADDING frames, each of which is one zero
// byte; the first has been read as the type.
func readPadding(r *reader) {
	for bytes.HasPrefix(r.b[r.at:], zeros[:]) {
		r.at += len(zeros)
	}
	for r.at < len(r.b) && r.b[r.at] == 0 {
		r.at++
	}
	if r.trace != nil {
		r.trace.Last(r.trace.mark).End = r.trace.base + r.at
	}
}

// zeros are compared with padding, which takes most of an Initial packet.
var zeros [64]byte

// readAck reads an ACK frame (RFC 9000 19.3). The count of ranges is not
// believed before the ranges are there.
func readAck(r *reader, f *Frame) {
	f.Largest = r.varint("Largest Acknowledged")
	f.Delay = r.varint("ACK Delay")
	count := r.varint("ACK Range Count")
	f.First = r.varint("First ACK Range")
	for i := uint64(0); i < count && r.err == nil; i++ {
		r.varint("Gap")
		r.varint("ACK Range Length")
	}
	if f.Type == 0x03 || f.Type == 0x3f {
		r.varint("ECT0 Count")
		r.varint("ECT1 Count")
		r.varint("ECN-CE Count")
	}
}

// readStream reads a STREAM frame (RFC 9000 19.8). Without the LEN bit "the
// Stream Data field extends to the end of the packet".
func readStream(r *reader, f *Frame) {
	f.StreamID = r.varint("Stream ID")
	if f.Type&0x04 != 0 {
		f.Offset = r.varint("Offset")
	}
	length := uint64(r.left())
	if f.Type&0x02 != 0 {
		length = r.varint("Length")
	}
	f.Fin = f.Type&0x01 != 0
	f.Data = r.bytes("Stream Data", length)
	checkEnd(r, f)
}

// checkEnd refuses data that no stream can hold: "The largest offset delivered
// on a stream -- the sum of the offset and data length -- cannot exceed 2^62-1"
// (RFC 9000 19.6 and 19.8).
func checkEnd(r *reader, f *Frame) {
	if r.err == nil && f.Offset+uint64(len(f.Data)) >= 1<<62 {
		r.err = fmt.Errorf("offset %d and %d bytes exceed 2^62-1", f.Offset, len(f.Data))
	}
}

// readClose reads a CONNECTION_CLOSE frame (RFC 9000 19.19). The application's
// has no Frame Type.
func readClose(r *reader, f *Frame) {
	f.ErrorCode = r.varint("Error Code")
	if f.Type == FrameConnectionClose {
		f.Trigger = FrameType(r.varint("Frame Type"))
	}
	f.Data = r.bytes("Reason Phrase", r.varint("Reason Phrase Length"))
}

// readDatagram reads a DATAGRAM frame (RFC 9221 4). Type 0x31 has a length.
func readDatagram(r *reader, f *Frame) {
	length := uint64(r.left())
	if f.Type == 0x31 {
		length = r.varint("Length")
	}
	f.Data = r.bytes("Datagram Data", length)
}

// An AckRange is a run of acknowledged packet numbers, both ends included.
type AckRange struct{ Smallest, Largest uint64 }

// AckRanges returns the packet numbers that an ACK frame acknowledges, highest
// first. "If any computed packet number is negative, an endpoint MUST generate a
// connection error" (RFC 9000 19.3.1): the ranges in front of it come with an
// error.
func (f *Frame) AckRanges() ([]AckRange, error) { return f.appendAckRanges(nil) }

// appendAckRanges is AckRanges into an empty list.
func (f *Frame) appendAckRanges(ranges []AckRange) ([]AckRange, error) {
	if f.First > f.Largest {
		return nil, fmt.Errorf("first ACK range %d reaches below packet number 0", f.First)
	}
	r := reader{b: f.Raw}
	for range 3 {
		r.varint("ACK")
	}
	count := r.varint("ACK Range Count")
	r.varint("First ACK Range")
	ranges = append(ranges, AckRange{Smallest: f.Largest - f.First, Largest: f.Largest})
	for i := uint64(0); i < count && r.err == nil; i++ {
		gap, length := r.varint("Gap"), r.varint("ACK Range Length")
		smallest := ranges[len(ranges)-1].Smallest
		if gap+2 > smallest || length > smallest-gap-2 {
			return ranges, fmt.Errorf("ACK range %d reaches below packet number 0", i+1)
		}
		largest := smallest - gap - 2
		ranges = append(ranges, AckRange{Smallest: largest - length, Largest: largest})
	}
	return ranges, r.err
}
