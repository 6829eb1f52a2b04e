package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A seen message is one handshake message with the step that shows it. The zero
// value is a message that was not seen.
type seen[M any] struct {
	msg  M
	step *dissect.Step
}

func (s seen[M]) ok() bool { return s.step != nil }

// A wire is what a timeline shows, picked out once: rules ask it by name.
type wire struct {
	timeline *dissect.Timeline
	// absent says that nothing was recorded, so that nothing can be said not to
	// have been sent.
	absent bool

	clientHello         seen[*tlswire.ClientHello] // the first
	lastHello           seen[*tlswire.ClientHello] // the last, after a HelloRetryRequest
	serverHello         seen[*tlswire.ServerHello]
	encryptedExtensions seen[*tlswire.EncryptedExtensions]
	request             seen[*tlswire.CertificateRequest]
	client, server      flight

	// refusals are fatal alerts and CONNECTION_CLOSE frames that end a
	// handshake, warnings other alerts, closes every CONNECTION_CLOSE.
	refusals, warnings, closes []*dissect.Step
	closeNotify                [2]*dissect.Step
	versionNegotiation         *dissect.Step
	// forgeries are alerts that the path put in.
	forgeries []*dissect.Step
	// done is the server's HANDSHAKE_DONE, ended the first end of a direction,
	// gap the first place where the recording has lost something.
	done, ended, gap *dissect.Step
	// unreachable is where the peer's machine said that nobody listens.
	unreachable *dissect.Step
}

// A flight is what one side sent.
type flight struct {
	certificate seen[*tlswire.Certificate]
	verify      seen[*tlswire.CertificateVerify]
	keyExchange seen[*tlswire.ServerKeyExchange]
	finished    *dissect.Step
	// first is the first step that the side sent, fin and rst the end of its
	// direction, strange the first bytes that are no TLS.
	first, fin, rst, strange *dissect.Step
	// last is its last handshake message.
	last *dissect.Step
}

func (w *wire) flight(r outcome.Role) *flight {
	if r == outcome.Client {
		return &w.client
	}
	return &w.server
}

// readWire picks the steps out of a timeline, which may be nil.
func readWire(t *dissect.Timeline) *wire {
	w := &wire{timeline: t}
	if t == nil {
		w.timeline, w.absent = &dissect.Timeline{}, true
		return w
	}
	for _, s := range t.Steps {
		if s.Fact != nil && s.Fact.Kind == outcome.Unreachable {
			w.unreachable = s
		}
		if s.Kind == dissect.KindLocal || s.Held {
			continue
		}
		f := w.flight(s.From)
		if f.first == nil && !end(s) {
			f.first = s
		}
		switch {
		case s.Kind == dissect.KindHandshake && s.Sealed():
			w.sealed(f, s)
		case s.Kind == dissect.KindHandshake:
			f.last = s
			w.message(f, s)
		case s.Close != nil:
			w.closes = append(w.closes, s)
			if s.Close.Code != 0 && !s.Close.Application {
				w.refusals = append(w.refusals, s)
			}
		case s.Alert != nil:
			w.alert(s)
		case s.Name == "Version Negotiation":
			w.versionNegotiation = s
		case s.Name == "HANDSHAKE_DONE":
			w.done = s
		case s.Kind == dissect.KindTransport:
			w.transport(f, s)
		}
	}
	return w
}

func end(s *dissect.Step) bool {
	return s.Kind == dissect.KindTransport && (s.Name == "FIN" || s.Name == "RST")
}

// sealed takes note of a handshake message of TLS 1.2, or of a version before it,
// that no key opens. The
// first behind a ChangeCipherSpec is known all the same: "A Finished message is
// always sent immediately after a change cipher spec message" (RFC 5246 7.4.9).
func (w *wire) sealed(f *flight, s *dissect.Step) {
	if f.finished == nil && w.before13() {
		f.finished = s
	}
}

// stepGap is the name of the step that stands for what a recording has lost.
const stepGap = "gap"

