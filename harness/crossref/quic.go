package crossref

import (
	"bytes"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// An id is a connection ID on the wire, and the step that shows it.
type id struct {
	value []byte
	step  string
	known bool
}

// ids are the connection IDs that the transport parameters repeat.
//
// "An endpoint MUST treat the following as a connection error [...]: absence of
// the retry_source_connection_id transport parameter from the server after
// receiving a Retry packet, presence of the retry_source_connection_id
// transport parameter when no Retry packet was received, or a mismatch between
// values received from a peer in these transport parameters and the value sent
// in the corresponding Destination or Source Connection ID fields of Initial
// packets" (RFC 9000 7.3).
type ids struct {
	// original is what the client's first Initial packet was sent to.
	original id
	// client and server are the Source Connection IDs of each side's first
	// Initial packet; retry is that of the Retry packet.
	client, server, retry id
}

// wireIDs finds the connection IDs in the headers, which are in the clear. They
// are those of the run: a client that starts again after a Version Negotiation
// packet chooses new ones.
func (b *Book) wireIDs(r *run) ids {
	r.finding.Do(func() { r.wire = b.findIDs(r) })
	return r.wire
}

func (b *Book) findIDs(r *run) (found ids) {
	if b.in.Transcript.Transport != outcome.QUIC || r.hello == nil {
		return found
	}
	begin := r.hello.step.Units
	if r.n > 0 {
		if first := b.story.runs[r.n-1].hello; first != nil && bytes.Equal(first.raw, r.hello.raw) {
			begin = first.step.Units // again, with the token of a Retry packet
		}
	}
	if len(begin) == 0 {
		return found
	}
	set := func(i *id, value []byte, u *transcript.Unit) {
		if !i.known {
			*i = id{value: value, step: b.stepOf(u.Index), known: true}
		}
	}
	for i := range b.in.Transcript.Units {
		u := &b.in.Transcript.Units[i]
		if u.Index < begin[0] || u.Kind != transcript.Data || slices.Contains(u.Marks, transcript.Injected) {
			continue
		}
		p, err := quicwire.ParsePacket(u.Sent, 0)
		switch {
		case err != nil:
		case p.Type == quicwire.Retry && u.From == outcome.Server:
			set(&found.retry, p.SourceID, u)
		case p.Type == quicwire.Initial && u.From == outcome.Client:
			set(&found.original, p.DestinationID, u)
			set(&found.client, p.SourceID, u)
		case p.Type == quicwire.Initial || p.Type == quicwire.Handshake:
			set(&found.server, p.SourceID, u)
		}
	}
	return found
}

// stepOf names the first step of a unit.
func (b *Book) stepOf(unit int) string {
	for _, s := range b.in.Timeline.Steps {
		if slices.Contains(s.Units, unit) {
			return stepName(s)
		}
	}
	return "a packet that is not shown"
}

// clientParameters compares the client's transport parameters with its packets.
func (w *writer) clientParameters(msg *tlswire.ClientHello) {
	if msg.QUICTransportParameters == nil || !w.quic() {
		return
	}
	found := w.b.wireIDs(w.r)
	w.compareID(quicwire.InitialSourceConnectionID, msg.QUICTransportParameters, found.client, "the Source Connection ID of the client's first Initial packet")
}

// serverParameters compares the server's transport parameters with the packets
// of both sides.
func (w *writer) serverParameters(msg *tlswire.EncryptedExtensions) {
	params := msg.QUICTransportParameters
	if params == nil || !w.quic() {
		return
	}
	found := w.b.wireIDs(w.r)
	w.compareID(quicwire.OriginalDestinationConnectionID, params, found.original, "the Destination Connection ID of the client's first Initial packet")
	w.compareID(quicwire.InitialSourceConnectionID, params, found.server, "the Source Connection ID of the server's first Initial packet")
	switch sent := quicwire.FindTransportParameter(params, quicwire.RetrySourceConnectionID); {
	case sent != nil && !found.retry.known:
		w.note(w.parameter(quicwire.RetrySourceConnectionID), "No Retry packet was seen: the client has to close with TRANSPORT_PARAMETER_ERROR (RFC 9000 7.3).")
	case sent == nil && found.retry.known:
		w.note(w.extension(tlswire.ExtQUICTransportParameters), "There is no retry_source_connection_id although the server sent a Retry packet (%s): the client has to close with TRANSPORT_PARAMETER_ERROR (RFC 9000 7.3).", found.retry.step)
	default:
		w.compareID(quicwire.RetrySourceConnectionID, params, found.retry, "the Source Connection ID of the Retry packet")
	}
}

func (w *writer) quic() bool { return w.b.in.Transcript.Transport == outcome.QUIC }

// parameter is the place of a transport parameter.
func (w *writer) parameter(p quicwire.ParameterID) place {
	return w.extension(tlswire.ExtQUICTransportParameters).to(tlswire.LabelQUICTransportParameters).part(p.String())
}

// compareID compares a connection ID among transport parameters with that on the wire.
func (w *writer) compareID(p quicwire.ParameterID, params []byte, wire id, whose string) {
	if !wire.known {
		return
	}
	switch sent := quicwire.FindTransportParameter(params, p); {
	case sent == nil:
	case bytes.Equal(sent, wire.value):
		w.note(w.parameter(p), "It is %s (%s).", whose, wire.step)
	default:
		w.note(w.parameter(p), "It is not %s, %x (%s): the peer has to close with TRANSPORT_PARAMETER_ERROR (RFC 9000 7.3).", whose, wire.value, wire.step)
	}
}

// retryPacket proves a Retry packet's integrity tag, and says what answers it.
func (w *writer) retryPacket() {
	var packet *quicwire.Packet
	units := w.b.in.Transcript.Units
	if w.s.Unit >= 0 && w.s.Unit < len(units) {
		if p, err := quicwire.ParsePacket(units[w.s.Unit].Sent, 0); err == nil && p.Type == quicwire.Retry {
			packet = &p
		}
	}
	tag := place{}.to("Retry Integrity Tag")
	if packet == nil {
		w.prove(tag, retryClaim("").proof(unchecked("the packet is not in the recording"), verdict{}, "", ""))
		return
	}
	// It covers the Destination Connection ID that the client had chosen, by
	// which its packet is told from others.
	var last verdict
	var answers string
	for i := range units[:w.s.Unit] {
		u := &units[i]
		p, err := quicwire.ParsePacket(u.Sent, 0)
		if err != nil || u.From == w.s.From || p.Type != quicwire.Initial {
			continue
		}
		answers = w.b.stepOf(u.Index)
		if last = judge(quicwire.CheckRetry(packet, p.DestinationID)); last.Result == Verified {
			break
		}
	}
	if last.Result == "" {
		last = unchecked("the client's first Initial packet was not seen")
	}
	w.prove(tag, retryClaim(answers).proof(last, verdict{}, "", ""))
	for i := w.s.Unit + 1; i < len(units); i++ {
		p, err := quicwire.ParsePacket(units[i].Sent, 0)
		if err == nil && units[i].From != w.s.From && p.Type == quicwire.Initial && bytes.Equal(p.Token, packet.Token) {
			w.say("The client sends its Initial packet again with this token in %s.", w.b.stepOf(units[i].Index))
			w.note(place{}.to("Retry Token"), "The client repeats it in %s.", w.b.stepOf(units[i].Index))
			return
		}
	}
	w.say("The client has not sent an Initial packet with this token%s.", w.sofar())
}

func retryClaim(answers string) claim {
	with := "the Destination Connection ID of the client's Initial packet"
	if answers != "" {
		with += " in " + answers
	}
	return claim{
		of: "Retry Integrity Tag", covers: "This tag covers the Retry packet",
		with: with, holds: "matches", fails: "does not match",
	}
}
