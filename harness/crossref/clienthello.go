package crossref

import (
	"bytes"
	"slices"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// clientHello says what became of each offer.
func (w *writer) clientHello(msg *tlswire.ClientHello) {
	if w.m == w.r.again {
		w.secondHello(msg)
	} else if before := w.sentBefore(); before != nil {
		w.say("The same ClientHello as in %s, sent again with the token of the Retry packet.", at(before))
	}
	w.chosenSuite(msg)
	w.chosenVersion(msg)
	w.chosenShare(msg)
	w.chosenScheme(msg)
	w.chosenProtocol(msg)
	w.askedName(msg)
	w.offeredKeys(msg)
	w.offeredTicket(msg)
	w.clientParameters(msg)
}

// sentBefore returns the step of an earlier handshake that has begun with the
// same ClientHello: QUIC repeats it after a Retry packet.
func (w *writer) sentBefore() *message {
	if w.r.n == 0 {
		return nil
	}
	before := w.b.story.runs[w.r.n-1].hello
	if before == nil || !bytes.Equal(before.raw, w.m.raw) {
		return nil
	}
	return before
}

// answered says that this is the ClientHello that the ServerHello answers.
func (w *writer) answered() (*tlswire.ServerHello, bool) {
	hello, _ := w.r.offer()
	choice := w.r.choice()
	return choice, choice != nil && hello == w.m
}

func (w *writer) chosenSuite(msg *tlswire.ClientHello) {
	choice, ok := w.answered()
	if !ok {
		return
	}
	if i := slices.Index(msg.CipherSuites, choice.CipherSuite); i >= 0 {
		w.note(w.root().part("cipher_suites").nth("cipher_suite", i), "The server chose this one in %s.", at(w.r.server))
	} else {
		w.note(w.root().part("cipher_suites"), "The server chose another one in %s.", at(w.r.server))
	}
}

func (w *writer) chosenVersion(msg *tlswire.ClientHello) {
	choice, ok := w.answered()
	if !ok || msg.SupportedVersions == nil {
		return
	}
	p := w.extension(tlswire.ExtSupportedVersions)
	if i := slices.Index(msg.SupportedVersions, choice.NegotiatedVersion()); i >= 0 {
		w.note(p.nth("version", i), "The server chose this one in %s.", at(w.r.server))
	} else {
		w.note(p, "The server chose %s in %s, which is none of them.", tlswire.VersionName(choice.NegotiatedVersion()), at(w.r.server))
	}
}

// chosenShare says which key share was used, or that the lack of one made the
// HelloRetryRequest.
func (w *writer) chosenShare(msg *tlswire.ClientHello) {
	if msg.KeyShares == nil {
		return
	}
	p := w.extension(tlswire.ExtKeyShare)
	if retry := as[tlswire.ServerHello](w.r.retry); retry != nil && w.m == w.r.hello && retry.SelectedGroup != 0 {
		if !slices.Contains(shareGroups(msg), retry.SelectedGroup) {
			w.note(p, "None is for %s, which the server wants: this made the HelloRetryRequest of %s.", tlswire.GroupName(retry.SelectedGroup), at(w.r.retry))
			w.say("Its key shares made the HelloRetryRequest of %s: none is for %s.", at(w.r.retry), tlswire.GroupName(retry.SelectedGroup))
		}
		return
	}
	choice, ok := w.answered()
	if !ok || choice.KeyShare == nil {
		return
	}
	i := slices.IndexFunc(msg.KeyShares, func(k tlswire.KeyShare) bool { return k.Group == choice.KeyShare.Group })
	if i >= 0 {
		w.note(p.nth("KeyShareEntry", i), "The server chose this one in %s.", at(w.r.server))
	}
}

// chosenScheme says which signature algorithm the server has used.
func (w *writer) chosenScheme(msg *tlswire.ClientHello) {
	signed := w.r.peer.verify
	var used tlswire.SignatureScheme
	switch {
	case signed != nil:
		used = as[tlswire.CertificateVerify](signed).Scheme
	case w.r.exchange != nil:
		signed = w.r.exchange
		used = as[tlswire.ServerKeyExchange](signed).Scheme
	}
	if used == 0 || msg.SignatureSchemes == nil {
		return
	}
	p := w.extension(tlswire.ExtSignatureAlgorithms)
	if i := slices.Index(msg.SignatureSchemes, used); i >= 0 {
		w.note(p.nth("algorithm", i), "The server signed with this one in %s.", at(signed))
	} else {
		w.note(p, "The server signed with %v in %s, which is none of them.", used, at(signed))
	}
}

// chosenProtocol says which application protocol was chosen. Where the server's
// configuration is known, it is compared with that.
func (w *writer) chosenProtocol(msg *tlswire.ClientHello) {
	if len(msg.ALPN) == 0 {
		return
	}
	p := w.extension(tlswire.ExtALPN)
	chosen, where := "", w.r.encrypted
	switch answer := as[tlswire.EncryptedExtensions](where); {
	case answer != nil:
		chosen = answer.ALPN
	case w.r.choice() != nil && !w.r.tls13():
		chosen, where = w.r.choice().ALPN, w.r.server
	default:
		where = nil
	}
	i := slices.Index(msg.ALPN, chosen)
	switch {
	case where != nil && i >= 0:
		w.note(p.nth("protocol", i), "The server chose this one in %s.", at(where))
	case where != nil:
		w.note(p, "The server chose none of them (%s).", at(where))
	}
	set := &w.b.side(outcome.Server).Settings
	if set.Known && len(set.ALPN) > 0 && !slices.ContainsFunc(msg.ALPN, func(a string) bool { return slices.Contains(set.ALPN, a) }) {
		w.note(p, "The server's configuration has none of them, only %s.", and(shortened(set.ALPN)))
		w.say("Client and server have no application protocol in common: the client offers %s, the server's configuration has %s.", and(shortened(msg.ALPN)), and(shortened(set.ALPN)))
	}
}

// shortened makes foreign words fit to be shown.
func shortened(words []string) []string {
	const most = 5
	list := make([]string, 0, most)
	for i, word := range words {
		if i == most-1 && len(words) > most {
			return append(list, count(len(words)-i, "other"))
		}
		list = append(list, field.Shorten(word, maxName))
	}
	return list
}

// askedName compares the name that the client asks for with the names in the
// server's certificate, and with the name that the client verifies.
func (w *writer) askedName(msg *tlswire.ClientHello) {
	if msg.ServerName == "" {
		return
	}
	p := w.extension(tlswire.ExtServerName).to("host_name")
	if set := &w.b.side(outcome.Client).Settings; set.Known && set.ServerName != "" && !sameHost(set.ServerName, msg.ServerName) {
		w.note(p, "The client verifies the certificate for another name, %s.", field.Shorten(set.ServerName, maxName))
	}
	chain := as[tlswire.Certificate](w.r.peer.certificate)
	if chain == nil || len(chain.Entries) == 0 {
		return
	}
	c := w.b.in.Memory.certificate(chain.Entries[0].Data)
	if w.b.in.Memory.isFor(c, msg.ServerName) {
		w.note(p, "The server's certificate in %s is for it.", at(w.r.peer.certificate))
	} else {
		w.note(p, "The server's certificate in %s is not for it: it names %s.", at(w.r.peer.certificate), c.names())
	}
}
