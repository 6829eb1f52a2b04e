package diagnose

import (
	"crypto/tls"
	"slices"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// helloRules are the faults of negotiation. They bite before any certificate is
// seen, so that a ServerHello refutes all but those of ALPN.
var helloRules = []rule{
	{"version-mismatch", versionMismatch},
	{"alpn-mismatch", alpnMismatch},
	{"alpn-client-none", alpnClientNone},
	{"alpn-h2-vs-http11", alpnH2},
	{"alpn-server-none", alpnServerNone},
	{"pq-only-server", pqOnlyServer},
	{"curve-mismatch", curveMismatch},
	{"sha1-sigalg-only-peer", sha1Only},
	{"rsa-kex-only-peer", onlyRSAKeyExchange},
	{"cipher-vs-cert", cipherVersusCertificate},
	{"cipher-mismatch", cipherMismatch},
	{"server-no-cert", serverNoCert},
}

// hello is what the client offers, from the wire if it is there, else as it is set.
type hello struct {
	versions, suites, groups []uint16
	alpn                     []string
}

func (r *reading) offered() hello {
	if m := r.w.lastHello; m.ok() {
		versions := m.msg.SupportedVersions
		if len(versions) == 0 {
			versions = []uint16{m.msg.Version}
		}
		return hello{withoutGREASE(versions), withoutGREASE(m.msg.CipherSuites), withoutGREASE(m.msg.SupportedGroups), m.msg.ALPN}
	}
	return r.accepts(outcome.Client)
}

// accepts returns what a side is set to offer or to accept.
func (r *reading) accepts(role outcome.Role) hello {
	s := r.settings(role)
	return hello{versionsOf(s, r.quic()), suitesOf(s), groupsOf(s), s.ALPN}
}

func withoutGREASE(codes []uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(codes), tlswire.IsGREASE)
}

// versionsOf returns a side's versions. QUIC has TLS 1.3 alone (RFC 9001 4.2).
func versionsOf(s *outcome.Settings, quic bool) []uint16 {
	var list []uint16
	for _, v := range []uint16{tls13, tls12} {
		if (s.MinVersion == 0 || v >= s.MinVersion) && (s.MaxVersion == 0 || v <= s.MaxVersion) && (!quic || v == tls13) {
			list = append(list, v)
		}
	}
	return list
}

func suitesOf(s *outcome.Settings) []uint16 {
	if len(s.CipherSuites) > 0 {
		return s.CipherSuites
	}
	var list []uint16
	for _, suite := range tls.CipherSuites() {
		list = append(list, suite.ID)
	}
	return list
}

// groupsOf returns a side's groups, crypto/tls's own where none are set.
func groupsOf(s *outcome.Settings) []uint16 {
	if len(s.Groups) > 0 {
		return s.Groups
	}
	return []uint16{0x11ec, 0x11eb, 0x11ed, 0x001d, 0x0017, 0x0018, 0x0019}
}

// common returns what is in both lists.
func common[T comparable](a, b []T) []T {
	var list []T
	for _, x := range a {
		if slices.Contains(b, x) {
			list = append(list, x)
		}
	}
	return list
}

// open says that the server has not answered yet, so that negotiation can fail.
func (r *reading) open() bool {
	return !r.w.serverHello.ok() && !r.completeSomewhere() && r.h.Outcome != Unloadable
}

// stoppedAtHello says that the server refused the ClientHello with one of these alerts.
func (r *reading) stoppedAtHello(alerts ...uint8) bool {
	if r.h.Outcome != Refused || r.h.RefusedBy != outcome.Server || !r.open() {
		return false
	}
	code, ok := alertCode(&r.in, r.w, outcome.Server)
	return ok && slices.Contains(alerts, code)
}

// knownServer says that the server's settings are known.
func (r *reading) knownServer() bool { return r.in.Server.Settings.Known }

func (r *reading) knownClient() bool {
	return r.in.Client.Settings.Known || r.w.clientHello.ok()
}

