package diagnose

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"shakedown/harness/outcome"
)

// alibi says that a cause is ruled out: by what the error names, by the transport
// that it is of, or by the side's own files and settings, where what is wrong with
// them would be seen.
func (r *reading) alibi(side outcome.Role, id string) bool {
	f := r.failure(side)
	over := transportOf(f)
	switch {
	case f.Verify != nil && len(f.Verify.Certificate) > 0 && r.namedAlibi(id, newShelf(nil).put(f.Verify.Certificate)),
		over == outcome.TCP && strings.HasPrefix(id, "quic-"),
		over == outcome.QUIC && slices.Contains(ofTCP, id):
		return true
	case r.outcome(side).Complete && slices.Contains(beforeComplete, id):
		return true
	case len(f.RecordHeader) > 0 && !r.outcome(side).Complete:
		for _, rule := range spokenRules {
			if rule.id == id {
				return rule.find(r) == nil // the bytes themselves say what they are
			}
		}
	}
	if !r.settings(side).Known {
		return false
	}
	v := r.verificationOf(side)
	if rest, ok := strings.CutPrefix(id, string(side)+"-"); ok && slices.Contains(seenInOwnChain, rest) || id == "weak-key" || id == "weak-signature" {
		return v == nil || !v.has(id)
	} else if ok && slices.Contains(seenInIssuers, rest) && v != nil && len(v.presented) > 1 {
		return !v.has(id) // of an issuer that the file does not hold nobody knows
	}
	if side == outcome.Client {
		return r.clientAlibi(id)
	}
	return r.serverAlibi(id)
}

// seenInOwnChain are the faults of a chain, by what is behind the side in their
// ids, that the side's own certificate file shows to whoever reads it, and
// seenInIssuers those that it shows if it holds an issuer.
var (
	seenInOwnChain = []string{
		"expired", "not-yet-valid", "intermediate-expired", "intermediate-not-yet-valid", "eku-serverauth", "eku-clientauth", "critical-ext",
		"sha1", "unsupported-signature", "negative-serial", "cert-garbage", "self-signed", "signature-broken", "not-reloaded", "picks-old",
	}
	seenInIssuers = []string{"wrong-intermediate", "issuer-not-ca", "issuer-no-keycertsign", "issuer-respelled", "intermediate-eku"}
)

// has says that the chain has a fault of that id.
func (v *verification) has(id string) bool {
	return slices.ContainsFunc(v.faults, func(f fault) bool { return f.id == id }) || id == string(v.of)+"-self-signed" && v.isSelfSigned(v.leaf())
}

// beforeComplete are the causes that no side meets whose handshake is complete.
var beforeComplete = []string{
	"fin-after-hello", "rst-after-hello", "blackhole", "large-hello-dropped", "quic-silence", "quic-version", "plain-http-server", "banner-server", "h2c-server", "warning-alert",
	"version-mismatch", "cipher-mismatch", "curve-mismatch", "alpn-mismatch",
}

// ofTCP are the causes that no connection over QUIC has.
var ofTCP = []string{
	"blackhole", "large-hello-dropped", "fin-after-hello", "rst-after-hello", "cut-mid-flight", "warning-alert", "post-handshake-auth", "renegotiation",
	"plain-http-server", "banner-server", "h2c-server", "plain-client", "proxy-protocol", "tls-in-tls",
}

// clientAlibi is for a client's own error.
func (r *reading) clientAlibi(id string) bool {
	set := &r.in.Client.Settings
	has := len(set.Credentials) > 0
	switch id {
	case "client-no-cert":
		return has
	case "client-ca-hint-mismatch", "client-missing-intermediate", "client-untrusted-ca", "client-ca-rotated", "client-root-expired", "client-wrong-intermediate", "client-revoked", "client-name-constraint",
		"client-pathlen", "client-intermediate-eku", "client-issuer-not-ca", "client-issuer-no-keycertsign", "client-signer-fails", "certrequest-damaged", "server-clientcas-wrong-file", "server-clientcas-empty", "client-sigalg-mismatch":
		return !has
	case "client-key-unsupported", "client-p224-forced":
		return r.client == nil || r.client.leaf().std == nil || unfit(r.client.leaf().std.PublicKey) == ""
	case "client-key-mismatch", "client-key-type-mismatch", "client-chain-wrong-order":
		return r.keyFinding(outcome.Client) == nil
	case "client-chain-huge", "quic-client-chain-16k":
		return chainSize(r.credential(outcome.Client)) < smallChain
	case "servername-dirty":
		clean, _ := cleanName(set.ServerName)
		return clean == set.ServerName
	case "servername-empty":
		return set.ServerName != ""
	case "client-trust-empty":
		return len(set.Trust) > 0 || set.SystemTrust
	case "client-trust-wrong-file":
		return !r.anchorsAreNoCAs(outcome.Client)
	case "alpn-client-none":
		return len(set.ALPN) > 0
	case "ech-rejected":
		return set.ECH == ""
	case "pq-only-server":
		return slices.ContainsFunc(groupsOf(set), postQuantum)
	case "rsa-kex-only-peer":
		return slices.ContainsFunc(old(suitesOf(set)), func(s uint16) bool { return !staticRSA(s) })
	}
	return false
}

