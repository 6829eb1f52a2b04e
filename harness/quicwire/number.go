package quicwire

// DecodePacketNumber returns the packet number whose last length bytes are
// truncated, the one closest to largest+1 (RFC 9000 17.1 and A.3). largest is
// the largest packet number seen in this direction and space, -1 for none.
func DecodePacketNumber(largest int64, truncated uint64, length int) uint64 {
	expected := largest + 1
	window := int64(1) << (8 * length)
	half := window / 2
	candidate := expected&^(window-1) | int64(truncated)
	switch {
	case candidate <= expected-half && candidate < 1<<62-window:
		return uint64(candidate + window)
	case candidate > expected+half && candidate >= window:
		return uint64(candidate - window)
	}
	return uint64(candidate)
}
