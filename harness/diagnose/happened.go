package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// Happened says what became of a connection, and who decided, without asking why.
//
// The endpoints' typed errors come first: who failed is in an error's locality,
// and neither in its text nor in the order of arrival. The wire decides where
// nobody recorded a side's view.
func Happened(in Input) Happening { return happened(&in, readWire(in.Timeline)) }

func happened(in *Input, w *wire) Happening {
	for _, side := range []*outcome.Outcome{&in.Server.Outcome, &in.Client.Outcome} {
		if side.Unloadable != nil {
			return Happening{Outcome: Unloadable, Side: side.Role}
		}
	}
	if neverBegan(in, w) {
		return Happening{Outcome: Unloadable, Side: outcome.Client}
	}
	h := Happening{Outcome: Established}
	if by := decider(in, w); by != "" {
		h.Outcome, h.RefusedBy = Refused, by
		h.At = rejected(in, w, by)
		h.Alert = alertOf(in, w, by)
		h.Close = closeOf(w, by)
		return h
	}
	if !in.Client.Outcome.Known && !in.Server.Outcome.Known {
		return w.shown()
	}
	switch ends := transportEnds(in); {
	case established(in, w):
		h.Close = closeSeen(in, w)
	case ends[outcome.Timeout] && !ends[outcome.EOF] && !ends[outcome.Reset]:
		h.Outcome = TimedOut
	default:
		h.Outcome = Broken
	}
	return h
}

// neverBegan says that the client gave up on its own configuration before it sent
// a byte, as a stack does that finds it impossible only when it is used.
func neverBegan(in *Input, w *wire) bool {
	return in.Timeline != nil && w.client.first == nil && w.timeline.Unread == 0 && decided(&in.Client.Outcome)
}

// decider returns the side that decided to end the handshake, empty if none did.
func decider(in *Input, w *wire) outcome.Role {
	// An OpenSSL client that refuses a server over TLS 1.3 sends its alert in the
	// clear; the server takes that for a damaged record and "decides" as well.
	for _, s := range w.refusals {
		if s.Alert != nil && s.Alert.Cleartext {
			return s.From
		}
		// RFC 9849 6.1.7: a client whose ECH was refused answers a
		// CertificateRequest with an empty Certificate. A server that refuses that
		// has nothing against the client that the client did not know before.
		if s.Alert != nil && s.Alert.Code == alertECHRequired {
			return s.From
		}
	}
	client, server := decided(&in.Client.Outcome), decided(&in.Server.Outcome)
	switch {
	case client && server:
		if len(w.refusals) > 0 {
			return w.refusals[0].From
		}
		return firstToFail(w)
	case client:
		return outcome.Client
	case server:
		return outcome.Server
	case toldOf(&in.Client.Outcome) && !w.forgedFor(&in.Client.Outcome):
		return outcome.Server
	case toldOf(&in.Server.Outcome) && !w.forgedFor(&in.Server.Outcome):
		return outcome.Client
	}
	if w.declined() != nil && !in.Client.Outcome.Known {
		return outcome.Client
	}
	// Nobody said anything: what is on the wire is a side whose view is unknown.
	// A side that knows nothing of a decision closes when its time is up.
	for _, s := range w.refusals {
		if f := in.side(s.From).Outcome.Failure(); f == nil || f.Transport != outcome.Timeout {
			return s.From
		}
	}
	return ""
}

// decided says that the side's own error is a decision of its own: an alert that
// it chose, a certificate that it did not accept, or words of its own where
// neither the peer nor the transport ended it.
func decided(o *outcome.Outcome) bool {
	f := o.Failure()
	if f == nil || f.Peer != nil || f.Close != nil && f.Close.Remote {
		return false
	}
	if f.Close != nil && f.Close.Application {
		return false
	}
	if insideTLS(o) {
		return false
	}
	return f.Local != nil || f.Verify != nil || f.RecordHeader != nil || f.Transport == ""
}

// toldOf says that the side's error is the other side's decision.
func toldOf(o *outcome.Outcome) bool {
	f := o.Failure()
	if f == nil {
		return false
	}
	return f.Peer != nil && f.Peer.Code != closeNotify || f.Close != nil && f.Close.Remote && !f.Close.Application && f.Close.Code != 0
}

