package diagnose

import (
	"fmt"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// rawFacts are the facts of an end that no rule accounts for, as they were
// recorded and without a guess: what contradicts itself first, then each side's
// own words, then what the wire has of the end.
func (r *reading) rawFacts(contradictions []Evidence) []Evidence {
	list := slices.Clone(contradictions)
	for _, role := range roles {
		o := r.outcome(role)
		switch f := o.Failure(); {
		case o.Unloadable != nil:
			list = append(list, saw(nil, "the %s does not start: %s", role, sentence(o.Unloadable.Text)))
		case f != nil:
			list = append(list, saw(r.said(role), "the %s says %s%s", role, sentence(f.Text), typed(f)))
		case o.Known && o.Complete:
			list = append(list, saw(nil, "the %s has completed its handshake and reports no error", role))
		}
	}
	for _, s := range r.w.refusals {
		list = append(list, saw(s, "the %s sends %s", s.From, s.Name))
	}
	if s := r.w.ended; s != nil {
		list = append(list, saw(s, "the %s ends the connection with %s", s.From, s.Name))
	}
	last := firstOf(r.w.client.last, r.w.server.last)
	if s := r.w.server.last; s != nil && s.N > last.N {
		last = s
	}
	if last != nil {
		list = append(list, saw(last, "the last handshake message is the %s's %s", last.From, last.Name))
	}
	return distinct(list)
}

// typed says what an error's type says, empty if that is nothing.
func typed(f *outcome.Failure) string {
	switch {
	case f.Verify != nil:
		return fmt.Sprintf(" (its own verification: %s)", f.Verify.Kind)
	case f.Peer != nil:
		return fmt.Sprintf(" (told by the other side: %s)", tlswire.AlertName(f.Peer.Code))
	case f.Local != nil && f.Local.HasCode:
		return fmt.Sprintf(" (its own alert: %s)", tlswire.AlertName(f.Local.Code))
	case f.Transport != "":
		return fmt.Sprintf(" (the transport: %s)", f.Transport)
	}
	return ""
}

// contradictions are facts that cannot both be true. Where there are any, nothing
// that follows from one of them is worth saying.
func (r *reading) contradictions() []Evidence {
	var list []Evidence
	for _, role := range roles {
		o := r.outcome(role)
		f := o.Failure()
		if o.Complete && o.Handshake != nil {
			list = append(list, saw(nil, "the %s reports both a complete handshake and the error of one", role))
		}
		if f == nil {
			continue
		}
		if f.Peer != nil && f.Local != nil {
			list = append(list, saw(nil, "the %s's error is both its own decision and the other side's", role))
		}
		if v := f.Verify; v != nil && f.Callback == "" {
			switch {
			case len(o.VerifiedChains) > 0 && !o.Negotiated.Resumed && slices.Contains(chainKinds, v.Kind):
				list = append(list, saw(nil, "the %s reports a verified chain and that verification failed (%s)", role, v.Kind))
			case role == outcome.Client && v.Kind == outcome.NoCertificate:
				list = append(list, saw(nil, "the client reports that no client certificate came"))
			case role == outcome.Server && v.Kind == outcome.Hostname:
				list = append(list, saw(nil, "the server reports that a name does not fit, and servers look for none"))
			}
		}
	}
	return append(list, r.misquoted()...)
}

// chainKinds are the failures of building and judging a chain.
var chainKinds = []outcome.VerifyKind{
	outcome.UnknownAuthority, outcome.Expired, outcome.Hostname, outcome.IncompatibleEKU, outcome.NameConstraint,
	outcome.PathLength, outcome.CriticalExt, outcome.NotAuthorized, outcome.NoCertificate,
}

// misquoted are sides that report an alert of the other which that has not sent,
// where both were recorded, all could be read and nobody is seen to have touched
// the connection.
func (r *reading) misquoted() []Evidence {
	if r.mode != BothSides || r.w.absent || !r.w.readToEnd() || len(r.w.tampered()) > 0 || len(r.w.forgeries) > 0 {
		return nil
	}
	var list []Evidence
	for _, role := range roles {
		f := r.failure(role)
		sent := r.w.refusal(role.Peer())
		if f == nil || f.Peer == nil || f.Peer.Code == closeNotify {
			continue
		}
		switch {
		case sent == nil && toldOf(r.outcome(role.Peer())):
			list = append(list, saw(nil, "the %s was told %s, the %s was told something as well, and neither has decided", role, tlswire.AlertName(f.Peer.Code), role.Peer()))
		case sent != nil && sent.Alert != nil && sent.Alert.Code != f.Peer.Code:
			list = append(list, saw(sent, "the %s was told %s, and what the %s sent is %s", role, tlswire.AlertName(f.Peer.Code), role.Peer(), sent.Name))
		}
	}
	return list
}
