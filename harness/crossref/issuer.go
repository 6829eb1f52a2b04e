package crossref

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"strconv"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// issuer says which certificate has the key that signed one, and proves it.
func (c *chain) issuer(to *written, i int) {
	p := c.place(i).to("tbsCertificate", "issuer")
	this := c.list[i]
	if this.RawIssuer == nil {
		return
	}
	isIssuer := func(o *certificate) bool { return bytes.Equal(o.RawSubject, this.RawIssuer) }
	proven := c.place(i).to("signatureValue")
	of := nth(i)
	next := i+1 < len(c.list) && isIssuer(c.list[i+1])
	other := slices.IndexFunc(c.list, isIssuer)
	switch {
	case this.SelfIssued():
		to.note(p, "It is also the subject: the certificate is self-issued.")
		to.prove(proven, c.proof(of, "its own key", this, this))
	case next:
		to.note(p, "It is the subject of certificate %d.", i+2)
		to.prove(proven, c.proof(of, "the key of "+nth(i+1), this, c.list[i+1]))
	case other >= 0:
		to.note(p, "It is the subject of certificate %d, which does not stand directly behind this one.", other+1)
		to.prove(proven, c.proof(of, "the key of "+nth(other), this, c.list[other]))
	default:
		if i+1 < len(c.list) {
			to.note(p, "Certificate %d has another subject, %s.", i+2, c.list[i+1].name)
		}
		if anchors := slices.DeleteFunc(slices.Clone(c.anchors), func(a *certificate) bool { return !isIssuer(a) }); len(anchors) > 0 {
			to.note(p, "It is the subject of a trust anchor of the %s%s.", c.from.Peer(), source(c.verifier))
			to.prove(proven, c.proof(of, "the "+string(c.from.Peer())+"'s trust anchor "+anchors[0].name, this, anchors...))
		} else if c.verifier.Known && !c.verifier.SystemTrust {
			to.note(p, "No trust anchor of the %s has this subject.", c.from.Peer())
		}
	}
}

// proof proves a certificate's signature with the first of the issuers that made it.
func (c *chain) proof(of, with string, child *certificate, issuers ...*certificate) Proof {
	v := verdict{Result: Failed}
	for _, issuer := range issuers {
		if v = c.verdict(child, issuer); v.Result != Failed {
			break
		}
	}
	return signs(of, "tbsCertificate", with).proof(v, verdict{}, "", "")
}

// nth names the certificate of that index.
func nth(i int) string { return "certificate " + strconv.Itoa(i+1) }

// end says how the chain meets the verifier's trust anchors.
func (w *writer) end(c *chain) {
	if !c.verifier.Known || c.verifier.SystemTrust || c.verifier.VerifyNone || len(c.anchors) == 0 {
		return
	}
	for i, this := range c.list {
		if slices.ContainsFunc(c.anchors, func(a *certificate) bool { return bytes.Equal(a.Raw, this.Raw) }) {
			w.note(w.entry(i), "It is itself a trust anchor of the %s%s.", c.from.Peer(), source(c.verifier))
			w.say("Certificate %d is itself a trust anchor of the %s.", i+1, c.from.Peer())
			return
		}
	}
	for i, this := range c.list {
		for _, a := range c.anchors {
			if bytes.Equal(a.RawSubject, this.RawIssuer) {
				w.say("Certificate %d names a trust anchor of the %s as its issuer, %s%s.", i+1, c.from.Peer(), a.name, source(c.verifier))
				return
			}
		}
	}
	w.say("No certificate of the chain names a trust anchor of the %s%s as its issuer.", c.from.Peer(), source(c.verifier))
}

func source(s *outcome.Settings) string {
	if s.TrustSource == "" {
		return ""
	}
	return " (" + field.Shorten(s.TrustSource, maxName) + ")"
}

// chainVerdict is checkChain, which is asked once for a pair.
func (b *Book) chainVerdict(child, issuer *certificate) verdict {
	return b.in.Memory.checked(issuance{child, issuer}, func() verdict { return b.checkChain(child, issuer) })
}

// checkChain checks one certificate's signature with another's key.
func (b *Book) checkChain(child, issuer *certificate) verdict {
	if child.Std != nil && issuer.Std != nil {
		check := func() error {
			return issuer.Std.CheckSignature(child.Std.SignatureAlgorithm, child.Std.RawTBSCertificate, child.Std.Signature)
		}
		if b.in.Signatures != nil {
			check = func() error { return b.in.Signatures.Check(child.Std, issuer.Std) }
		}
		err := check()
		var insecure x509.InsecureAlgorithmError
		if err == nil {
			return verdict{Result: Verified}
		}
		if !errors.As(err, &insecure) && !errors.Is(err, x509.ErrUnsupportedAlgorithm) {
			return verdict{Result: Failed}
		}
	}
	// crypto/x509 refuses one of the two, or the algorithm: whether the
	// signature holds is another question.
	s, ok := certificateSchemes[child.SignatureAlgorithm]
	switch {
	case !ok:
		return unchecked("signatures with %s are not supported by this build", field.Shorten(child.SignatureAlgorithm, maxName))
	case issuer.key.public == nil:
		return unchecked("the issuer's key cannot be read")
	case child.RawTBS == nil || child.Signature == nil:
		return unchecked("the certificate cannot be read")
	}
	if err := s.fits(issuer.key, 0); err != nil {
		return judge(err)
	}
	return judge(s.verify(issuer.key, child.RawTBS, child.Signature))
}

// certificateSchemes are the signature algorithms of certificates under
// crypto/x509's names.
var certificateSchemes = namedSchemes(map[x509.SignatureAlgorithm]tlswire.SignatureScheme{
	x509.MD5WithRSA:       0x0101,
	x509.SHA1WithRSA:      tlswire.RSAPKCS1SHA1,
	x509.SHA256WithRSA:    tlswire.RSAPKCS1SHA256,
	x509.SHA384WithRSA:    tlswire.RSAPKCS1SHA384,
	x509.SHA512WithRSA:    tlswire.RSAPKCS1SHA512,
	x509.SHA256WithRSAPSS: tlswire.RSAPSSRSAESHA256,
	x509.SHA384WithRSAPSS: tlswire.RSAPSSRSAESHA384,
	x509.SHA512WithRSAPSS: tlswire.RSAPSSRSAESHA512,
	x509.ECDSAWithSHA1:    tlswire.ECDSASHA1,
	x509.ECDSAWithSHA256:  tlswire.ECDSASecp256r1SHA256,
	x509.ECDSAWithSHA384:  tlswire.ECDSASecp384r1SHA384,
	x509.ECDSAWithSHA512:  tlswire.ECDSASecp521r1SHA512,
	x509.PureEd25519:      tlswire.Ed25519,
})

func namedSchemes(ids map[x509.SignatureAlgorithm]tlswire.SignatureScheme) map[string]scheme {
	named := make(map[string]scheme, len(ids))
	for algorithm, id := range ids {
		s, _ := findScheme(id)
		s.rsae = false // an RSA key of either kind signs certificates with PSS
		named[algorithm.String()] = s
	}
	return named
}
