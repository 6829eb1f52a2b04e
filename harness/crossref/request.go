package crossref

import (
	"bytes"
	"slices"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A holding is the chain that the client could answer a CertificateRequest with.
type holding struct {
	chain []*certificate
	// sent is the Certificate that shows it; nil where it is only configured.
	sent *message
}

// where says where the chain is known from.
func (h holding) where() string {
	if h.sent != nil {
		return at(h.sent)
	}
	return "the client's configuration"
}

// holding returns the chain that the client sent, else the one that it is
// configured with.
func (w *writer) holding() holding {
	if m := w.r.client.certificate; m != nil && !w.m.after {
		if msg := as[tlswire.Certificate](m); len(msg.Entries) > 0 {
			return holding{w.b.chain(msg), m}
		}
	}
	set := &w.b.side(outcome.Client).Settings
	if !set.Known || len(set.Credentials) == 0 {
		return holding{}
	}
	var h holding
	for _, der := range set.Credentials[0].Chain {
		h.chain = append(h.chain, w.b.in.Memory.certificate(der))
	}
	return h
}

// chain returns the certificates of a Certificate message.
func (b *Book) chain(msg *tlswire.Certificate) []*certificate {
	list := make([]*certificate, 0, len(msg.Entries))
	for _, e := range msg.Entries {
		list = append(list, b.in.Memory.certificate(e.Data))
	}
	return list
}

// certificateRequest compares what the server asks for with what the client has.
func (w *writer) certificateRequest(msg *tlswire.CertificateRequest) {
	h := w.holding()
	w.authorities(msg, h)
	w.requestSchemes(msg, h)
	w.requestTypes(msg, h)
	w.requestAnswer()
}

// requestAnswer says how the client has answered.
func (w *writer) requestAnswer() {
	if w.m.after {
		w.laterRequest()
		return
	}
	m := w.r.client.certificate
	switch answer := as[tlswire.Certificate](m); {
	case answer != nil && len(answer.Entries) == 0:
		w.say("The client answers with an empty Certificate in %s.", at(m))
	case answer != nil:
		w.say("The client answers with %s in %s.", count(len(answer.Entries), "certificate"), at(m))
	case w.r.compressed(outcome.Client) != nil:
		w.say("The client answers with a CompressedCertificate in %s.", at(w.r.compressed(outcome.Client)))
	default:
		w.say("The client has not answered%s.", w.sofar())
	}
}

// authoritiesPlace is where the CA names are: in an extension, or in TLS 1.2 in
// the message itself.
func (w *writer) authoritiesPlace() place { return w.root().to("certificate_authorities") }

// authorities says of each CA name whose it is, and of the list whether the
// client's chain leads to one of them.
func (w *writer) authorities(msg *tlswire.CertificateRequest, h holding) {
	names := msg.CertificateAuthorities
	if len(names) == 0 {
		return
	}
	const most = 64
	for i, name := range names {
		text := w.whose(name, h)
		if text == "" && len(h.chain) > 0 && i < most {
			text = sentence(w.p.room, "No certificate of the client's chain (%s) is issued by it.", h.where())
		}
		if text != "" {
			w.note(w.authoritiesPlace().nth("DistinguishedName", i).to("name"), "%s", text)
		}
	}
	list := "The server lists the one CA that it accepts"
	if len(names) > 1 {
		list = sentence(w.p.room, "The server lists the %d CAs that it accepts", len(names))
	}
	if len(h.chain) == 0 {
		w.say("%s.", list)
		return
	}
	accepted := func(c *certificate) bool {
		return slices.ContainsFunc(names, func(n []byte) bool { return bytes.Equal(n, c.RawIssuer) })
	}
	i := slices.IndexFunc(h.chain, accepted)
	text := ""
	switch {
	case i == 0:
		text = sentence(w.p.room, "%s; the issuer of the client's certificate, %s, is among them.", list, issuerName(h.chain[0]))
	case i > 0:
		text = sentence(w.p.room, "%s; the issuer of the client's certificate, %s, is not among them, but that of certificate %d, %s, is.",
			list, issuerName(h.chain[0]), i+1, issuerName(h.chain[i]))
	case len(h.chain) == 1:
		text = sentence(w.p.room, "%s; the issuer of the client's certificate, %s, is not among them.", list, issuerName(h.chain[0]))
	default:
		last := h.chain[len(h.chain)-1]
		text = sentence(w.p.room, "%s; the issuer of the client's certificate, %s, is not among them, nor is that of any other in its chain, which ends with %s.",
			list, issuerName(h.chain[0]), issuerName(last))
	}
	w.note(w.authoritiesPlace(), "%s", text)
	w.say("%s", text)
}

// whose says which certificates of the connection a CA name belongs to.
func (w *writer) whose(name []byte, h holding) string {
	text := ""
	if h.sent != nil {
		for i, c := range h.chain {
			if bytes.Equal(c.RawSubject, name) {
				text = sentences(text, "It is the subject of "+nth(i)+" in "+at(h.sent)+".")
				break
			}
		}
	}
	for i, c := range h.chain {
		if bytes.Equal(c.RawIssuer, name) {
			text = sentences(text, "It is the issuer of "+nth(i)+" in "+h.where()+".")
			break
		}
	}
	if m := w.r.peer.certificate; m != nil {
		for i, c := range w.b.chain(as[tlswire.Certificate](m)) {
			if bytes.Equal(c.RawSubject, name) {
				text = sentences(text, "It is also the subject of "+nth(i)+" in "+at(m)+", which the server sent.")
				break
			}
		}
	}
	if set := &w.b.side(outcome.Server).Settings; set.Known {
		for _, der := range set.Trust {
			if bytes.Equal(w.b.in.Memory.certificate(der).RawSubject, name) {
				text = sentences(text, "It is a trust anchor of the server.")
				break
			}
		}
	}
	return text
}

func issuerName(c *certificate) string { return field.Shorten(c.Issuer, maxName) }
