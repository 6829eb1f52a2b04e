package crossref

import (
	"bytes"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// serverHello compares a ServerHello with the ClientHello that it answers.
func (w *writer) serverHello(msg *tlswire.ServerHello) {
	hello, offer := w.r.offer()
	if offer == nil {
		return
	}
	w.selectedVersion(msg, hello, offer)
	w.selectedSuite(msg, hello, offer)
	w.sessionID(msg, hello, offer)
	w.selectedGroup(msg, hello, offer)
	w.selectedKey(msg, hello, offer)
	if msg.ALPN != "" {
		w.selectedProtocol(msg.ALPN, hello, offer)
	}
	w.answers(msg.Extensions, hello, offer)
	if downgraded(msg.Random) {
		if offer.Offers(tlswire.VersionTLS13) {
			w.note(w.root().part("random"), "The client offered TLS 1.3 in %s, so it has to abort here: somebody has changed the negotiation on the path, or the server contradicts itself.", at(hello))
		} else {
			w.note(w.root().part("random"), "The client did not offer TLS 1.3 in %s, so it lost nothing.", at(hello))
		}
	}
}

// downgraded says that a server's random carries one of the marks of RFC 8446 4.1.3.
func downgraded(random [32]byte) bool {
	return bytes.HasSuffix(random[:], []byte("DOWNGRD\x01")) || bytes.HasSuffix(random[:], []byte("DOWNGRD\x00"))
}

// selectedVersion says why this version came out.
func (w *writer) selectedVersion(msg *tlswire.ServerHello, hello *message, offer *tlswire.ClientHello) {
	p := w.extension(tlswire.ExtSupportedVersions).to("selected_version")
	if msg.SelectedVersion == 0 {
		p = w.root().part("legacy_version")
	}
	chosen := msg.NegotiatedVersion()
	offered := genuine(offer.SupportedVersions)
	if offer.SupportedVersions == nil {
		if chosen > offer.Version {
			w.note(p, "The client did not offer it: it stopped at %s in %s, and has to abort with protocol_version.", tlswire.VersionName(offer.Version), at(hello))
			return
		}
		w.note(p, "The client offered %s and what is older in %s.", tlswire.VersionName(offer.Version), at(hello))
		return
	}
	newest := uint16(0)
	for _, v := range offered {
		newest = max(newest, v)
	}
	switch {
	case !slices.Contains(offered, chosen):
		w.note(p, "The client did not offer it in %s: it has to abort with illegal_parameter (RFC 8446 4.2.1).", at(hello))
	case len(offered) == 1:
		w.note(p, "The only version that the client offered in %s.", at(hello))
	case chosen == newest:
		w.note(p, "The newest that the client offered in %s, beside %s.", at(hello), named(without(offered, chosen), tlswire.VersionName))
	default:
		w.note(p, "The client offered %s as well in %s.%s", tlswire.VersionName(newest), at(hello), w.serverStops(newest))
	}
}

// serverStops says that the server's configuration keeps it from a version.
func (w *writer) serverStops(version uint16) string {
	set := &w.b.side(outcome.Server).Settings
	if set.Known && set.MaxVersion != 0 && set.MaxVersion < version {
		return " The server's configuration stops at " + tlswire.VersionName(set.MaxVersion) + "."
	}
	return ""
}

func without(codes []uint16, code uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(codes), func(c uint16) bool { return c == code })
}

// selectedSuite says which of the client's cipher suites was chosen.
func (w *writer) selectedSuite(msg *tlswire.ServerHello, hello *message, offer *tlswire.ClientHello) {
	p := w.root().part("cipher_suite")
	if choice := rank(offer.CipherSuites, msg.CipherSuite, "choice"); choice != "" {
		w.note(p, "The client's %s in %s.", choice, at(hello))
		return
	}
	w.note(p, "The client did not offer it in %s: it has to abort with illegal_parameter.", at(hello))
}

// sessionID compares the session identifiers.
func (w *writer) sessionID(msg *tlswire.ServerHello, hello *message, offer *tlswire.ClientHello) {
	p := w.root().part("legacy_session_id_echo")
	same := bytes.Equal(msg.SessionID, offer.SessionID)
	switch {
	case w.r.tls13() && same:
		w.note(p, "It is that of %s.", at(hello))
	case w.r.tls13():
		w.note(p, "It is not that of %s: the client has to abort with illegal_parameter (RFC 8446 4.1.3).", at(hello))
	case len(msg.SessionID) == 0:
		w.note(p, "Empty: this session cannot be resumed by an identifier.")
	case same:
		w.note(p, "It is that of %s: the session is resumed.", at(hello))
		w.say("The server resumes the session that the client offered in %s: neither side sends a certificate.", at(hello))
	default:
		w.note(p, "It is not that of %s: this is a new session.", at(hello))
	}
}

