package crossref

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A chain is a Certificate message, and the settings that it is compared with.
type chain struct {
	list []*certificate
	from outcome.Role
	// own are the sender's settings, verifier the other side's.
	own, verifier *outcome.Settings
	anchors       []*certificate
}

// certificate compares a chain with what both sides are configured with, and
// proves each signature in it.
func (w *writer) certificate(msg *tlswire.Certificate) {
	from := w.m.step.From
	if len(msg.Entries) == 0 {
		w.empty(from)
		return
	}
	c := &chain{
		list: w.b.chain(msg), from: from,
		own: &w.b.side(from).Settings, verifier: &w.b.side(from.Peer()).Settings,
	}
	if c.verifier.Known {
		for _, der := range c.verifier.Trust {
			c.anchors = append(c.anchors, w.b.in.Memory.certificate(der))
		}
	}
	w.end(c)
	w.elsewhere(c)
	w.configured(c)
	w.asked(from)
	const most = 16
	for i := range c.list[:min(len(c.list), most)] {
		w.issuer(c, i)
		w.validity(c, i)
	}
	w.endEntity(c)
	if from == outcome.Server {
		hello, offer := w.r.offer()
		if offer == nil {
			return
		}
		for i, e := range msg.Entries[:min(len(msg.Entries), most)] {
			w.stapled(i, e, hello, offer)
		}
	}
}

// empty is for a client that sends none.
func (w *writer) empty(from outcome.Role) {
	text := "The " + string(from) + " sends no certificate"
	if set := &w.b.side(from).Settings; set.Known {
		text = "The " + string(from) + " has no certificate to send"
		if len(set.Credentials) > 0 {
			text = "The " + string(from) + " sends none of the certificates that it is configured with"
		}
	}
	if m := w.r.request; m != nil && from == outcome.Client {
		text += "; " + at(m) + " asked for one"
	}
	w.say("%s.", text)
	w.note(w.root().to("certificate_list"), "%s.", text)
}

// asked says which request a client's Certificate answers.
func (w *writer) asked(from outcome.Role) {
	if m := w.r.request; m != nil && from == outcome.Client && !w.m.after {
		w.say("It answers the CertificateRequest of %s.", at(m))
	}
}

// entry is the place of a certificate of the chain.
func (w *writer) entry(i int) place {
	label := "ASN.1Cert"
	if w.r.tls13() {
		label = "CertificateEntry"
	}
	return w.root().to("certificate_list").nth(label, i)
}

// configured says which of its sender's credentials a chain is.
func (w *writer) configured(c *chain) {
	if !c.own.Known || len(c.own.Credentials) == 0 {
		return
	}
	for _, credential := range c.own.Credentials {
		if len(credential.Chain) == 0 || !bytes.Equal(credential.Chain[0], c.list[0].Raw) {
			continue
		}
		source := ""
		if credential.Source != "" {
			source = " (" + field.Shorten(credential.Source, maxName) + ")"
		}
		if len(credential.Chain) == len(c.list) {
			w.say("This is the chain that the %s is configured with%s.", c.from, source)
		} else {
			w.say("The %s is configured with a chain of %d that begins with certificate 1%s, and sent %d.", c.from, len(credential.Chain), source, len(c.list))
		}
		return
	}
	w.say("Certificate 1 is none that the %s is configured with.", c.from)
}

// elsewhere says whether the side has shown the same certificate before.
func (w *writer) elsewhere(c *chain) {
	for n, other := range slices.Backward(w.b.in.Before) {
		if other == nil {
			continue
		}
		other.read()
		for _, r := range other.story.runs {
			m := r.side(c.from).certificate
			msg := as[tlswire.Certificate](m)
			if msg == nil || len(msg.Entries) == 0 {
				continue
			}
			if bytes.Equal(msg.Entries[0].Data, c.list[0].Raw) {
				w.say("Certificate 1 is the same as in connection %d, %s.", n+1, at(m))
			} else {
				w.say("Certificate 1 is another than in connection %d, %s.", n+1, at(m))
			}
			return
		}
	}
}

