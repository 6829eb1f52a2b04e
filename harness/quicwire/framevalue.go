package quicwire

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"shakedown/harness/field"
)

// Value says in a few words what a frame carries, empty where its name says it
// all ("7-9" for an ACK, "offset 0, 90 bytes" for CRYPTO).
func (f *Frame) Value() string {
	var room [128]byte
	return string(f.appendValue(room[:0]))
}

// appendValue appends what Value says.
func (f *Frame) appendValue(b []byte) []byte {
	switch f.Type.Base() {
	case FramePadding:
		return field.AppendCount(b, len(f.Raw), "byte")
	case FrameAck:
		return appendAcknowledged(b, f)
	case FrameCrypto:
		return appendData(b, f)
	case FrameStream:
		return appendData(append(appendNumber(append(b, "stream "...), f.StreamID), ", "...), f)
	case FrameConnectionClose, FrameApplicationClose:
		return append(b, codeValue(f)...)
	case FrameNewConnectionID:
		return hex.AppendEncode(append(appendNumber(b, f.Sequence), ": "...), f.Data)
	case FrameNewToken, FrameDatagram, FramePathChallenge, FramePathResponse:
		return field.AppendHex(b, f.Data)
	case FrameMaxData, FrameMaxStreamsBidi, FrameMaxStreamsUni, FrameDataBlocked, FrameStreamsBlockedBidi, FrameStreamsBlockedUni,
		FrameMaxPathID, FramePathsBlocked:
		return appendNumber(b, f.Limit)
	case FrameMaxStreamData, FrameStreamDataBlocked:
		return fmt.Appendf(b, "stream %d, %d", f.StreamID, f.Limit)
	case FrameResetStream, FrameStopSending, FrameResetStreamAt:
		return fmt.Appendf(b, "stream %d, error 0x%x", f.StreamID, f.ErrorCode)
	case FrameRetireConnectionID:
		return appendNumber(b, f.Sequence)
	}
	return b
}

// appendNumber appends a number in decimal.
func appendNumber(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }

// appendData says where a frame's data starts in its stream, and how much it is.
func appendData(b []byte, f *Frame) []byte {
	b = append(appendNumber(append(b, "offset "...), f.Offset), ", "...)
	return field.AppendCount(b, len(f.Data), "byte")
}

// appendAcknowledged lists the ranges of an ACK frame, the first few of them.
func appendAcknowledged(b []byte, f *Frame) []byte {
	const most = 8
	var room [most]AckRange
	ranges, err := f.appendAckRanges(room[:0])
	if err != nil {
		return append(b, err.Error()...)
	}
	for i, r := range ranges {
		switch {
		case i == most:
			return fmt.Appendf(b, " and %d more", len(ranges)-i)
		case i > 0:
			b = append(b, ", "...)
		}
		if r.Smallest != r.Largest {
			b = append(appendNumber(b, r.Smallest), '-')
		}
		b = appendNumber(b, r.Largest)
	}
	return b
}
