package crossref

import (
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// exchange compares the server's key exchange of TLS 1.2 with the client's offer.
func (w *writer) exchange(msg *tlswire.ServerKeyExchange) {
	w.scheme(msg.Scheme)
	hello, offer := w.r.offer()
	if offer == nil || msg.Group == 0 {
		return
	}
	p := w.root().to("namedcurve")
	if preference := rank(offer.SupportedGroups, msg.Group, "preference"); preference != "" {
		w.note(p, "The client's %s in %s.", preference, at(hello))
	} else {
		w.note(p, "The client does not list it in %s: it has to abort with illegal_parameter.", at(hello))
	}
}

// clientExchange says what a ClientKeyExchange answers.
func (w *writer) clientExchange() {
	server := as[tlswire.ServerKeyExchange](w.r.exchange)
	switch {
	case server != nil && server.Group != 0:
		w.note(w.root(), "It answers the share for %s in %s.", tlswire.GroupName(server.Group), at(w.r.exchange))
	case server != nil:
		w.note(w.root(), "It answers the parameters in %s.", at(w.r.exchange))
	case w.r.peer.certificate != nil && w.m.step.From == outcome.Client:
		w.note(w.root(), "There is no ServerKeyExchange: it is encrypted to the key in %s.", at(w.r.peer.certificate))
	}
}

// keyUpdate counts the updates of a side's keys (RFC 8446 4.6.3).
func (w *writer) keyUpdate(msg *tlswire.KeyUpdate) {
	n := 0
	for _, m := range w.r.messages[:w.m.index+1] {
		if m.step.From == w.m.step.From && as[tlswire.KeyUpdate](m) != nil {
			n++
		}
	}
	w.say("The %s's %s key update: what it sends from here on is under %s_application_traffic_secret_%d.", w.m.step.From, ordinal(n), w.m.step.From, n)
	if !msg.Requested {
		return
	}
	for _, m := range w.r.messages[w.m.index+1:] {
		if m.step.From != w.m.step.From && as[tlswire.KeyUpdate](m) != nil {
			w.note(w.root().to("request_update"), "The %s updates its own in %s.", w.m.step.From.Peer(), at(m))
			return
		}
	}
	w.note(w.root().to("request_update"), "The %s has not done so%s.", w.m.step.From.Peer(), w.sofar())
}
