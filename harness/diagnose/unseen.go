package diagnose

import (
	"bytes"
	"fmt"

	"shakedown/harness/outcome"
)

// unseenRules are about refusals of a certificate by a side of which nobody
// recorded more than the alert. They name what that side may have that is not on
// the wire, where nothing that is on it explains the alert. None is certain.
var unseenRules = []rule{
	{"cipher-vs-cert", func(r *reading) *finding { return r.unnamedHandshakeFailure("cipher-vs-cert") }},
	{"pq-only-server", func(r *reading) *finding { return r.unnamedHandshakeFailure("pq-only-server") }},
	{"server-certificate-policy", unseenPolicy(outcome.Server)},
	{"client-certificate-policy", unseenPolicy(outcome.Client)},
	{"fips-chain", perhapsFIPS(outcome.Server)},
	{"fips-chain", perhapsFIPS(outcome.Client)},
	{"server-clientcas-wrong-file", listsItsOwnCA},
	{"server-clientcas-empty", listsNone},
	{"server-cross-sign-old-root", introduced},
	{"server-ca-rotated", perhapsRotated(outcome.Server)},
	{"client-ca-rotated", perhapsRotated(outcome.Client)},
	{"server-root-expired", perhapsRootExpired(outcome.Server)},
	{"client-root-expired", perhapsRootExpired(outcome.Client)},
	{"client-clock-behind", clockMayBe(outcome.Server, "behind")},
	{"client-clock-ahead", clockMayBe(outcome.Server, "ahead")},
	{"server-clock-ahead", clockMayBe(outcome.Client, "ahead")},
	{"server-clock-behind", clockMayBe(outcome.Client, "behind")},
}

// unexplained returns that side's chain if the other side, whose view nobody
// recorded, refused it and nothing that can be seen of it is wrong; else nil.
func (r *reading) unexplained(of outcome.Role) *verification {
	v := r.client
	if of == outcome.Server {
		v = r.server
	}
	if v == nil || v.path == nil || v.sent == nil || r.h.Outcome != Refused || r.h.RefusedBy != v.by || r.h.At != "Certificate" || !r.untold() {
		return nil
	}
	for i := range v.faults {
		if f := &v.faults[i]; !f.rule.remark && (f.rule.ending == anchored || v.ending.root == v.leaf()) {
			return nil
		}
	}
	if v.identity.why != nameMatches {
		return nil
	}
	return v
}

func (r *reading) unseenCause(v *verification, kind outcome.VerifyKind, evidence ...Evidence) *finding {
	return found(evidence...).certainIf(false).refusedBy(v.by, "Certificate").as(kind).alert(alertsFor[kind]...).notSeen()
}

// introduced is a server whose chain ends in a CA that calls itself a root, under
// the certificate of an older one: a client that trusts only that can have lost it.
func introduced(r *reading) *finding {
	v := r.unexplained(outcome.Server)
	code, ok := alertCode(&r.in, r.w, outcome.Client)
	if v == nil || v.anchorsKnown || !ok || code != alertBadCertificate && code != alertCertificateExpired && code != alertUnknownCA || v.path == nil {
		return nil
	}
	top := v.path.top()
	if top == v.leaf() || top.selfIssued() || !callsItselfRoot(top.rawSubject()) {
		return nil
	}
	f := r.unseenCause(v, outcome.Expired,
		saw(v.sent, "the server's chain ends in %s, which calls itself a root, with a certificate from %s: a client that trusts that one alone has lost the way if it has expired or is gone", top.name(), top.issuerName()))
	f.unseen = false // the chain itself shows it
	return f.alert(alertsOf(outcome.Expired, outcome.UnknownAuthority)...)
}

