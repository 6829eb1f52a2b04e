package diagnose

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
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
	{"alpn-server-none", alpnServerNone},
	{"alpn-h2-vs-http11", alpnH2},
	{"pq-only-server", pqOnlyServer},
	{"curve-mismatch", curveMismatch},
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
	code, ok := alertCode(r.in, r.w, outcome.Server)
	return ok && slices.Contains(alerts, code)
}

// knownServer says that the server's settings are known.
func (r *reading) knownServer() bool { return r.in.Server.Settings.Known }

func (r *reading) knownClient() bool {
	return r.in.Client.Settings.Known || r.w.clientHello.ok()
}

func versionMismatch(r *reading) *finding {
	if !r.open() || !r.knownClient() {
		return nil
	}
	offer := r.offered()
	step := r.w.lastHello.step
	if !r.knownServer() {
		if !r.stoppedAtHello(alertProtocolVersion) {
			return nil
		}
		return found(saw(step, "the client offers %s, and the server supports none of that", versions(offer.versions))).
			mend("", r.reconnect()).refusedBy(outcome.Server).alert(alertProtocolVersion)
	}
	f := r.versionsDiffer()
	if f == nil {
		return nil
	}
	f.by, f.leads = r.h.RefusedBy, Refused
	return f.alert(alertProtocolVersion, alertInternalError, alertHandshakeFailure)
}

// versionsDiffer compares what the client offers with what the server accepts.
func (r *reading) versionsDiffer() *finding {
	offer, accepts := r.offered().versions, r.accepts(outcome.Server).versions
	if !r.knownClient() || !r.knownServer() || len(common(offer, accepts)) > 0 {
		return nil
	}
	says := saw(r.w.lastHello.step, "the client offers %s", versions(offer))
	if len(offer) == 0 {
		says = saw(nil, "the client is set to nothing above %s", tlswire.VersionName(r.in.Client.Settings.MaxVersion))
	}
	f := found(says, saw(nil, "the server accepts %s", versions(accepts)))
	if r.quic() {
		f.Evidence = append(f.Evidence, saw(nil, "QUIC needs TLS 1.3 (RFC 9001 4.2)"))
	}
	return f
}

