package diagnose

import (
	"slices"

	"shakedown/harness/outcome"
)

func protocols(list []string) string {
	if len(list) == 0 {
		return "no protocol"
	}
	return listed(list)
}

// alpnLists returns both sides' protocols where ALPN can still fail.
func (r *reading) alpnLists() (client, server []string, ok bool) {
	if r.h.Outcome == Unloadable || !r.knownClient() || !r.knownServer() || r.resumed() {
		return nil, nil, false
	}
	return r.offered().alpn, r.accepts(outcome.Server).alpn, true
}

func alpnMismatch(r *reading) *finding {
	step := r.w.lastHello.step
	if !r.knownServer() {
		if !r.stoppedAtHello(alertNoApplicationProto) || len(r.offered().alpn) == 0 {
			return nil
		}
		return found(saw(step, "the client offers %s by ALPN, and the server supports none of it", protocols(r.offered().alpn))).
			mend("", r.reconnect()).refusedBy(outcome.Server).alert(alertNoApplicationProto)
	}
	client, server, ok := r.alpnLists()
	if !ok || !r.open() || len(client) == 0 || len(server) == 0 || len(common(client, server)) > 0 || h2Exempt(client, server) {
		return nil
	}
	return found(saw(step, "the client offers %s by ALPN", protocols(client)), saw(nil, "the server supports %s", protocols(server))).
		mend("", "").refusedBy(outcome.Server).alert(alertNoApplicationProto)
}

// h2Exempt says that crypto/tls lets an http/1.1 client connect to an h2 server
// as if there were no ALPN.
func h2Exempt(client, server []string) bool {
	return slices.Contains(client, "http/1.1") && slices.Contains(server, "h2") && len(common(client, server)) == 0
}

// alpnH2 is the pair that crypto/tls lets pass without a protocol. Over TCP the
// handshake succeeds, and HTTP/2 or gRPC fails after it; a QUIC client refuses.
//
// Of a QUIC server that selects nothing for a client with http/1.1, and whose
// settings are unknown, it is the likelier explanation: one that has no protocol
// at all fails with every client there is (RFC 9001 8.1), which somebody has seen by
// now, and one that has others refuses by itself.
func alpnH2(r *reading) *finding {
	if f := r.perhapsNoneSelected(); f != nil && slices.Contains(r.offered().alpn, "http/1.1") && !slices.Contains(r.offered().alpn, "h2") {
		return f
	}
	client, server, ok := r.alpnLists()
	if !ok || !h2Exempt(client, server) || r.w.timeline.ALPN != "" {
		return nil
	}
	f := found(
		saw(r.w.lastHello.step, "the client offers %s by ALPN", protocols(client)),
		saw(nil, "the server supports %s; Go lets this one pair pass without a protocol", protocols(server)),
	)
	if r.quic() {
		return f.refusedBy(outcome.Client, "EncryptedExtensions", "ServerHello").alert(alertNoApplicationProto)
	}
	return f.leadsTo(Established)
}

func alpnClientNone(r *reading) *finding {
	client, server, ok := r.alpnLists()
	if !r.knownServer() && r.stoppedAtHello(alertNoApplicationProto) && len(r.offered().alpn) == 0 {
		server, ok = []string{"a protocol"}, true
	}
	if !ok || !r.open() || !r.quic() || len(client) > 0 || len(server) == 0 {
		return nil
	}
	return found(
		saw(r.w.lastHello.step, "the client offers no protocol by ALPN, and QUIC requires one (RFC 9001 8.1)"),
		saw(nil, "the server supports %s", protocols(server)),
	).refusedBy(outcome.Server).alert(alertNoApplicationProto)
}

func alpnServerNone(r *reading) *finding {
	if f := r.perhapsNoneSelected(); f != nil {
		return f
	}
	client, server, ok := r.alpnLists()
	if !ok || !r.quic() || len(server) > 0 || len(client) == 0 || r.in.Client.Outcome.Complete {
		return nil
	}
	return found(
		saw(r.w.lastHello.step, "the client offers %s by ALPN", protocols(client)),
		saw(r.w.encryptedExtensions.step, "the server selects none, and QUIC requires one (RFC 9001 8.1)"),
	).refusedBy(outcome.Client, "EncryptedExtensions", "ServerHello").alert(alertNoApplicationProto)
}

// perhapsNoneSelected is for a server whose settings are unknown and that selects
// no protocol: it has none, or it is Go's and lets the pair h2 and http/1.1 pass
// without one.
func (r *reading) perhapsNoneSelected() *finding {
	offered := r.offered().alpn
	code, ok := alertCode(&r.in, r.w, outcome.Client)
	if r.knownServer() || !r.quic() || r.h.Outcome != Refused || r.h.RefusedBy != outcome.Client || !ok || code != alertNoApplicationProto || len(offered) == 0 || r.w.timeline.ALPN != "" {
		return nil
	}
	f := found(saw(r.w.lastHello.step, "the client offers %s by ALPN", protocols(offered)))
	if r.w.encryptedExtensions.ok() {
		f.Evidence = append(f.Evidence, saw(r.w.encryptedExtensions.step, "the server selects none, and QUIC requires one (RFC 9001 8.1)"))
	} else {
		f.Evidence = append(f.Evidence, saw(r.w.refusal(outcome.Client), "the client's alert says that the server has selected none of it"))
	}
	return f.certainIf(r.w.encryptedExtensions.ok() && !slices.Contains(offered, "http/1.1")).refusedBy(outcome.Client, "EncryptedExtensions", "ServerHello").alert(alertNoApplicationProto)
}
