package diagnose

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// ends makes the rule for one way of not ending in a trust anchor. The fault is
// the end entity's: it is what cannot be verified.
func ends(kind endingKind) findFunc {
	return func(v *verification, certs []*certificate, i int) (string, bool) {
		if i != 0 || v.ending.kind != kind && v.ending.also != kind || kind == anchored {
			return "", false
		}
		return v.endingDetail(kind), true
	}
}

// missing is the rule for a gap; there is one as well below a root that is not trusted.
func missing(v *verification, certs []*certificate, i int) (string, bool) {
	if detail, bad := ends(missingIntermediate)(v, certs, i); bad {
		return detail, true
	}
	if i != 0 || v.ending.kind != untrusted || v.ending.also != "" || !v.gapBelow() {
		return "", false
	}
	return v.endingDetail(missingIntermediate), true
}

// gapBelow says that certificates are missing between what was presented and
// the root that the chain leads to.
func (v *verification) gapBelow() bool {
	for _, c := range v.ending.borrowed {
		if c != v.ending.root {
			return true
		}
	}
	return false
}

func (v *verification) endingDetail(kind endingKind) string {
	e := v.ending
	switch kind {
	case selfSigned:
		return fmt.Sprintf("it is signed by itself, and the %s does not have it as a trust anchor", v.by)
	case rotated:
		if e.guess {
			return fmt.Sprintf("the %s names a CA of its issuer's name and does not accept what that CA issued: its copy of the CA can have another key", v.by)
		}
		return fmt.Sprintf("%s is signed by another key than that of the %s's %s", e.child.name(), v.by, e.candidate.name())
	case wrongIntermediate:
		if bytes.Equal(e.child.rawIssuer(), e.candidate.rawSubject()) {
			return fmt.Sprintf("%s has the name of its issuer, but another key signed it", e.candidate.name())
		}
		return fmt.Sprintf("its issuer is %s, and %s was sent in that place", e.child.issuerName(), e.candidate.name())
	case missingIntermediate:
		subject := "it"
		if gap := v.gap(); gap != v.leaf() {
			subject = gap.name()
		}
		return fmt.Sprintf("%s is issued by %s, and no certificate of that subject %s", subject, v.gap().issuerName(), v.wasSent())
	case untrusted:
		if e.root != nil {
			return fmt.Sprintf("its chain leads to %s, which is none of the %s's trust anchors", e.root.name(), v.by)
		}
		return fmt.Sprintf("its chain leads to %s, of which the %s has no certificate", e.child.issuerName(), v.by)
	case noAnchors:
		return fmt.Sprintf("the %s has no trust anchor to verify it with", v.by)
	case wrongTrust:
		if !e.candidate.isCA() {
			return fmt.Sprintf("the %s's trust anchor %s is the certificate of an end entity and can vouch for nobody", v.by, e.candidate.name())
		}
		return fmt.Sprintf("the %s's trust anchor %s is the CA of its own certificate, and this one has another issuer", v.by, e.candidate.name())
	case partlyRead:
		return v.lostDetail()
	case brokenSignature:
		return fmt.Sprintf("the signature of %s does not verify with the key of its issuer %s, though that is the key that it names: it was changed after it was signed", e.child.name(), e.candidate.name())
	case writtenOtherwise:
		if e.child.issuerName() == e.candidate.name() {
			return fmt.Sprintf("%s issued it, and the two write that name in different kinds of string; Go compares the bytes", e.candidate.name())
		}
		return fmt.Sprintf("%s issued it, and it writes that name %s; RFC 5280 7.1 takes both for the same name, Go compares the bytes", e.candidate.name(), e.child.issuerName())
	case standsIn:
		return fmt.Sprintf("it is issued by %s, and another one for %s is from a CA that the %s trusts: something on the way may show its own", e.child.issuerName(), quoted(v.name), v.by)
	case anchored:
	}
	return ""
}

// gap returns the certificate whose issuer was left out.
func (v *verification) gap() *certificate {
	if v.path != nil {
		return v.path.top()
	}
	return v.ending.child
}

func (v *verification) wasSent() string {
	if v.sent != nil {
		return "was sent"
	}
	return "would be sent"
}

// trusts says what the verifier trusts, as far as that is known.
func trusts(v *verification, f *fault) []string {
	var list []string
	if len(v.anchors) > 0 {
		var subjects []string
		for _, a := range v.anchors[:min(len(v.anchors), maxNames)] {
			subjects = append(subjects, a.name())
		}
		s := fmt.Sprintf("the %s trusts %s", v.by, orNone(subjects, len(v.anchors)))
		list = append(list, s+inFile(v.verifier))
	}
	if s := v.askedFor(); s != "" {
		list = append(list, s)
	}
	return append(list, v.unsettled(f)...)
}