func versions(list []uint16) string {
	return names16(list, tlswire.VersionName)
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

func protocols(list []string) string {
	if len(list) == 0 {
		return "no protocol"
	}
	return listed(list)
}

// alpnLists returns both sides' protocols where ALPN can still fail.
func (r *reading) alpnLists() (client, server []string, ok bool) {
	if r.h.Outcome == Unloadable || !r.knownClient() || !r.knownServer() || r.resumed() {
		return nil, nil, false
	}
	return r.offered().alpn, r.accepts(outcome.Server).alpn, true
}

func alpnMismatch(r *reading) *finding {
	step := r.w.lastHello.step
	if !r.knownServer() {
		if !r.stoppedAtHello(alertNoApplicationProto) || len(r.offered().alpn) == 0 {
			return nil
		}
		return found(saw(step, "the client offers %s by ALPN, and the server supports none of it", protocols(r.offered().alpn))).
			mend("", r.reconnect()).refusedBy(outcome.Server).alert(alertNoApplicationProto)
	}
	client, server, ok := r.alpnLists()
	if !ok || !r.open() || len(client) == 0 || len(server) == 0 || len(common(client, server)) > 0 || h2Exempt(client, server) {
		return nil
	}
	return found(saw(step, "the client offers %s by ALPN", protocols(client)), saw(nil, "the server supports %s", protocols(server))).
		mend("", "").refusedBy(outcome.Server).alert(alertNoApplicationProto)
}

// h2Exempt says that crypto/tls lets an http/1.1 client connect to an h2 server
// as if there were no ALPN.
func h2Exempt(client, server []string) bool {
	return slices.Contains(client, "http/1.1") && slices.Contains(server, "h2") && len(common(client, server)) == 0
}

// alpnH2 is the pair that crypto/tls lets pass without a protocol. Over TCP the
// handshake succeeds, and HTTP/2 or gRPC fails after it; a QUIC client refuses.
func alpnH2(r *reading) *finding {
	client, server, ok := r.alpnLists()
	if !ok || !h2Exempt(client, server) || r.w.timeline.ALPN != "" {
		return nil
	}
	f := found(
		saw(r.w.lastHello.step, "the client offers %s by ALPN", protocols(client)),
		saw(nil, "the server supports %s; Go lets this one pair pass without a protocol", protocols(server)),
	)
	if r.quic() {
		return f.refusedBy(outcome.Client, "EncryptedExtensions", "ServerHello").alert(alertNoApplicationProto)
	}
	return f.leadsTo(Established)
}

func alpnClientNone(r *reading) *finding {
	client, server, ok := r.alpnLists()
	if !r.knownServer() && r.stoppedAtHello(alertNoApplicationProto) && len(r.offered().alpn) == 0 {
		server, ok = []string{"a protocol"}, true
	}
	if !ok || !r.open() || !r.quic() || len(client) > 0 || len(server) == 0 {
		return nil
	}
	return found(
		saw(r.w.lastHello.step, "the client offers no protocol by ALPN, and QUIC requires one (RFC 9001 8.1)"),
		saw(nil, "the server supports %s", protocols(server)),
	).refusedBy(outcome.Server).alert(alertNoApplicationProto)
}

func alpnServerNone(r *reading) *finding {
	client, server, ok := r.alpnLists()
	if !ok || !r.quic() || len(server) > 0 || len(client) == 0 || r.in.Client.Outcome.Complete {
		return nil
	}
	return found(
		saw(r.w.lastHello.step, "the client offers %s by ALPN", protocols(client)),
		saw(r.w.encryptedExtensions.step, "the server selects none, and QUIC requires one (RFC 9001 8.1)"),
	).refusedBy(outcome.Client, "EncryptedExtensions", "ServerHello").alert(alertNoApplicationProto)
}

// postQuantum says that a group has an ML-KEM part.
func postQuantum(group uint16) bool {
	return group >= 0x11eb && group <= 0x11ee || group >= 0x0200 && group <= 0x0202
}

// groupsDiffer returns both sides' groups if they have none in common. TLS 1.2
// knows no post-quantum groups.
func (r *reading) groupsDiffer() (client, server []uint16, differ bool) {
	if !r.open() || !r.knownClient() || !r.knownServer() {
		return nil, nil, false
	}
	client, server = r.offered().groups, r.accepts(outcome.Server).groups
	usable := common(client, server)
	if !r.negotiates13() {
		usable = slices.DeleteFunc(usable, postQuantum)
	}
	return client, server, len(client) > 0 && len(usable) == 0 && len(common(r.offered().versions, r.accepts(outcome.Server).versions)) > 0
}

// negotiates13 says that both sides would settle on TLS 1.3.
func (r *reading) negotiates13() bool {
	return slices.Contains(common(r.offered().versions, r.accepts(outcome.Server).versions), tls13)
}

func pqOnlyServer(r *reading) *finding {
	client, server, differ := r.groupsDiffer()
	if !differ || slices.ContainsFunc(server, func(g uint16) bool { return !postQuantum(g) }) {
		return nil
	}
	return r.groupFinding(client, server)
}

func curveMismatch(r *reading) *finding {
	client, server, differ := r.groupsDiffer()
	if !differ || !slices.ContainsFunc(server, func(g uint16) bool { return !postQuantum(g) }) {
		return r.unnamedHandshakeFailure("curve-mismatch")
	}
	return r.groupFinding(client, server)
}

func (r *reading) groupFinding(client, server []uint16) *finding {
	return found(
		saw(r.w.lastHello.step, "the client supports the groups %s", names16(client, tlswire.GroupName)),
		saw(nil, "the server accepts %s", names16(server, tlswire.GroupName)),
	).refusedBy(outcome.Server).alert(alertHandshakeFailure, alertIllegalParameter)
}

// old returns the TLS 1.2 suites of a list. Go lets nobody choose those of TLS 1.3.
func old(suites []uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(suites), func(s uint16) bool { return s>>8 == 0x13 })
}

