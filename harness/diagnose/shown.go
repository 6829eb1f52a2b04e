package diagnose

import (
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// A Likely outcome is what a recording makes probable where it does not show
// what became of the connection.
type Likely struct {
	Outcome   Kind
	RefusedBy outcome.Role
	At        string
	// Evidence says why, and each piece that it is no more than probable.
	Evidence []Evidence
}

// shown says what became of a connection of which nobody recorded more than the
// wire, and on which no refusal can be read. It claims no end that is not there:
// a recording that stops says nothing of what came after.
func (w *wire) shown() Happening {
	switch {
	case w.accepted() != nil:
		h := Happening{Outcome: Established}
		if s := w.applicationClose(); s != nil {
			h.Close = newCloseSeen(s)
		}
		return h
	case w.midStream():
		return Happening{}
	case w.versionNegotiation != nil && w.readToEnd() && !w.serverHello.ok():
		// RFC 9000 6.2: "A client MUST discard a Version Negotiation packet that
		// lists the QUIC version selected by the client"; one that lists none of
		// its versions ends the attempt.
		return Happening{Outcome: Refused, RefusedBy: outcome.Client}
	case w.client.first == nil, w.server.first == nil:
		return w.unanswered()
	}
	h := Happening{Likely: w.likely()}
	cut := w.ended != nil && !w.clientDone() || w.clientDone() && w.server.rst != nil
	if h.Likely == nil && cut && w.readToEnd() {
		h.Outcome = Broken
	}
	return h
}

// unanswered is a connection on which one of the sides has not said a word.
func (w *wire) unanswered() Happening {
	hello := w.clientHello.step
	switch {
	case w.ended != nil && (w.ended.From == outcome.Server || hello == nil):
		return Happening{Outcome: Broken}
	case w.ended != nil:
		return Happening{Outcome: TimedOut} // the client has stopped waiting
	case hello == nil, w.server.first != nil:
		return Happening{}
	}
	list := []Evidence{saw(hello, "the client sends its ClientHello of %d bytes, and as far as the recording goes nothing answers", hello.Bytes)}
	if again := w.repeated(); again != nil {
		list = append(list, saw(again, "the client sends it again, as one does that has got no acknowledgement"))
	}
	return Happening{Likely: &Likely{Outcome: TimedOut, Evidence: list}}
}

// repeated returns the last step in which the client repeats itself, nil if it does not.
func (w *wire) repeated() *dissect.Step {
	var last *dissect.Step
	for _, s := range w.timeline.Steps {
		if s.From == outcome.Client && marked(s, retransmission) {
			last = s
		}
	}
	return last
}

// midStream says that the recording begins behind the ClientHello.
func (w *wire) midStream() bool {
	return !w.clientHello.ok() && !w.client.isStrange() && !w.server.isStrange() &&
		(w.client.first != nil || w.server.first != nil) && (w.timeline.Unread > 0 || w.serverHello.ok() || w.server.last != nil || w.client.last != nil)
}

func (f *flight) isStrange() bool { return f.strange != nil }

// readToEnd says that nothing on the wire stayed protected or is missing.
func (w *wire) readToEnd() bool { return w.timeline.Unread == 0 && w.gap == nil }

// readUpTo says that nothing before that step stayed protected or is missing.
func (w *wire) readUpTo(end *dissect.Step) bool {
	if w.gap != nil && w.gap.N < end.N {
		return false
	}
	return !slices.ContainsFunc(w.timeline.Steps, func(s *dissect.Step) bool { return s.Sealed() && s.N < end.N })
}

// clientDone says that the client has sent its Finished.
func (w *wire) clientDone() bool { return w.client.finished != nil }

// leftByServer says that the server ends the connection where its word on the
// client's flight is due, and has said none.
func (w *wire) leftByServer() bool {
	return w.clientDone() && w.accepted() == nil && w.ended != nil && w.ended == w.server.fin && w.readToEnd()
}

// accepted returns the step that shows the handshake to be complete on both
// sides, nil if none does.
//
// In TLS 1.3 the client's Finished is not enough where it was asked for a
// certificate: the server judges it afterwards. What the server sends then, short
// of an alert, shows that it went on.
func (w *wire) accepted() *dissect.Step {
	client, server := w.client.finished, w.server.finished
	switch {
	case w.done != nil:
		return w.done
	case client == nil || server == nil:
		return nil
	case !w.tls13():
		return w.accepted12(client, server)
	case w.serverFlightRead() && !w.request.ok() && w.timeline.Transport != outcome.QUIC:
		return client // the server has nothing left to judge
	}
	for _, s := range w.timeline.Steps {
		if s.N <= client.N || s.From != outcome.Server || s.Sealed() {
			continue
		}
		if s.Kind == dissect.KindApplicationData || s.Kind == dissect.KindHandshake || s == w.closeNotify[index(outcome.Server)] {
			return s
		}
		if s.Close != nil && (s.Close.Application || s.Close.Code == 0) {
			return s
		}
	}
	return nil
}

// accepted12 is for TLS 1.2, where the side that sends the second Finished has
// judged all that the other sent, and the other has then only that to judge.
// Without keys a fatal alert would look like a close_notify, so that it takes
// application data to show that there was none.
func (w *wire) accepted12(client, server *dissect.Step) *dissect.Step {
	last := server
	if client.N > server.N {
		last = client
	}
	if !last.Sealed() {
		return last
	}
	for _, s := range w.timeline.Steps {
		if s.N > last.N && s.Kind == dissect.KindApplicationData && s.Alert == nil && s.Name == "encrypted application data" {
			return s
		}
	}
	return nil
}

// serverFlightRead says that all messages of the server up to its Finished could
// be read, so that one that is not there was not sent.
func (w *wire) serverFlightRead() bool {
	if w.gap != nil || w.server.finished == nil || !w.encryptedExtensions.ok() {
		return false
	}
	for _, s := range w.timeline.Steps {
		if s.From == outcome.Server && s.Sealed() && s.N < w.server.finished.N {
			return false
		}
	}
	return true
}

// applicationClose returns a close by an application that gives a reason.
func (w *wire) applicationClose() *dissect.Step {
	for _, s := range w.closes {
		if s.Close.Application && s.Close.Code != 0 {
			return s
		}
	}
	return nil
}
