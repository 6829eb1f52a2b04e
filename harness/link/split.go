package link

// A splitter cuts what a side writes into units: TLS records where the bytes
// are TLS records, else whole writes. Go writes a whole flight in one Write.
type splitter struct {
	partial []byte
	foreign bool // the stream is no TLS; it is not looked at again
}

const (
	recordHeaderLen = 5
	maxRecordLen    = 1<<14 + 2048 // RFC 5246 6.2.3; RFC 8446 5.2 allows less
)

// split returns the units that written completes, and the bytes that they make
// together. It keeps written. What is left over waits for the next call.
func (s *splitter) split(written []byte) (units [][]byte, whole []byte) {
	if len(s.partial) > 0 {
		written = append(s.partial, written...)
		s.partial = nil
	}
	rest := written
	for len(rest) > 0 {
		if s.foreign = s.foreign || !looksLikeRecord(rest); s.foreign {
			return append(units, rest), written
		}
		if len(rest) < recordHeaderLen {
			break
		}
		end := recordHeaderLen + int(rest[3])<<8 + int(rest[4])
		if len(rest) < end {
			break
		}
		units = append(units, rest[:end:end])
		rest = rest[end:]
	}
	s.partial = rest
	return units, written[:len(written)-len(rest)]
}

// rest returns what waits for the rest of its record, and forgets it.
func (s *splitter) rest() []byte {
	rest := s.partial
	s.partial = nil
	return rest
}

// looksLikeRecord says that b can be the beginning of a TLS record: a content
// type of RFC 8446 B.1, a version 3.x, a length that a record may have.
func looksLikeRecord(b []byte) bool {
	if b[0] < 20 || b[0] > 24 {
		return false
	}
	if len(b) > 1 && b[1] != 3 {
		return false
	}
	return len(b) < recordHeaderLen || int(b[3])<<8+int(b[4]) <= maxRecordLen
}
