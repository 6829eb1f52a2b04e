package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// alertNoRenegotiation answers a HelloRequest: "This message is always a warning"
// (RFC 5246 7.2.2).
const alertNoRenegotiation = 100

// lateRules are about servers that ask for a certificate once the handshake is
// over, and clients that will not hear of it.
var lateRules = []rule{
	{"renegotiation", renegotiation},
	{"post-handshake-auth", postHandshakeAuth},
}

// renegotiation is a server that wants another handshake inside the first, in
// TLS 1.2.
func renegotiation(r *reading) *finding {
	declined := r.w.declined()
	f := r.failure(outcome.Client)
	told := f != nil && f.Local != nil && f.Local.Code == alertNoRenegotiation
	if r.w.tls13() || declined == nil && !told {
		return nil
	}
	found := found()
	if asked := r.w.afterHandshake("HelloRequest"); asked != nil {
		found.Evidence = append(found.Evidence, saw(asked, "once the handshake is over the server asks to renegotiate"))
	}
	if declined != nil {
		found.Evidence = append(found.Evidence, saw(declined, "the client answers with no_renegotiation"))
	}
	return found.refusedBy(outcome.Client)
}

// postHandshakeAuth is a server that sends a CertificateRequest behind the
// handshake, in TLS 1.3. "A client that receives a post-handshake
// CertificateRequest message without having sent the "post_handshake_auth"
// extension MUST send an "unexpected_message" fatal alert" (RFC 8446 4.6.2); Go's
// does not get that far, for it reads no request with a context.
func postHandshakeAuth(r *reading) *finding {
	asked := r.w.afterHandshake("CertificateRequest")
	if !r.w.tls13() || asked == nil {
		return nil
	}
	return found(saw(asked, "once the handshake is over the server asks for a certificate")).
		refusedBy(outcome.Client, "CertificateRequest").alert(alertUnexpectedMessage, alertDecodeError)
}

// afterHandshake returns the server's first message of that name behind the
// client's Finished, nil if there is none.
func (w *wire) afterHandshake(name string) *dissect.Step {
	for _, s := range w.timeline.Steps {
		if s.From == outcome.Server && s.Name == name && w.client.finished != nil && s.N > w.client.finished.N {
			return s
		}
	}
	return nil
}

// declined returns the client's answer to a HelloRequest that it will not follow,
// nil if it gave none.
func (w *wire) declined() *dissect.Step {
	for _, s := range w.warnings {
		if s.From == outcome.Client && s.Alert != nil && s.Alert.Code == alertNoRenegotiation {
			return s
		}
	}
	return nil
}

// rejectedLate names the HelloRequest that a client declines.
func rejectedLate(w *wire, by outcome.Role) string {
	if by == outcome.Client && w.declined() != nil {
		return "HelloRequest"
	}
	return ""
}
