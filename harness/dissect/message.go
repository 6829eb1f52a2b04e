package dissect

import (
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/tlswire"
)

// A fragment is a part of a record's content that went into a message.
type fragment struct {
	record     *record
	start, end int
}

// fragment returns a list of one fragment.
func (s *stream) fragment(r *record, start, end int) []fragment {
	if len(s.fragments) == 0 {
		s.fragments = make([]fragment, 16)
	}
	list := s.fragments[:1:1]
	s.fragments = s.fragments[1:]
	list[0] = fragment{r, start, end}
	return list
}

// handshake takes a record of handshake messages apart. "Handshake messages MAY
// be coalesced into a single TLSPlaintext record or fragmented across several
// records" (RFC 8446 5.1).
func (s *stream) handshake(dir *direction, r *record) {
	if len(r.content) == 0 {
		// "Implementations MUST NOT send zero-length fragments of Handshake types"
		step := s.recordStep(dir, KindHandshake, "empty handshake record", r)
		step.Err = fmt.Errorf("a handshake record must not be empty (RFC 8446 5.1)")
		step.Summary = step.Err.Error()
		return
	}
	for at := 0; at < len(r.content); {
		rest := r.content[at:]
		if len(dir.message) == 0 {
			if n, ok := tlswire.HandshakeLen(rest); ok && n <= len(rest) {
				s.message(dir, r.content[at:at+n:at+n], s.fragment(r, at, at+n))
				at += n
				continue
			}
		}
		n := min(missing(dir.message, rest), len(rest))
		dir.message = append(dir.message, rest[:n]...)
		dir.messageParts = append(dir.messageParts, fragment{r, at, at + n})
		at += n
		if size, ok := tlswire.HandshakeLen(dir.message); ok && size == len(dir.message) {
			raw, parts := dir.message, dir.messageParts
			dir.message, dir.messageParts = nil, nil
			s.message(dir, raw, parts)
		}
	}
}

// missing returns how many bytes a message that has begun still needs, as far
// as its beginning and what comes next can tell.
func missing(begun, next []byte) int {
	header := begun
	if len(header) < handshakeHeader {
		header = append(begun[:len(begun):len(begun)], next...)
	}
	if size, ok := tlswire.HandshakeLen(header); ok {
		return size - len(begun)
	}
	return len(next)
}

// message reads one whole handshake message.
func (s *stream) message(dir *direction, raw []byte, parts []fragment) {
	last := parts[len(parts)-1].record
	units := unitsOf(parts)
	var step *Step
	if dir.apart {
		step = s.d.readMessage(dir.from, last.level, raw, units)
	} else {
		step = s.d.handshakeStep(dir.from, last.level, raw, units)
	}
	step.WireBytes = wireBytes(parts)
	message := step.tree
	step.tree = func(room *field.Room) field.Tree { return messageIn(room, parts, message(room)) }
	s.steps = append(s.steps, step)
	if !dir.apart {
		s.follow(dir, last, step)
	}
}

// follow moves the sender's protection on where a message does so. In TLS 1.3
// each direction moves at a point of its own.
func (s *stream) follow(dir *direction, r *record, step *Step) {
	switch m := step.Message.(type) {
	case *tlswire.ClientHello:
		switch {
		case m.EarlyData:
			dir.enter(Early)
		case dir.level == Early:
			// "Clients MUST NOT send early data after a HelloRetryRequest"
			// (RFC 8446 4.2.10).
			dir.enter(Plaintext)
		}
	case *tlswire.ServerHello:
		if s.d.settled.version == tlswire.VersionTLS13 && !m.IsHelloRetryRequest() && dir.level == Plaintext {
			dir.enter(Handshake)
			// A client that offered early data goes on sending it until it has
			// read the server's answer.
			if s.client.level != Early {
				s.client.enter(Handshake)
			}
		}
	case *tlswire.Finished:
		// "Any records following a Finished message MUST be encrypted under the
		// appropriate application traffic key" (RFC 8446 4.4.4).
		if r.protected && dir.level == Handshake {
			dir.enter(Application)
		}
	case *tlswire.EndOfEarlyData:
		if r.protected && dir.level == Early {
			dir.enter(Handshake)
		}
	case *tlswire.KeyUpdate:
		if r.protected {
			dir.keys.update()
		}
	}
}

