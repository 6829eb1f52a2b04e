package diagnose

import (
	"slices"
	"strings"

	"shakedown/harness/outcome"
)

// A doubt is what an error can mean beside what its text says to whoever looks it
// up: the parts of it that have a type say more. An empty field fits everything.
type doubt struct {
	// side is whose error it is, by who decided: that side itself, or the other.
	side, by outcome.Role
	kinds    []outcome.VerifyKind
	alerts   []uint8
	ends     []outcome.TransportEnd
	// named is asked of the certificate that the error names; one that names none
	// fits nothing then.
	named func(r *reading, c *certificate) bool
	// text is a part of the error's text, for errors that have no type.
	text string
	// complete says that the side's own handshake is.
	complete bool
	// over is the transport, as far as the error tells.
	over outcome.Transport
	// ids are what it can mean then.
	ids []string
}

// doubts are in the order in which they are likely.
var doubts = []doubt{
	// What a client says of the server's certificate.
	{side: outcome.Client, kinds: byDate, named: anchorOf(outcome.Client), ids: []string{"server-root-expired", "server-cross-sign-old-root", "client-clock-ahead", "client-clock-behind"}},
	{side: outcome.Client, kinds: byDate, named: intermediate(outcome.Client), ids: []string{"server-intermediate-expired", "server-intermediate-not-yet-valid", "client-clock-ahead", "client-clock-behind"}},
	{side: outcome.Client, kinds: byDate, named: endEntity, ids: []string{"server-not-reloaded", "client-clock-ahead", "client-clock-behind"}},
	{side: outcome.Client, kinds: byAuthority, ids: []string{"server-signature-broken", "server-sha1", "server-ca-rotated", "weak-key"}},
	{side: outcome.Client, kinds: []outcome.VerifyKind{outcome.NotAuthorized}, ids: []string{"server-issuer-not-ca", "server-issuer-no-keycertsign"}},
	{side: outcome.Client, kinds: byName, named: authority, ids: []string{"server-chain-wrong-order", "altered-on-path"}},
	{side: outcome.Client, kinds: byName, ids: []string{"no-sni-default-cert", "getcertificate-skipped", "server-ip-no-ip-san"}},
	{side: outcome.Client, kinds: []outcome.VerifyKind{outcome.BadSignature}, ids: []string{"server-key-mismatch", "server-chain-wrong-order", "server-key-type-mismatch", "altered-on-path"}},
	{side: outcome.Client, kinds: byParser, ids: []string{"server-cert-garbage", "server-negative-serial", "altered-on-path"}},

	// What a server says of the client's.
	{side: outcome.Server, kinds: byDate, named: anchorOf(outcome.Server), ids: []string{"client-root-expired", "server-clock-ahead", "server-clock-behind"}},
	{side: outcome.Server, kinds: byDate, named: intermediate(outcome.Server), ids: []string{"client-intermediate-expired", "client-intermediate-not-yet-valid", "server-clock-ahead", "server-clock-behind"}},
	{side: outcome.Server, kinds: byDate, named: endEntity, ids: []string{"client-not-reloaded", "client-picks-old", "server-clock-ahead", "server-clock-behind"}},
	{side: outcome.Server, kinds: byAuthority, ids: []string{"client-signature-broken", "client-sha1", "client-ca-rotated", "weak-key"}},
	{side: outcome.Server, kinds: []outcome.VerifyKind{outcome.NotAuthorized}, ids: []string{"client-issuer-not-ca", "client-issuer-no-keycertsign"}},
	{side: outcome.Server, kinds: []outcome.VerifyKind{outcome.BadSignature}, ids: []string{"client-key-mismatch", "client-chain-wrong-order", "client-key-type-mismatch", "altered-on-path"}},
	{side: outcome.Server, kinds: byParser, ids: []string{"client-cert-garbage", "client-negative-serial", "altered-on-path"}},
	{side: outcome.Server, kinds: []outcome.VerifyKind{outcome.NoCertificate}, ids: []string{"client-self-signed", "bundle-partly-read", "certrequest-damaged", "ech-rejected", "altered-on-path"}},

	// What a client was told by a server.
	{side: outcome.Client, by: outcome.Server, alerts: []uint8{alertCertificateRequired, alertHandshakeFailure}, ids: []string{"bundle-partly-read", "certrequest-damaged", "altered-on-path"}},
	{side: outcome.Client, by: outcome.Server, alerts: []uint8{alertHandshakeFailure}, ids: []string{"server-rsa512", "server-p224"}},
	{side: outcome.Client, by: outcome.Server, alerts: []uint8{alertBadCertificate}, ids: []string{"client-certificate-policy", "client-revoked", "crl-stale", "ocsp-stale", "client-staple-missing", "policy-refused", "fips-chain"}},
	{side: outcome.Client, by: outcome.Server, alerts: []uint8{alertUnknownCA}, ids: []string{"client-signature-broken", "bundle-partly-read"}},
	{side: outcome.Client, by: outcome.Server, alerts: []uint8{alertCertificateExpired}, ids: []string{"client-picks-old", "client-intermediate-not-yet-valid"}},

	// What a server was told by a client.
	{
		side: outcome.Server, by: outcome.Client, alerts: []uint8{alertBadCertificate},
		ids: []string{
			"client-trust-empty", "client-trust-wrong-file", "client-clock-ahead", "client-clock-behind", "server-mitm", "server-cross-sign-old-root", "server-ca-rotated", "server-root-expired",
			"server-wildcard-depth", "servername-dirty", "server-san-is-url", "server-ip-other-san", "server-ip-in-dns-san", "server-ip-no-ip-san", "server-cn-only", "server-uri-san-only",
			"no-sni-default-cert", "getcertificate-skipped",
			"server-revoked", "server-pin", "policy-refused", "ocsp-stale", "ocsp-unknown", "ocsp-untrusted", "server-staple-missing", "crl-stale", "bundle-partly-read",
			"server-not-reloaded", "server-signature-broken", "server-issuer-not-ca", "server-intermediate-not-yet-valid", "server-certificate-policy", "fips-chain", "altered-on-path",
		},
	},
	{side: outcome.Server, by: outcome.Client, alerts: []uint8{alertDecryptError, alertIllegalParameter}, ids: []string{"server-key-mismatch", "server-chain-wrong-order", "server-key-type-mismatch", "altered-on-path"}},
	{side: outcome.Server, by: outcome.Client, alerts: []uint8{alertDecodeError}, ids: []string{"server-cert-garbage", "altered-on-path"}},
	{side: outcome.Server, by: outcome.Client, alerts: []uint8{alertNoApplicationProto}, ids: []string{"altered-on-path"}},

	// Suites and groups.
	{side: outcome.Server, text: "no cipher suite supported", ids: []string{"rsa-kex-only-peer", "curve-mismatch"}},

	// How a transport ends, and what is read inside of a connection that is complete.
	{side: outcome.Client, by: nobody, complete: true, ends: []outcome.TransportEnd{outcome.EOF}, ids: []string{"app-close", "proxy-reoriginates", "client-no-cert", "client-untrusted-ca", "client-expired"}},
	{side: outcome.Client, complete: true, text: "does not look like a tls handshake", ids: []string{"tls-in-tls"}},
	{ends: []outcome.TransportEnd{outcome.Timeout}, over: outcome.QUIC, ids: []string{"quic-silence", "quic-mtu-blackhole", "quic-client-flight-lost", "altered-on-path"}},
	{ends: []outcome.TransportEnd{outcome.Timeout}, over: outcome.TCP, ids: []string{"blackhole", "large-hello-dropped"}},
	{side: outcome.Client, ends: []outcome.TransportEnd{outcome.EOF}, ids: []string{"cut-mid-flight", "plain-client", "proxy-protocol"}},
	{side: outcome.Client, ends: []outcome.TransportEnd{outcome.Reset}, ids: []string{"client-no-cert", "client-untrusted-ca", "client-expired", "client-ca-hint-mismatch"}},
	{
		side: outcome.Server, ends: []outcome.TransportEnd{outcome.EOF, outcome.Reset},
		ids: []string{"client-gone", "fin-after-hello", "rst-after-hello", "cut-mid-flight", "warning-alert", "plain-http-server", "banner-server", "h2c-server", "servername-empty", "altered-on-path"},
	},

	// What no peer sends that works: it is altered, or the peer's stack is broken.
	{alerts: []uint8{alertBadRecordMAC}, ids: []string{"corrupt-record", "altered-on-path"}},
	{alerts: []uint8{alertUnexpectedMessage, alertIllegalParameter, alertDecodeError, alertDecryptError, alertMissingExtension, alertUnsupportedExtension}, ids: []string{"altered-on-path"}},
	{text: "unexpected handshake message", ids: []string{"altered-on-path"}},
	{text: "unadvertised alpn", ids: []string{"altered-on-path"}},
	{text: "finished hash", ids: []string{"altered-on-path"}},
	{text: "downgrade attempt", ids: []string{"altered-on-path"}},
	{alerts: []uint8{alertDecodeError, alertUnexpectedMessage}, ids: []string{"post-handshake-auth"}},
	{side: outcome.Server, by: outcome.Client, alerts: []uint8{alertInternalError}, ids: []string{"client-key-unsupported"}},
	{side: outcome.Server, text: "signature algorithms", ids: []string{"sha1-sigalg-only-peer"}},
}

