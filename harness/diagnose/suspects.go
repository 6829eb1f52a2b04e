package diagnose

import (
	"shakedown/harness/causes"
	"shakedown/harness/explain"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// errorsOnly returns everything that is wrong as far as one side's error and its
// own configuration tell: what they prove, and behind it what the error can mean.
// A side that reports no error has nothing to ask about.
func (r *reading) errorsOnly() []finding {
	if r.failure(r.own()) == nil && r.outcome(r.own()).Unloadable == nil {
		return nil
	}
	own := r.verificationOf(r.own())
	var all []finding
	all = append(all, r.apply(loadRules(r))...)
	if r.h.Outcome == Established {
		return append(r.apply([]rule{{"app-close", appClose}}), r.suspects()...)
	}
	if !r.outcome(r.own()).Complete {
		all = append(all, r.apply(spokenRules)...)
	}
	all = append(all, r.keyed(r.own(), r.chainFindings(own))...)
	all = append(all, r.chainFindings(r.verificationOf(r.own().Peer()))...)
	all = append(all, r.apply(ownFileRules)...)
	all = append(all, r.apply(lastRules)...)
	all = append(all, r.apply(policyRules(r))...)
	all = append(all, r.apply(callbackRules(r))...)
	all = append(all, r.apply(ownWordRules(r))...)
	return append(all, r.suspects()...)
}

// own returns the side whose errors they are.
func (r *reading) own() outcome.Role {
	if r.in.Client.Outcome.Known {
		return outcome.Client
	}
	return outcome.Server
}

func (r *reading) verificationOf(of outcome.Role) *verification {
	if of == outcome.Client {
		return r.client
	}
	return r.server
}

// suspects are what the one error that there is can mean, the likeliest first,
// short of what the side's own configuration rules out. None is certain.
func (r *reading) suspects() []finding {
	side := r.own()
	f := r.failure(side)
	if f == nil {
		return nil
	}
	ids := explain.Reported(f.Text, string(side))
	for _, d := range doubts {
		if d.fits(r, side, f) {
			ids = append(ids, d.ids...)
		}
	}
	var list []finding
	for _, id := range ids {
		if _, known := causes.Lookup(id); !known || r.alibi(side, id) {
			continue
		}
		s := found(saw(nil, "%s can mean it, and nothing in the %s's configuration speaks against it", field.Shorten(sentence(f.Text), 200), side)).certainIf(false).notSeen()
		if s.ID, s.leads = id, anyEnd; r.h.Outcome == Established {
			s.leads = Established
		}
		list = append(list, *s)
	}
	return list
}

// spokenRules are the faults that a side's own error proves by the bytes that it
// quotes (tls.RecordHeaderError).
var spokenRules = []rule{
	{"plain-http-server", spoke(outcome.Server, "HTTP/", "<!DOCTYPE", "<html")},
	{"banner-server", spoke(outcome.Server, "220", "SSH-", "+OK ", "* OK")},
	{"h2c-server", settingsFrame},
	{"proxy-protocol", spoke(outcome.Client, "PROXY", "\r\n\r\n\x00")},
	{"plain-client", spoke(outcome.Client, "GET ", "POST", "PUT ", "HEAD", "PRI ", "OPTI", "DELE", "PATC", "CONN")},
}

// ownFileRules are the faults that a side's own files and settings show once its
// error points there.
var ownFileRules = []rule{
	{"servername-dirty", dirtyName},
	{"client-trust-empty", trustsNothing(outcome.Client)},
	{"server-clientcas-empty", trustsNothing(outcome.Server)},
	{"client-trust-wrong-file", trustsNoCA(outcome.Client)},
	{"server-clientcas-wrong-file", trustsNoCA(outcome.Server)},
	{"server-clientcas-wrong-file", asksForItsOwn},
	{"bundle-partly-read", losesAnchors},
	{"client-self-signed", ownSelfSigned},
	{"client-no-cert", hasNoCertificate},
}

// askedWronglyRules are the faults of a server's own list of client CAs, by which
// a client chooses what it sends, where none came and only the server's view is
// known.
var askedWronglyRules = []rule{
	{"server-clientcas-wrong-file", whereOneSided(trustsNoCA(outcome.Server))},
	{"server-clientcas-wrong-file", whereOneSided(asksForItsOwn)},
	{"bundle-partly-read", whereOneSided(losesAnchors)},
}

// whereOneSided applies a rule where only one side's view is known: with both the
// chains themselves tell.
func whereOneSided(find func(*reading) *finding) func(*reading) *finding {
	return func(r *reading) *finding {
		if r.mode != OneSide || r.verifyKind() != outcome.NoCertificate {
			return nil
		}
		return find(r)
	}
}

// asksForItsOwn is a server that asks its clients for certificates of the CA of
// its own: one PKI for both, or the wrong file.
func asksForItsOwn(r *reading) *finding {
	if r.own() != outcome.Server || r.verifyKind() != outcome.NoCertificate || !r.anchorsAreOwn() {
		return nil
	}
	set := r.settings(outcome.Server)
	return found(saw(nil, "%s holds the CA of the server's own certificate", trustStore(outcome.Server, set))).certainIf(false).
		refusedBy(outcome.Server, "Certificate").as(outcome.NoCertificate)
}

// dirtyName is a client that is set to look for what is no name.
func dirtyName(r *reading) *finding {
	name := r.in.Client.Settings.ServerName
	clean, what := cleanName(name)
	if r.own() != outcome.Client || clean == name || r.verifyKind() != outcome.Hostname {
		return nil
	}
	return found(saw(nil, "the name %s that the client looks for has %s; names in certificates have none", quoted(name), what)).
		refusedBy(outcome.Client, "Certificate").as(outcome.Hostname)
}

// trustsNothing makes the rule for a side that found no path and has no trust
// anchor that one could end in.
func trustsNothing(by outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		set := r.settings(by)
		if r.own() != by || !set.Known || r.verifyKind() != outcome.UnknownAuthority || len(set.Trust) > 0 || set.SystemTrust || len(set.Skipped) > 0 {
			return nil
		}
		return found(saw(nil, "%s is empty", trustStore(by, set))).refusedBy(by, "Certificate").as(outcome.UnknownAuthority)
	}
}

