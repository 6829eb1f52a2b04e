package diagnose

import (
	"crypto/x509"
	"fmt"
	"net"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// A reading is everything that the rules look at: what happened, the messages of
// the wire by name, and both chains analysed.
type reading struct {
	in   Input
	mode Mode
	w    *wire
	// shown is what the recording shows to have happened. h is what the rules
	// reason from: the same, or, where that is unknown, what is likely; then
	// guessed is set and nothing that is found can be certain.
	shown, h Happening
	guessed  bool
	// server and client are those sides' chains, nil where a side has none.
	server, client *verification
}

func read(in Input) *reading {
	in.Client.Outcome.Role, in.Server.Outcome.Role = outcome.Client, outcome.Server
	r := &reading{in: in, mode: modeOf(&in), w: readWire(in.Timeline)}
	r.shown = happened(&r.in, r.w)
	r.h = r.shown
	if likely := r.shown.Likely; r.shown.Outcome == Unknown && likely != nil {
		r.h.Outcome, r.h.RefusedBy, r.h.At = likely.Outcome, likely.RefusedBy, likely.At
		r.guessed = true
	}
	shelf := r.shelve()
	r.server = r.verification(shelf, outcome.Server)
	r.client = r.verification(shelf, outcome.Client)
	for _, v := range []*verification{r.server, r.client} {
		if v != nil {
			v.run()
		}
	}
	return r
}

func (r *reading) settings(role outcome.Role) *outcome.Settings { return &r.in.side(role).Settings }

func (r *reading) outcome(role outcome.Role) *outcome.Outcome { return &r.in.side(role).Outcome }

func (r *reading) failure(role outcome.Role) *outcome.Failure { return r.outcome(role).Failure() }

// verifyKind returns the kind of verification failure that the deciding side
// reports, empty if it reports none.
func (r *reading) verifyKind() outcome.VerifyKind {
	if r.h.Outcome != Refused {
		return ""
	}
	if f := r.failure(r.h.RefusedBy); f != nil && f.Verify != nil {
		return f.Verify.Kind
	}
	return ""
}

// resumed says that the connection resumed a session, so that no certificate was
// shown in it.
func (r *reading) resumed() bool {
	return r.in.Client.Outcome.Negotiated.Resumed || r.in.Server.Outcome.Negotiated.Resumed ||
		r.w.tls13() && r.w.serverHello.ok() && r.w.serverHello.msg.SelectedPSK != nil
}

var roles = [...]outcome.Role{outcome.Server, outcome.Client}

// shelve collects every certificate that anybody has.
func (r *reading) shelve() *shelf {
	s := newShelf(r.in.Signatures)
	for _, role := range roles {
		raws, _ := r.presented(role)
		for _, raw := range raws {
			s.put(raw).sentBy.add(role)
		}
	}
	for _, role := range roles {
		set, out := r.settings(role), r.outcome(role)
		for _, raw := range set.Trust {
			s.put(raw).anchorOf.add(role)
		}
		for _, c := range set.Credentials {
			for _, raw := range c.Chain {
				s.put(raw)
			}
		}
		for _, chain := range out.VerifiedChains {
			s.believe(chain)
			if n := len(chain); n > 0 {
				s.put(chain[n-1]).anchorOf.add(role)
			}
		}
	}
	for _, k := range r.in.Also {
		s.put(k.Raw)
	}
	for _, role := range roles {
		s.lose(role, r.settings(role).Skipped)
	}
	return s
}

// presented returns the certificates that the side presented, with the step that
// shows it; else what the other side says it received; else what the side would
// present.
func (r *reading) presented(role outcome.Role) ([][]byte, *dissect.Step) {
	f := r.w.flight(role)
	if chain, sent := f.chain(); sent && len(chain) > 0 {
		return chain, f.certificate.step
	}
	if received := r.outcome(role.Peer()).PeerCertificates; len(received) > 0 {
		return received, nil
	}
	if c := r.credential(role); c != nil {
		return c.Chain, nil
	}
	if c := r.named(role); c != nil {
		return [][]byte{c}, nil
	}
	return nil, nil
}

// named returns the end entity of that side that the other side's error names,
// where that error is all there is; nil if it names none. What came with it
// nobody knows.
func (r *reading) named(role outcome.Role) []byte {
	f := r.failure(role.Peer())
	if r.mode != ErrorsOnly || f == nil || f.Verify == nil || f.Verify.Kind != outcome.Hostname {
		return nil
	}
	if c := newShelf(nil).put(f.Verify.Certificate); c.isCA() {
		return nil // then another one was meant to stand there
	}
	return f.Verify.Certificate
}

// credential returns the credential that the side would present: the first that
// was acceptable, else its first.
func (r *reading) credential(role outcome.Role) *outcome.Credential {
	list := r.settings(role).Credentials
	for i, why := range r.outcome(role).Rejected {
		if why == "" && i < len(list) {
			return &list[i]
		}
	}
	if len(list) > 0 {
		return &list[0]
	}
	return nil
}

// verification prepares the judgement of that side's chain by the other side.
func (r *reading) verification(s *shelf, of outcome.Role) *verification {
	raws, sent := r.presented(of)
	if len(raws) == 0 {
		return nil
	}
	by := of.Peer()
	mine, theirs := r.settings(of), r.settings(by)
	v := &verification{
		shelf: s, of: of, by: by, sent: sent, settings: mine, verifier: theirs,
		received: sent == nil && len(r.outcome(by).PeerCertificates) > 0,
		alone:    r.mode == ErrorsOnly && r.named(of) != nil,
		clock:    theirs.Clock, other: mine.Clock, recorded: r.in.Recorded, sources: r.sources, knownFrom: r.knownFrom, quic: r.quic(),
	}
	v.presented = make([]*certificate, 0, len(raws))
	for _, raw := range raws {
		v.presented = append(v.presented, s.put(raw))
	}
	for _, c := range s.all {
		if c.anchorOf.has(by) {
			v.anchors = append(v.anchors, c)
		}
	}
	v.anchorsKnown = len(v.anchors) > 0 || theirs.Known && !theirs.SystemTrust && !theirs.VerifyNone && !r.neverVerifies(by) && r.outcome(by).Unloadable == nil
	if of == outcome.Client && !r.resumed() && r.w.server.certificate.ok() {
		v.ownAccepted = r.w.client.finished // it comes after the server's Certificate
	}
	if of == outcome.Server {
		v.usage = x509.ExtKeyUsageServerAuth
		if v.name, v.nameFrom = r.serverName(); theirs.VerifyNone {
			v.name, v.nameFrom = "", "" // a client that verifies nothing looks for no name
		}
	} else {
		v.usage = x509.ExtKeyUsageClientAuth
		if r.w.request.ok() {
			v.asked, v.listed = r.w.request.step, r.w.request.msg.CertificateAuthorities
		}
	}
	refused := r.h.Outcome == Refused && r.h.RefusedBy == by && r.h.At == "Certificate"
	if f := r.failure(by); refused && f != nil {
		v.said = f.Verify
	}
	if chains := r.outcome(by).VerifiedChains; len(chains) > 0 {
		v.accepted = chains[0]
	}
	v.refusedUnknown = refused && (r.foundNoPath(by) || v.filtered(r) && r.empty() || r.deniedUnlisted(v))
	return v
}

// neverVerifies says that a server is set not to verify client certificates.
func (r *reading) neverVerifies(by outcome.Role) bool {
	return by == outcome.Server && !verifies(r.in.Server.Settings.ClientAuth)
}

// verifies says that a server of this mode builds a chain for a certificate that it got.
func verifies(mode outcome.ClientAuth) bool {
	return mode == outcome.AuthRequire || mode == outcome.AuthVerifyIfGiven
}

// foundNoPath says that the verifier found no path to a trust anchor: by its
// typed error, or, where nobody recorded its view, by an alert that stacks use
// for that.
func (r *reading) foundNoPath(by outcome.Role) bool {
	if f := r.failure(by); f != nil && f.Verify != nil {
		return f.Verify.Kind == outcome.UnknownAuthority
	}
	if r.outcome(by).Known {
		return false
	}
	code, ok := alertCode(&r.in, r.w, by)
	return ok && (code == alertUnknownCA || by == outcome.Client && (code == alertBadCertificate || code == alertCertificateUnknown))
}

// deniedUnlisted says that a server whose view nobody recorded refused with
// access_denied, which GnuTLS has for whatever does not verify, a chain of which
// no certificate is from a CA that it names.
func (r *reading) deniedUnlisted(v *verification) bool {
	code, ok := alertCode(&r.in, r.w, v.by)
	return ok && code == alertAccessDenied && v.by == outcome.Server && !r.outcome(v.by).Known &&
		len(v.listed) > 0 && !v.isListed(v.presented)
}

// serverName returns the name that the client verifies the server's certificate
// for, and where an assumption about that comes from, empty if it is none.
func (r *reading) serverName() (name, from string) {
	if f := r.failure(outcome.Client); f != nil && f.Verify != nil && f.Verify.Host != "" {
		return f.Verify.Host, ""
	}
	s := r.in.Client.Settings
	if s.ServerName != "" || s.Known {
		return s.ServerName, ""
	}
	if !r.w.clientHello.ok() {
		return "", ""
	}
	if name := r.w.clientHello.msg.ServerName; name != "" {
		return name, "server_name in its ClientHello"
	}
	// RFC 6066 3: "Literal IPv4 and IPv6 addresses are not permitted in
	// "HostName"", so that a client without server_name mostly has an address.
	if host, _, err := net.SplitHostPort(s.Address); err == nil && net.ParseIP(host) != nil {
		return host, "the address that it connects to, for want of a server_name in its ClientHello"
	}
	return "", ""
}

// knownFrom returns where the person has a certificate from that no side has.
func (r *reading) knownFrom(c *certificate) string {
	for _, k := range r.in.Also {
		if string(k.Raw) == string(c.raw) {
			return k.Source
		}
	}
	return ""
}

// sources says in words who has a certificate, beside whoever sent it.
func (r *reading) sources(c *certificate) []string {
	var list []string
	add := func(format string, args ...any) {
		s := fmt.Sprintf(format, args...)
		for _, have := range list {
			if have == s {
				return
			}
		}
		list = append(list, s)
	}
	for _, k := range r.in.Also {
		if string(k.Raw) == string(c.raw) {
			source := k.Source
			if source == "" {
				source = "a certificate named beside"
			}
			add("%s", field.Shorten(source, 100))
		}
	}
	for _, role := range roles {
		set := r.settings(role)
		for _, raw := range set.Trust {
			if string(raw) == string(c.raw) {
				add("%s", trustStore(role, set))
			}
		}
		for _, cred := range set.Credentials {
			for _, raw := range cred.Chain {
				if string(raw) == string(c.raw) {
					add("%s", certificateFile(role, set))
				}
			}
		}
		if c.sentBy.has(role) {
			add("what the %s sent", role)
		}
	}
	return list
}
