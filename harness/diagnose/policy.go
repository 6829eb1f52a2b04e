package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// A policyRow is one way in which an application's own check above TLS refuses
// its peer: the kind of its error, the callback that it stands in (empty: any),
// and the ids for a server that refuses its client, and for a client that
// refuses its server.
type policyRow struct {
	kind           outcome.VerifyKind
	callback       outcome.Callback
	server, client string
	what           string
}

var policyRows = []policyRow{
	{outcome.RuleRefused, outcome.VerifyPeerCertificate, "policy-verifypeer", "server-pin", "a rule of its own turned it away in VerifyPeerCertificate"},
	{outcome.RuleRefused, outcome.VerifyConnection, "policy-verifyconnection", "server-pin", "a rule of its own turned it away in VerifyConnection"},
	{outcome.KeyNotPinned, "", "policy-refused", "server-pin", "it has pinned another key"},
	{outcome.OtherIdentity, "", "policy-refused", "policy-refused", "it looks for another identity"},
	{outcome.Revoked, "", "client-revoked", "server-revoked", "the CA says that it was revoked"},
	{outcome.StaleCRL, "", "crl-stale", "crl-stale", "the CA's list at hand is out of date"},
	{outcome.StaleOCSP, "", "ocsp-stale", "ocsp-stale", "the OCSP response at hand is out of date"},
	{outcome.NoStatus, "", "client-staple-missing", "server-staple-missing", "nobody says whether it was revoked"},
	{outcome.UnknownStatus, "", "ocsp-unknown", "ocsp-unknown", "the OCSP responder does not know it"},
	{outcome.UntrustedStatus, "", "ocsp-untrusted", "ocsp-untrusted", "who says that it was not revoked is not entitled to"},
}

// policyRules are the rules for an application that refuses a certificate that
// TLS accepts. Its typed error says which check it was.
func policyRules(r *reading) []rule {
	f := r.failure(r.h.RefusedBy)
	if r.h.Outcome != Refused || f == nil || f.Verify == nil || f.Callback == "" {
		return nil
	}
	for _, row := range policyRows {
		if row.kind != f.Verify.Kind || row.callback != "" && row.callback != f.Callback {
			continue
		}
		id := row.server
		if r.h.RefusedBy == outcome.Client {
			id = row.client
		}
		return []rule{{id, func(r *reading) *finding { return r.policyFinding(row) }}}
	}
	return nil
}

// policyFinding says that the chain is in order as far as TLS goes, and what the
// application has against it.
func (r *reading) policyFinding(row policyRow) *finding {
	by := r.h.RefusedBy
	v := r.client
	if by == outcome.Client {
		v = r.server
	}
	said := r.failure(by)
	e := saw(r.said(by), "the %s's application refuses a certificate that TLS accepts: %s", by, row.what)
	if v != nil {
		e = saw(r.said(by), "the %s's application refuses %s, which TLS accepts: %s", by, v.leaf().name(), row.what)
	}
	f := found(e).refusedBy(by).as(row.kind)
	switch {
	case r.resumed():
		f.Evidence = append(f.Evidence, saw(nil, "the session is resumed: the certificate is the one of the connection before"))
	case v != nil && v.path != nil && v.path.anchored:
		f.Evidence = append(f.Evidence, saw(v.sent, "the chain of the %s ends in %s, a trust anchor of the %s", v.of, v.path.top().name(), by))
	}
	for _, rule := range r.settings(by).Rules {
		if rule.Callback == said.Callback && rule.Text != said.Text {
			f.Evidence = append(f.Evidence, saw(nil, "%s of the %s demands %s", rule.Callback, by, sentence(rule.Text)))
		}
	}
	if v != nil {
		f.Try = policyTry(row.kind, v)
	}
	return f
}

// policyTry is the command that shows what the application looked at.
func policyTry(kind outcome.VerifyKind, v *verification) string {
	switch kind {
	case outcome.KeyNotPinned:
		return "openssl x509 -in " + v.certArg() + " -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | openssl base64"
	case outcome.OtherIdentity:
		return tryNames(v, nil)
	case outcome.Revoked, outcome.NoStatus, outcome.UnknownStatus:
		return "openssl x509 -in " + v.certArg() + " -noout -serial -ocsp_uri -ext crlDistributionPoints"
	case outcome.StaleCRL:
		return "openssl crl -in CRL.pem -noout -issuer -lastupdate -nextupdate"
	case outcome.StaleOCSP, outcome.UntrustedStatus:
		return "openssl ocsp -respin RESPONSE.der -noverify -resp_text"
	}
	return ""
}

// callbackRules are the rules for an application whose own callback, or key,
// gives TLS nothing to go on with.
func callbackRules(r *reading) []rule {
	f := r.failure(r.h.RefusedBy)
	if r.h.Outcome != Refused || f == nil || f.Verify != nil {
		return nil
	}
	var asked *dissect.Step
	id, what := "", ""
	switch f.Callback {
	case outcome.GetClientCertificate:
		id, what, asked = "getclientcert-error", "GetClientCertificate, which should choose the client's certificate, returns an error", r.w.request.step
	case outcome.GetCertificate:
		id, what, asked = "getcertificate-error", "GetCertificate, which should choose the server's certificate, returns an error", r.w.lastHello.step
	case outcome.GetConfigForClient:
		id, what, asked = "getconfigforclient-error", "GetConfigForClient, which should choose the server's configuration, returns an error", r.w.lastHello.step
	case outcome.Sign:
		id, what = string(r.h.RefusedBy)+"-signer-fails", "the private key returns an error when it has to sign"
	default:
		return nil
	}
	return []rule{{id, func(r *reading) *finding {
		return found(saw(asked, "%s", what)).refusedBy(r.h.RefusedBy)
	}}}
}
