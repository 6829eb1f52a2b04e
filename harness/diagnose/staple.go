package diagnose

import (
	"bytes"
	"crypto/x509"

	"golang.org/x/crypto/ocsp"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// alertBadStatus is bad_certificate_status_response (RFC 6066 8).
const alertBadStatus = 113

// stapleRules are about the OCSP response that a side has stapled to its
// certificate, where the other side's view is not known: who verifies the
// response refuses the certificate for what is wrong with it. Where that view is
// known its error says so.
var stapleRules = []rule{
	{"ocsp-untrusted", stapled(func(s *staple) string {
		if s.untrusted != nil {
			return "is not signed by the certificate's issuer, nor by whom that has appointed: " + s.untrusted.Error()
		}
		return ""
	})},
	{"ocsp-stale", stapled(func(s *staple) string {
		if now := s.v.at(); s.response != nil && !now.IsZero() && !s.response.NextUpdate.IsZero() && now.After(s.response.NextUpdate) {
			return "is out of date: nextUpdate was " + instant(s.response.NextUpdate)
		}
		return ""
	})},
	{"server-revoked", stapledRevoked(outcome.Server)},
	{"client-revoked", stapledRevoked(outcome.Client)},
	{"ocsp-unknown", stapled(func(s *staple) string {
		if s.response != nil && s.response.Status == ocsp.Unknown {
			return "says that the responder does not know the certificate"
		}
		return ""
	})},
	{"server-staple-missing", mustStaple(outcome.Server)},
	{"client-staple-missing", mustStaple(outcome.Client)},
	{"server-revoked", saysRevoked(outcome.Server)},
	{"client-revoked", saysRevoked(outcome.Client)},
}

// mustStaple makes the rule for a refused certificate that says of itself that a
// response comes with it, and came without one: "Informing clients that an OCSP status
// response will always be stapled permits an immediate failure in the case that the
// response is not stapled" (RFC 7633, abstract). Who does not know the extension
// refuses for something else.
func mustStaple(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.verificationOf(of)
		if v == nil || v.sent == nil || !r.unheard(v.by) || r.h.At != "Certificate" || v.leaf().std == nil || !v.leaf().tolerant().MustStaple || !noStaple(r, v) {
			return nil
		}
		return found(
			saw(v.sent, "%s says of itself that an OCSP response comes with it (TLS feature status_request, RFC 7633), and none came", v.leaf().name()),
		).certainIf(false).refusedBy(v.by, "Certificate").alert(alertBadCertificate, alertCertificateRevoked, alertBadStatus, alertCertificateUnknown, alertAccessDenied)
	}
}

// saysRevoked makes the rule for an alert that names the reason itself: "A
// certificate was revoked by its signer" (RFC 8446 6.2).
func saysRevoked(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.verificationOf(of)
		if v == nil || v.sent == nil || !r.unheard(v.by) || !r.stopsWith(v.by, alertCertificateRevoked) {
			return nil
		}
		return found(
			saw(v.sent, "the %s has shown %s", of, v.leaf().name()),
			saw(r.w.refusal(v.by), "the %s's alert says that it was revoked", v.by),
		).certainIf(false).refusedBy(v.by, "Certificate").alert(alertCertificateRevoked)
	}
}

// A staple is the response about one side's end entity. Either response or
// untrusted is set.
type staple struct {
	v         *verification
	step      *dissect.Step
	response  *ocsp.Response
	untrusted error
}

// stapled makes the rule for a refused certificate whose staple has a fault,
// which wrong says in a clause.
func stapled(wrong func(*staple) string) func(*reading) *finding {
	return func(r *reading) *finding {
		for _, v := range []*verification{r.server, r.client} {
			if f := r.staple(v, wrong); f != nil {
				return f
			}
		}
		return nil
	}
}

func stapledRevoked(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		return r.staple(r.verificationOf(of), func(s *staple) string {
			if s.response != nil && s.response.Status == ocsp.Revoked {
				return "says that the certificate was revoked at " + instant(s.response.RevokedAt)
			}
			return ""
		})
	}
}

// staple looks at the staple of a chain that the other side has refused, and
// makes a finding of what is wrong.
func (r *reading) staple(v *verification, wrong func(*staple) string) *finding {
	if v == nil || v.sent == nil || r.h.Outcome != Refused || r.h.RefusedBy != v.by || r.outcome(v.by).Known || r.h.At != "Certificate" {
		return nil
	}
	raw, step := r.w.staple(v.of)
	issuer := v.issuer()
	if len(raw) == 0 || issuer == nil || v.leaf().std == nil {
		return nil
	}
	s := &staple{v: v, step: step}
	s.response, s.untrusted = ocsp.ParseResponseForCert(raw, v.leaf().std, issuer)
	what := wrong(s)
	if what == "" {
		return nil
	}
	return found(saw(step, "the OCSP response that the %s has stapled to its certificate %s", v.of, what)).
		certainIf(false).refusedBy(v.by, "Certificate").alert(alertBadCertificate, alertCertificateRevoked, alertBadStatus, alertCertificateUnknown, alertAccessDenied)
}

// issuer returns the certificate that signed the end entity, nil if it is not known.
func (v *verification) issuer() *x509.Certificate {
	if v.path == nil || len(v.path.certs) < 2 {
		return nil
	}
	return v.path.certs[1].std
}

// staple returns the OCSP response that a side has sent, and the step that holds
// it: a message of its own in TLS 1.2, part of the Certificate in TLS 1.3
// (https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2.1).
func (w *wire) staple(of outcome.Role) ([]byte, *dissect.Step) {
	if c := w.flight(of).certificate; c.ok() && len(c.msg.Entries) > 0 && len(c.msg.Entries[0].OCSP) > 0 {
		return bytes.Clone(c.msg.Entries[0].OCSP), c.step
	}
	for _, s := range w.timeline.Steps {
		if m, ok := s.Message.(*tlswire.CertificateStatus); ok && s.From == of {
			return m.OCSP, s
		}
	}
	return nil, nil
}