// askedFor says which CAs the server named in its CertificateRequest.
func (v *verification) askedFor() string {
	if v.of != outcome.Client || v.asked == nil {
		return ""
	}
	if len(v.listed) == 0 {
		return step(v.asked) + "the server's CertificateRequest names no CA"
	}
	var subjects []string
	for _, n := range v.listed[:min(len(v.listed), maxNames)] {
		subjects = append(subjects, nameOf(n))
	}
	return step(v.asked) + "the server's CertificateRequest names " + orNone(subjects, len(v.listed))
}

// unsettled says what would decide between two explanations: which file, or that
// no file can.
func (v *verification) unsettled(f *fault) []string {
	switch {
	case f.certain:
		return nil
	case v.ending.kind == wrongTrust:
		return []string{fmt.Sprintf("if both sides are meant to share that CA, the %s's certificate is the wrong one; if not, the %s's trust anchor is", v.of, v.by)}
	case v.ending.root != nil:
		return nil
	}
	list := []string{fmt.Sprintf("the certificate of %s is in no file that is known, and it would settle it: if it is self-signed, the %s must trust it; if not, it is an intermediate that the %s must send",
		v.ending.child.issuerName(), v.by, v.of)}
	if at := v.issuerAddress(); at != "" {
		list = append(list, fmt.Sprintf("%s names %s as the place where it is to be had (caIssuers), as CAs do for what servers and clients have to send", v.ending.child.name(), field.Shorten(at, 120)))
	}
	return list
}

// whoHas says where the certificates are that would close a gap.
func whoHas(v *verification, f *fault) []string {
	var list []string
	for _, c := range v.ending.borrowed {
		if c == v.ending.root {
			continue
		}
		if sources := v.sources(c); len(sources) > 0 {
			list = append(list, fmt.Sprintf("%s, issued by %s, is known from %s", c.name(), c.issuerName(), strings.Join(sources, " and ")))
		}
	}
	if v.ending.kind == missingIntermediate && v.ending.also == "" && len(list) == 0 {
		return trusts(v, f)
	}
	return append(list, v.unsettled(f)...)
}

// rotatedKeys sets the two key identifiers side by side.
func rotatedKeys(v *verification, _ *fault) []string {
	e := v.ending
	if e.guess {
		if s := v.askedFor(); s != "" {
			return []string{s}
		}
		return nil
	}
	if !keyIDsDiffer(e.child, e.candidate) {
		return []string{fmt.Sprintf("the signature of %s does not verify with the key of the %s's %s%s", e.child.name(), v.by, e.candidate.name(), inFile(v.verifier))}
	}
	return []string{fmt.Sprintf("%s names %s as the key of its issuer; the key of the %s's %s is %s%s",
		e.child.name(), keyID(e.child.std.AuthorityKeyId), v.by, e.candidate.name(), keyID(e.candidate.std.SubjectKeyId), inFile(v.verifier))}
}

// whoseKey shows that the two key identifiers are the same.
func whoseKey(v *verification, _ *fault) []string {
	e := v.ending
	return []string{fmt.Sprintf("%s names %s as the key of its issuer, and that is the key of %s: it is the right CA", e.child.name(), keyID(e.child.std.AuthorityKeyId), e.candidate.name())}
}

// keyID writes the first bytes of a key identifier.
func keyID(id []byte) string {
	if len(id) > 4 {
		return hex.EncodeToString(id[:4]) + "…"
	}
	return hex.EncodeToString(id)
}

// constraints says what the CAs of the path permit and exclude.
func constraints(v *verification, _ *fault) []string {
	var list []string
	for _, c := range v.path.certs[1:] {
		if !constrains(c) {
			continue
		}
		w := c.tolerant()
		if len(w.Permitted) > 0 {
			list = append(list, fmt.Sprintf("%s permits only %s", c.name(), listed(w.Permitted)))
		}
		if len(w.Excluded) > 0 {
			list = append(list, fmt.Sprintf("%s excludes %s", c.name(), listed(w.Excluded)))
		}
	}
	return list
}

// listed writes foreign words as a list, safe to show.
func listed(words []string) string {
	var list []string
	for _, w := range words[:min(len(words), maxNames)] {
		list = append(list, quoted(w))
	}
	return orNone(list, len(words))
}