func (w *wire) transport(f *flight, s *dissect.Step) {
	if end(s) && w.ended == nil {
		w.ended = s
	}
	if s.Name == stepGap {
		w.gap = firstOf(w.gap, s)
		return
	}
	switch {
	case s.Name == "FIN" && f.fin == nil:
		f.fin = s
	case s.Name == "RST" && f.rst == nil:
		f.rst = s
	case !end(s) && f.strange == nil:
		f.strange = s
	}
}

func (w *wire) message(f *flight, s *dissect.Step) {
	switch m := s.Message.(type) {
	case *tlswire.ClientHello:
		w.lastHello = seen[*tlswire.ClientHello]{m, s}
		if !w.clientHello.ok() {
			w.clientHello = w.lastHello
		}
	case *tlswire.ServerHello:
		if !m.IsHelloRetryRequest() {
			w.serverHello = seen[*tlswire.ServerHello]{m, s}
		}
	case *tlswire.EncryptedExtensions:
		w.encryptedExtensions = seen[*tlswire.EncryptedExtensions]{m, s}
	case *tlswire.CertificateRequest:
		w.request = seen[*tlswire.CertificateRequest]{m, s}
	case *tlswire.Certificate:
		f.certificate = seen[*tlswire.Certificate]{m, s}
	case *tlswire.CertificateVerify:
		f.verify = seen[*tlswire.CertificateVerify]{m, s}
	case *tlswire.ServerKeyExchange:
		f.keyExchange = seen[*tlswire.ServerKeyExchange]{m, s}
	case *tlswire.Finished:
		f.finished = s
	}
}

// alert files an alert. In TLS 1.3 "All the alerts listed in Section 6.2 MUST be
// sent with AlertLevel=fatal and MUST be treated as error alerts when received
// regardless of the AlertLevel in the message"
// (https://www.rfc-editor.org/rfc/rfc8446#section-6).
func (w *wire) alert(s *dissect.Step) {
	const warning, userCanceled = 1, 90
	switch {
	case marked(s, transcript.Injected) && (s.Alert.Level != warning || w.tls13()):
		w.forgeries = append(w.forgeries, s)
	case s.Alert.Code == 0:
		if i := index(s.From); w.closeNotify[i] == nil {
			w.closeNotify[i] = s
		}
	case s.Alert.Code == userCanceled, s.Alert.Level == warning && !w.tls13():
		w.warnings = append(w.warnings, s)
	default:
		w.refusals = append(w.refusals, s)
	}
}

func index(r outcome.Role) int {
	if r == outcome.Client {
		return 0
	}
	return 1
}

const (
	ssl30 = 0x0300
	tls12 = 0x0303
	tls13 = 0x0304
)

// before13 says that TLS 1.2 was negotiated, or a version before it.
func (w *wire) before13() bool {
	return w.timeline.Version >= ssl30 && w.timeline.Version <= tls12 && w.timeline.Transport != outcome.QUIC
}

// tls13 says that TLS 1.3 was negotiated, or that nothing else can be.
func (w *wire) tls13() bool {
	return w.timeline.Version == tls13 || w.timeline.Transport == outcome.QUIC
}

// refusal returns the first fatal alert or close of that side, nil if there is none.
func (w *wire) refusal(by outcome.Role) *dissect.Step {
	for _, s := range w.refusals {
		if s.From == by {
			return s
		}
	}
	return nil
}

// chain returns the certificates that the side sent, and whether it sent a
// Certificate message at all.
func (f *flight) chain() ([][]byte, bool) {
	if !f.certificate.ok() {
		return nil, false
	}
	list := make([][]byte, 0, len(f.certificate.msg.Entries))
	for _, e := range f.certificate.msg.Entries {
		list = append(list, e.Data)
	}
	return list, true
}

// retransmission is the mark of what was sent before.
const retransmission = transcript.Retransmission

// marked says that the link did that with the step.
func marked(s *dissect.Step, m transcript.Mark) bool {
	if s == nil {
		return false
	}
	for _, have := range s.Marks {
		if have == m {
			return true
		}
	}
	return false
}
