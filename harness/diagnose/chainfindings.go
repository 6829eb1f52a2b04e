package diagnose

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"reflect"
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
	list := finding{
		Cause: Cause{ID: v.causeID(r, f), Certain: f.certain, Evidence: distinct(evidence)},
		leads: Refused, by: v.by, at: []string{"Certificate"}, kinds: kinds, about: f.on.raw,
	}
	if f.rule.remedy != nil {
		list.Remedy = f.rule.remedy(v, f)
	}
	if f.rule.try != nil {
		list.Try = f.rule.try(v, f)
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

// keyed adds what is wrong with the key that signs for a chain. A chain that
// starts with an issuer makes faults of names and usage that are none.
func (r *reading) keyed(of outcome.Role, chain []finding) []finding {
	f := r.keyFinding(of)
	if f == nil {
		return chain
	}
	if f.ID != string(of)+"-chain-wrong-order" {
		return append(chain, *f)
	}
	list := []finding{*f}
	for _, c := range chain {
		if !slices.Contains(c.kinds, outcome.Hostname) && !slices.Contains(c.kinds, outcome.IncompatibleEKU) {
			list = append(list, c)
		}
	}
	return list
}

// keyFinding compares the first certificate's key with the key that signs.
func (r *reading) keyFinding(of outcome.Role) *finding {
	v := r.client
	if of == outcome.Server {
		v = r.server
	}
	if v == nil || r.resumed() || v.leaf().std == nil {
		return nil
	}
	refused := r.verifyKind() == outcome.BadSignature && r.h.RefusedBy == v.by
	key := r.signingKey(v)
	if key == nil {
		if !refused && !r.badSignatureAlert(v) {
			return nil
		}
		return r.unknownKey(v)
	}
	leaf := v.leaf().std
	if bytes.Equal(key, leaf.RawSubjectPublicKeyInfo) {
		if refused {
			return r.alteredOnPath(v)
		}
		return nil
	}
	for _, c := range v.presented[1:] {
		if c.std != nil && bytes.Equal(c.std.RawSubjectPublicKeyInfo, key) {
			f := found(saw(v.sent, "the first certificate of the %s is %s, and its key is that of %s, which comes later", of, v.leaf().name(), c.name()))
			f.ID = string(of) + "-chain-wrong-order"
			f.mend(fmt.Sprintf("Put %s first in %s, and the certificates of its issuers after it.", c.name(), v.ownFile()), tryChain(v, nil))
			f.about = v.leaf().raw
			f.kinds = []outcome.VerifyKind{outcome.BadSignature, outcome.Hostname, outcome.IncompatibleEKU}
			return f.refusedBy(v.by)
		}
	}
	signer, err := x509.ParsePKIXPublicKey(key)
	if err == nil && reflect.TypeOf(signer) != reflect.TypeOf(leaf.PublicKey) {
		f := found(saw(v.sent, "the %s's certificate %s has a key of %s, and the key that signs is of %s", of, v.leaf().name(), algorithm(leaf.PublicKey), algorithm(signer)))
		f.ID = string(of) + "-key-type-mismatch"
		return r.mismatch(v, f)
	}
	f := found(saw(v.sent, "the key that signs for the %s is not the key of its certificate %s", of, v.leaf().name()))
	f.ID = string(of) + "-key-mismatch"
	return r.mismatch(v, f)
}

func (r *reading) mismatch(v *verification, f *finding) *finding {
	key := v.settings.KeyFile
	if verify := r.w.flight(v.of).verify; verify.ok() {
		f.Evidence = append(f.Evidence, saw(verify.step, "the %s's CertificateVerify is made with another key", v.of))
	}
	where := "the " + string(v.of) + "'s key file"
	if key != "" {
		where += " (" + shell(key, "") + ")"
	}
	cert, keyArg := v.certArg(), shell(key, placeholder(v.of, "KEY"))
	f.mend(fmt.Sprintf("Put the key that belongs to %s into %s, or the certificate that belongs to the key into %s.", v.leaf().name(), where, v.ownFile()),
		compareKeys(cert, keyArg))
	return f.refusedBy(v.by, "CertificateVerify", "ServerKeyExchange").as(outcome.BadSignature).alert(alertDecryptError, alertIllegalParameter)
}

// signingKey returns the public half of the key that signs for the chain, nil if
// it is not known.
func (r *reading) signingKey(v *verification) []byte {
	for _, c := range v.settings.Credentials {
		if len(c.Chain) > 0 && len(c.PublicKey) > 0 && bytes.Equal(c.Chain[0], v.leaf().raw) {
			return c.PublicKey
		}
	}
	return nil
}

// badSignatureAlert says that a verifier whose view nobody recorded refused a signature.
func (r *reading) badSignatureAlert(v *verification) bool {
	code, ok := alertCode(r.in, r.w, v.by)
	return r.h.Outcome == Refused && r.h.RefusedBy == v.by && ok && code == alertDecryptError && !r.outcome(v.by).Known
}

// unknownKey is for a side whose key nobody told us: the signature failed, and
// more is not known, unless the first certificate is a CA's.
func (r *reading) unknownKey(v *verification) *finding {
	f := found(saw(v.sent, "the signature of the %s does not verify with the key of %s, the first certificate that it sent", v.of, v.leaf().name()))
	f.ID = string(v.of) + "-key-mismatch"
	r.mismatch(v, f)
	if len(v.presented) > 1 && v.leaf().isCA() {
		f.ID = string(v.of) + "-chain-wrong-order"
		f.Evidence = append(f.Evidence, saw(v.sent, "%s is a CA, and %s comes after it", v.leaf().name(), plural(len(v.presented)-1, "certificate")))
		f.mend(fmt.Sprintf("Put the %s's own certificate first in %s.", v.of, v.ownFile()), tryChain(v, nil))
	}
	f.Certain = false
	return f
}

// alteredOnPath is for a signature that fails although the keys belong together:
// it covers the messages before it, and the two ends have seen different ones.
func (r *reading) alteredOnPath(v *verification) *finding {
	f := found(saw(r.w.flight(v.of).verify.step, "the signature of the %s does not verify, though its key is that of %s: the signature covers the messages before it, and the two ends have seen different ones", v.of, v.leaf().name()))
	f.ID = "altered-on-path"
	if name := altered(r.w, v.by); name != "" {
		f.Evidence = append(f.Evidence, saw(nil, "the %s of the %s was changed on the path", name, v.of))
	}
	return f.refusedBy(v.by).as(outcome.BadSignature)
}

// algorithm names the algorithm of a public key.
func algorithm(key any) string {
	switch fmt.Sprintf("%T", key) {
	case "*rsa.PublicKey":
		return "RSA"
	case "*ecdsa.PublicKey":
		return "ECDSA"
	case "ed25519.PublicKey":
		return "Ed25519"
	}
	return "an unknown algorithm"
}

// certificates lists the chain with every problem, for the report. A nil
// verification is a side without certificates.
func (v *verification) certificates(r *reading) []ChainCertificate {
	if v == nil {
		return nil
	}
	list := make([]ChainCertificate, len(v.presented))
	for i, c := range v.presented {
		list[i] = ChainCertificate{Raw: c.raw, Subject: c.name(), Issuer: c.issuerName(), Role: v.role(i, c)}
	}
	for i := range v.faults {
		f := &v.faults[i]
		if !f.rule.remark && r.accepted(v) {
			continue
		}
		at := slices.Index(v.presented, f.on)
		if at < 0 {
			at = v.below(f.on)
		}
		p := Problem{ID: f.id, Detail: f.detail}
		if at >= 0 && !slices.Contains(list[at].Problems, p) {
			list[at].Problems = append(list[at].Problems, p)
		}
	}
	return list
}

// below returns the last presented certificate under one that was not presented.
func (v *verification) below(c *certificate) int {
	at := 0
	for i, p := range v.presented {
		if v.path != nil && v.path.has(p) {
			at = i
		}
		if p == c {
			break
		}
	}
	return at
}

func (v *verification) role(i int, c *certificate) string {
	switch {
	case i == 0:
		return "end-entity"
	case c.selfIssued() && c.isCA():
		return "root"
	case v.path != nil && v.path.has(c), v.ending.kind == wrongIntermediate && c == v.ending.candidate:
		return "intermediate"
	case v.path == nil && c.isCA():
		return "intermediate"
	}
	return "extra"
}