const closeNotify = 0

// firstToFail returns the side whose failure stands first in the timeline.
func firstToFail(w *wire) outcome.Role {
	for _, s := range w.timeline.Steps {
		if s.Fact != nil && (s.Fact.Kind == outcome.HandshakeFailed || s.Fact.Kind == outcome.LateError) {
			return s.From
		}
	}
	return outcome.Client
}

// established says that the handshake is complete on every side whose view is
// known, and that nothing ended it afterwards but an application.
func established(in *Input, w *wire) bool {
	known := 0
	for _, o := range []*outcome.Outcome{&in.Client.Outcome, &in.Server.Outcome} {
		if !o.Known {
			continue
		}
		known++
		if !o.Complete || o.Handshake != nil || o.Late != nil && !applicationEnd(o.Late) && !insideTLS(o) {
			return false
		}
	}
	return known > 0
}

// applicationEnd says that a late error is no more than the other application
// having closed the connection.
func applicationEnd(f *outcome.Failure) bool {
	switch {
	case f.Close != nil:
		return f.Close.Application || f.Close.Code == 0
	case f.Peer != nil:
		return f.Peer.Code == closeNotify
	}
	return f.Transport == outcome.EOF
}

// transportEnds are the ways in which the transport ended under either side.
func transportEnds(in *Input) map[outcome.TransportEnd]bool {
	ends := map[outcome.TransportEnd]bool{}
	for _, o := range []*outcome.Outcome{&in.Client.Outcome, &in.Server.Outcome} {
		if f := o.Failure(); f != nil && f.Transport != "" {
			ends[f.Transport] = true
		}
	}
	return ends
}

// alertOf returns the alert that the deciding side put on the wire, nil if it
// sent none.
func alertOf(in *Input, w *wire, by outcome.Role) *AlertSeen {
	if s := w.refusal(by); s != nil {
		if s.Alert == nil {
			return nil
		}
		return &AlertSeen{From: by, Code: s.Alert.Code, Name: tlswire.AlertName(s.Alert.Code), Step: s.N}
	}
	if s := w.declined(); s != nil && by == outcome.Client {
		return &AlertSeen{From: by, Code: s.Alert.Code, Name: tlswire.AlertName(s.Alert.Code), Step: s.N}
	}
	// The alert can be among the units that nobody has a key for; then the side
	// that it reached knows it.
	told := in.side(by.Peer()).Outcome.Failure()
	if told != nil && told.Peer != nil {
		return &AlertSeen{From: by, Code: told.Peer.Code, Name: tlswire.AlertName(told.Peer.Code)}
	}
	said := in.side(by).Outcome.Failure()
	if w.timeline.Unread > 0 && said != nil && said.Local != nil && said.Local.HasCode {
		return &AlertSeen{From: by, Code: said.Local.Code, Name: tlswire.AlertName(said.Local.Code)}
	}
	return nil
}

func closeOf(w *wire, by outcome.Role) *CloseSeen {
	for _, s := range w.closes {
		if s.From == by {
			return newCloseSeen(s)
		}
	}
	return nil
}

// closeSeen returns the close of an established connection: an application's,
// if a side reports it as an error. Closing with no error is no news.
func closeSeen(in *Input, w *wire) *CloseSeen {
	if in.Client.Outcome.Late == nil && in.Server.Outcome.Late == nil {
		return nil
	}
	for _, s := range w.closes {
		return newCloseSeen(s)
	}
	return nil
}

func newCloseSeen(s *dissect.Step) *CloseSeen {
	c := &CloseSeen{From: s.From, Code: s.Close.Code, Reason: s.Close.Reason, Step: s.N}
	if s.Close.Application {
		c.Name = "application error"
	} else {
		c.Name = quicwire.TransportErrorName(s.Close.Code)
	}
	return c
}

// side returns what is known of that side.
func (in *Input) side(r outcome.Role) *transcript.Side {
	if r == outcome.Client {
		return &in.Client
	}
	return &in.Server
}
