package diagnose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// ownReasonRules are about a side that ends a handshake for a reason of its own,
// of which nobody recorded more than the alert: a callback, a key. What it had
// sent by then says where it stopped. None is certain but the one that has an
// alert to itself.
var ownReasonRules = []rule{
	{"ech-rejected", echRejected},
	{"getcertificate-error", beforeAnswer("GetCertificate, which chooses its certificate, can have returned an error")},
	{"getconfigforclient-error", beforeAnswer("GetConfigForClient, which chooses its configuration, can have returned an error")},
	{"server-signer-fails", serverCannotSign},
	{"server-p224", serverKeyUnfit("server-p224", "a key on P-224, for which TLS 1.3 has no signature scheme")},
	{"server-rsa512", serverKeyUnfit("server-rsa512", "an RSA key too short for the signature")},
	{"rsa-kex-only-peer", offersStaticRSA},
	{"getclientcert-error", clientHasNoAnswer},
	{"getclientcert-error", clientLeaves},
	{"client-signer-fails", clientCannotSign},
	{"client-p224-forced", clientKeyUnfit},
	{"client-key-unsupported", clientKeyTooShort},
	{"policy-verifyconnection", resumedAndRefused},
}

// endsItself says that the side, whose view nobody recorded, refused with one of
// these alerts.
func (r *reading) endsItself(by outcome.Role, alerts ...uint8) bool {
	if r.h.Outcome != Refused || r.h.RefusedBy != by || r.outcome(by).Known {
		return false
	}
	code, ok := alertCode(&r.in, r.w, by)
	return ok && slices.Contains(alerts, code)
}

// echRejected has an alert to itself: ech_required (RFC 9849 6.1.6).
func echRejected(r *reading) *finding {
	if !r.endsItself(outcome.Client, alertECHRequired) {
		return nil
	}
	return found(
		saw(r.w.clientHello.step, "the client offers Encrypted Client Hello"),
		saw(r.w.refusal(outcome.Client), "it ends the handshake with ech_required: the server did not accept it"),
	).refusedBy(outcome.Client).alert(alertECHRequired)
}

// beforeAnswer makes the rules for a server that fails before it has sent anything.
func beforeAnswer(what string) func(*reading) *finding {
	return func(r *reading) *finding {
		if !r.endsItself(outcome.Server, alertInternalError) || r.w.serverHello.ok() {
			return nil
		}
		return found(
			saw(r.w.refusal(outcome.Server), "the server answers the ClientHello with internal_error, and has sent nothing else"),
			saw(nil, "%s", what),
		).certainIf(false).refusedBy(outcome.Server).alert(alertInternalError).notSeen()
	}
}

// serverCannotSign is a server whose flight ends where its signature is due. On
// QUIC Go's server sends none of that flight.
func serverCannotSign(r *reading) *finding {
	if !r.endsItself(outcome.Server, alertInternalError, alertHandshakeFailure) || r.w.server.verify.ok() || r.w.server.keyExchange.ok() || r.w.client.certificate.ok() {
		return nil
	}
	e := saw(r.w.server.certificate.step, "the server has sent its certificate, and an alert where its signature is due: its key can have failed to sign")
	switch {
	case r.w.server.certificate.ok():
	case r.quic() && r.endsItself(outcome.Server, alertInternalError):
		e = saw(r.w.refusal(outcome.Server), "the server answers the ClientHello with internal_error: its key can have failed to sign")
	default:
		return nil
	}
	return found(e).certainIf(false).refusedBy(outcome.Server).alert(alertInternalError, alertHandshakeFailure).notSeen()
}

// serverKeyUnfit makes the rules for a server that has sent a certificate with a
// key that fits no signature, and an alert where the signature is due.
func serverKeyUnfit(id, what string) func(*reading) *finding {
	return func(r *reading) *finding {
		if !r.endsItself(outcome.Server, alertHandshakeFailure) || r.w.server.verify.ok() || r.w.server.keyExchange.ok() || r.w.client.certificate.ok() {
			return nil
		}
		if v := r.server; v != nil && v.sent != nil && v.leaf().std != nil {
			if id != unfit(v.leaf().std.PublicKey) {
				return nil
			}
			return found(saw(v.sent, "the server's certificate %s has %s", v.leaf().name(), what)).
				certainIf(false).refusedBy(outcome.Server).alert(alertHandshakeFailure)
		}
		return r.unfitBeforeAnswer(id, what)
	}
}

// unfitBeforeAnswer is for a server that answers a ClientHello in which nothing is
// unusual with handshake_failure: a TLS 1.3 server looks for a signature scheme
// for its key before it sends anything.
func (r *reading) unfitBeforeAnswer(id, what string) *finding {
	offer := r.offered()
	if r.knownServer() || !r.stoppedAtHello(alertHandshakeFailure) || !slices.Contains(offer.versions, tls13) {
		return nil
	}
	for _, other := range []string{"curve-mismatch", "cipher-mismatch"} {
		if offer.unusual(other) {
			return nil
		}
	}
	if offer.unusual("pq-only-server") && !slices.ContainsFunc(offer.groups, postQuantum) {
		return nil
	}
	return found(
		saw(r.w.lastHello.step, "the client offers what nearly every server takes"),
		saw(r.w.refusal(outcome.Server), "the server answers handshake_failure all the same: it can have %s", what),
	).certainIf(false).refusedBy(outcome.Server).alert(alertHandshakeFailure)
}

