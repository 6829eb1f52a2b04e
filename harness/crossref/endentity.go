package crossref

import (
	"slices"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// endEntity compares the first certificate with its role: the name that was
// asked for, the usage, and the key that signs.
func (c *chain) endEntity(to *written) {
	leaf := c.list[0]
	purpose := "clientAuth"
	if c.from == outcome.Server {
		purpose = "serverAuth"
		c.names(to, leaf)
	}
	if leaf.ExtKeyUsage != nil {
		p := c.place(0).to("extensions", "extKeyUsage")
		has := slices.Contains(leaf.ExtKeyUsage, purpose) || slices.ContainsFunc(leaf.ExtKeyUsage, func(u string) bool { return strings.HasPrefix(u, "any") })
		if has {
			to.note(p, "It has %s, which a %s's certificate needs.", purpose, c.from)
		} else {
			to.note(p, "It lacks %s, which a %s's certificate needs.", purpose, c.from)
		}
	}
	p := c.place(0).to("tbsCertificate", "subjectPublicKeyInfo")
	switch c.result {
	case Verified:
		to.note(p, "The signature of %s verifies with it.", c.signed)
	case Failed:
		to.note(p, "The signature of %s does not verify with it.", c.signed)
	}
}

// names compares the names of the server's certificate with the one that the
// client asks for, and the one that it verifies.
func (c *chain) names(to *written, leaf *certificate) {
	p := c.place(0).to("extensions", "subjectAltName")
	if !leaf.HasSAN {
		p = c.place(0).to("tbsCertificate", "subject")
	}
	compare := func(name, why string) {
		shown := field.Shorten(name, maxName)
		switch {
		case leaf.isFor(name):
			to.note(p, "%s, %s, is among them.", shown, why)
		case leaf.HasSAN:
			to.note(p, "%s, %s, is not among them.", shown, why)
		default:
			to.note(p, "There is no subjectAltName to look for %s in, %s.", shown, why)
		}
	}
	if c.name != "" {
		compare(c.name, "which the client asks for in "+c.hello)
	}
	if client := c.verifier; client.Known && !client.VerifyNone && client.ServerName != "" && !sameHost(client.ServerName, c.name) {
		compare(client.ServerName, "which the client verifies")
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
