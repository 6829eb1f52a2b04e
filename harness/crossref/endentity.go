package crossref

import (
	"slices"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// endEntity compares the first certificate with its role: the name that was
// asked for, the usage, and the key that signs.
func (w *writer) endEntity(c *chain) {
	leaf := c.list[0]
	purpose := "clientAuth"
	if c.from == outcome.Server {
		purpose = "serverAuth"
		w.names(leaf)
	}
	if leaf.ExtKeyUsage != nil {
		p := w.entry(0).to("extensions", "extKeyUsage")
		has := slices.Contains(leaf.ExtKeyUsage, purpose) || slices.ContainsFunc(leaf.ExtKeyUsage, func(u string) bool { return strings.HasPrefix(u, "any") })
		if has {
			w.note(p, "It has %s, which a %s's certificate needs.", purpose, c.from)
		} else {
			w.note(p, "It lacks %s, which a %s's certificate needs.", purpose, c.from)
		}
	}
	p := w.entry(0).to("tbsCertificate", "subjectPublicKeyInfo")
	signed := w.r.side(c.from).verify
	if signed == nil && c.from == outcome.Server {
		signed = w.r.exchange
	}
	if signed == nil || w.m.after {
		return
	}
	for _, proof := range w.b.Checks(signed.step) {
		switch proof.Result {
		case Verified:
			w.note(p, "The signature of %s verifies with it.", at(signed))
		case Failed:
			w.note(p, "The signature of %s does not verify with it.", at(signed))
		}
	}
}

// names compares the names of the server's certificate with the one that the
// client asks for, and the one that it verifies.
func (w *writer) names(leaf *certificate) {
	set := &w.b.side(outcome.Client).Settings
	hello, offer := w.r.offer()
	p := w.entry(0).to("extensions", "subjectAltName")
	if !leaf.HasSAN {
		p = w.entry(0).to("tbsCertificate", "subject")
	}
	compare := func(name, why string) {
		shown := field.Shorten(name, maxName)
		switch {
		case leaf.isFor(name):
			w.note(p, "%s, %s, is among them.", shown, why)
		case leaf.HasSAN:
			w.note(p, "%s, %s, is not among them.", shown, why)
		default:
			w.note(p, "There is no subjectAltName to look for %s in, %s.", shown, why)
		}
	}
	asked := ""
	if offer != nil && offer.ServerName != "" {
		asked = offer.ServerName
		compare(asked, "which the client asks for in "+at(hello))
	}
	if set.Known && !set.VerifyNone && set.ServerName != "" && !sameHost(set.ServerName, asked) {
		compare(set.ServerName, "which the client verifies")
	}
}

// isFor says that a host name or address is among the certificate's names.
func (c *certificate) isFor(host string) bool {
	if c.Std != nil {
		return c.Std.VerifyHostname(host) == nil
	}
	match := func(name string) bool { return sameHost(name, host) }
	return slices.ContainsFunc(c.DNS, match) || slices.ContainsFunc(c.IP, match)
}

func sameHost(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// names lists what a certificate is for.
func (c *certificate) names() string {
	all := append(slices.Clone(c.DNS), c.IP...)
	if len(all) == 0 {
		return "no host"
	}
	return and(shortened(all))
}