// unfit is the id of a server's key that fits no handshake, empty for one that does.
func unfit(key any) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 1024 {
			return "server-rsa512"
		}
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P224() {
			return "server-p224"
		}
	}
	return ""
}

// offersStaticRSA is a client that has only suites without forward secrecy.
func offersStaticRSA(r *reading) *finding {
	if r.knownServer() || !r.stoppedAtHello(alertHandshakeFailure, alertInsufficientSecurity) {
		return nil
	}
	suites := old(r.offered().suites)
	if len(suites) == 0 || slices.ContainsFunc(suites, func(s uint16) bool { return !staticRSA(s) }) || slices.Contains(r.offered().versions, tls13) {
		return nil
	}
	return found(saw(r.w.lastHello.step, "all cipher suites that the client offers have the RSA key exchange, which many servers no longer take")).
		certainIf(false).refusedBy(outcome.Server).alert(alertHandshakeFailure, alertInsufficientSecurity)
}

// clientHasNoAnswer is a client that fails where it should send its certificate.
func clientHasNoAnswer(r *reading) *finding {
	if !r.endsItself(outcome.Client, alertInternalError) || !r.w.request.ok() || r.w.client.certificate.ok() {
		return nil
	}
	return found(
		saw(r.w.request.step, "the server asks for a certificate"),
		saw(r.w.refusal(outcome.Client), "the client answers with internal_error: GetClientCertificate can have returned an error"),
	).certainIf(false).refusedBy(outcome.Client).alert(alertInternalError).notSeen()
}

// clientLeaves is a client that goes without a word where it should send its
// certificate: in TLS 1.3 Go sends no alert when GetClientCertificate fails.
func clientLeaves(r *reading) *finding {
	left := r.w.server.finished != nil && r.w.client.last == r.w.lastHello.step
	if r.h.Outcome != Broken || r.outcome(outcome.Client).Known || r.quic() || !r.w.tls13() || !r.w.request.ok() || !left || r.w.ended == nil || r.w.ended.From != outcome.Client {
		return nil
	}
	return found(
		saw(r.w.request.step, "the server asks for a certificate"),
		saw(r.w.ended, "the client has all of the server's flight and leaves without an alert: that is what Go does when GetClientCertificate returns an error"),
	).certainIf(false).leadsTo(Broken)
}

// resumedAndRefused is a server that has something against a client that sent no
// certificate this time: it offered a session, and the rule looked into that.
func resumedAndRefused(r *reading) *finding {
	hello := r.w.lastHello
	if !r.endsItself(outcome.Server, alertBadCertificate, alertAccessDenied) || r.h.At != "" || r.w.client.certificate.ok() || !hello.ok() || !offersSession(hello.msg) {
		return nil
	}
	return found(
		saw(hello.step, "the client offers a session and sends no certificate"),
		saw(r.w.refusal(outcome.Server), "the server refuses it all the same: its application can have looked at the identity in the session"),
	).certainIf(false).refusedBy(outcome.Server).alert(alertBadCertificate, alertAccessDenied)
}

// offersSession says that a ClientHello offers a session to resume: by a PSK, or
// in TLS 1.2 by a ticket (RFC 5077 3.2).
func offersSession(m *tlswire.ClientHello) bool {
	return slices.ContainsFunc(m.Extensions, func(e tlswire.Extension) bool {
		return e.Type == 41 || e.Type == 35 && len(e.Data) > 0
	})
}

// clientCannotSign is a client whose flight ends where its signature is due.
func clientCannotSign(r *reading) *finding {
	if !r.endsItself(outcome.Client, alertInternalError) || !r.w.request.ok() || r.w.client.verify.ok() || r.empty() {
		return nil
	}
	return found(saw(firstOf(r.w.client.certificate.step, r.w.refusal(outcome.Client)), "the client ends with internal_error where its signature is due: its key can have failed to sign")).
		certainIf(false).refusedBy(outcome.Client).alert(alertInternalError).notSeen()
}

// clientKeyUnfit is a client that finds no signature scheme for its key.
func clientKeyUnfit(r *reading) *finding {
	if !r.endsItself(outcome.Client, alertHandshakeFailure) || !r.w.request.ok() || r.w.client.verify.ok() || r.empty() || !r.w.tls13() {
		return nil
	}
	return found(saw(firstOf(r.w.client.certificate.step, r.w.refusal(outcome.Client)), "the client ends with handshake_failure where its signature is due: there is no signature scheme for its key")).
		certainIf(false).refusedBy(outcome.Client).alert(alertHandshakeFailure).notSeen()
}