// trustsNoCA makes the rule for a side that found no path, and whose trust anchors
// are end-entity certificates.
func trustsNoCA(by outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		if r.own() != by || r.verifyKind() != outcome.UnknownAuthority && r.verifyKind() != outcome.NoCertificate {
			return nil
		}
		shelf := newShelf(r.in.Signatures)
		var first *certificate
		for _, raw := range r.settings(by).Trust {
			c := shelf.put(raw)
			if c.std == nil || c.isCA() {
				return nil
			}
			if first == nil {
				first = c
			}
		}
		if first == nil {
			return nil
		}
		return found(saw(nil, "%s holds %s, which is no CA", trustStore(by, r.settings(by)), first.name())).
			refusedBy(by, "Certificate").as(outcome.UnknownAuthority, outcome.NoCertificate)
	}
}

// losesAnchors is a side that found no path, and whose trust file holds
// certificates that are not read.
func losesAnchors(r *reading) *finding {
	kind := r.verifyKind()
	if kind != outcome.UnknownAuthority && kind != outcome.NoCertificate {
		return nil
	}
	set := r.settings(r.own())
	for i := range set.Skipped {
		if b := &set.Skipped[i]; b.Role == "trust" {
			return found(saw(nil, "%s", passedOver(b))).certainIf(false).refusedBy(r.own(), "Certificate").as(kind)
		}
	}
	return nil
}

// ownSelfSigned is a client whose certificate no CA issued, and of which the
// server says that none came, or that it knows no such CA.
func ownSelfSigned(r *reading) *finding {
	v := r.client
	if r.own() != outcome.Client || v == nil || v.leaf().std == nil || !v.isSelfSigned(v.leaf()) || r.h.RefusedBy != outcome.Server {
		return nil
	}
	return found(saw(nil, "the client has %s, which is self-signed", v.leaf().name())).certainIf(false).refusedBy(outcome.Server).
		alert(alertsOf(outcome.UnknownAuthority, outcome.NoCertificate)...)
}

// hasNoCertificate is a client that has none to send, and a server that wants one.
func hasNoCertificate(r *reading) *finding {
	if set := r.in.Client.Settings; r.own() != outcome.Client || !set.Known || len(set.Credentials) > 0 || r.h.RefusedBy != outcome.Server {
		return nil
	}
	return found(saw(nil, "the client has no certificate configured")).certainIf(false).refusedBy(outcome.Server).
		alert(alertsOf(outcome.NoCertificate)...)
}

// alertsOf are the alerts for those kinds.
func alertsOf(kinds ...outcome.VerifyKind) []uint8 {
	var list []uint8
	for _, k := range kinds {
		list = append(list, alertsFor[k]...)
	}
	return list
}
