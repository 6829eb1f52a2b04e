package quicwire

import "shakedown/harness/field"

// knownFrames has the fields of frames that are nearly the same in each handshake of
// the same two sides, by all of their bytes but the data.
var knownFrames field.Memo[framePlace]

// A framePlace is what the fields of such a frame depend on besides.
type framePlace struct {
	buffer string
	start  int
}

// repeatedFrame returns the bytes that tell everything of the frame that b starts with,
// nil where they are likely to say something new. A CRYPTO frame's are what is in front
// of its data. Acknowledgments of the handshake repeat as well: "An endpoint MUST
// acknowledge all ack-eliciting Initial and Handshake packets immediately" (RFC 9000
// 13.2.1), so that they are about few packets and tell of no delay.
func repeatedFrame(b []byte) []byte {
	switch FrameType(b[0]) {
	case FrameCrypto:
	case FrameAck:
		// The numbers of the handshake's packets take one byte.
		if len(b) < 2 || b[1] >= smallNumbers {
			return nil
		}
	default:
		return nil
	}
	r := reader{b: b}
	var f Frame
	if readFrame(&r, &f); r.err != nil || f.Delay > 0 {
		return nil
	}
	return b[:r.at-len(f.Data)]
}
