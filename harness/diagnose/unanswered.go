package diagnose

import (
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// quicUnanswered is a client to which datagrams come back over QUIC, and no
// answer in them: a server that has half of the ClientHello acknowledges it and
// waits, and whatever else may listen there speaks another language.
func quicUnanswered(r *reading) *finding {
	if !r.quic() || r.h.Outcome != TimedOut || r.guessed || r.w.server.first == nil || !r.w.clientHello.ok() {
		return nil
	}
	var other *dissect.Step
	for _, s := range r.w.timeline.Steps {
		switch {
		case s.From != outcome.Server || s.Kind == dissect.KindLocal:
		case foreignDatagram(s):
			other = firstOf(other, s)
		case !acknowledges(s):
			return nil
		}
	}
	if other != nil {
		return found(
			saw(r.w.clientHello.step, "the client sends its Initial packets"),
			saw(other, "what comes back is no packet of this connection, and the client drops it: another service listens at the port"),
		).mend("See which program has the UDP port on the server, and connect to the port that the QUIC server listens at.", "").leadsTo(TimedOut)
	}
	return found(
		saw(r.w.clientHello.step, "the client's ClientHello needs %s", plural(len(r.w.clientHello.step.Units), "datagram")),
		saw(r.w.server.first, "the server acknowledges what it has of that, and never answers: it waits for the rest"),
	).leadsTo(TimedOut)
}

// acknowledges says that a step is about packets alone, and answers nothing.
func acknowledges(s *dissect.Step) bool {
	return slices.Contains([]string{"ACK", "PING", "PADDING"}, s.Name)
}

// foreignDatagram says that a step is a datagram which nobody can read where the
// server has sent nothing else: it is no packet of this connection, which would
// begin with an Initial (RFC 9001 4.1.4).
func foreignDatagram(s *dissect.Step) bool { return s.Err != nil && s.Kind == dissect.KindQUICFrame }
