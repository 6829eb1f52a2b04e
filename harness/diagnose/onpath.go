package diagnose

import (
	"slices"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// pathRules are about what the path did, where the recording has both what was
// sent and what arrived.
var pathRules = []rule{
	{"certrequest-damaged", requestDamaged},
	{"proxy-reoriginates", proxyReoriginates},
	{"quic-mtu-blackhole", largeDatagramsLost},
	{"quic-silence", answersLost(outcome.QUIC)},
	{"blackhole", answersLost(outcome.TCP)},
}

// tampers are the marks of what TLS cannot put right. QUIC itself puts right what
// is lost, repeated or out of order.
var tampers = map[outcome.Transport][]transcript.Mark{
	outcome.TCP:  {transcript.Rewritten, transcript.Injected, transcript.Dropped, transcript.Duplicated, transcript.Reordered},
	outcome.QUIC: {transcript.Rewritten},
}

// tampered returns the steps of the wire that did not arrive as they were sent.
func (w *wire) tampered() []*dissect.Step {
	var list []*dissect.Step
	for _, s := range w.timeline.Steps {
		if s.Kind == dissect.KindLocal || end(s) && !marked(s, transcript.Injected) {
			continue
		}
		if slices.ContainsFunc(tampers[w.timeline.Transport], func(m transcript.Mark) bool { return marked(s, m) }) {
			list = append(list, s)
		}
	}
	return list
}

// alteredMessage is a handshake that fails because of what the path did to it,
// where nothing else accounts for that.
func (r *reading) alteredMessage(others []finding) []finding {
	if r.h.Outcome == Established || r.h.Outcome == Unloadable {
		return nil
	}
	list := r.w.tampered()
	if r.h.Outcome == TimedOut { // what was lost is another story
		list = slices.DeleteFunc(list, func(s *dissect.Step) bool { return !marked(s, transcript.Rewritten) })
	}
	if len(list) == 0 || slices.ContainsFunc(others, func(f finding) bool { return f.explains(r) }) {
		return nil
	}
	f := found()
	for _, s := range list[:min(len(list), maxTampered)] {
		f.Evidence = append(f.Evidence, saw(s, "%s", fate(s)))
	}
	f.ID, f.leads, f.by = "altered-on-path", r.h.Outcome, r.h.RefusedBy
	return []finding{*f}
}

// maxTampered is how many changed steps are quoted.
const maxTampered = 4

// fate says what the path did to a step.
func fate(s *dissect.Step) string {
	what := "the " + string(s.From) + "'s " + s.Name
	switch {
	case marked(s, transcript.Injected):
		return "the " + string(s.From) + " never sent this " + s.Name
	case marked(s, transcript.Rewritten):
		what += " was changed on the path"
	case marked(s, transcript.Dropped):
		return what + " never arrived"
	case marked(s, transcript.Duplicated):
		return what + " arrived twice"
	case marked(s, transcript.Reordered):
		return what + " arrived behind what was sent after it"
	}
	if _, how, ok := strings.Cut(s.Summary, dissect.OnPath); ok {
		what += ": " + how
	}
	return what
}

// forgedFor says that the alert which ended a side is none of the other side's:
// only the path has sent it.
func (w *wire) forgedFor(o *outcome.Outcome) bool {
	f := o.Failure()
	if f == nil || f.Peer == nil {
		return false
	}
	is := func(s *dissect.Step) bool {
		return s.From == o.Role.Peer() && s.Alert != nil && s.Alert.Code == f.Peer.Code
	}
	return slices.ContainsFunc(w.forgeries, is) && !slices.ContainsFunc(w.refusals, is)
}

// arrived says that some of the step reached the other side.
func arrived(s *dissect.Step) bool {
	return s.Kind != dissect.KindLocal && !s.Held && !marked(s, transcript.Dropped)
}

// requestDamaged is a client that has a certificate and finds none that fits,
// because the CertificateRequest reached it with other names than were sent.
func requestDamaged(r *reading) *finding {
	if !marked(r.w.request.step, transcript.Rewritten) || !r.empty() || r.credential(outcome.Client) == nil {
		return nil
	}
	return found(
		saw(r.w.request.step, "%s", fate(r.w.request.step)),
		saw(r.w.client.certificate.step, "the client has a certificate, and sends none"),
	).refusedBy(outcome.Server, "Certificate").as(outcome.NoCertificate)
}

// largeDatagramsLost is a path that lets small datagrams through and swallows
// large ones. QUIC's own datagrams begin at 1,200 bytes (RFC 9000 14.1).
func largeDatagramsLost(r *reading) *finding {
	if !r.quic() || r.h.Outcome != TimedOut {
		return nil
	}
	for _, from := range roles {
		lost, through := 0, 0
		var first *dissect.Step
		for _, s := range r.w.timeline.Steps {
			size, known := datagramSize(s)
			if s.From != from || !known {
				continue
			}
			switch {
			case arrived(s):
				through = max(through, size)
			case lost == 0 || size < lost:
				lost = size
				first = firstOf(first, s)
			}
		}
		if lost >= minDatagram && through > 0 && through < lost {
			return found(
				saw(first, "the %s's datagrams of %d bytes and more never arrive", from, lost),
				saw(nil, "those of up to %d bytes do", through),
			).leadsTo(TimedOut)
		}
	}
	return nil
}

const minDatagram = 1200

// datagramSize returns the size of the datagram that a step came in, on average
// where the step stands for several. Of a message that was spread over several
// datagrams it is not known.
func datagramSize(s *dissect.Step) (int, bool) {
	n := len(s.Units)
	if n == 0 || n > 1 && !s.Chatter() && !marked(s, transcript.Retransmission) {
		return 0, false
	}
	return s.WireBytes / n, true
}

// answersLost makes the rules for a server that answers, and nothing of that
// arrives.
func answersLost(over outcome.Transport) func(*reading) *finding {
	return func(r *reading) *finding {
		if r.w.timeline.Transport != over || r.h.Outcome != TimedOut || r.w.server.first == nil || r.completeSomewhere() {
			return nil
		}
		if slices.ContainsFunc(r.w.timeline.Steps, func(s *dissect.Step) bool { return s.From == outcome.Server && arrived(s) }) {
			return nil
		}
		return found(
			saw(r.w.clientHello.step, "the client's ClientHello reaches the server"),
			saw(r.w.server.first, "the server answers, and nothing of that arrives"),
		).leadsTo(TimedOut)
	}
}
