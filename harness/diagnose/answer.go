package diagnose

import (
	"slices"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// answerRules are about how a client answers the CertificateRequest, before its
// chain is judged.
var answerRules = []rule{
	{"certrequest-damaged", oneBitOff},
	{"client-sigalg-mismatch", narrowRequest},
	{"client-no-cert", clientNoCert},
	{"client-key-unsupported", refusedKey("client-key-unsupported")},
	{"client-sigalg-mismatch", refusedKey("client-sigalg-mismatch")},
	{"client-ca-hint-mismatch", unseenChoice("the client may have one from a CA that the server does not name, which Go's client does not send", namesCAs)},
	{"client-missing-intermediate", unseenChoice("the client may have one without the intermediate that links it to a CA that the server names", namesCAs)},
	{"client-self-signed", unseenChoice("the client may have one that it has signed itself, which Go's client does not send to a server that names CAs", namesCAs)},
	{"client-key-unsupported", unseenChoice("the client may have one with a key for which the request has no signature scheme at all, as on P-224 or with RSA of 512 bits")},
	{"client-sigalg-mismatch", unseenChoice("the client may have one whose signatures are none of those that the request lists")},
	{"certrequest-damaged", unseenChoice("the client may have got another request than this, which it finds nothing for", clearRequest)},
	{"proxy-reoriginates", unseenChoice("it may be a proxy, which ends the client's TLS and has no certificate of its own to show")},
}

// demands says that the server ends the handshake if no certificate comes.
func (r *reading) demands() bool {
	switch r.in.Server.Settings.ClientAuth {
	case outcome.AuthRequire, outcome.AuthRequireAny:
		return true
	case outcome.AuthRequest, outcome.AuthVerifyIfGiven, outcome.AuthNone:
		return false
	}
	return r.refusedForNone()
}

// refusedForNone says that the server refused because no certificate came.
func (r *reading) refusedForNone() bool {
	if r.h.Outcome != Refused || r.h.RefusedBy != outcome.Server || r.h.At != "Certificate" {
		return false
	}
	if kind := r.verifyKind(); kind != "" {
		return kind == outcome.NoCertificate
	}
	if code, ok := alertCode(&r.in, r.w, outcome.Server); ok && code == alertCertificateRequired {
		return true
	}
	return r.empty() || r.guessed && r.w.timeline.Inferred(dissect.NoCertificateSent) != nil
}

// empty says that the client's Certificate message holds no certificate.
func (r *reading) empty() bool {
	c := r.w.client.certificate
	return c.ok() && len(c.msg.Entries) == 0
}

func (r *reading) asking() []Evidence {
	var list []Evidence
	if r.w.request.ok() {
		v := &verification{of: outcome.Client, asked: r.w.request.step, listed: r.w.request.msg.CertificateAuthorities}
		list = append(list, fromStep(v.askedFor(), v))
	}
	if r.empty() {
		list = append(list, saw(r.w.client.certificate.step, "the client's Certificate message is empty"))
	} else {
		list = append(list, r.w.inferred(r.w.timeline.Inferred(dissect.NoCertificateSent))...)
	}
	return list
}

func (r *reading) noCertificate(f *finding) *finding {
	f.Evidence = append(r.asking(), f.Evidence...)
	return f.refusedBy(outcome.Server, "Certificate").as(outcome.NoCertificate).alert(alertsFor[outcome.NoCertificate]...)
}

// clientNoCert is a client with nothing to present. Where nobody told us what it
// has, it is one of several explanations.
func clientNoCert(r *reading) *finding {
	set := r.in.Client.Settings
	if !r.demands() || r.resumed() || r.h.Outcome == Unloadable && r.h.Side == outcome.Client || r.client != nil {
		return nil
	}
	if set.Known {
		f := found(saw(nil, "the client has no certificate configured"))
		f.mend("Give the client a certificate and its key, from a CA that the server accepts"+r.acceptedCAs()+".",
			r.tryCertificate())
		return r.noCertificate(f)
	}
	if !r.refusedForNone() {
		return nil
	}
	return r.noCertificate(found(saw(nil, "the client may have none: what it is configured with is not known")).certainIf(false))
}

// acceptedCAs names the CAs that the server accepts, in brackets.
func (r *reading) acceptedCAs() string {
	var subjects []string
	if r.w.request.ok() {
		for _, n := range r.w.request.msg.CertificateAuthorities {
			if len(subjects) < maxNames {
				subjects = append(subjects, nameOf(n))
			}
		}
	}
	if len(subjects) == 0 {
		return ""
	}
	return " (" + strings.Join(subjects, ", ") + ")"
}

// unseenChoice makes the rules for what else an empty Certificate can mean, where
// nobody told us what the client has.
func unseenChoice(why string, where ...func(*reading) bool) func(*reading) *finding {
	return func(r *reading) *finding {
		if r.in.Client.Settings.Known || r.client != nil || !r.refusedForNone() {
			return nil
		}
		for _, fits := range where {
			if !fits(r) {
				return nil
			}
		}
		return r.noCertificate(found(saw(nil, "%s", why)).certainIf(false))
	}
}

// namesCAs says that the request names CAs, or that nobody can read whether it does:
// where it names none, no client keeps its certificate back for its issuer.
func namesCAs(r *reading) bool {
	return !r.w.request.ok() || len(r.w.request.msg.CertificateAuthorities) > 0
}

// clearRequest says that the CertificateRequest was sent unprotected, as in TLS 1.2.
func clearRequest(r *reading) bool { return r.w.request.ok() && r.w.before13() }

// narrowRequest is a server that gets no certificate, and asks for signatures of one
// algorithm alone. Every stack takes both RSA and ECDSA unless it is told otherwise,
// so that who narrows the list shuts out every client with a key of the other kind,
// and Go's then sends nothing.
func narrowRequest(r *reading) *finding {
	if r.in.Client.Settings.Known || r.client != nil || !r.refusedForNone() || !r.w.request.ok() {
		return nil
	}
	var all []string
	for _, s := range r.w.request.msg.SignatureSchemes {
		if a := signs(s); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	if len(all) != 1 || all[0] == unknownAlgorithm {
		return nil
	}
	return r.noCertificate(found(saw(r.w.request.step, "the request takes no signature but those of %s keys: a client with a key of another kind sends nothing", all[0])).certainIf(false))
}

// keyWords are crypto/tls's reasons for not using a key, by cause.
var keyWords = []struct{ text, id string }{
	{"unsupported certificate curve", "client-key-unsupported"},
	{"RSA key size too small", "client-key-unsupported"},
	{"unsupported certificate key", "client-key-unsupported"},
	{"signature algorithms", "client-sigalg-mismatch"},
}

// refusedKey makes the rules for a credential that the client's own stack cannot
// use here.
func refusedKey(id string) func(*reading) *finding {
	return func(r *reading) *finding {
		for _, why := range r.in.Client.Outcome.Rejected {
			for _, w := range keyWords {
				if !strings.Contains(why, w.text) {
					continue
				}
				if w.id != id {
					break
				}
				return r.noCertificate(found(saw(nil, "the client did not send its certificate: %s", sentence(why))))
			}
		}
		return nil
	}
}
