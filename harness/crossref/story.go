package crossref

import (
	"crypto"
	"slices"
	"sync"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A story is a timeline with its handshake messages picked out.
type story struct {
	timeline *dissect.Timeline
	runs     []*run
	// messages are the handshake messages by the index of their steps.
	messages []*message
	// units says, of a view, which unit of the recording each of its units is.
	units []int
}

// A run is one handshake: from a ClientHello up to the next one that answers no
// HelloRetryRequest. TLS 1.2 can renegotiate, and QUIC starts again after a
// Version Negotiation or a Retry packet.
type run struct {
	messages []*message
	// gaps are the steps that could not be read, in order.
	gaps []*dissect.Step

	// hello is the first ClientHello, again the one that answers retry.
	hello, retry, again *message
	server              *message // ServerHello
	encrypted           *message // EncryptedExtensions
	exchange            *message // ServerKeyExchange
	clientExchange      *message
	request             *message // CertificateRequest
	done                bool     // both Finished are there
	client, peer        part     // what the client and the server sent
	// n counts the runs of a story, from 0.
	n int

	hashing sync.Once
	digests [][]byte
	hash    crypto.Hash

	// wire are the connection IDs of QUIC, found when they are first asked for.
	finding sync.Once
	wire    ids
}

// A part is what one side sent in a run.
type part struct {
	certificate *message
	verify      *message
	finished    *message
}

// A message is one handshake message.
type message struct {
	step *dissect.Step
	msg  tlswire.Message
	raw  []byte
	run  *run
	// at names the step.
	at string
	// index is its place in the run.
	index int
	// after says that it came when the handshake was done.
	after bool
}

// tell goes through a timeline, in a room that may be nil.
func tell(t *dissect.Timeline, room *Room) *story {
	s := &story{timeline: t, messages: make([]*message, len(t.Steps))}
	var r *run
	const usual = 12 // is how many messages a handshake has, and a ticket or two behind it
	slab := room.newMessages(usual)
	for i, step := range t.Steps {
		if step.Kind == dissect.KindLocal || slices.Contains(step.Marks, transcript.Injected) {
			continue
		}
		if len(step.Raw) < 4 {
			if r != nil && unread(step) {
				r.gaps = append(r.gaps, step)
			}
			continue
		}
		if r == nil || r.endsBefore(step) {
			r = &run{n: len(s.runs), messages: make([]*message, 0, usual)}
			s.runs = append(s.runs, r)
		}
		if len(slab) == cap(slab) {
			slab = room.newMessages(usual)
		}
		slab = append(slab, message{step: step, raw: step.Raw, run: r, at: stepName(step), index: len(r.messages), after: r.done})
		m := &slab[len(slab)-1]
		m.msg, _ = step.Message.(tlswire.Message)
		r.messages = append(r.messages, m)
		s.messages[i] = m
		r.file(m)
	}
	return s
}

// unread says that a step can hide a handshake message.
func unread(s *dissect.Step) bool {
	return s.Err != nil && s.Level != dissect.Application && s.Level != dissect.Early
}

// endsBefore says that a new handshake begins with that step.
func (r *run) endsBefore(s *dissect.Step) bool {
	if tlswire.HandshakeType(s.Raw[0]) != tlswire.TypeClientHello {
		return false
	}
	return !(r.retry != nil && r.again == nil && r.server == nil)
}

// file puts a message where it is looked for. The first of its kind stays.
func (r *run) file(m *message) {
	side := r.side(m.step.From)
	first := func(at **message) {
		if *at == nil && !m.after {
			*at = m
		}
	}
	switch msg := m.msg.(type) {
	case *tlswire.ClientHello:
		if r.retry == nil {
			first(&r.hello)
		} else {
			first(&r.again)
		}
	case *tlswire.ServerHello:
		if msg.IsHelloRetryRequest() {
			first(&r.retry)
		} else {
			first(&r.server)
		}
	case *tlswire.EncryptedExtensions:
		first(&r.encrypted)
	case *tlswire.ServerKeyExchange:
		first(&r.exchange)
	case *tlswire.ClientKeyExchange:
		first(&r.clientExchange)
	case *tlswire.CertificateRequest:
		first(&r.request)
	case *tlswire.Certificate:
		first(&side.certificate)
	case *tlswire.CertificateVerify:
		first(&side.verify)
	case *tlswire.Finished:
		first(&side.finished)
		r.done = r.client.finished != nil && r.peer.finished != nil
	}
}

// side returns what one side sent.
func (r *run) side(role outcome.Role) *part {
	if role == outcome.Client {
		return &r.client
	}
	return &r.peer
}

// offer returns the ClientHello that the ServerHello answers, nil if none was seen.
func (r *run) offer() (*message, *tlswire.ClientHello) {
	m := r.again
	if m == nil {
		m = r.hello
	}
	return m, as[tlswire.ClientHello](m)
}

// choice returns the ServerHello, nil if none was seen.
func (r *run) choice() *tlswire.ServerHello { return as[tlswire.ServerHello](r.server) }

// version returns the version that was negotiated, 0 until then.
func (r *run) version() uint16 {
	for _, m := range []*message{r.server, r.retry} {
		if hello := as[tlswire.ServerHello](m); hello != nil {
			return hello.NegotiatedVersion()
		}
	}
	return 0
}

func (r *run) tls13() bool { return r.version() == tlswire.VersionTLS13 }

// suite returns the cipher suite that was negotiated.
func (r *run) suite() uint16 {
	for _, m := range []*message{r.server, r.retry} {
		if hello := as[tlswire.ServerHello](m); hello != nil {
			return hello.CipherSuite
		}
	}
	return 0
}

// resumed says that the server has accepted to resume a session.
func (r *run) resumed() bool {
	_, offer := r.offer()
	choice := r.choice()
	switch {
	case choice == nil || offer == nil:
		return false
	case r.tls13():
		return choice.SelectedPSK != nil
	}
	return len(choice.SessionID) > 0 && slices.Equal(choice.SessionID, offer.SessionID)
}

// before returns the last message of the transcript before m.
func (r *run) before(m *message) *message {
	tls13 := r.tls13()
	for i := m.index - 1; i >= 0; i-- {
		if r.messages[i].counts(tls13) {
			return r.messages[i]
		}
	}
	return nil
}

// as returns the content of a message of that type, nil for anything else.
func as[T any](m *message) *T {
	if m == nil {
		return nil
	}
	msg, _ := any(m.msg).(*T)
	return msg
}

// twin returns the message of this story that m is in another one: of the same
// sender and type, with as many before it.
func (s *story) twin(m *message) *message {
	n := 0
	for _, o := range m.run.messages[:m.index] {
		if o.same(m) {
			n++
		}
	}
	if m.run.n >= len(s.runs) {
		return nil
	}
	for _, o := range s.runs[m.run.n].messages {
		if !o.same(m) {
			continue
		}
		if n == 0 {
			return o
		}
		n--
	}
	return nil
}

func (m *message) same(o *message) bool {
	return m.step.From == o.step.From && m.raw[0] == o.raw[0]
}