// nobody is who decided where no side did.
const nobody outcome.Role = "nobody"

// fits says that the doubt is about that side's error.
func (d *doubt) fits(r *reading, side outcome.Role, f *outcome.Failure) bool {
	switch {
	case d.side != "" && d.side != side, d.by == nobody && r.h.RefusedBy != "", d.by != "" && d.by != nobody && d.by != r.h.RefusedBy:
		return false
	case d.complete && !r.outcome(side).Complete:
		return false
	case d.kinds != nil && (f.Verify == nil || !slices.Contains(d.kinds, f.Verify.Kind)):
		return false
	case d.ends != nil && !slices.Contains(d.ends, f.Transport):
		return false
	case d.text != "" && !strings.Contains(strings.ToLower(f.Text), d.text):
		return false
	case d.over != "" && d.over != transportOf(f):
		return false
	}
	if d.alerts != nil {
		code, ok := alertCode(&r.in, r.w, r.h.RefusedBy)
		if !ok || !slices.Contains(d.alerts, code) {
			return false
		}
	}
	return d.named == nil || f.Verify != nil && len(f.Verify.Certificate) > 0 && d.named(r, newShelf(nil).put(f.Verify.Certificate))
}

// transportOf tells the transport from the error: quic-go begins with the class
// of what happened, the net package with the operation and the addresses.
func transportOf(f *outcome.Failure) outcome.Transport {
	if f.Close != nil || f.NoVersion || strings.HasPrefix(f.Text, "timeout: ") || strings.Contains(f.Text, "CRYPTO_ERROR") {
		return outcome.QUIC
	}
	return outcome.TCP
}

func authority(_ *reading, c *certificate) bool { return c.isCA() }

func endEntity(_ *reading, c *certificate) bool { return !c.isCA() }

// anchorOf makes the question whether a certificate is among the side's own trust
// anchors, intermediate that whether it is a CA that is not.
func anchorOf(by outcome.Role) func(*reading, *certificate) bool {
	return func(r *reading, c *certificate) bool { return trusted(r, by, c) }
}

func intermediate(by outcome.Role) func(*reading, *certificate) bool {
	return func(r *reading, c *certificate) bool { return c.isCA() && !trusted(r, by, c) }
}

func trusted(r *reading, by outcome.Role, c *certificate) bool {
	return slices.ContainsFunc(r.settings(by).Trust, func(raw []byte) bool { return string(raw) == string(c.raw) })
}
