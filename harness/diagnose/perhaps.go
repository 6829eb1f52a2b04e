package diagnose

import (
	"slices"
	"sync"

	"golang.org/x/crypto/ocsp"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A perhaps is one thing more that can be behind the refusal of a chain in which
// nothing can be seen to be wrong, by a side of which only the alert is known. It
// lies in that side's files, in its application or on the path, leaves nothing on
// the wire, and stands behind all that does: nothing speaks for it but that it
// would look just like this.
type perhaps struct {
	id string
	// of is the side whose chain was refused.
	of     outcome.Role
	alerts []uint8
	// fits says where it cannot be, nil where it always can.
	fits func(*reading, *verification) bool
	// what is a clause about the refusing side.
	what string
}

var (
	// byApplication are the alerts for what stands above the verifier of a stack: Go
	// sends bad_certificate for all of it.
	byApplication = []uint8{alertBadCertificate, alertCertificateUnknown, alertAccessDenied}
	byList        = []uint8{alertCertificateRevoked, alertBadCertificate, alertCertificateUnknown}
	byStatus      = append([]uint8{alertBadStatus}, byApplication...)
	byTrust       = []uint8{alertUnknownCA, alertBadCertificate, alertCertificateUnknown}
)

// perhapsRows are the likelier first: what many have set up, before what few have.
var perhapsRows = []perhaps{
	{"policy-verifypeer", outcome.Client, byApplication, nil, "the server's VerifyPeerCertificate can have turned the certificate down"},
	{"policy-verifyconnection", outcome.Client, byApplication, nil, "the server's VerifyConnection can have turned the connection down"},
	{"client-revoked", outcome.Client, byList, notCleared, "the server can have a revocation list, or a responder's answer, with a certificate of the chain in it"},
	{"crl-stale", outcome.Client, byList, nil, "the server can have a revocation list that is out of date, and refuse whom it cannot check"},
	{"client-staple-missing", outcome.Client, byStatus, noStaple, "the server can demand an OCSP response with the certificate; none came"},

	{"client-trust-empty", outcome.Server, byTrust, nil, "the client can trust no CA at all"},
	{"client-trust-wrong-file", outcome.Server, byTrust, nil, "the client can have been given a certificate to trust that is no CA's"},
	{"bundle-partly-read", outcome.Server, byTrust, nil, "the client's file of CAs can hold the right one in a block that is passed over"},
	{"server-mitm", outcome.Server, byTrust, nil, "somebody between the two can have shown the client another chain than this"},
	{"altered-on-path", outcome.Server, byTrust, nil, "what the client has received need not be what was sent"},
	{"server-pin", outcome.Server, byApplication, nil, "the client can have pinned another key than this"},
	{"server-revoked", outcome.Server, byList, notCleared, "the client can have a revocation list with a certificate of the chain in it"},
	{"server-staple-missing", outcome.Server, byStatus, noStaple, "the client can demand an OCSP response with the certificate; none was stapled"},
	{"policy-refused", outcome.Server, byApplication, nil, "the client's application can demand more of a certificate than TLS does"},
}

// settled says that what accounts for the end is certain already: then nobody asks
// what else there can be that does not show. Of a side that has only sent an alert
// nothing is certain where that fits several.
func (r *reading) settled(all []finding) bool {
	first, n := -1, 0
	for i := range all {
		if !all[i].explains(r) {
			continue
		}
		n++
		if first < 0 || all[first].unseen && !all[i].unseen {
			first = i
		}
	}
	return first >= 0 && all[first].Certain && (n == 1 || r.h.Outcome != Refused || !r.untold())
}

// noStaple says that no OCSP response came with the chain.
func noStaple(r *reading, v *verification) bool {
	raw, _ := r.w.staple(v.of)
	return len(raw) == 0
}

// notCleared says that no OCSP response came with the chain by which its end entity
// is in order.
func notCleared(r *reading, v *verification) bool {
	raw, _ := r.w.staple(v.of)
	issuer := v.issuer()
	if len(raw) == 0 || issuer == nil {
		return true
	}
	response, err := ocsp.ParseResponseForCert(raw, v.leaf().std, issuer)
	return err != nil || response.Status != ocsp.Good
}

// perhapsRules has a rule for each row. They are made once: nearly every connection
// asks them.
var perhapsRules = sync.OnceValue(func() []rule {
	var list []rule
	for _, row := range perhapsRows {
		list = append(list, rule{row.id, row.find})
	}
	for _, row := range neverCameRows {
		list = append(list, rule{row.id, func(r *reading) *finding { return r.neverCame(row.what) }})
	}
	return append(
		list,
		rule{"altered-on-path", alertInTheClear},
		rule{"altered-on-path", turnedRound},
		rule{"bundle-partly-read", requestMayLack},
		rule{"proxy-reoriginates", endedUnasked},
	)
})

// stillOpenRules are those of perhapsRules that are about complete handshakes as well.
var stillOpenRules = []rule{
	{"altered-on-path", turnedRound},
	{"proxy-reoriginates", endedUnasked},
}

func (p *perhaps) find(r *reading) *finding {
	v := r.untouched(p.of)
	code, ok := alertCode(&r.in, r.w, p.of.Peer())
	if v == nil || !ok || !slices.Contains(p.alerts, code) || p.fits != nil && !p.fits(r, v) {
		return nil
	}
	return found(saw(v.sent, "%s; its alert, %s, says no more", p.what, tlswire.AlertName(code))).certainIf(false).
		refusedBy(v.by, "Certificate").alert(p.alerts...).notSeen()
}

// untouched returns that side's chain if the other side, whose view nobody recorded,
// refused it, and nothing is wrong with it but perhaps that no host name is in it,
// which is how SPIFFE has it; else nil.
func (r *reading) untouched(of outcome.Role) *verification {
	if v := r.unexplained(of); v != nil {
		return v
	}
	v := r.verificationOf(of)
	if v == nil || v.identity.why != nameURISOnly || !r.unheard(v.by) || v.sent == nil || r.h.At != "Certificate" {
		return nil
	}
	return v
}

// alertInTheClear is a server that refuses a ClientHello in which nothing is
// unusual, in a record that anybody on the path can write: before a ServerHello
// there are no keys.
func alertInTheClear(r *reading) *finding {
	if r.quic() || r.knownServer() || r.mode == BothSides || !r.stoppedAtHello(alertHandshakeFailure) {
		return nil
	}
	offer := r.offered()
	for _, other := range []string{"curve-mismatch", "cipher-mismatch"} {
		if offer.unusual(other) {
			return nil
		}
	}
	return found(saw(r.w.refusal(outcome.Server), "an alert in the clear can be anybody's who can write to the connection")).
		certainIf(false).refusedBy(outcome.Server).alert(alertHandshakeFailure).notSeen()
}

// neverCameRows are what a connection can have been of which a server has not seen
// one byte: the client has said nothing, or somebody in front of the server has
// answered in its place and passed on no more than the end.
var neverCameRows = []struct{ id, what string }{
	{"servername-empty", "a client whose own configuration fails says nothing, as Go's does without a ServerName"},
	{"fin-after-hello", "something in front of the server can have taken a ClientHello and closed"},
	{"rst-after-hello", "something in front of the server can have taken a ClientHello and reset the connection"},
	{"warning-alert", "something in front of the server can have answered a ClientHello with a warning, and closed"},
	{"altered-on-path", "something in front of the server can have answered a ClientHello with an alert of its own"},
	{"plain-http-server", "something in front of the server can have answered a ClientHello in HTTP"},
	{"banner-server", "something in front of the server can have answered a ClientHello with a greeting of another protocol"},
	{"h2c-server", "something in front of the server can have answered a ClientHello in HTTP/2 without TLS"},
}

func (r *reading) neverCame(what string) *finding {
	if r.mode != OneSide || r.own() != outcome.Server || clientGone(r) == nil {
		return nil
	}
	return found(saw(firstOf(r.w.client.fin, r.w.client.rst), "not one byte has come; %s", what)).certainIf(false).leadsTo(Broken).notSeen()
}

// turnedRound is a server's chain that begins with the issuer, in TLS 1.2, where
// nothing that the client has come to covers the order: it need not be the one in
// which the certificates were sent.
func turnedRound(r *reading) *finding {
	v := r.server
	if v == nil || v.sent == nil || r.mode != OneSide || r.own() != v.by || !r.w.before13() {
		return nil
	}
	if f := r.keyFinding(v.of); f == nil || f.ID != "server-chain-wrong-order" {
		return nil
	}
	if says, _ := r.finishedSays(v.of); says != crossref.NotChecked {
		return nil
	}
	return found(saw(v.sent, "the certificates need not have been sent in the order in which they arrived: TLS 1.2 sends them in the clear, and nothing covers them before the Finished")).
		certainIf(false).refusedBy(v.by, "Certificate", "ServerKeyExchange").notSeen()
}

// requestMayLack is a client that found no CA in the request that its certificate
// leads to: the server can have one, in a part of its file that it does not read.
func requestMayLack(r *reading) *finding {
	v := r.client
	if v == nil || r.mode != OneSide || r.own() != outcome.Client || !r.w.request.ok() || !r.refusedForNone() || !v.filtered(r) {
		return nil
	}
	return r.noCertificate(found(saw(r.w.request.step, "the server's file of CAs can have the one that is missing here, in a block that is passed over")).certainIf(false).notSeen())
}

// endedUnasked is a client that has a certificate, was not asked for it, and whose
// connection ends before the server has sent a byte: a proxy can have taken the
// connection that the server would have asked in, and have failed behind it.
func endedUnasked(r *reading) *finding {
	if r.mode != OneSide || r.own() != outcome.Client || r.resumed() || r.w.request.ok() || len(r.in.Client.Settings.Credentials) == 0 || !r.serverFlightRead() || appClose(r) == nil {
		return nil
	}
	if slices.ContainsFunc(r.w.timeline.Steps, func(s *dissect.Step) bool {
		return s.From == outcome.Server && s.Kind == dissect.KindApplicationData && s.Alert == nil
	}) {
		return nil
	}
	return found(
		saw(r.w.server.finished, "the client has a certificate, and was never asked for it"),
		saw(nil, "the connection ends before a byte comes from the server: what it ends at can be a proxy, which was refused in the client's place"),
	).certainIf(false).leadsTo(Established).notSeen()
}
