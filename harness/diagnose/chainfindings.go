package diagnose

import (
	"bytes"
	"fmt"
	"slices"

	"shakedown/harness/outcome"
)

// alertsFor are the alerts by which the stacks that were measured refuse a
// certificate for that reason: Go, OpenSSL (nginx, HAProxy, curl), GnuTLS.
var alertsFor = map[outcome.VerifyKind][]uint8{
	outcome.UnknownAuthority: {alertUnknownCA, alertBadCertificate, alertAccessDenied},
	outcome.Expired:          {alertCertificateExpired, alertBadCertificate, alertAccessDenied},
	outcome.Hostname:         {alertBadCertificate, alertCertificateUnknown},
	outcome.IncompatibleEKU:  {alertUnsupportedCert, alertBadCertificate, alertAccessDenied},
	outcome.NameConstraint:   {alertCertificateUnknown, alertBadCertificate, alertAccessDenied},
	outcome.InvalidPolicy:    {alertBadCertificate, alertUnknownCA, alertCertificateUnknown, alertAccessDenied},
	outcome.PathLength:       {alertUnknownCA, alertBadCertificate, alertAccessDenied},
	outcome.CriticalExt:      {alertBadCertificate, alertUnsupportedCert, alertCertificateUnknown},
	outcome.Unparseable:      {alertDecodeError, alertBadCertificate},
	outcome.NoCertificate:    {alertCertificateRequired, alertHandshakeFailure, alertDecodeError},
}

// chainFindings turns the faults of a chain into findings. A chain that its
// verifier has accepted has none, whatever else there is to remark.
func (r *reading) chainFindings(v *verification) []finding {
	if v == nil || r.resumed() || r.accepted(v) {
		return nil
	}
	var list []finding
	for i := range v.faults {
		f := &v.faults[i]
		if f.rule.remark {
			continue
		}
		list = append(list, r.chainFinding(v, f))
	}
	return list
}

// accepted says that the verifier has built a chain.
func (r *reading) accepted(v *verification) bool {
	return len(r.outcome(v.by).VerifiedChains) > 0
}

func (r *reading) chainFinding(v *verification, f *fault) finding {
	kinds := f.rule.kinds
	var evidence []Evidence
	if v.filtered(r) && slices.Contains(kinds, outcome.UnknownAuthority) {
		kinds = []outcome.VerifyKind{outcome.NoCertificate}
		evidence = r.filtering(v)
	}
	evidence = append([]Evidence{v.evidence(f)}, evidence...)
	if f.rule.more != nil {
		for _, s := range f.rule.more(v, f) {
			evidence = append(evidence, fromStep(s, v))
		}
	}
	if v.sameOnAll(f) {
		return r.chainCause(v, f, kinds, evidence)
	}
	for _, s := range v.otherPaths() {
		evidence = append(evidence, saw(nil, "%s", s))
	}
	return r.chainCause(v, f, kinds, evidence)
}

// chainCause makes the finding of a fault.
func (r *reading) chainCause(v *verification, f *fault, kinds []outcome.VerifyKind, evidence []Evidence) finding {
	list := finding{
		Cause: Cause{ID: v.causeID(r, f), Certain: f.certain, Evidence: distinct(evidence)},
		leads: Refused, by: v.by, at: []string{"Certificate"}, kinds: kinds, about: f.on.raw,
		unseen: !v.anchorsKnown && (f.rule.ending == untrusted || f.rule.ending == missingIntermediate || v.ending.guess && f.rule.ending != anchored),
	}
	if f.rule.remedy != nil {
		list.Remedy = f.rule.remedy(v, f)
	}
	if f.rule.try != nil {
		list.Try = f.rule.try(v, f)
	}
	if v.issuerUnknown(f) {
		list.Try = v.trySettle()
	}
	for _, k := range kinds {
		list.alerts = append(list.alerts, alertsFor[k]...)
	}
	return list
}

// causeID is the fault's id, except that a client certificate from a CA that the
// server did not ask for is never sent by Go's client.
func (v *verification) causeID(r *reading, f *fault) string {
	if f.id == "client-untrusted-ca" && v.filtered(r) {
		return "client-ca-hint-mismatch"
	}
	return f.id
}

// evidence is the sentence about the certificate itself.
func (v *verification) evidence(f *fault) Evidence {
	c := f.on
	switch {
	case c.sentBy.has(v.of) && v.sent != nil:
		return saw(v.sent, "the %s sent %s: %s", v.of, v.described(c), f.detail)
	case c.sentBy.has(v.of) && v.received:
		return saw(nil, "the %s received %s: %s", v.by, v.described(c), f.detail)
	case c.sentBy.has(v.of):
		return saw(nil, "the %s has %s: %s", v.of, v.described(c), f.detail)
	case c.anchorOf.has(v.by):
		return saw(nil, "the %s trusts %s%s: %s", v.by, v.described(c), inFile(v.verifier), f.detail)
	}
	return saw(nil, "%s is above the %s's certificate: %s", v.described(c), v.of, f.detail)
}

// described names a certificate, and for the end entity says how many came with it.
func (v *verification) described(c *certificate) string {
	if c != v.leaf() {
		return c.name()
	}
	with := "alone"
	if n := len(v.presented) - 1; n > 0 {
		with = "with " + plural(n, "certificate") + " behind it"
	}
	if v.ending.kind == anchored {
		return c.name()
	}
	return fmt.Sprintf("%s (issued by %s) %s", c.name(), c.issuerName(), with)
}

// fromStep makes evidence of a sentence, with the step that it begins with.
func fromStep(s string, v *verification) Evidence {
	e := Evidence{Text: s}
	if v.asked != nil && len(s) > 5 && s[:5] == "step " {
		e.Step = v.asked.N
	}
	return e
}

// distinct drops repeated sentences.
func distinct(list []Evidence) []Evidence {
	var out []Evidence
	for _, e := range list {
		if !slices.ContainsFunc(out, func(have Evidence) bool { return have.Text == e.Text }) {
			out = append(out, e)
		}
	}
	return out
}

// filtered says that the client does not send its chain because no certificate of
// it is issued by a CA that the server names. Go's client decides by names alone
// (tls.CertificateRequestInfo.SupportsCertificate).
func (v *verification) filtered(r *reading) bool {
	if v.of != outcome.Client || v.sent != nil || v.received || v.settings.SendForced {
		return false
	}
	if r.w.client.certificate.ok() {
		return true // it was empty
	}
	accepted := v.listed
	if v.asked == nil {
		for _, a := range v.anchors {
			accepted = append(accepted, a.rawSubject())
		}
	}
	if len(accepted) == 0 {
		return false
	}
	for _, c := range v.presented {
		for _, name := range accepted {
			if bytes.Equal(c.rawIssuer(), name) {
				return false
			}
		}
	}
	return true
}

// filtering is the evidence that the client sent nothing, and why.
func (r *reading) filtering(v *verification) []Evidence {
	var list []Evidence
	if c := r.w.client.certificate; c.ok() {
		list = append(list, saw(c.step, "the client's Certificate message is empty"))
	}
	if s := v.askedFor(); s != "" {
		list = append(list, fromStep(s, v))
	}
	for _, why := range r.in.Client.Outcome.Rejected {
		if why != "" {
			list = append(list, saw(nil, "the client did not send it: %s", sentence(why)))
		}
	}
	return list
}