// selectedGroup says how the group of the key exchange came about.
func (w *writer) selectedGroup(msg *tlswire.ServerHello, hello *message, offer *tlswire.ClientHello) {
	if msg.KeyShare == nil {
		return
	}
	p := w.extension(tlswire.ExtKeyShare).to("group")
	group := msg.KeyShare.Group
	shared := slices.ContainsFunc(offer.KeyShares, func(k tlswire.KeyShare) bool { return k.Group == group })
	preference := rank(offer.SupportedGroups, group, "preference")
	switch {
	case preference == "":
		w.note(p, "The client does not list it in supported_groups (%s): it has to abort with illegal_parameter.", at(hello))
	case !shared:
		w.note(p, "The client's %s, but it had sent no share for it in %s: it has to abort with illegal_parameter.", preference, at(hello))
	case w.r.retry != nil:
		w.note(p, "The group that the HelloRetryRequest of %s asked for; the client's share for it is in %s.", at(w.r.retry), at(hello))
		w.say("%s is the client's %s; it came about through the HelloRetryRequest of %s.", tlswire.GroupName(group), preference, at(w.r.retry))
	default:
		w.note(p, "The client's %s, and it had sent a share for it in %s.", preference, at(hello))
	}
}

// selectedProtocol says which of the client's application protocols was chosen.
func (w *writer) selectedProtocol(protocol string, hello *message, offer *tlswire.ClientHello) {
	p := w.extension(tlswire.ExtALPN).to("protocol")
	i := slices.Index(offer.ALPN, protocol)
	switch {
	case i < 0:
		w.note(p, "The client did not offer it in %s: it has to abort.", at(hello))
	case len(offer.ALPN) == 1:
		w.note(p, "The only one that the client offered in %s.", at(hello))
	default:
		w.note(p, "The client's %s of %d in %s.", ordinal(i+1), len(offer.ALPN), at(hello))
	}
}

// answers tells for each extension of an answer whether the client has asked.
//
// "Implementations MUST NOT send extension responses if the remote endpoint did
// not send the corresponding extension requests, with the exception of the
// "cookie" extension in the HelloRetryRequest." (RFC 8446 4.2)
func (w *writer) answers(list []tlswire.Extension, hello *message, offer *tlswire.ClientHello) {
	for _, e := range list {
		_, asked := tlswire.FindExtension(offer.Extensions, e.Type)
		switch {
		case asked:
			w.note(w.extension(e.Type), "It answers that of %s.", at(hello))
		case e.Type == tlswire.ExtCookie && w.m == w.r.retry:
		case e.Type == tlswire.ExtRenegotiationInfo && slices.Contains(offer.CipherSuites, emptyRenegotiationInfo):
			w.note(w.extension(e.Type), "It answers the signal among the cipher suites of %s.", at(hello))
		default:
			w.note(w.extension(e.Type), "The client did not send this extension in %s: it has to abort with unsupported_extension.", at(hello))
		}
	}
}

// emptyRenegotiationInfo is the cipher suite that stands for an empty
// renegotiation_info (RFC 5746 3.3).
const emptyRenegotiationInfo = 0x00ff

// encryptedExtensions compares the rest of the server's answers with what the
// client has offered.
func (w *writer) encryptedExtensions(msg *tlswire.EncryptedExtensions) {
	hello, offer := w.r.offer()
	if offer == nil {
		return
	}
	switch {
	case msg.ALPN != "":
		w.selectedProtocol(msg.ALPN, hello, offer)
	case len(offer.ALPN) > 0:
		w.say("The server chose none of the application protocols of %s.", at(hello))
	}
	if first := as[tlswire.ClientHello](w.r.hello); first != nil && first.EarlyData {
		if msg.EarlyData {
			w.say("The server takes the early data that %s announced.", at(w.r.hello))
		} else {
			w.say("The server does not take the early data that %s announced.", at(w.r.hello))
		}
	}
	w.answers(msg.Extensions, hello, offer)
	w.serverParameters(msg)
}
