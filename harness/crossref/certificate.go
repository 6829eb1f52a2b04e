package crossref

import (
	"bytes"
	"slices"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A chain is a Certificate message, and the settings that it is compared with.
type chain struct {
	appearance
	list []*certificate
	// own are the sender's settings, verifier the other side's.
	own, verifier *outcome.Settings
	anchors       []*certificate
	// verdict checks one certificate's signature with another's key.
	verdict func(child, issuer *certificate) verdict
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
		list: w.b.chain(msg), appearance: appearance{from: from, entry: w.entryLabel()}, verdict: w.b.chainVerdict,
		own: &w.b.side(from).Settings, verifier: &w.b.side(from.Peer()).Settings,
	}
	if c.verifier.Known {
		for _, der := range c.verifier.Trust {
			c.anchors = append(c.anchors, w.b.in.Memory.certificate(der))
		}
	}
	// Clocks are what differs from one connection to the next. What is noted first is
	// put into the tree last, so that all else can be as it was in the last one.
	for i := range c.shown() {
		w.validity(c, i)
	}
	w.end(c)
	w.elsewhere(c)
	w.configured(c)
	w.asked(from)
	w.appears(c)
	if from == outcome.Server {
		hello, offer := w.r.offer()
		if offer == nil {
			return
		}
		for i, e := range msg.Entries[:len(c.shown())] {
			w.stapled(i, e, hello, offer)
		}
	}
}

// shown are the certificates of the chain that something is told of.
func (c *chain) shown() []*certificate {
	const most = 16
	return c.list[:min(len(c.list), most)]
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
	m := w.r.request
	if w.m.after {
		m, _ = w.r.asked(w.m)
	}
	if m != nil && from == outcome.Client {
		w.say("It answers the CertificateRequest of %s.", at(m))
	}
}

// entry is the place of a certificate of the chain.
func (w *writer) entry(i int) place { return entry(w.entryLabel(), i) }

// entryLabel is the label of a certificate in the message.
func (w *writer) entryLabel() string {
	if w.r.tls13() {
		return "CertificateEntry"
	}
	return "ASN.1Cert"
}

// entry is the place of a certificate of a chain where it has that label.
func entry(label string, i int) place {
	return place{root: true}.to("Certificate").part("certificate_list").nth(label, i)
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
