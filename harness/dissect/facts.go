package dissect

import (
	"math"
	"slices"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A placedFact is a local fact, its step, and the unit that it stands after.
type placedFact struct {
	transcript.Fact
	step *Step
	// after is the sequence number under which that unit was sent; found says
	// that the unit is known.
	after uint64
	found bool
}

// AddFact adds something that happened inside one side. Facts that were
// recorded at the same sequence number stay in the order in which they are added.
func (d *Dissector) AddFact(f transcript.Fact) {
	s := d.newStep(f.Side, KindLocal, string(f.Kind), nil)
	s.At = f.At
	s.Summary = field.Shorten(f.Text, maxFactText)
	s.Fact = &f
	at := len(d.facts)
	for at > 0 && d.facts[at-1].After > f.After {
		at--
	}
	d.facts = slices.Insert(d.facts, at, placedFact{Fact: f, step: s})
}

// maxFactText bounds what is shown of a fact's text, which can be an error that
// quotes the peer.
const maxFactText = 400

// placeFacts gives every fact its place among the wire's steps, which are in
// causal order, and returns the facts' steps.
//
// A fact stands after the unit that its side had sent or received last: the
// unit that was sent, or delivered, under the fact's sequence number. Facts of
// the same place stand in the order of their sequence numbers.
func (d *Dissector) placeFacts(wire []*Step) []*Step {
	steps := make([]*Step, len(d.facts))
	for i := range d.facts {
		f := &d.facts[i]
		at := key{seq: d.anchor(f), place: math.MaxInt}
		if before, ok := d.decision(f, wire); ok {
			at = before
		} else if after, ok := d.completion(f, wire); ok {
			at = after
		} else if after, ok := d.judgement(f, wire); ok {
			at = after
		}
		at.fact = i + 1
		f.step.order = at
		steps[i] = f.step
	}
	return steps
}

// anchor returns the sequence number under which the unit was sent that the
// fact stands after. Without such a unit it is the fact's own number, which
// puts it after all that was sent before.
func (d *Dissector) anchor(f *placedFact) uint64 {
	if f.found || f.After == 0 {
		return f.after
	}
	for _, given := range slices.Backward(d.units) {
		u := d.unit(given.Index)
		delivered := slices.ContainsFunc(u.Deliveries, func(x transcript.Delivery) bool { return x.Seq == f.After })
		if u.Seq == f.After || delivered {
			f.after, f.found = u.Seq, true
			return f.after
		}
	}
	return f.After
}

// completion returns the place for the fact that a side has completed its
// TLS 1.3 handshake; for a client it is directly behind its Finished.
//
// The client is done as soon as it has sent Finished: "Once a side has sent its
// Finished message and has received and validated the Finished message from its
// peer, it may begin to send and receive Application Data over the connection"
// (RFC 8446 4.4.4). The handshake function can return a little later, when the
// server's answer is on the wire already: a refusal would then seem to have come
// before the client believed that all was well. Over QUIC it can also return a
// little earlier, before the packet with Finished has been written.
//
// A QUIC server is done when it has the client's Finished, and says so at once
// with HANDSHAKE_DONE (RFC 9001 4.1.2): its fact stands before that datagram.
func (d *Dissector) completion(f *placedFact, wire []*Step) (key, bool) {
	if f.Kind != transcript.HandshakeComplete || d.messageVersion() != tlswire.VersionTLS13 {
		return key{}, false
	}
	for _, s := range wire {
		switch {
		case s.From != f.Side:
		case f.Side == outcome.Client && s.Kind == KindHandshake && s.Name == tlswire.TypeFinished.String():
			return key{seq: s.order.seq, place: s.order.place + 1}, true
		case f.Side == outcome.Server && s.Kind == KindQUICFrame && s.Name == "HANDSHAKE_DONE":
			return key{seq: s.order.seq}, true
		}
	}
	return key{}, false
}

// judgement returns the place directly behind the Certificate that a side has
// accepted. In TLS 1.3 both sides judge a chain when they have read it, before
// the CertificateVerify behind it; a QUIC stack may have read that datagram too
// by the time it says so.
func (d *Dissector) judgement(f *placedFact, wire []*Step) (key, bool) {
	if f.Kind != transcript.ChainVerified || d.messageVersion() != tlswire.VersionTLS13 {
		return key{}, false
	}
	for _, s := range wire {
		if s.From == f.Side.Peer() && s.Kind == KindHandshake && s.Name == tlswire.TypeCertificate.String() {
			return key{seq: s.order.seq, place: s.order.place + 1}, true
		}
	}
	return key{}, false
}

// decision returns the place directly before the alert or CONNECTION_CLOSE with
// which a side ended the handshake, for the fact that it failed there.
//
// The decision precedes the alert that announces it, but the handshake function
// returns, and the fact is recorded, only after the alert was written. A dummy
// change_cipher_spec directly before the alert belongs to it: a TLS 1.3 client
// in compatibility mode sends one "immediately before its second flight"
// (RFC 8446 D.4), and here that flight is the alert.
func (d *Dissector) decision(f *placedFact, wire []*Step) (key, bool) {
	if f.Kind != transcript.HandshakeFailed {
		return key{}, false
	}
	i := slices.IndexFunc(wire, func(s *Step) bool { return s.From == f.Side && d.refuses(s) })
	if i < 0 {
		return key{}, false
	}
	if i > 0 && d.messageVersion() == tlswire.VersionTLS13 &&
		wire[i-1].Kind == KindChangeCipherSpec && wire[i-1].From == f.Side {
		i--
	}
	return key{seq: wire[i].order.seq, place: wire[i].order.place - 1}, true
}

// refuses says that a step is its sender's word that the handshake has failed.
func (d *Dissector) refuses(s *Step) bool {
	if u := d.unit(s.Unit); u != nil && slices.Contains(u.Marks, transcript.Injected) {
		return false // the link's word, not the sender's
	}
	switch {
	case s.Close != nil:
		return s.Close.Code != 0 && !s.Close.Application
	case s.Alert != nil:
		// "All the alerts listed in Section 6.2 MUST be sent with
		// AlertLevel=fatal and MUST be treated as error alerts when received
		// regardless of the AlertLevel in the message." (RFC 8446 6)
		fatal := s.Alert.Level == alertFatal || d.messageVersion() == tlswire.VersionTLS13
		return fatal && s.Alert.Code != tlswire.AlertCloseNotify && s.Alert.Code != alertUserCanceled
	}
	return false
}
