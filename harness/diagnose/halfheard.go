package diagnose

import (
	"errors"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
)

// halfHeardRules are about a path that loses something on one of its two ways, as
// the one side has it whose recording this is: what it has sent and what reached
// it. That the other did not hear it shows in how that goes on, above all over
// QUIC, which acknowledges and repeats. None is certain.
var halfHeardRules = []rule{
	{"altered-on-path", keysDiffer},
	{"quic-silence", restUnheard},
	{"quic-mtu-blackhole", onlySmallArrive},
	{"quic-client-flight-lost", finishedUnheard},
	{"quic-client-flight-lost", neverContinues},
	{"quic-silence", flightUnheard(outcome.QUIC)},
	{"blackhole", flightUnheard(outcome.TCP)},
	{"blackhole", nothingCame},
	{"large-hello-dropped", nothingCame},
	{"client-no-cert", resetAfterNone},
	{"getclientcert-error", leavesServer},
}

// waitedAlone says that a deadline came, and that only that side's view is known.
func (r *reading) waitedAlone(side outcome.Role) bool {
	return r.mode == OneSide && r.own() == side && r.h.Outcome == TimedOut
}

// repeats counts the steps in which a side repeats a message before it had any
// answer to it, probes those in which it only asks for one.
func (w *wire) repeats(from outcome.Role) (repeats, probes int) {
	for _, s := range w.timeline.Steps {
		switch {
		case s.From != from || s.Kind == dissect.KindLocal:
		case s.Name == "PING":
			probes++
		case marked(s, retransmission):
			repeats++
		}
	}
	return repeats, probes
}

// acknowledges says that a side has acknowledged something of the other's.
func (w *wire) acknowledges(from outcome.Role) *dissect.Step {
	for _, s := range w.timeline.Steps {
		if s.From == from && s.Name == "ACK" {
			return s
		}
	}
	return nil
}

// keysDiffer is a QUIC connection in which one side's Handshake packets arrive and
// do not open: the keys come from the ClientHello and the ServerHello (RFC 8446
// 7.1), so that the two have seen different ones.
func keysDiffer(r *reading) *finding {
	if !r.quic() || r.mode != OneSide || r.h.Outcome != TimedOut || !r.w.serverHello.ok() {
		return nil
	}
	for _, s := range r.w.timeline.Steps {
		if s.From == r.own().Peer() && s.Level == dissect.Handshake && s.Sealed() && errors.Is(s.Err, quicwire.ErrAuthentication) {
			return found(
				saw(r.w.serverHello.step, "both sides have their keys from the ClientHello and this ServerHello"),
				saw(s, "the %s's Handshake packets do not open with them: it has seen another ClientHello or sent another ServerHello", s.From),
			).certainIf(false).leadsTo(TimedOut)
		}
	}
	if !r.waitedAlone(outcome.Server) || r.w.client.last != r.w.lastHello.step {
		return nil
	}
	ack := r.w.acknowledges(outcome.Client)
	if _, probes := r.w.repeats(outcome.Client); ack == nil || probes < 2 {
		return nil // one can have been under way
	}
	return found(
		saw(ack, "the client acknowledges the ServerHello"),
		saw(r.w.server.last, "it never acknowledges what is protected with the keys that follow from it: it may have others"),
	).certainIf(false).leadsTo(TimedOut)
}

// restUnheard is a path that lets the first of a client's datagrams through and not
// the rest of its ClientHello. The server acknowledges what it gets: "An endpoint MUST
// acknowledge all ack-eliciting Initial and Handshake packets immediately" (RFC 9000
// 13.2.1). A client that repeats parts of its ClientHello again and again behind
// the last acknowledgment has one part that never arrives. To the server it is half
// a ClientHello of which no more comes.
func restUnheard(r *reading) *finding {
	if !r.quic() {
		return nil
	}
	switch {
	case r.waitedAlone(outcome.Client) && !r.w.serverHello.ok() && r.w.lastHello.ok():
		ack := r.w.acknowledges(outcome.Server)
		repeats, probes := 0, 0
		for _, s := range r.w.timeline.Steps {
			switch {
			case s.From == outcome.Server && s.Name == "ACK":
				ack, repeats, probes = s, 0, 0
			case s.From == outcome.Client && s.Name == "PING":
				probes++
			case s.From == outcome.Client && marked(s, retransmission):
				repeats++
			}
		}
		if ack == nil || probes > 0 || repeats < 2 {
			return nil // all of it was acknowledged, or one can have been under way
		}
		return found(
			saw(ack, "the server acknowledges a part of what the client has sent"),
			saw(r.w.lastHello.step, "the client repeats its ClientHello %d times behind that, and nothing more is acknowledged: the rest does not arrive", repeats),
		).certainIf(false).leadsTo(TimedOut)
	case r.waitedAlone(outcome.Server) && !r.w.clientHello.ok() && r.w.client.first != nil && r.w.client.first.Name == "CRYPTO":
		return found(saw(r.w.client.first, "the server gets a part of a ClientHello, and by its deadline no more of it")).certainIf(false).leadsTo(TimedOut)
	}
	return nil
}

