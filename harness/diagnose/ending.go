package diagnose

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"shakedown/harness/outcome"
	"shakedown/harness/x509wire"
)

// An ending says why a chain does not end in a trust anchor.
type ending struct {
	kind endingKind
	// also is the other explanation, where what is known leaves two.
	also endingKind
	// child is the certificate whose issuer is in question, candidate the
	// certificate that has the issuer's name, or stands in its place, but did
	// not sign it.
	child, candidate *certificate
	// borrowed are the certificates that would close the gap, from below.
	borrowed []*certificate
	// root is the self-signed certificate that the chain leads to.
	root *certificate
	// guess is set where the trust anchors are not known, only their names.
	guess bool
}

type endingKind string

const (
	anchored            endingKind = ""
	selfSigned          endingKind = "self-signed"
	rotated             endingKind = "ca-rotated"
	wrongIntermediate   endingKind = "wrong-intermediate"
	missingIntermediate endingKind = "missing-intermediate"
	untrusted           endingKind = "untrusted-ca"
	noAnchors           endingKind = "no-anchors"
	wrongTrust          endingKind = "wrong-trust"
	partlyRead          endingKind = "partly-read"
	brokenSignature     endingKind = "broken-signature"
	writtenOtherwise    endingKind = "written-otherwise"
	standsIn            endingKind = "stands-in"
)

// end finds out why the path from what was presented does not end in a trust anchor.
func (v *verification) end() {
	if !v.anchorsKnown && !v.refusedUnknown {
		return // nobody says that it does not
	}
	if lost := v.lostLink(); lost != nil {
		v.ending = ending{kind: partlyRead, child: v.path.top(), candidate: lost}
		return
	}
	if v.anchorsKnown && len(v.anchors) == 0 {
		v.ending = ending{kind: noAnchors, child: v.path.top()}
		return
	}
	v.ending = v.endOf(v.path)
	switch {
	case !v.anchorsKnown:
		v.endByNames()
	case v.ending.kind == untrusted, v.ending.kind == missingIntermediate && v.ending.also != "":
		v.blameTrust()
	}
	if v.ending.kind == untrusted {
		if c := v.standIn(); c != nil {
			v.ending.also, v.ending.kind, v.ending.candidate = untrusted, standsIn, c
		}
	}
}

// endByNames is for a verifier whose trust anchors are not known. A server's
// CertificateRequest gives their names, though not their keys.
func (v *verification) endByNames() {
	e := &v.ending
	if e.kind != untrusted && e.kind != missingIntermediate {
		return
	}
	switch {
	case v.isListed(v.path.certs):
		// The server knows a CA of that name: it has another key, or something
		// else about the chain is not to the server's liking.
		*e = ending{kind: rotated, child: v.path.top(), guess: true}
	case v.isListed(e.borrowed):
		*e = ending{kind: missingIntermediate, child: v.path.top(), borrowed: e.borrowed}
	case e.root != nil && len(v.listed) > 0:
		e.kind, e.also = untrusted, ""
	case e.kind == untrusted:
		e.also = missingIntermediate
	}
}

// isListed says that a certificate of the list is issued by a CA that the
// CertificateRequest names.
func (v *verification) isListed(list []*certificate) bool {
	for _, c := range list {
		for _, name := range v.listed {
			if bytes.Equal(c.rawIssuer(), name) {
				return true
			}
		}
	}
	return false
}

func (v *verification) endOf(p *path) ending {
	top := p.top()
	if top == v.leaf() && v.isSelfSigned(top) {
		return ending{kind: selfSigned, child: top, root: top}
	}
	if issuer := v.respelled(top); issuer != nil {
		return ending{kind: writtenOtherwise, child: top, candidate: issuer}
	}
	if issuer := v.disowned(top); issuer != nil {
		return ending{kind: brokenSignature, child: top, candidate: issuer}
	}
	if anchor := v.namesake(top, v.anchors); anchor != nil {
		return ending{kind: rotated, child: top, candidate: anchor}
	}
	if other := v.namesake(top, v.presented[1:]); other != nil {
		return ending{kind: wrongIntermediate, child: top, candidate: other}
	}

	further := v.bestPath(true)
	borrowed := v.borrowed(further)
	if further.anchored && len(borrowed) == 0 {
		// That is another path, which lacks nothing and fails all the same.
		s := search{verification: v, borrow: true}
		s.walk(p.certs)
		further, borrowed = s.best, v.borrowed(s.best)
	}
	rootNext := len(borrowed) == 1 && v.isSelfSigned(borrowed[0])
	if stranger := v.stranger(further); stranger != nil && !v.isSelfSigned(top) && !rootNext {
		return ending{kind: wrongIntermediate, child: top, candidate: stranger, borrowed: borrowed}
	}
	end := further.top()
	if further.anchored {
		return ending{kind: missingIntermediate, child: top, borrowed: borrowed}
	}
	if anchor := v.namesake(end, v.anchors); anchor != nil {
		return ending{kind: rotated, child: end, candidate: anchor, borrowed: borrowed}
	}
	if v.isSelfSigned(end) {
		return ending{kind: untrusted, child: top, root: end, borrowed: borrowed}
	}
	// The issuer's certificate is in no file: it may be an intermediate that was
	// left out, or a root that is not trusted. One certificate alone is the mark
	// of the first, unless its issuer calls itself a root; a chain with an
	// intermediate is that of the second.
	if len(v.presented) == 1 && !callsItselfRoot(end.rawIssuer()) {
		return ending{kind: missingIntermediate, also: untrusted, child: end, borrowed: borrowed}
	}
	return ending{kind: untrusted, also: missingIntermediate, child: end, borrowed: borrowed}
}

