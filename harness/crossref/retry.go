package crossref

import (
	"bytes"
	"slices"

	"shakedown/harness/tlswire"
)

// helloRetryRequest says what was missing, and what answers it.
func (w *writer) helloRetryRequest(msg *tlswire.ServerHello) {
	hello, offer := w.r.hello, as[tlswire.ClientHello](w.r.hello)
	if offer == nil {
		return
	}
	w.selectedVersion(msg, hello, offer)
	w.selectedSuite(msg, hello, offer)
	w.sessionID(msg, hello, offer)
	w.answers(msg.Extensions, hello, offer)
	answer := as[tlswire.ClientHello](w.r.again)
	if msg.SelectedGroup != 0 {
		w.missingShare(msg.SelectedGroup, offer)
		if answer != nil {
			w.note(w.extension(tlswire.ExtKeyShare).to("selected_group"), "%s", brought(w.r.again, answer, msg.SelectedGroup))
		}
	}
	if msg.Cookie != nil && answer != nil {
		p := w.extension(tlswire.ExtCookie)
		if bytes.Equal(answer.Cookie, msg.Cookie) {
			w.note(p, "%s repeats it.", capital(at(w.r.again)))
		} else {
			w.note(p, "%s does not repeat it.", capital(at(w.r.again)))
		}
	}
	if w.r.again != nil {
		w.say("The client answers with the second ClientHello, %s.", at(w.r.again))
	} else {
		w.say("The client has not answered with a second ClientHello%s.", w.sofar())
	}
}

// missingShare says which key share was missing from the first ClientHello.
func (w *writer) missingShare(group uint16, offer *tlswire.ClientHello) {
	p := w.extension(tlswire.ExtKeyShare).to("selected_group")
	preference := rank(offer.SupportedGroups, group, "preference")
	shares := named(shareGroups(offer), tlswire.GroupName)
	switch {
	case preference == "":
		w.note(p, "The client does not list it in supported_groups (%s): it has to abort with illegal_parameter (RFC 8446 4.1.4).", at(w.r.hello))
	case slices.Contains(shareGroups(offer), group):
		w.note(p, "The client had sent a share for it in %s already: it has to abort with illegal_parameter (RFC 8446 4.2.8).", at(w.r.hello))
	case shares == "":
		w.note(p, "The client's %s; it had sent no key share at all in %s.", preference, at(w.r.hello))
	default:
		w.note(p, "The client's %s; it had sent shares only for %s in %s.", preference, shares, at(w.r.hello))
		w.say("The server wants a key share for %s; %s had shares only for %s.", tlswire.GroupName(group), at(w.r.hello), shares)
	}
}

// brought says whether the second ClientHello has the share that was asked for.
func brought(m *message, hello *tlswire.ClientHello, group uint16) string {
	if slices.Contains(shareGroups(hello), group) {
		return capital(at(m)) + " has the share."
	}
	return capital(at(m)) + " has no such share."
}

// shareGroups are the groups that a ClientHello has key shares for.
func shareGroups(hello *tlswire.ClientHello) []uint16 {
	groups := make([]uint16, 0, len(hello.KeyShares))
	for _, k := range hello.KeyShares {
		groups = append(groups, k.Group)
	}
	return genuine(groups)
}

// secondHello says what changed against the first ClientHello.
//
// "The client will also send a ClientHello when the server has responded to its
// ClientHello with a HelloRetryRequest. In that case, the client MUST send the
// same ClientHello without modification, except as follows" (RFC 8446 4.1.2).
func (w *writer) secondHello(msg *tlswire.ClientHello) {
	first := as[tlswire.ClientHello](w.r.hello)
	request := as[tlswire.ServerHello](w.r.retry)
	if first == nil || request == nil {
		return
	}
	w.say("This answers the HelloRetryRequest of %s.", at(w.r.retry))
	if group := request.SelectedGroup; group != 0 {
		p := w.extension(tlswire.ExtKeyShare)
		if shares := shareGroups(msg); len(shares) == 1 && shares[0] == group {
			w.note(p, "The one share that %s asked for.", at(w.r.retry))
		} else {
			w.note(p, "Not the one share for %s that %s asked for.", tlswire.GroupName(group), at(w.r.retry))
		}
	}
	if request.Cookie != nil && bytes.Equal(request.Cookie, msg.Cookie) {
		w.note(w.extension(tlswire.ExtCookie), "It is that of %s.", at(w.r.retry))
	}
	if changes := differences(first, msg); len(changes) > 0 {
		w.say("Against %s it has changed: %s.", at(w.r.hello), and(changes))
	} else {
		w.say("It is the same as %s.", at(w.r.hello))
	}
	if msg.Random != first.Random {
		w.note(w.root().to("random"), "It is not that of %s, which it has to repeat.", at(w.r.hello))
	}
}

// differences names the parts in which two ClientHellos differ, in the order of
// the later one, then what is gone.
func differences(first, second *tlswire.ClientHello) []string {
	var list []string
	part := func(name string, same bool) {
		if !same {
			list = append(list, name)
		}
	}
	part("legacy_version", first.Version == second.Version)
	part("random", first.Random == second.Random)
	part("legacy_session_id", bytes.Equal(first.SessionID, second.SessionID))
	part("cipher_suites", slices.Equal(first.CipherSuites, second.CipherSuites))
	for _, e := range second.Extensions {
		before, had := tlswire.FindExtension(first.Extensions, e.Type)
		switch {
		case !had:
			list = append(list, e.Name()+" (added)")
		default:
			part(e.Name(), bytes.Equal(before, e.Data))
		}
	}
	for _, e := range first.Extensions {
		if _, has := tlswire.FindExtension(second.Extensions, e.Type); !has {
			list = append(list, e.Name()+" (removed)")
		}
	}
	const most = 12
	if len(list) > most {
		list = append(list[:most], count(len(list)-most, "other part"))
	}
	return list
}

// capital begins a sentence with "step 7".
func capital(text string) string {
	if text == "" {
		return ""
	}
	return string(text[0]-'a'+'A') + text[1:]
}

// sofar is " yet" as long as the connection may go on.
func (w *writer) sofar() string {
	if w.b.ended() {
		return ""
	}
	return " yet"
}