// issuer says which certificate has the key that signed one, and proves it.
func (w *writer) issuer(c *chain, i int) {
	p := w.entry(i).to("tbsCertificate", "issuer")
	this := c.list[i]
	if this.RawIssuer == nil {
		return
	}
	isIssuer := func(o *certificate) bool { return bytes.Equal(o.RawSubject, this.RawIssuer) }
	proven := w.entry(i).to("signatureValue")
	of := fmt.Sprintf("certificate %d", i+1)
	next := i+1 < len(c.list) && isIssuer(c.list[i+1])
	other := slices.IndexFunc(c.list, isIssuer)
	switch {
	case this.SelfIssued():
		w.note(p, "It is also the subject: the certificate is self-issued.")
		w.prove(proven, w.b.chainProof(of, "its own key", this, this))
	case next:
		w.note(p, "It is the subject of certificate %d.", i+2)
		w.prove(proven, w.b.chainProof(of, fmt.Sprintf("the key of certificate %d", i+2), this, c.list[i+1]))
	case other >= 0:
		w.note(p, "It is the subject of certificate %d, which does not stand directly behind this one.", other+1)
		w.prove(proven, w.b.chainProof(of, fmt.Sprintf("the key of certificate %d", other+1), this, c.list[other]))
	default:
		if i+1 < len(c.list) {
			w.note(p, "Certificate %d has another subject, %s.", i+2, c.list[i+1].name)
		}
		if anchors := slices.DeleteFunc(slices.Clone(c.anchors), func(a *certificate) bool { return !isIssuer(a) }); len(anchors) > 0 {
			w.note(p, "It is the subject of a trust anchor of the %s%s.", c.from.Peer(), source(c.verifier))
			w.prove(proven, w.b.chainProof(of, fmt.Sprintf("the %s's trust anchor %s", c.from.Peer(), anchors[0].name), this, anchors...))
		} else if c.verifier.Known && !c.verifier.SystemTrust {
			w.note(p, "No trust anchor of the %s has this subject.", c.from.Peer())
		}
	}
}

func source(s *outcome.Settings) string {
	if s.TrustSource == "" {
		return ""
	}
	return " (" + field.Shorten(s.TrustSource, maxName) + ")"
}

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

// chainProof proves a certificate's signature with the first of the issuers
// that made it.
func (b *Book) chainProof(of, with string, child *certificate, issuers ...*certificate) Proof {
	c := signs(of, "tbsCertificate", with)
	v := verdict{Result: Failed}
	for _, issuer := range issuers {
		if v = b.checkChain(child, issuer); v.Result != Failed {
			break
		}
	}
	return c.proof(v, verdict{}, "", "")
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

// validity compares a certificate's dates with the clocks of both sides.
func (w *writer) validity(c *chain, i int) {
	this := c.list[i]
	if this.NotBefore.IsZero() || this.NotAfter.IsZero() {
		return
	}
	p := w.entry(i).to("tbsCertificate", "validity")
	switch {
	case c.verifier.Known && !c.verifier.Clock.IsZero():
		w.note(p, "%s.", this.valid("the "+string(c.from.Peer())+"'s clock", c.verifier.Clock))
		if c.own.Known && !c.own.Clock.IsZero() && c.own.Clock.Sub(c.verifier.Clock).Abs() > time.Minute {
			w.note(p, "%s.", this.valid("the "+string(c.from)+"'s own clock", c.own.Clock))
		}
	case !w.b.in.Transcript.Start.IsZero():
		w.note(p, "%s.", this.valid("the time of the recording", w.b.in.Transcript.Start))
	}
}

// valid compares a certificate's dates with a clock.
func (c *certificate) valid(whose string, clock time.Time) string {
	when := clock.UTC().Format("2006-01-02 15:04:05 UTC")
	switch {
	case clock.Before(c.NotBefore):
		return fmt.Sprintf("It begins %s after %s, %s", span(c.NotBefore.Sub(clock)), whose, when)
	case clock.After(c.NotAfter):
		return fmt.Sprintf("It ended %s before %s, %s", span(clock.Sub(c.NotAfter)), whose, when)
	}
	return fmt.Sprintf("It holds at %s, %s", whose, when)
}

// span writes a duration in its largest unit.
func span(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d >= 2*day:
		return count(int(d/day), "day")
	case d >= 2*time.Hour:
		return count(int(d/time.Hour), "hour")
	case d >= 2*time.Minute:
		return count(int(d/time.Minute), "minute")
	}
	return count(int(d/time.Second), "second")
}

