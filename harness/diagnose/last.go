package diagnose

import (
	"shakedown/harness/outcome"
)

// lastRules are tried when everything else has been: rules above TLS, and
// refusals that got lost on the way.
var lastRules = []rule{
	{"policy-refused", policyRefused},
	{"server-hostname", perhapsName},
	{"no-sni-default-cert", otherCertificate("the server can have one for it, and present its first")},
	{"getcertificate-skipped", otherCertificate("the server's GetCertificate can have one for it, and is not called then")},
	{"reset-hides-alert", resetHidesAlert},
}

// policyRefused is a refusal at a Certificate that verifies: an application's
// own check said no.
func policyRefused(r *reading) *finding {
	if r.h.Outcome != Refused || r.h.At != "Certificate" || r.verifyKind() != "" {
		return nil
	}
	v := r.client
	if r.h.RefusedBy == outcome.Client {
		v = r.server
	}
	if v == nil || v.path == nil || v.path.decisive() > 0 || v.filtered(r) {
		return nil
	}
	if !r.outcome(v.by).Known {
		return r.perhapsPolicy(v)
	}
	if !v.path.anchored {
		return nil
	}
	said := r.failure(v.by)
	if said == nil || said.Local == nil && said.Text == "" {
		return nil
	}
	if code, ok := alertCode(&r.in, r.w, v.by); !ok || code != alertBadCertificate && code != alertAccessDenied {
		return nil
	}
	return found(saw(v.sent, "the chain of the %s ends in a trust anchor of the %s and has no fault", v.of, v.by)).refusedBy(v.by, "Certificate")
}

// perhapsPolicy is for a server whose view nobody recorded and that refuses a
// certificate in which nothing can be seen to be wrong.
func (r *reading) perhapsPolicy(v *verification) *finding {
	code, ok := alertCode(&r.in, r.w, v.by)
	if !ok || v.by != outcome.Server || v.sent == nil || code != alertBadCertificate && code != alertCertificateUnknown && code != alertAccessDenied {
		return nil
	}
	return found(
		saw(v.sent, "the client's chain has no fault that can be seen from here"),
		saw(r.w.refusal(v.by), "the server's alert does not say what it missed: its log does"),
	).certainIf(false).refusedBy(v.by, "Certificate").notSeen()
}

// perhapsName is for a client whose view nobody recorded and that refuses the
// server's certificate: many clients use one alert for every reason.
func perhapsName(r *reading) *finding {
	v := r.server
	if v == nil || r.h.Outcome != Refused || r.h.RefusedBy != outcome.Client || r.outcome(outcome.Client).Known || r.h.At != "Certificate" || v.leaf().std == nil {
		return nil
	}
	code, ok := alertCode(&r.in, r.w, outcome.Client)
	if !ok || code != alertBadCertificate && code != alertCertificateUnknown || v.identity.why != nameMatches {
		return nil
	}
	return found(
		saw(v.sent, "the server's certificate is for %s; which name the client verifies is not known", names(v.leaf().std)),
		saw(r.w.refusal(outcome.Client), "its alert does not say which of its checks failed"),
	).certainIf(false).refusedBy(outcome.Client, "Certificate").notSeen()
}

// resetHidesAlert is a refusal that never reached the other application: it sees
// a reset instead of the alert. Where the deciding side's view is
// unknown, the reset is all there is.
func resetHidesAlert(r *reading) *finding {
	if r.h.Outcome == Refused {
		lost := r.transportEnd(r.h.RefusedBy.Peer())
		if r.h.Alert == nil || lost != outcome.Reset {
			return nil
		}
		f := found(
			saw(r.w.refusal(r.h.RefusedBy), "the %s sent the alert %s", r.h.RefusedBy, r.h.Alert.Name),
			saw(r.said(r.h.RefusedBy.Peer()), "the %s says %s and never sees it", r.h.RefusedBy.Peer(), sentence(r.failure(r.h.RefusedBy.Peer()).Text)),
		)
		return f.leadsTo(hidden)
	}
	late := r.in.Client.Outcome.Late
	if r.h.Outcome != Broken || late == nil || late.Transport != outcome.Reset || r.in.Server.Outcome.Known || !r.w.tls13() {
		return nil
	}
	return found(saw(firstOf(r.w.server.rst, r.said(outcome.Client)),
		"the client has finished its handshake and its next read ends in a reset: in TLS 1.3 the server judges the client's certificate only then, and its alert can be lost in the reset")).
		certainIf(false).leadsTo(Broken)
}

// hidden is no outcome: what leads to it explains nothing, it hides what does.
const hidden Kind = "hidden"