func cipherMismatch(r *reading) *finding {
	if !r.open() || !r.knownClient() || !r.knownServer() {
		return r.unnamedHandshakeFailure("cipher-mismatch")
	}
	client, server := old(r.offered().suites), old(r.accepts(outcome.Server).suites)
	if r.negotiates13() || len(common(client, server)) > 0 || len(common(r.offered().versions, r.accepts(outcome.Server).versions)) == 0 {
		return nil
	}
	return r.suiteFinding(client, server)
}

func (r *reading) suiteFinding(client, server []uint16, more ...Evidence) *finding {
	f := found(
		saw(r.w.lastHello.step, "the client offers the cipher suites %s", names16(client, tlswire.CipherSuiteName)),
		saw(nil, "the server accepts %s", names16(server, tlswire.CipherSuiteName)),
	)
	f.Evidence = append(f.Evidence, more...)
	return f.refusedBy(outcome.Server).alert(alertHandshakeFailure)
}

// cipherVersusCertificate is an overlap of suites that the key of the server's
// certificate cannot serve: in TLS 1.2 the suite names the signature's algorithm.
func cipherVersusCertificate(r *reading) *finding {
	if !r.open() || !r.knownClient() || !r.knownServer() || r.negotiates13() || r.server == nil || r.server.leaf().std == nil {
		return nil
	}
	both := common(old(r.offered().suites), old(r.accepts(outcome.Server).suites))
	if len(both) == 0 {
		return nil
	}
	word, kind := suiteKey(r.server.leaf().std.PublicKey)
	if word == "" || slices.ContainsFunc(both, func(s uint16) bool { return strings.Contains(tls.CipherSuiteName(s), word) }) {
		return nil
	}
	return r.suiteFinding(old(r.offered().suites), old(r.accepts(outcome.Server).suites),
		saw(nil, "both have %s, and the server's certificate has a key of %s", names16(both, tlswire.CipherSuiteName), kind))
}

// suiteKey returns the word in a TLS 1.2 suite's name that a key can serve.
func suiteKey(key any) (word, kind string) {
	switch key.(type) {
	case *rsa.PublicKey:
		return "_RSA_", "RSA"
	case *ecdsa.PublicKey:
		return "_ECDSA_", "ECDSA"
	case ed25519.PublicKey:
		return "_ECDSA_", "Ed25519"
	}
	return "", ""
}

// unnamedHandshakeFailure is for a server whose settings are unknown and that
// answers a ClientHello with handshake_failure: suites and groups are both possible.
func (r *reading) unnamedHandshakeFailure(id string) *finding {
	if r.knownServer() || !r.stoppedAtHello(alertHandshakeFailure, alertInsufficientSecurity) {
		return nil
	}
	offer := r.offered()
	e := saw(r.w.lastHello.step, "the client offers the cipher suites %s", names16(offer.suites, tlswire.CipherSuiteName))
	if id == "curve-mismatch" {
		e = saw(r.w.lastHello.step, "the client supports the groups %s", names16(offer.groups, tlswire.GroupName))
	}
	return found(e, saw(r.w.refusal(outcome.Server), "the server answers handshake_failure, which names neither")).
		mend("", r.reconnect()).unless(false).refusedBy(outcome.Server).alert(alertHandshakeFailure, alertInsufficientSecurity)
}

func serverNoCert(r *reading) *finding {
	set := r.in.Server.Settings
	switch {
	case !r.open() || r.h.Outcome == Unloadable:
		return nil
	case set.Known && len(set.Credentials) == 0:
		return found(saw(nil, "the server has no certificate to present")).refusedBy(outcome.Server).alert(alertUnrecognizedName, alertInternalError, alertHandshakeFailure)
	case !set.Known && r.stoppedAtHello(alertUnrecognizedName):
		return found(saw(r.w.lastHello.step, "the client asks for %s, and the server has no certificate for that name", quoted(r.serverName()))).
			mend("", r.reconnect()).refusedBy(outcome.Server).alert(alertUnrecognizedName)
	}
	return nil
}