// endEntity compares the first certificate with its role: the name that was
// asked for, the usage, and the key that signs.
func (w *writer) endEntity(c *chain) {
	leaf := c.list[0]
	purpose := "clientAuth"
	if c.from == outcome.Server {
		purpose = "serverAuth"
		w.names(leaf)
	}
	if leaf.ExtKeyUsage != nil {
		p := w.entry(0).to("extensions", "extKeyUsage")
		has := slices.Contains(leaf.ExtKeyUsage, purpose) || slices.ContainsFunc(leaf.ExtKeyUsage, func(u string) bool { return strings.HasPrefix(u, "any") })
		if has {
			w.note(p, "It has %s, which a %s's certificate needs.", purpose, c.from)
		} else {
			w.note(p, "It lacks %s, which a %s's certificate needs.", purpose, c.from)
		}
	}
	p := w.entry(0).to("tbsCertificate", "subjectPublicKeyInfo")
	signed := w.r.side(c.from).verify
	if signed == nil && c.from == outcome.Server {
		signed = w.r.exchange
	}
	if signed == nil || w.m.after {
		return
	}
	for _, proof := range w.b.Checks(signed.step) {
		switch proof.Result {
		case Verified:
			w.note(p, "The signature of %s verifies with it.", at(signed))
		case Failed:
			w.note(p, "The signature of %s does not verify with it.", at(signed))
		}
	}
}

// names compares the names of the server's certificate with the one that the
// client asks for, and the one that it verifies.
func (w *writer) names(leaf *certificate) {
	set := &w.b.side(outcome.Client).Settings
	hello, offer := w.r.offer()
	p := w.entry(0).to("extensions", "subjectAltName")
	if !leaf.HasSAN {
		p = w.entry(0).to("tbsCertificate", "subject")
	}
	compare := func(name, why string) {
		shown := field.Shorten(name, maxName)
		switch {
		case leaf.isFor(name):
			w.note(p, "%s, %s, is among them.", shown, why)
		case leaf.HasSAN:
			w.note(p, "%s, %s, is not among them.", shown, why)
		default:
			w.note(p, "There is no subjectAltName to look for %s in, %s.", shown, why)
		}
	}
	asked := ""
	if offer != nil && offer.ServerName != "" {
		asked = offer.ServerName
		compare(asked, "which the client asks for in "+at(hello))
	}
	if set.Known && !set.VerifyNone && set.ServerName != "" && !sameHost(set.ServerName, asked) {
		compare(set.ServerName, "which the client verifies")
	}
}

// isFor says that a host name or address is among the certificate's names.
func (c *certificate) isFor(host string) bool {
	if c.Std != nil {
		return c.Std.VerifyHostname(host) == nil
	}
	match := func(name string) bool { return sameHost(name, host) }
	return slices.ContainsFunc(c.DNS, match) || slices.ContainsFunc(c.IP, match)
}

func sameHost(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// names lists what a certificate is for.
func (c *certificate) names() string {
	all := append(slices.Clone(c.DNS), c.IP...)
	if len(all) == 0 {
		return "no host"
	}
	return and(shortened(all))
}

// stapled says what the extensions of an entry answer.
func (w *writer) stapled(i int, e tlswire.CertificateEntry, hello *message, offer *tlswire.ClientHello) {
	if !w.r.tls13() {
		return
	}
	for _, ext := range e.Extensions {
		p := w.entry(i).to(ext.Name())
		if _, asked := tlswire.FindExtension(offer.Extensions, ext.Type); asked {
			w.note(p, "It answers that of %s.", at(hello))
		} else {
			w.note(p, "The client did not send this extension in %s: it has to abort with unsupported_extension.", at(hello))
		}
	}
}