// unnamedHandshakeFailure is for a server whose settings are unknown and that
// answers a ClientHello with handshake_failure: suites and groups are both possible.
func (r *reading) unnamedHandshakeFailure(id string) *finding {
	if r.knownServer() || !r.stoppedAtHello(alertHandshakeFailure, alertInsufficientSecurity) {
		return nil
	}
	offer := r.offered()
	e := saw(r.w.lastHello.step, "the client offers the cipher suites %s", names16(offer.suites, tlswire.CipherSuiteName))
	switch id {
	case "curve-mismatch":
		e = saw(r.w.lastHello.step, "the client supports the groups %s", names16(offer.groups, tlswire.GroupName))
	case "pq-only-server":
		if !slices.Contains(offer.versions, tls13) || slices.ContainsFunc(offer.groups, postQuantum) {
			return nil
		}
		e = saw(r.w.lastHello.step, "the client supports no group with a post-quantum part, only %s", names16(offer.groups, tlswire.GroupName))
	case "cipher-vs-cert":
		kind := keyOfAll(old(offer.suites))
		if slices.Contains(offer.versions, tls13) || kind == "" {
			return nil
		}
		e = saw(r.w.lastHello.step, "all cipher suites that the client offers want a server's key of %s", kind)
	}
	f := found(e, saw(r.w.refusal(outcome.Server), "the server answers handshake_failure, which names neither")).
		mend("", r.reconnect()).certainIf(false).refusedBy(outcome.Server).alert(alertHandshakeFailure, alertInsufficientSecurity)
	f.unseen = !offer.unusual(id)
	return f
}

// unusual says that an offer is one for which servers refuse a client in that way:
// what nearly every server takes is not in it.
func (h hello) unusual(id string) bool {
	both := slices.Contains(h.groups, groupX25519) && slices.Contains(h.groups, groupP256)
	suites := old(h.suites)
	modern := slices.ContainsFunc(suites, modern)
	switch id {
	case "curve-mismatch":
		return !both
	case "pq-only-server", "cipher-vs-cert":
		return both && (modern || id != "cipher-vs-cert")
	case "cipher-mismatch":
		return !slices.Contains(h.versions, tls13) && !modern && slices.ContainsFunc(suites, func(s uint16) bool { return !staticRSA(s) })
	}
	return false
}

const (
	groupP256   = 0x0017
	groupX25519 = 0x001d
)

// modern says of a TLS 1.2 suite that it is one that servers of today prefer:
// ephemeral keys and an AEAD (RFC 9325 4.2).
func modern(suite uint16) bool {
	name := tlswire.CipherSuiteName(suite)
	return strings.HasPrefix(name, "TLS_ECDHE_") && (strings.Contains(name, "_GCM_") || strings.Contains(name, "_POLY1305_"))
}

func serverNoCert(r *reading) *finding {
	set := r.in.Server.Settings
	switch {
	case !r.open() || r.h.Outcome == Unloadable:
		return nil
	case set.Known && len(set.Credentials) == 0:
		return found(saw(nil, "the server has no certificate to present")).refusedBy(outcome.Server).alert(alertUnrecognizedName, alertInternalError, alertHandshakeFailure)
	case !set.Known && r.stoppedAtHello(alertUnrecognizedName):
		return found(saw(r.w.lastHello.step, "the client asks for %s, and the server has no certificate for that name", r.askedName())).
			mend("", r.reconnect()).refusedBy(outcome.Server).alert(alertUnrecognizedName)
	}
	return nil
}

// askedName is the name that the client asks for, quoted.
func (r *reading) askedName() string {
	name, _ := r.serverName()
	if name == "" {
		return "no name"
	}
	return quoted(name)
}

func names16(list []uint16, name func(uint16) string) string {
	var words []string
	for _, c := range list[:min(len(list), 2*maxNames)] {
		words = append(words, name(c))
	}
	if len(list) == 0 {
		return "nothing"
	}
	return orNone(words, len(list))
}
