package diagnose

import (
	"bytes"
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// rememberedRules are about what the connections before this one have shown of the
// two sides, where only one side's view is known. None is certain but what the
// side itself has on record.
var rememberedRules = []rule{
	{"client-ca-hint-mismatch", hadOneBefore},
	{"resumed-old-identity", hadAnotherBefore},
}

// shownBefore returns the chain that the client has shown in the last connection in
// which it showed one, nil if it never did.
func (r *reading) shownBefore() [][]byte {
	for _, t := range slices.Backward(r.in.Before) {
		if chain, _ := readWire(t).client.chain(); len(chain) > 0 {
			return chain
		}
	}
	return nil
}

// hadOneBefore is a client that sends no certificate to a server to which it has
// shown one before, of a CA that the server does not name any more.
func hadOneBefore(r *reading) *finding {
	shown := r.shownBefore()
	if r.mode == BothSides || r.in.Client.Settings.Known || len(shown) == 0 || !r.refusedForNone() || !r.w.request.ok() {
		return nil
	}
	listed := r.w.request.msg.CertificateAuthorities
	shelf := newShelf(nil)
	for _, raw := range shown {
		c := shelf.put(raw)
		if slices.ContainsFunc(listed, func(name []byte) bool { return bytes.Equal(name, c.rawIssuer()) }) {
			return nil // what it had would do
		}
	}
	if len(listed) == 0 {
		return nil
	}
	c := shelf.put(shown[0])
	return r.noCertificate(found(saw(nil, "in a connection before this one the client has shown %s, issued by %s, which the server does not name any more", c.name(), c.issuerName())).certainIf(false))
}

// hadAnotherBefore is a client that resumes a session in which it has shown another
// certificate than the one that it has by now.
func hadAnotherBefore(r *reading) *finding {
	shown, c := r.shownBefore(), r.credential(outcome.Client)
	if r.mode != OneSide || r.own() != outcome.Client || r.h.Outcome != Established || !r.resumed() || len(shown) == 0 || c == nil || len(c.Chain) == 0 || bytes.Equal(shown[0], c.Chain[0]) {
		return nil
	}
	return found(
		saw(r.w.serverHello.step, "the session is resumed, and no certificate is sent"),
		saw(nil, "in the connection in which it began the client has shown %s", identity(shown[0])),
		saw(nil, "the client's certificate by now is %s", identity(c.Chain[0])),
	).leadsTo(Established)
}

// closesAtOnce is a server's application that closes when the handshake is done, as
// its own recording has it: it has not sent one byte, and neither has the client.
func closesAtOnce(r *reading) *finding {
	closing := r.w.closeNotify[index(outcome.Server)]
	if r.mode != OneSide || r.own() != outcome.Server || r.quic() || r.h.Outcome != Established || closing == nil {
		return nil
	}
	if slices.ContainsFunc(r.w.timeline.Steps, func(s *dissect.Step) bool { return s.Kind == dissect.KindApplicationData && s.Alert == nil }) {
		return nil
	}
	if s := r.w.closeNotify[index(outcome.Client)]; s != nil && s.N < closing.N {
		return nil // it was the client's wish
	}
	return found(saw(closing, "the handshake is complete, and the server closes the connection before either side has sent a byte")).certainIf(false).leadsTo(Established)
}
