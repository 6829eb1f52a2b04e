package diagnose

import (
	"crypto/rsa"
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

// clientKeyTooShort is a client that ends where its signature is due, and has shown
// a certificate with an RSA key that is too short for Go to sign with (since 1.24).
func clientKeyTooShort(r *reading) *finding {
	v := r.client
	if !r.endsItself(outcome.Client, alertInternalError) || r.w.client.verify.ok() || v == nil || v.sent == nil || v.leaf().std == nil {
		return nil
	}
	key, isRSA := v.leaf().std.PublicKey.(*rsa.PublicKey)
	if !isRSA || key.N.BitLen() >= 1024 {
		return nil
	}
	return found(saw(v.sent, "the client's certificate %s has an RSA key of %d bits, and where its signature is due it ends with internal_error", v.leaf().name(), key.N.BitLen())).
		certainIf(false).refusedBy(outcome.Client).alert(alertInternalError)
}
