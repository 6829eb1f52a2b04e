package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// A Missing is evidence that the recording does not have.
type Missing struct {
	// What is missing, in a clause: "the client's trust store".
	What string
	// Settles says what it would decide.
	Settles string
	// Try is how to get it, or what to run with it; empty if nothing of ours helps.
	Try string
}

// missing lists the evidence that would settle what the diagnosis leaves open.
// Nothing is missing where nothing is open.
func (r *reading) missing(causes []Cause) []Missing {
	var list []Missing
	open := r.shown.Outcome == Unknown || slices.ContainsFunc(causes, func(c Cause) bool { return !c.Certain })
	if r.in.Timeline == nil && r.mode != ErrorsOnly || !open && (r.shown.Outcome == Established || len(causes) > 0) {
		return nil
	}
	for _, find := range []func(*reading) *Missing{missingRecording, missingStart, missingGap, missingKeys, missingEnd} {
		if m := find(r); m != nil {
			list = append(list, *m)
		}
	}
	for _, w := range wanted {
		var about []string
		for _, c := range causes {
			if !c.Certain && w.about(c.ID) {
				about = append(about, c.ID)
			}
		}
		if len(about) == 0 {
			continue
		}
		if m := w.make(r, about); m != nil {
			list = append(list, *m)
		}
	}
	return list
}

// missingRecording is all that a log leaves out.
func missingRecording(r *reading) *Missing {
	if r.mode != ErrorsOnly {
		return nil
	}
	m := &Missing{
		What:    "a recording of the connection: there is only what the " + string(r.own()) + " says",
		Settles: "what was offered and shown, and which message was refused",
		Try:     "record the connection (tcpdump -s 0 -w FILE) with SSLKEYLOGFILE=keys.log set for the " + string(r.own()) + ", then: shakedown open FILE --keylog keys.log",
	}
	if r.own() == outcome.Client && r.in.Client.Settings.Address != "" {
		m.Try = r.connectWith(" -msg </dev/null", "")
	}
	return m
}

func missingStart(r *reading) *Missing {
	if !r.w.midStream() {
		return nil
	}
	return &Missing{
		What:    "the beginning of the connection: the recording begins behind the ClientHello",
		Settles: "what was offered and agreed upon, and which keys open the rest",
		Try:     "begin to record before the client connects",
	}
}

func missingGap(r *reading) *Missing {
	if r.w.gap == nil {
		return nil
	}
	return &Missing{
		What:    fmt.Sprintf("what the recording has lost at step %d, from the %s", r.w.gap.N, r.w.gap.From),
		Settles: "what was sent there; nothing can be said not to have been sent",
		Try:     "record again with a larger buffer and without a limit of bytes per packet (tcpdump -B 16384 -s 0)",
	}
}

func missingKeys(r *reading) *Missing {
	if r.w.absent {
		return nil
	}
	n, unreadable := 0, 0
	for _, s := range r.w.timeline.Steps {
		switch {
		case s.Sealed() && s.Unreadable():
			unreadable++
		case s.Sealed():
			n++
		}
	}
	if n+unreadable == 0 {
		return nil
	}
	what := "the certificates, and the alert if there is one"
	if r.w.before13() {
		what = "what follows the ChangeCipherSpec, and the alert if there is one"
	}
	unit := "record"
	if r.quic() {
		unit = "packet"
	}
	if n == 0 {
		return &Missing{
			What:    fmt.Sprintf("what is in %s: shakedown does not undo their protection, whatever the key", plural(unreadable, unit)),
			Settles: what,
			Try:     "set SSLKEYLOGFILE=keys.log for the client or the server, record again, then: tshark -r FILE -o tls.keylog_file:keys.log -O tls",
		}
	}
	return &Missing{
		What:    fmt.Sprintf("the session keys: %s encrypted, and no key log that was given opens what is in them", are(n, unit)),
		Settles: what,
		Try:     "set SSLKEYLOGFILE=keys.log for the client or the server, record again, then: shakedown open FILE --keylog keys.log",
	}
}

func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return plural(n, noun) + " are"
}

