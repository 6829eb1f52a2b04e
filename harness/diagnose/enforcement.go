package diagnose

import (
	"slices"

	"shakedown/harness/outcome"
)

// enforcementRules are about servers that let in clients they do not know. The
// handshake succeeds, and that is the fault.
var enforcementRules = []rule{
	{"server-requires-any", requiresAny},
	{"server-request-only", requestOnly},
	{"server-never-asks", neverAsks},
}

func requiresAny(r *reading) *finding {
	if r.in.Server.Settings.ClientAuth != outcome.AuthRequireAny || r.resumed() {
		return nil
	}
	e := saw(r.w.request.step, "the server requires a client certificate, and is set to verify none")
	if c := r.w.client.certificate; c.ok() && len(c.msg.Entries) > 0 {
		return found(e, saw(c.step, "the client's certificate was taken without a chain being built (verified chains: %d)", len(r.in.Server.Outcome.VerifiedChains))).leadsTo(Established)
	}
	return found(e).leadsTo(Established)
}

// requestOnly is a server that asks and goes on without an answer. One that
// verifies what it is given has this fault only where nothing was given.
func requestOnly(r *reading) *finding {
	if r.resumed() {
		return nil
	}
	if f := r.perhapsRequestOnly(); f != nil {
		return f
	}
	switch r.in.Server.Settings.ClientAuth {
	case outcome.AuthRequest:
	case outcome.AuthVerifyIfGiven:
		if r.client != nil && !r.client.filtered(r) {
			return nil
		}
	default:
		return nil
	}
	list := []Evidence{saw(r.w.request.step, "the server asks for a client certificate and is set to go on without one")}
	switch c := r.w.client.certificate; {
	case r.empty():
		list = append(list, saw(c.step, "the client's Certificate message is empty, and the server goes on"))
	case c.ok():
		list = append(list, saw(c.step, "the client's certificate was not verified (verified chains: %d)", len(r.in.Server.Outcome.VerifiedChains)))
	}
	return found(list...).mend("", r.connectWith(" </dev/null", "")).leadsTo(Established)
}

// perhapsRequestOnly is for a server whose settings are unknown: it asks, gets
// nothing and goes on. Whether it is meant to is not on the wire.
func (r *reading) perhapsRequestOnly() *finding {
	if r.knownServer() || r.h.Outcome != Established || r.shown.Outcome != Established || !r.w.request.ok() || !r.empty() {
		return nil
	}
	return found(
		saw(r.w.request.step, "the server asks for a client certificate"),
		saw(r.w.client.certificate.step, "the client's Certificate message is empty, and the server goes on; whether it is meant to is in its configuration"),
	).mend("", r.connectWith(" </dev/null", "")).certainIf(false).leadsTo(Established)
}

// neverAsks is a server without CertificateRequest where somebody meant there to
// be one: it has CAs for clients, or the client has a certificate to show.
func neverAsks(r *reading) *finding {
	if r.resumed() || r.w.request.ok() || r.h.Outcome == Unloadable && r.h.Side == outcome.Server {
		return nil
	}
	set := r.in.Server.Settings
	meant := len(set.Trust) > 0 || len(r.in.Client.Settings.Credentials) > 0
	if !meant || set.Known && set.ClientAuth != outcome.AuthNone && set.ClientAuth != "" {
		return nil
	}
	if !set.Known && (r.h.Outcome != Established || !r.serverFlightRead()) {
		return nil
	}
	var list []Evidence
	switch s := r.w.server.finished; {
	case s != nil:
		list = append(list, saw(s, "the server comes to its Finished without a CertificateRequest"))
	case set.Known:
		list = append(list, saw(nil, "the server is set to ask for no client certificate"))
	default:
		list = append(list, saw(r.w.server.last, "the server comes to its %s without a CertificateRequest", r.w.server.last.Name))
	}
	if len(set.Trust) > 0 {
		list = append(list, saw(nil, "the server has CAs for client certificates%s and does not use them", inFile(&set)))
	}
	if c := r.credential(outcome.Client); c != nil && r.client != nil {
		list = append(list, saw(nil, "the client has the certificate %s and was never asked for it", r.client.leaf().name()))
	}
	return found(list...).mend("", r.connectWith(" </dev/null | grep -i 'client certificate CA'", "")).leadsTo(Established)
}

// serverFlightRead says that the server's flight could be read to a message behind
// the place of a CertificateRequest, which would have been seen.
func (r *reading) serverFlightRead() bool {
	server := &r.w.server
	return server.certificate.ok() && r.w.gap == nil && (server.finished != nil || slices.Contains(behindRequest, server.last.Name))
}

// behindRequest are what a server sends behind its CertificateRequest in TLS 1.2, as
// far as it is in the clear (RFC 5246 7.3, RFC 5077 3.1).
var behindRequest = []string{"ServerHelloDone", "NewSessionTicket"}
