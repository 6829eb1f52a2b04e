package diagnose

import (
	"bytes"
	"crypto/x509"

	"shakedown/harness/outcome"
)

// resumptionRules are about what a resumed session passes over. The handshake
// succeeds, and that is the fault.
var resumptionRules = []rule{
	{"resumed-old-identity", oldIdentity},
	{"policy-skipped-on-resume", policySkipped},
}

// oldIdentity is a client that has another certificate by now than the one that
// the session stands for. RFC 8446 4.6.1: a ticket "creates a unique association
// between the ticket value and a secret PSK derived from the resumption master
// secret", and with it to the certificates of that handshake.
func oldIdentity(r *reading) *finding {
	known := r.in.Server.Outcome.PeerCertificates
	c := r.credential(outcome.Client)
	if r.h.Outcome != Established || !r.resumed() || len(known) == 0 || c == nil || len(c.Chain) == 0 || bytes.Equal(known[0], c.Chain[0]) {
		return nil
	}
	return found(
		saw(r.w.serverHello.step, "the session is resumed, and no certificate is sent"),
		saw(nil, "the server takes the client for %s", identity(known[0])),
		saw(nil, "the client's certificate by now is %s", identity(c.Chain[0])),
	).leadsTo(Established)
}

// identity names a certificate by its subject and serial number, safe to show.
func identity(raw []byte) string {
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		return "a certificate that does not parse"
	}
	return nameOf(c.RawSubject) + " (serial " + c.SerialNumber.Text(16) + ")"
}

// policySkipped is a rule in VerifyPeerCertificate on a connection that never
// calls it.
func policySkipped(r *reading) *finding {
	if r.h.Outcome != Established || !r.resumed() {
		return nil
	}
	for _, role := range roles {
		for _, rule := range r.settings(role).Rules {
			if rule.Callback == outcome.VerifyPeerCertificate {
				return found(
					saw(r.w.serverHello.step, "the session is resumed, and no certificate is sent"),
					saw(nil, "the %s has a rule in VerifyPeerCertificate (%s), which Go does not call then; VerifyConnection it does", role, sentence(rule.Text)),
				).leadsTo(Established)
			}
		}
	}
	return nil
}