// missingEnd is a recording that stops before the connection does.
func missingEnd(r *reading) *Missing {
	if r.w.absent || r.shown.Outcome != Unknown || r.w.ended != nil || len(r.w.closes) > 0 {
		return nil
	}
	var last *dissect.Step
	for _, s := range r.w.timeline.Steps {
		if s.Kind != dissect.KindLocal && !s.Chatter() {
			last = s
		}
	}
	if last == nil {
		return &Missing{What: "every packet of the connection: the recording has none", Settles: "everything", Try: "see that the recording is made where the packets pass"}
	}
	return &Missing{
		What:    fmt.Sprintf("the end of the connection: the last that the recording has is step %d, %s from the %s", last.N, last.Name, last.From),
		Settles: "what became of it",
		Try:     "record until the client has given up or both sides have closed",
	}
}

// A wantedEvidence is evidence about a side that the wire never shows.
type wantedEvidence struct {
	about func(id string) bool
	make  func(r *reading, about []string) *Missing
}

// oneOf makes the test whether an id is one of those.
func oneOf(ids ...string) func(string) bool {
	return func(id string) bool { return slices.Contains(ids, id) }
}

// wanted are in the order in which they are had most easily.
var wanted = []wantedEvidence{
	{oneOf("client-no-cert", "client-ca-hint-mismatch", "client-key-unsupported", "client-sigalg-mismatch", "certrequest-damaged", "proxy-reoriginates"), clientsCertificate},
	{oneOf("server-untrusted-ca", "server-missing-intermediate", "server-ca-rotated", "server-self-signed", "server-wrong-intermediate", "server-root-expired", "client-trust-empty", "client-trust-wrong-file"), trustOf(outcome.Client)},
	{oneOf("client-untrusted-ca", "client-missing-intermediate", "client-ca-rotated", "client-self-signed", "client-wrong-intermediate", "client-root-expired", "server-clientcas-empty", "server-clientcas-wrong-file"), trustOf(outcome.Server)},
	{func(id string) bool {
		return strings.HasPrefix(id, "client-clock-") || id == "server-expired" || id == "server-not-yet-valid"
	}, clockOf(outcome.Client)},
	{func(id string) bool {
		return strings.HasPrefix(id, "server-clock-") || id == "client-expired" || id == "client-not-yet-valid"
	}, clockOf(outcome.Server)},
	{oneOf("server-hostname", "server-wildcard-depth", "servername-dirty", "server-cn-only", "server-ip-no-ip-san", "server-ip-other-san", "server-ip-in-dns-san", "server-uri-san-only", "server-san-is-url"), clientsName},
	{oneOf("curve-mismatch", "cipher-mismatch", "cipher-vs-cert", "pq-only-server", "alpn-server-none", "alpn-h2-vs-http11", "server-request-only"), serversSettings},
	{oneOf("policy-refused", "app-close", "reset-hides-alert", "policy-verifypeer", "policy-verifyconnection", "client-revoked", "crl-stale", "client-staple-missing"), serversLog},
	{oneOf("getcertificate-error", "getconfigforclient-error", "server-signer-fails", "server-p224", "server-rsa512", "rsa-kex-only-peer"), logOf(outcome.Server)},
	{oneOf("getclientcert-error", "client-signer-fails", "client-p224-forced", "server-pin", "server-revoked", "server-staple-missing"), logOf(outcome.Client)},
	{oneOf("server-key-mismatch", "server-chain-wrong-order"), keyOf(outcome.Server)},
	{oneOf("client-key-mismatch", "client-chain-wrong-order"), keyOf(outcome.Client)},
	{oneOf("altered-on-path", "corrupt-record", "server-mitm", "blackhole", "large-hello-dropped", "quic-silence", "quic-mtu-blackhole", "quic-client-flight-lost", "client-gone", "cut-mid-flight"), otherRecording},
}

// otherRecording is the same connection as it was where the other side is: what a
// path does is only seen from both of its ends.
func otherRecording(r *reading, about []string) *Missing {
	if r.mode != OneSide && r.mode != WireOnly {
		return nil
	}
	where := "at both ends"
	if r.mode == OneSide {
		where = "at the " + string(r.own().Peer())
	}
	return &Missing{
		What:    "a recording that was made " + where + ": what left one side and did not arrive at the other, or arrived as something else",
		Settles: between(about),
		Try:     "tcpdump -s 0 -w FILE, there, at the same time",
	}
}