// serverAlibi is for a server's own error.
func (r *reading) serverAlibi(id string) bool {
	set := &r.in.Server.Settings
	switch id {
	case "server-no-cert":
		return len(set.Credentials) > 0 || set.Answer != nil
	case "server-key-mismatch", "server-key-type-mismatch", "server-chain-wrong-order":
		return r.server != nil && r.keyFinding(outcome.Server) == nil
	case "server-clientcas-empty":
		return len(set.Trust) > 0
	case "server-clientcas-wrong-file":
		return !r.anchorsAreNoCAs(outcome.Server) && !r.anchorsAreOwn()
	case "no-sni-default-cert":
		return len(set.Credentials) < 2
	case "getcertificate-skipped":
		return set.Answer == nil
	case "quic-server-chain-16k":
		return chainSize(r.credential(outcome.Server)) < smallChain
	case "alpn-server-none":
		return len(set.ALPN) > 0
	}
	if v := r.server; v != nil && v.leaf().std != nil {
		return !v.canBeAbout(id)
	}
	return false
}

// canBeAbout says that the names in the server's certificate allow a fault of
// names of that kind. Other faults it allows all.
func (v *verification) canBeAbout(id string) bool {
	c := v.leaf().std
	switch id {
	case "server-wildcard-depth":
		return slices.ContainsFunc(c.DNSNames, func(n string) bool { return strings.HasPrefix(n, "*.") })
	case "server-san-is-url":
		return slices.ContainsFunc(c.DNSNames, func(n string) bool { u, err := url.Parse(n); return err == nil && u.Host != "" })
	case "server-ip-in-dns-san":
		return slices.ContainsFunc(c.DNSNames, func(n string) bool { return net.ParseIP(n) != nil })
	case "server-ip-no-ip-san":
		return len(c.IPAddresses) == 0
	case "server-ip-other-san":
		return len(c.IPAddresses) > 0
	case "server-cn-only":
		return !hasSAN(c) && c.Subject.CommonName != ""
	case "server-uri-san-only":
		return len(c.DNSNames) == 0 && len(c.IPAddresses) == 0 && len(c.URIs) > 0
	}
	return true
}

// namedAlibi is about the certificate that the error names: it tells the end
// entity from an intermediate and a trust anchor.
func (r *reading) namedAlibi(id string, c *certificate) bool {
	if c.std == nil {
		return false
	}
	switch _, fault, _ := strings.Cut(id, "-"); fault {
	case "self-signed":
		return !c.selfIssued()
	case "expired", "not-yet-valid", "not-reloaded", "picks-old":
		return r.verifyKind() == outcome.Expired && c.isCA()
	case "intermediate-expired", "intermediate-not-yet-valid":
		return !c.isCA() || trusted(r, r.own(), c)
	case "root-expired", "cross-sign-old-root":
		return !trusted(r, r.own(), c)
	case "missing-intermediate", "wrong-intermediate":
		return r.verifyKind() == outcome.UnknownAuthority && c.selfIssued()
	}
	return false
}

// anchorsAreNoCAs says that a side trusts end-entity certificates alone.
func (r *reading) anchorsAreNoCAs(side outcome.Role) bool {
	shelf := newShelf(nil)
	trust := r.settings(side).Trust
	return len(trust) > 0 && !slices.ContainsFunc(trust, func(raw []byte) bool { c := shelf.put(raw); return c.std == nil || c.isCA() })
}

// anchorsAreOwn says that a server takes the issuer of its own certificate for the
// CA of its clients.
func (r *reading) anchorsAreOwn() bool {
	shelf := newShelf(nil)
	return r.server != nil && slices.ContainsFunc(r.in.Server.Settings.Trust, func(raw []byte) bool {
		a := shelf.put(raw)
		return slices.ContainsFunc(r.server.presented, func(c *certificate) bool { return string(c.rawIssuer()) == string(a.rawSubject()) })
	})
}

// smallChain is below what any stack that was measured refuses for its size.
const smallChain = 8 << 10

func chainSize(c *outcome.Credential) int {
	n := 0
	if c != nil {
		for _, raw := range c.Chain {
			n += len(raw)
		}
	}
	return n
}
