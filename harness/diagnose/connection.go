package diagnose

import (
	"fmt"
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// connectionRules are the faults of what carries the handshake: the wrong port,
// a peer that goes away, and one that never answers.
var connectionRules = []rule{
	{"plain-http-server", spoke(outcome.Server, "HTTP/", "<!DOCTYPE", "<html")},
	{"banner-server", spoke(outcome.Server, "220", "SSH-", "+OK ", "* OK")},
	{"h2c-server", settingsFrame},
	{"tls-in-tls", tlsInTLS},
	{"proxy-protocol", spoke(outcome.Client, "PROXY", "\r\n\r\n\x00")},
	{"plain-client", spoke(outcome.Client, "GET ", "POST", "PUT ", "HEAD", "PRI ", "OPTI", "DELE", "PATC", "CONN")},
	{"quic-version", quicVersion},
	{"connection-refused", connectionRefused},
	{"client-gone", clientGone},
	{"warning-alert", warningAlert},
	{"fin-after-hello", endAfterHello(outcome.EOF)},
	{"rst-after-hello", endAfterHello(outcome.Reset)},
	{"cut-mid-flight", cutMidFlight},
	{"quic-silence", quicSilence},
	{"quic-silence", quicUnanswered},
	{"quic-client-flight-lost", clientFlightLost},
	{"large-hello-dropped", largeHelloDropped},
	{"blackhole", blackhole},
	{"quic-server-chain-16k", chainOver16K(outcome.Server)},
	{"quic-client-chain-16k", chainOver16K(outcome.Client)},
	{"client-chain-huge", clientChainHuge},
	{"corrupt-record", corruptRecord},
	{"app-close", appClose},
	{"app-close", closedForReason},
	{"app-close", silentClose},
	{"app-close", closesAtOnce},
	{"reset-hides-alert", silentReset},
}

// clientGone is a client that says nothing at all, as a health check does. A
// capture shows by its sequence numbers that nothing was sent; a server alone
// cannot tell that from a proxy that passed nothing on.
func clientGone(r *reading) *finding {
	left := r.transportEnd(outcome.Server) != "" || r.captured() && r.w.ended != nil && r.w.ended.From == outcome.Client
	if r.h.Outcome != Broken || r.w.client.first != nil || r.in.Timeline == nil || !left {
		return nil
	}
	return found(saw(firstOf(r.w.client.fin, r.w.client.rst), "the client ends the connection without having sent a byte")).certainIf(r.mode != OneSide).leadsTo(Broken)
}

// connectionRefused is a reset where not a byte has gone either way. Where nobody
// listens, "An incoming segment not containing a RST causes a RST to be sent in
// response" (RFC 9293 3.10.7.1).
func connectionRefused(r *reading) *finding {
	w := r.w
	if !r.captured() || r.h.Outcome != Broken || w.client.first != nil || w.server.first != nil || w.ended != w.server.rst || w.ended == nil {
		return nil
	}
	return found(saw(w.ended, "the server's side resets the connection before either side has sent a byte, as a machine does on which nobody listens at that port")).leadsTo(Broken)
}

// transportEnd returns how the transport ended under a side, empty if that is
// unknown or something else ended it.
func (r *reading) transportEnd(role outcome.Role) outcome.TransportEnd {
	if f := r.failure(role); f != nil {
		return f.Transport
	}
	return ""
}

func firstOf(steps ...*dissect.Step) *dissect.Step {
	for _, s := range steps {
		if s != nil {
			return s
		}
	}
	return nil
}

// warningAlert is an alert of level warning before the end: Go's client drops it
// silently and reports only the end.
func warningAlert(r *reading) *finding {
	if r.h.Outcome != Broken {
		return nil
	}
	for _, s := range r.w.warnings {
		return found(saw(s, "the %s sends %s with level warning and closes; Go drops warnings without a word", s.From, s.Name)).leadsTo(Broken)
	}
	return nil
}

// endAfterHello makes the rule for a peer that takes the ClientHello and ends the
// connection without a byte.
func endAfterHello(how outcome.TransportEnd) func(*reading) *finding {
	return func(r *reading) *finding {
		if r.h.Outcome != Broken || !r.w.clientHello.ok() || r.w.server.first != nil || len(r.w.warnings) > 0 {
			return nil
		}
		end := r.transportEnd(outcome.Client)
		if end == "" || end == outcome.Canceled {
			end = r.endOnWire()
		}
		if end != how {
			return nil
		}
		what, s := "closes the connection", firstOf(r.w.server.fin, r.w.clientHello.step)
		if how == outcome.Reset {
			what, s = "resets the connection", firstOf(r.w.server.rst, r.w.clientHello.step)
		}
		return found(
			saw(r.w.clientHello.step, "the client sends its ClientHello of %d bytes", r.w.clientHello.step.Bytes),
			saw(s, "the server %s without having sent a byte, not even an alert", what),
		).mend("", r.reconnect()).leadsTo(Broken)
	}
}

func (r *reading) endOnWire() outcome.TransportEnd {
	switch {
	case r.w.server.rst != nil:
		return outcome.Reset
	case r.w.server.fin != nil:
		return outcome.EOF
	}
	return ""
}

// reconnect is the command that repeats the connection with another stack.
func (r *reading) reconnect() string { return r.connectWith(" -msg </dev/null", "") }

func cutMidFlight(r *reading) *finding {
	if r.h.Outcome != Broken || r.w.server.first == nil || r.w.client.first == nil || len(r.w.warnings) > 0 || len(r.w.forgeries) > 0 || r.completeSomewhere() || !r.w.serverHello.ok() && (r.w.client.isStrange() || r.w.server.isStrange()) {
		return nil
	}
	end := firstOf(r.w.server.rst, r.w.client.rst, r.w.server.fin, r.w.client.fin)
	f := found().certainIf(clientLeaves(r) == nil && !(r.captured() && r.serverWaited()))
	if last := firstOf(r.w.server.last, r.w.client.last); last != nil {
		f.Evidence = append(f.Evidence, saw(last, "the last message from the %s is %s", last.From, last.Name))
	}
	if end != nil {
		f.Evidence = append(f.Evidence, saw(end, "then the connection ends with %s from the %s, and neither side has sent an alert", end.Name, end.From))
	} else {
		f.Evidence = append(f.Evidence, saw(nil, "then the connection ends, and neither side has sent an alert"))
	}
	return f.leadsTo(Broken)
}

// serverWaited says that the server ends the connection when it has sent all of its
// flight and had nothing in return, as one does whose own deadline has come.
func (r *reading) serverWaited() bool {
	last := r.w.server.last
	return last != nil && (last == r.w.server.finished || last.Name == "ServerHelloDone") && r.w.ended == r.w.server.fin && r.w.ended != nil &&
		(r.w.client.last == nil || r.w.client.last.N < last.N)
}

// completeSomewhere says that a side has finished its handshake.
func (r *reading) completeSomewhere() bool {
	return r.in.Client.Outcome.Complete || r.in.Server.Outcome.Complete || r.captured() && r.w.clientDone()
}

// largeHello is the size beyond which a ClientHello does not fit into one segment.
const largeHello = 1400

// largeHelloDropped is a ClientHello with a post-quantum key share that a box on
// the path swallows because it does not fit into one segment.
func largeHelloDropped(r *reading) *finding {
	s := r.w.clientHello.step
	if r.quic() || r.h.Outcome != TimedOut || s == nil || r.w.server.first != nil || s.Bytes <= largeHello {
		return nil
	}
	dropped := marked(s, transcript.Dropped)
	f := found(saw(s, "the ClientHello has %d bytes, more than one segment holds, and nothing comes back", s.Bytes))
	if dropped {
		f.Evidence = append(f.Evidence, saw(s, "it was dropped on the path"))
	} else if again := r.w.repeated(); again != nil {
		f.Evidence = append(f.Evidence, saw(again, "the client sends a part of it again: that part was never acknowledged"))
	}
	if !dropped && r.serverGot() {
		return nil
	}
	return f.mend("", r.connectWith(" -groups X25519 -msg </dev/null", "")).certainIf(dropped).leadsTo(TimedOut)
}

// serverGot says that the server is known to have read something.
func (r *reading) serverGot() bool {
	return r.in.Server.Outcome.Known && !marked(r.w.clientHello.step, transcript.Dropped)
}

func blackhole(r *reading) *finding {
	if r.quic() || r.h.Outcome != TimedOut || r.w.server.first != nil || nothingCame(r) != nil {
		return nil
	}
	s := r.w.clientHello.step
	certain := s == nil || s.Bytes <= largeHello || r.serverGot()
	return found(saw(s, "the client waits for an answer to its ClientHello until its deadline, and the server sends not one byte")).
		mend("", r.reconnect()).certainIf(certain).leadsTo(TimedOut)
}

// corruptRecord is a record that does not decrypt. With an alert in the clear it
// is something else: the other side's refusal.
func corruptRecord(r *reading) *finding {
	code, ok := alertCode(&r.in, r.w, r.h.RefusedBy)
	if r.h.Outcome != Refused || !ok || code != alertBadRecordMAC || recordOutOfTurn(r) != nil {
		return nil
	}
	by := r.h.RefusedBy
	f := found(saw(r.w.refusal(by), "the %s could not decrypt what it received (bad_record_mac)", by)).certainIf(false)
	if list := r.w.tampered(); len(list) > 0 && !slices.ContainsFunc(list, damagedRecord) {
		return nil // something else was done to the handshake, and this came of it
	}
	for _, s := range r.w.timeline.Steps {
		if damagedRecord(s) && s.From == by.Peer() {
			f.Evidence = append(f.Evidence, saw(s, "the %s's %s was changed on the path", s.From, s.Name))
			f.Certain = true
			break
		}
	}
	return f.refusedBy(by)
}

// damagedRecord says that a protected record was changed on its way.
func damagedRecord(s *dissect.Step) bool {
	return marked(s, transcript.Rewritten) && s.Level != dissect.Plaintext
}

// silentClose is a server that closes without a word when the client is done, of
// which nobody recorded more than the wire.
func silentClose(r *reading) *finding {
	if !r.captured() || r.shown.Outcome != Unknown || !r.w.leftByServer() {
		return nil
	}
	f := found(saw(r.w.ended, "the client is done, and the server closes without having sent anything more, not even an alert")).certainIf(false).leadsTo(anyEnd)
	if c := r.w.client.certificate; c.ok() {
		f.Evidence = append(f.Evidence, saw(c.step, "the client had sent %s; a Node server that refuses a certificate closes in the same way",
			plural(len(c.msg.Entries), "certificate")))
	}
	return f
}

// silentReset is a server that resets when the client is done, likewise.
func silentReset(r *reading) *finding {
	if !r.captured() || r.shown.Outcome != Broken || !r.w.clientDone() || r.w.server.rst == nil || !r.w.tls13() {
		return nil
	}
	return found(saw(r.w.server.rst, "the client is done, and the server resets the connection: in TLS 1.3 it judges the client's certificate only then, and its alert can be lost in the reset")).
		certainIf(false).leadsTo(Broken)
}

// closedForReason is an application that closes with a code of its own, of which
// nobody recorded more than the wire.
func closedForReason(r *reading) *finding {
	s := r.w.applicationClose()
	if s == nil || r.outcome(s.From.Peer()).Known || r.h.Outcome != Established {
		return nil
	}
	return found(saw(s, "the handshake is complete, and then the %s closes with application error 0x%x %s", s.From, s.Close.Code, sentence(s.Close.Reason))).leadsTo(Established)
}

// appClose is an application that ends a connection whose handshake was fine.
func appClose(r *reading) *finding {
	if r.h.Outcome != Established {
		return nil
	}
	for _, role := range roles {
		f := r.outcome(role).Late
		if f == nil || !applicationEnd(f) {
			continue
		}
		by := role.Peer()
		e := saw(firstOf(r.w.closeNotify[index(by)], r.w.flight(by).fin), "the handshake is complete, and then the %s closes the connection", by)
		if c := r.h.Close; c != nil && f.Close != nil {
			e = Evidence{Step: c.Step, Text: fmt.Sprintf("step %d: the handshake is complete, and then the %s closes with application error 0x%x %s", c.Step, by, c.Code, sentence(c.Reason))}
		}
		found := found(e, saw(r.said(role), "the %s says %s", role, sentence(f.Text)))
		if !r.outcome(by).Known {
			found.Certain = false
			if r.w.client.certificate.ok() && by == outcome.Server {
				found.Evidence = append(found.Evidence, saw(r.w.client.certificate.step, "the client had sent %s; a Node server that refuses a certificate closes in the same way, without an alert",
					plural(len(r.w.client.certificate.msg.Entries), "certificate")))
			}
		}
		return found.leadsTo(Established)
	}
	return nil
}