// trustOf is the verifier's trust store.
func trustOf(by outcome.Role) func(*reading, []string) *Missing {
	return func(r *reading, about []string) *Missing {
		v := r.server
		if by == outcome.Server {
			v = r.client
		}
		if v == nil || v.anchorsKnown || r.settings(by).Known {
			return nil
		}
		trust, of := "CLIENT-TRUST.pem", "SERVER"
		if by == outcome.Server {
			trust, of = "SERVER-CLIENT-CAS.pem", "CLIENT"
		}
		try := fmt.Sprintf("shakedown debug --%s-cert %s --%s-key %s-KEY.pem --%s-trust %s", v.of, v.certArg(), v.of, of, by, trust)
		if by == outcome.Client && v.name != "" {
			try += flag("--server-name", v.name)
		}
		return &Missing{
			What:    trustStore(by, r.settings(by)) + ": which CAs it holds, and with which keys",
			Settles: between(about),
			Try:     try,
		}
	}
}

func clockOf(by outcome.Role) func(*reading, []string) *Missing {
	return func(r *reading, about []string) *Missing {
		if !r.settings(by).Clock.IsZero() {
			return nil
		}
		m := &Missing{What: fmt.Sprintf("the %s's clock", by), Settles: between(about), Try: "date -u"}
		if !r.in.Recorded.IsZero() {
			m.What += fmt.Sprintf(" when the recording began (%s by the recorder's)", instant(r.in.Recorded))
		}
		return m
	}
}

func clientsName(r *reading, about []string) *Missing {
	if r.settings(outcome.Client).Known {
		return nil
	}
	m := &Missing{What: "the name that the client verifies the server's certificate for", Settles: between(about)}
	if v := r.server; v != nil {
		if v.nameFrom != "" {
			m.What += fmt.Sprintf("; %s is assumed, from %s", quoted(v.name), v.nameFrom)
		}
		m.Try = tryNames(v, nil)
	}
	return m
}

func clientsCertificate(r *reading, about []string) *Missing {
	if r.settings(outcome.Client).Known {
		return nil
	}
	return &Missing{
		What:    "what certificate the client is configured with",
		Settles: between(about),
		Try:     "shakedown debug --client-cert CLIENT-CERTIFICATE.pem --client-key CLIENT-KEY.pem --server-trust SERVER-CLIENT-CAS.pem",
	}
}

func serversSettings(r *reading, about []string) *Missing {
	if r.knownServer() {
		return nil
	}
	return &Missing{What: "the server's configuration", Settles: between(about), Try: r.reconnect()}
}

func serversLog(r *reading, about []string) *Missing {
	if r.outcome(outcome.Server).Known {
		return nil
	}
	return &Missing{What: "the server's log of this connection", Settles: "whether it refused the client, and by which of its checks"}
}

// logOf is the log of a side that ended the handshake for a reason of its own.
func logOf(of outcome.Role) func(*reading, []string) *Missing {
	return func(r *reading, about []string) *Missing {
		if r.outcome(of).Known {
			return nil
		}
		return &Missing{What: fmt.Sprintf("the %s's log of this connection: it has the reason in words", of), Settles: between(about)}
	}
}

func keyOf(of outcome.Role) func(*reading, []string) *Missing {
	return func(r *reading, about []string) *Missing {
		v := r.client
		if of == outcome.Server {
			v = r.server
		}
		if v == nil || r.settings(of).Known {
			return nil
		}
		return &Missing{
			What:    fmt.Sprintf("the key that the %s signs with", of),
			Settles: "whether it belongs to the first certificate that was sent",
			Try:     compareKeys(v.certArg(), shell("", placeholder(of, "KEY"))),
		}
	}
}

// between says which causes it would tell apart.
func between(about []string) string {
	if len(about) == 1 {
		return "whether it is " + about[0]
	}
	return "whether it is " + strings.Join(about[:len(about)-1], ", ") + " or " + about[len(about)-1]
}