// perhapsRotated is a verifier that has a CA of the right name with another key:
// only its own copy shows that.
func perhapsRotated(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.unexplained(of)
		if v == nil || v.anchorsKnown || !v.refusedUnknown || v.ending.kind == rotated || len(v.listed) > 0 {
			return nil // a server that names its CAs would name this one
		}
		child := v.path.top()
		if v.ending.child != nil {
			child = v.ending.child
		}
		key := ""
		if child.std != nil && len(child.std.AuthorityKeyId) > 0 {
			key = fmt.Sprintf(", whose key it names as %s", keyID(child.std.AuthorityKeyId))
		}
		f := r.unseenCause(v, outcome.UnknownAuthority,
			saw(v.sent, "%s is issued by %s%s; the %s can have a CA of that name with another key", child.name(), child.issuerName(), key, v.by))
		return f.mend(fmt.Sprintf("Compare the key identifier of %s in %s with the one in the chain, and add the CA that is missing.", child.issuerName(), v.trustStore()), tryAnchors(v, nil))
	}
}

// perhapsRootExpired is a verifier whose copy of the root is out of date.
func perhapsRootExpired(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.unexplained(of)
		if v == nil || v.anchorsKnown || !r.saysExpired(v) || v.at().IsZero() {
			return nil
		}
		return r.unseenCause(v, outcome.Expired,
			saw(v.sent, "every certificate that was sent is valid at %s (%s); the %s's copy of the root can have expired", v.whose(), instant(v.at()), v.by)).
			mend(fmt.Sprintf("Look at the dates of the CAs in %s, and replace what has expired.", v.trustStore()), tryAnchorDates(v, nil))
	}
}

// saysExpired says that the alert is one for dates.
func (r *reading) saysExpired(v *verification) bool {
	code, ok := alertCode(&r.in, r.w, v.by)
	return ok && (code == alertCertificateExpired || v.by == outcome.Client && code == alertBadCertificate)
}

// clockMayBe is a verifier whose clock is wrong: by the time of the
// recording nothing is.
func clockMayBe(of outcome.Role, direction string) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.unexplained(of)
		if v == nil || !v.clock.IsZero() || !r.saysExpired(v) || v.at().IsZero() {
			return nil
		}
		limit, word := v.presented[0], "before"
		for _, c := range v.presented {
			if c.std == nil || limit.std == nil {
				return nil
			}
			if direction == "ahead" && c.std.NotAfter.Before(limit.std.NotAfter) || direction == "behind" && c.std.NotBefore.After(limit.std.NotBefore) {
				limit = c
			}
		}
		at := limit.std.NotBefore
		if direction == "ahead" {
			at, word = limit.std.NotAfter, "after"
		}
		return r.unseenCause(v, outcome.Expired,
			saw(v.sent, "every certificate that was sent is valid at %s (%s); to the %s one is not if its clock stands %s %s", v.whose(), instant(v.at()), v.by, word, instant(at))).
			mend(remedyClock(v, nil), tryClock(v, nil))
	}
}

// listsItsOwnCA is a server that asks for certificates of the CA of its own: it
// can be one PKI for both, or the wrong file. Where the client's own certificate
// is from that CA, and only what lies between is not in its file, it is the first.
func listsItsOwnCA(r *reading) *finding {
	if r.knownServer() || r.server == nil || !r.w.request.ok() || !r.refusedForNone() {
		return nil
	}
	if v := r.client; v != nil && v.ending.kind == missingIntermediate && v.ending.also == "" {
		return nil
	}
	for _, name := range r.w.request.msg.CertificateAuthorities {
		for _, c := range r.server.presented {
			self := bytes.Equal(name, c.rawSubject()) && !c.isCA()
			if !self && !bytes.Equal(name, c.rawIssuer()) {
				continue
			}
			what := "which issued its own certificate"
			if self {
				what = "which is its own certificate and no CA"
			}
			f := found(saw(r.w.request.step, "the server asks for certificates of %s, %s", nameOf(name), what)).certainIf(false)
			return r.noCertificate(f)
		}
	}
	return nil
}

// listsNone is a server that names no CA and knows none either.
func listsNone(r *reading) *finding {
	v := r.unexplained(outcome.Client)
	if v == nil || v.anchorsKnown || !v.refusedUnknown || v.asked == nil || len(v.listed) > 0 {
		return nil
	}
	f := r.unseenCause(v, outcome.UnknownAuthority, saw(v.asked, "the server's CertificateRequest names no CA: it can have none"))
	f.unseen = v.path == nil || !v.settings.Known // to whoever has the client's own chain, which is in order, it is the likeliest
	return f
}