// onlySmallArrive is a path that lets acknowledgements through and swallows what
// is as large as a handshake needs (RFC 9000 14.1: at least 1,200 bytes).
func onlySmallArrive(r *reading) *finding {
	if !r.quic() {
		return nil
	}
	switch {
	case restUnheard(r) != nil:
		return nil // what is lost goes the other way
	case r.waitedAlone(outcome.Client) && !r.w.serverHello.ok():
		largest := 0
		for _, s := range r.w.timeline.Steps {
			if size, known := datagramSize(s); known && s.From == outcome.Server {
				largest = max(largest, size)
			}
		}
		ack := r.w.acknowledges(outcome.Server)
		if ack == nil || largest >= minDatagram {
			return nil
		}
		return found(
			saw(ack, "the server has received the ClientHello and acknowledges it"),
			saw(nil, "of what it sends, nothing arrives that is larger than %d bytes", largest),
		).certainIf(false).leadsTo(TimedOut)
	case r.waitedAlone(outcome.Server) && r.w.server.finished != nil && r.w.client.last == r.w.lastHello.step && r.w.acknowledges(outcome.Client) == nil:
		repeats, probes := r.w.repeats(outcome.Client)
		if repeats == 0 || probes == 0 {
			return nil
		}
		return found(
			saw(r.w.server.first, "the client acknowledges none of the server's flight, which has datagrams of %d bytes and more", minDatagram),
			saw(r.w.lastHello.step, "it stops repeating its ClientHello and only probes: it has received the small datagrams that acknowledge it"),
		).certainIf(false).leadsTo(TimedOut)
	}
	return nil
}

// finishedUnheard is a client that is done and repeats its last flight, because
// nobody acknowledges it.
func finishedUnheard(r *reading) *finding {
	finished := r.w.client.finished
	if !r.quic() || !r.waitedAlone(outcome.Client) || !r.in.Client.Outcome.Complete || finished == nil || r.w.done != nil {
		return nil
	}
	var again *dissect.Step
	for _, s := range r.w.timeline.Steps {
		if s.From == outcome.Client && s.N > finished.N && marked(s, retransmission) {
			again = s
		}
	}
	if again == nil {
		return nil
	}
	return found(
		saw(finished, "the client has sent its Finished and is done"),
		saw(again, "it sends that flight again and again: the server never acknowledges it"),
	).certainIf(false).leadsTo(TimedOut)
}

// neverContinues is a client that does not go on after the server's flight, and
// does not repeat its ClientHello either, as it would if it had no answer.
func neverContinues(r *reading) *finding {
	if !r.quic() || !r.waitedAlone(outcome.Server) || r.w.server.finished == nil || r.w.client.last != r.w.lastHello.step {
		return nil
	}
	for _, s := range r.w.timeline.Steps {
		if s.From == outcome.Client && s.N > r.w.server.finished.N && marked(s, retransmission) {
			return nil
		}
	}
	return found(
		saw(r.w.server.finished, "the server has sent its flight, and waits for the client's"),
		saw(r.w.lastHello.step, "the client does not repeat its ClientHello, as it would without an answer, so that its own flight may be lost"),
	).certainIf(false).leadsTo(TimedOut)
}

// flightUnheard makes the rule for a server that has sent its flight, and gets no
// word on it until the deadline.
func flightUnheard(over outcome.Transport) func(*reading) *finding {
	return func(r *reading) *finding {
		if r.w.timeline.Transport != over || !r.waitedAlone(outcome.Server) || !r.w.clientHello.ok() || r.w.server.last == nil || r.w.client.last != r.w.lastHello.step || r.w.acknowledges(outcome.Client) != nil {
			return nil
		}
		list := []Evidence{saw(r.w.server.last, "the server has answered the ClientHello, its last message is %s, and nothing of the client's comes after it", r.w.server.last.Name)}
		if again := r.w.repeated(); again != nil {
			list = append(list, saw(again, "the client repeats its ClientHello: it has heard no answer"))
		}
		return found(list...).certainIf(false).leadsTo(TimedOut)
	}
}

// nothingCame is a server that a client has connected to, and that has not received
// one byte by its deadline: of the ClientHello, that is, for a client that sends
// nothing ends the connection.
func nothingCame(r *reading) *finding {
	if r.quic() || !r.waitedAlone(outcome.Server) || r.w.client.first != nil {
		return nil
	}
	return found(saw(r.said(outcome.Server), "the server waits for a ClientHello until its deadline, and receives not one byte")).certainIf(false).leadsTo(TimedOut)
}

// resetAfterNone is a client that was asked for a certificate, has sent none, and
// whose connection is reset: the server can have refused it for that, with an
// alert that the reset has overtaken.
func resetAfterNone(r *reading) *finding {
	if r.mode != OneSide || r.own() != outcome.Client || r.h.Outcome != Broken || r.w.server.rst == nil || !r.w.request.ok() || !r.empty() {
		return nil
	}
	return found(append(r.asking(), saw(r.w.server.rst, "then the connection is reset; the alert with the reason can be lost in that"))...).
		certainIf(false).leadsTo(Broken)
}

// leavesServer is a client that goes where its certificate is due, to the server
// that it leaves.
func leavesServer(r *reading) *finding {
	if r.mode != OneSide || r.own() != outcome.Server || r.w.client.rst != nil {
		return nil
	}
	return clientLeaves(r)
}