// callsItselfRoot says that the word "root" stands in a CA's name. It only
// decides which of two explanations comes first, and makes neither certain.
func callsItselfRoot(name []byte) bool {
	text, _ := x509wire.ParseName(name)
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if word == "root" {
			return true
		}
	}
	return false
}

// namesake returns a certificate of that list that has the name of child's
// issuer but not its key.
func (v *verification) namesake(child *certificate, list []*certificate) *certificate {
	for _, c := range list {
		if c != child && c.std != nil && bytes.Equal(c.std.RawSubject, child.rawIssuer()) && !v.shelf.links(child, c) {
			return c
		}
	}
	return nil
}

// respelled returns a certificate that signed child and whose name is that of
// child's issuer by RFC 5280 7.1, but not byte for byte.
func (v *verification) respelled(child *certificate) *certificate {
	for _, c := range v.shelf.all {
		if c.std != nil && !bytes.Equal(c.std.RawSubject, child.rawIssuer()) && (c.anchorOf.has(v.by) || slices.Contains(v.presented, c)) &&
			sameName(c.std.RawSubject, child.rawIssuer()) && v.shelf.signed(child, c) == nil {
			return c
		}
	}
	return nil
}

// disowned returns the certificate of the very key that child names as its
// issuer's, and that did not make child's signature: then the signature itself
// is broken, and no other CA has the name.
func (v *verification) disowned(child *certificate) *certificate {
	if len(child.std.AuthorityKeyId) == 0 {
		return nil
	}
	for _, c := range v.shelf.all {
		if c != child && c.std != nil && bytes.Equal(c.std.RawSubject, child.rawIssuer()) && bytes.Equal(c.std.SubjectKeyId, child.std.AuthorityKeyId) && !v.shelf.links(child, c) {
			return c
		}
	}
	return nil
}

// stranger returns a presented certificate that is no part of the path: what
// stands where the issuer should. A root that was sent needlessly is none.
func (v *verification) stranger(p *path) *certificate {
	for _, c := range v.presented[1:] {
		if !p.has(c) && c != v.leaf() && !c.selfIssued() && !p.hasTwin(c) {
			return c
		}
	}
	return nil
}

// hasTwin says that the path has a certificate of the same subject and key: the
// other is its cross-certificate, or its older or newer self.
func (p *path) hasTwin(c *certificate) bool {
	return slices.ContainsFunc(p.certs, func(on *certificate) bool {
		return c.std != nil && bytes.Equal(on.std.RawSubject, c.std.RawSubject) && bytes.Equal(on.std.RawSubjectPublicKeyInfo, c.std.RawSubjectPublicKeyInfo)
	})
}

// borrowed returns the certificates of the path that were neither sent nor are trusted.
func (v *verification) borrowed(p *path) []*certificate {
	var found []*certificate
	for _, c := range p.certs {
		if !c.anchorOf.has(v.by) && !slices.Contains(v.presented, c) {
			found = append(found, c)
		}
	}
	return found
}

// isSelfSigned says that the certificate's own key signed it.
func (v *verification) isSelfSigned(c *certificate) bool {
	return c.selfIssued() && !keyIDsDiffer(c, c) && v.shelf.links(c, c)
}

// blameTrust looks for the reason in the verifier's trust store: every trust
// anchor in it may be of the wrong kind, an end entity or, on a server, the CA of
// its own certificate. Where both sides share a PKI the latter is no fault, and
// the bytes are the same, so that it is never certain.
func (v *verification) blameTrust() {
	certain := false
	for _, a := range v.anchors {
		switch {
		case a == v.leaf():
			return
		case !a.isCA():
			certain = true
		case v.of == outcome.Client && v.issuedOwn(a):
		default:
			return
		}
	}
	v.ending.also = ""
	if !certain {
		v.ending.also = v.ending.kind
	}
	v.ending.kind, v.ending.candidate = wrongTrust, v.anchors[0]
}

// issuedOwn says that the anchor's name is the issuer of a certificate that the
// verifying side itself presents.
func (v *verification) issuedOwn(anchor *certificate) bool {
	for _, c := range v.shelf.all {
		if c.sentBy.has(v.by) && bytes.Equal(c.rawIssuer(), anchor.rawSubject()) {
			return true
		}
	}
	return false
}
