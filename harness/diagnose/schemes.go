package diagnose

import (
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// sha1Only is a client that takes no signature but with SHA-1, which a server must
// not make any more: "Servers MUST NOT include MD5 and SHA-1 in ServerKeyExchange
// messages" (RFC 9155 4).
func sha1Only(r *reading) *finding {
	if r.h.Outcome != Refused || r.h.RefusedBy != outcome.Server || !r.w.offersSHA1Only() {
		return nil
	}
	return found(saw(r.w.lastHello.step, "the client takes the signatures %s and no others", names16(schemesOf(r.w.lastHello.msg), schemeName))).
		refusedBy(outcome.Server, "ClientHello").alert(alertHandshakeFailure)
}

// schemesOf are the signatures that a client takes.
func schemesOf(m *tlswire.ClientHello) []uint16 {
	var ids []uint16
	for _, s := range m.SignatureSchemes {
		ids = append(ids, uint16(s))
	}
	return withoutGREASE(ids)
}

func schemeName(id uint16) string { return tlswire.SignatureScheme(id).String() }

// offersSHA1Only says that all signatures which the client takes are with SHA-1 or
// older hashes (RFC 5246 7.4.1.4.1: the first byte is the hash).
func (w *wire) offersSHA1Only() bool {
	if !w.lastHello.ok() {
		return false
	}
	const sha1 = 2
	schemes := schemesOf(w.lastHello.msg)
	return len(schemes) > 0 && !slices.ContainsFunc(schemes, func(id uint16) bool { return id>>8 > sha1 })
}

// rejectedSchemes names the ClientHello where a server finds no signature in it
// that it can make. In TLS 1.2 Go's has sent its Certificate by then.
func rejectedSchemes(w *wire, by outcome.Role) string {
	if s := w.refusal(by); by == outcome.Server && s != nil && s.Alert != nil && s.Alert.Code == alertHandshakeFailure && !w.server.keyExchange.ok() && w.offersSHA1Only() {
		return "ClientHello"
	}
	return ""
}
