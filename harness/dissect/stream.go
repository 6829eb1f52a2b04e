package dissect

import (
	"errors"
	"fmt"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A stream is the carrier of TCP. Its units are TLS records, or pieces of what
// is no TLS; but it takes units that are cut in any other way as well.
type stream struct {
	d              *Dissector
	client, server *direction
	// steps are those of the unit that is being read.
	steps     []*Step
	fragments []fragment // a slab
}

// A direction is what one side sends.
type direction struct {
	from outcome.Role
	// partial is the start of a record whose rest has not been sent yet.
	partial      []byte
	partialUnits []int
	// message is the start of a handshake message, likewise.
	message      []byte
	messageParts []fragment

	// greeted says that the sender has said something that is no TLS.
	greeted bool
	// changed says that a ChangeCipherSpec was sent that is not TLS 1.3's dummy:
	// what follows is protected (RFC 5246 7.1).
	changed bool
	// level is what protects the sender's next record in TLS 1.3.
	level Level
	keys  keys
	// early are the keys of 0-RTT data.
	early keys
	// waiting are records that no key is known for yet.
	waiting []*record
	// gap says that bytes are missing before the next record, lost how many
	// records those can have been at most.
	gap  bool
	lost int
	// apart says that these records were never the sender's: the link put them in.
	apart bool
}

// A record is one TLS record, and what was found in it.
type record struct {
	tlswire.Record
	units []int
	// level is what it travelled under. Content is the payload, or what was
	// behind its protection; contentType its type.
	level       Level
	contentType tlswire.ContentType
	content     []byte
	// protected says that it was opened, closed that it could not be; tls13
	// that TLS 1.3 protects it.
	protected, closed, tls13 bool
	// stand is the step that stands for it while it waits for a key.
	stand *Step
}

func newStream(d *Dissector) *stream {
	return &stream{
		d:      d,
		client: &direction{from: outcome.Client, level: Plaintext},
		server: &direction{from: outcome.Server, level: Plaintext},
	}
}

func (s *stream) direction(r outcome.Role) *direction {
	if r == outcome.Client {
		return s.client
	}
	return s.server
}

// The names of the steps that end a direction.
const (
	stepFIN = "FIN"
	stepRST = "RST"
)

func (s *stream) add(u *transcript.Unit) []*Step {
	s.steps = s.steps[:0]
	dir := s.direction(u.From)
	if injected(u) {
		// What the link put in says nothing of its supposed sender's state.
		dir = &direction{from: dir.from, level: dir.level, changed: dir.changed, apart: true}
	}
	switch {
	case u.Kind == transcript.FIN && dir.apart:
		s.end(dir, u, stepFIN, fmt.Sprintf("the stream ends here for the %s; the %s did not end it", u.From.Peer(), u.From))
	case u.Kind == transcript.RST && dir.apart:
		s.end(dir, u, stepRST, fmt.Sprintf("the connection is reset for the %s; the %s did not reset it", u.From.Peer(), u.From))
	case u.Kind == transcript.FIN:
		s.end(dir, u, stepFIN, fmt.Sprintf("the %s sends nothing more", u.From))
	case u.Kind == transcript.Gap:
		s.gap(dir, u)
	case u.Kind == transcript.RST:
		s.end(dir, u, stepRST, fmt.Sprintf("the %s has reset the connection", u.From))
	default:
		version := s.d.settled.version
		s.bytes(dir, u)
		if version != s.d.settled.version {
			s.drain(s.client) // early data can wait for the ServerHello
		}
	}
	if dir.apart {
		s.steps = append(s.steps, s.begun(dir)...)
	}
	return s.steps
}

func (s *stream) end(dir *direction, u *transcript.Unit, name, summary string) {
	step := s.d.newStep(dir.from, KindTransport, name, s.d.only(u.Index))
	step.Level = Plaintext
	step.Summary = summary
	s.steps = append(s.steps, step)
}

// bytes takes a unit apart into records.
func (s *stream) bytes(dir *direction, u *transcript.Unit) {
	data, units := u.Sent, s.d.only(u.Index)
	if len(dir.partial) > 0 {
		data = append(dir.partial, data...)
		units = append(dir.partialUnits, units...)
		dir.partial, dir.partialUnits = nil, nil
	}
	for len(data) > 0 {
		rec, n, err := tlswire.ParseRecord(data)
		switch {
		case errors.Is(err, tlswire.ErrIncompleteRecord):
			dir.partial, dir.partialUnits = data[:len(data):len(data)], units[:len(units):len(units)]
			return
		case err != nil:
			n = s.stranger(dir, data, units)
		default:
			s.record(dir, &record{Record: rec, units: units})
		}
		data = data[n:]
		units = units[len(units)-1:]
	}
}

// record reads one record, under its protection if it has any.
func (s *stream) record(dir *direction, r *record) {
	if !s.isProtected(dir, r) {
		r.level, r.contentType, r.content = Plaintext, r.Type, r.Payload
		s.content(dir, r)
		return
	}
	err := s.unprotect(dir, r)
	if errors.Is(err, ErrNoKey) {
		if s.d.counting {
			s.countClosed(dir, r, err)
			return
		}
		r.stand = s.closed(dir, r, err)
		s.steps = append(s.steps, r.stand)
		if !dir.apart {
			dir.waiting = append(dir.waiting, r)
		}
		return
	}
	// Records that waited for a key when a later one could be opened will not
	// be opened any more.
	dir.waiting = nil
	if err != nil {
		if s.d.counting {
			s.countClosed(dir, r, err)
			return
		}
		s.steps = append(s.steps, s.closed(dir, r, err))
		return
	}
	s.content(dir, r)
}

// isProtected says whether a record travels under protection.
//
// In TLS 1.3 its type says so: "opaque_type: The outer opaque_type field of a
// TLSCiphertext record is always set to the value 23 (application_data)"
// (RFC 8446 5.2). In TLS 1.2 the type is the true one, and all is protected
// after the ChangeCipherSpec. Without a ServerHello both signs count, so that
// nothing protected is ever read as if it were not.
func (s *stream) isProtected(dir *direction, r *record) bool {
	switch s.d.settled.version {
	case tlswire.VersionTLS13:
		return r.Type == tlswire.ApplicationData
	case 0:
		return dir.changed || r.Type == tlswire.ApplicationData || s.opaque(dir, r)
	}
	return dir.changed
}

// content turns what a record holds into steps.
func (s *stream) content(dir *direction, r *record) {
	switch r.contentType {
	case tlswire.Handshake:
		s.handshake(dir, r)
	case tlswire.AlertType:
		s.alerts(dir, r)
	case tlswire.ChangeCipherSpec:
		s.changeCipherSpec(dir, r)
	case tlswire.ApplicationData:
		if s.d.counting {
			s.count(dir, r)
			return
		}
		step := s.recordStep(dir, KindApplicationData, "application data", r)
		step.Summary = applicationSummary(r.content)
	default:
		step := s.recordStep(dir, KindApplicationData, r.contentType.String(), r)
		step.Summary = count(len(r.content), "byte")
	}
}

// recordStep returns the step of a record's whole content.
func (s *stream) recordStep(dir *direction, kind Kind, name string, r *record) *Step {
	step := s.d.newStep(dir.from, kind, name, r.units)
	step.Level, step.Bytes, step.WireBytes = r.level, len(r.content), len(r.Raw)
	step.tree = recordTree(r)
	s.steps = append(s.steps, step)
	return step
}

// changeCipherSpec reads a ChangeCipherSpec. TLS 1.3 has none: "An
// implementation may receive an unencrypted record of type change_cipher_spec
// consisting of the single byte value 0x01 at any time after the first
// ClientHello message has been sent or received and before the peer's Finished
// message has been received and MUST simply drop it without further processing"
// (RFC 8446 5).
func (s *stream) changeCipherSpec(dir *direction, r *record) {
	step := s.recordStep(dir, KindChangeCipherSpec, "ChangeCipherSpec", r)
	// A client that sends early data has TLS 1.3 in mind, whatever the server will
	// answer.
	if s.d.settled.version == tlswire.VersionTLS13 || s.d.settled.version == 0 && dir.level == Early {
		step.Summary = "for middleboxes only, no meaning in TLS 1.3"
		return
	}
	step.Summary = "protected from here on"
	s.abandon(dir, "before a ChangeCipherSpec")
	dir.changed = true
	dir.keys = keys{}
}

// retry reads the records again that wait for a key.
func (s *stream) retry() []*Step {
	s.steps = s.steps[:0]
	for _, dir := range []*direction{s.client, s.server} {
		dir.keys.reconsider()
		dir.early.reconsider()
		s.drain(dir)
	}
	return s.steps
}

// drain reads waiting records as far as keys are known now.
func (s *stream) drain(dir *direction) {
	for i := 0; i < len(dir.waiting); {
		r := dir.waiting[i]
		err := s.unprotect(dir, r)
		if errors.Is(err, ErrNoKey) {
			i++ // a key can be missing and that of later records be there
			continue
		}
		dir.waiting, i = dir.waiting[i+1:], 0
		r.stand.superseded = true
		if err != nil {
			s.steps = append(s.steps, s.closed(dir, r, err))
			continue
		}
		s.content(dir, r)
	}
}

func injected(u *transcript.Unit) bool {
	for _, m := range u.Marks {
		if m == transcript.Injected {
			return true
		}
	}
	return false
}