// unfinished returns a step for each record or message that has begun and is
// not whole yet.
func (s *stream) unfinished() []*Step {
	return append(s.begun(s.client), s.begun(s.server)...)
}

func (s *stream) begun(dir *direction) []*Step {
	var steps []*Step
	if len(dir.message) > 0 {
		steps = append(steps, s.part(dir, "so far"))
	}
	if len(dir.partial) > 0 {
		steps = append(steps, s.partOfRecord(dir))
	}
	return steps
}

// abandon gives up on a message that cannot become whole any more.
func (s *stream) abandon(dir *direction, why string) {
	if len(dir.message) > 0 {
		s.steps = append(s.steps, s.part(dir, why))
		dir.message, dir.messageParts = nil, nil
	}
}

// part returns the step of a message that has begun.
func (s *stream) part(dir *direction, why string) *Step {
	parts, raw := dir.messageParts, dir.message
	name := tlswire.HandshakeType(raw[0]).String()
	step := s.d.newStep(dir.from, KindHandshake, name, unitsOf(parts))
	step.Level = parts[len(parts)-1].record.level
	step.Bytes = len(raw)
	step.WireBytes = wireBytes(parts)
	step.Err = fmt.Errorf("incomplete: %s %s", count(len(raw), "byte"), why)
	if size, ok := tlswire.HandshakeLen(raw); ok {
		step.Err = fmt.Errorf("incomplete: %d of %s %s", len(raw), count(size, "byte"), why)
	}
	step.Summary = step.Err.Error()
	step.tree = func(room *field.Room) field.Tree {
		return messageIn(room, parts, field.Tree{
			Buffers: []field.Buffer{{Name: messageBuffer, Bytes: raw}},
			Fields: []field.Field{{
				Label: name, Buffer: messageBuffer, End: len(raw),
				Value: count(len(raw), "byte"), Meaning: "The start of a message whose rest was not sent.", Section: "RFC 8446 5.1",
			}},
		})
	}
	return step
}

// partOfRecord returns the step of a record that has begun.
func (s *stream) partOfRecord(dir *direction) *Step {
	raw := dir.partial
	kind := KindApplicationData
	if tlswire.ContentType(raw[0]) == tlswire.Handshake {
		kind = KindHandshake
	}
	step := s.d.newStep(dir.from, kind, "incomplete record", dir.partialUnits)
	step.Level = Plaintext
	step.Bytes, step.WireBytes = len(raw), len(raw)
	step.Err = fmt.Errorf("incomplete: %s of a record so far", count(len(raw), "byte"))
	if len(raw) >= tlswire.RecordHeaderLen {
		size := tlswire.RecordHeaderLen + int(raw[3])<<8 + int(raw[4])
		step.Err = fmt.Errorf("incomplete: %d of %s of a record so far", len(raw), count(size, "byte"))
	}
	step.Summary = step.Err.Error()
	step.tree = bytesTree(recordBuffer, "record", "The start of a record whose rest was not sent.", "RFC 8446 5.1", raw)
	return step
}

// unitsOf returns the units that fragments came in, each once.
func unitsOf(parts []fragment) []int {
	if len(parts) == 1 {
		return parts[0].record.units
	}
	var units []int
	for _, p := range parts {
		for _, u := range p.record.units {
			if len(units) == 0 || units[len(units)-1] != u {
				units = append(units, u)
			}
		}
	}
	return units
}

// wireBytes is the size of the records that fragments came in.
func wireBytes(parts []fragment) (n int) {
	for _, p := range parts {
		n += len(p.record.Raw)
	}
	return n
}
