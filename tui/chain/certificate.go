package chain

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/tui/theme"
)

// certificate lays one certificate out: who it is, who vouches for it, how long
// and for what, and what is wrong with it.
func (p *Pane) certificate(r outcome.Role, n int, c diagnose.ChainCertificate) item {
	it := item{side: r, raw: c.Raw}
	glyph, role := theme.Check, theme.Good
	if p.state.Diagnosis == nil {
		glyph, role = theme.Dot, theme.Dim
	}
	for _, problem := range c.Problems {
		if !problem.Tolerated {
			glyph, role = theme.Cross, theme.Bad
		} else if glyph != theme.Cross {
			glyph, role = theme.Dot, theme.Warn
		}
	}
	subject := c.Subject
	if subject == "" {
		subject = "(no subject)"
	}
	var l theme.Line
	l.Add(role, " "+glyph).Add(theme.Dim, fmt.Sprintf(" %d ", n+1))
	l.Cut(theme.Strong, subject, p.Width-l.Width()-theme.Width(c.Role)-3)
	l.Right(theme.Dim, c.Role, p.Width-1)
	it.lines = append(it.lines, l)
	words := []string{subject, c.Role}
	add := func(role theme.Role, text string) {
		words = append(words, text)
		for _, s := range theme.Wrap(text, p.Width-6) {
			var l theme.Line
			it.lines = append(it.lines, *l.To(5).Add(role, s))
		}
	}
	switch {
	case c.Issuer == c.Subject && c.Issuer != "":
		add(theme.Dim, "issued by itself")
	case c.Issuer != "":
		add(theme.Dim, "issued by "+c.Issuer)
	}
	if parsed := p.parse(c.Raw); parsed != nil {
		add(theme.Dim, facts(parsed))
		if names := names(parsed); names != "" {
			add(theme.Dim, names)
		}
	} else if len(c.Raw) > 0 {
		add(theme.Warn, "crypto/x509 cannot read it; the fields of its Certificate message show the bytes")
	}
	for _, problem := range c.Problems {
		mark, role := theme.Cross, theme.Bad
		if problem.Tolerated {
			mark, role = theme.Dot, theme.Warn
		}
		text := mark + " " + problem.ID
		if problem.Detail != "" {
			text += ": " + problem.Detail
		} else if cause, ok := causes.Lookup(problem.ID); ok {
			text += ": " + cause.Title
		}
		add(role, text)
	}
	it.text = strings.Join(words, "\n")
	return it
}

// facts are validity, key and usage in one line.
func facts(c *x509.Certificate) string {
	const day = "2006-01-02 15:04"
	parts := []string{
		c.NotBefore.UTC().Format(day) + " to " + c.NotAfter.UTC().Format(day) + " UTC",
		keyName(c),
	}
	if u := usages(c); u != "" {
		parts = append(parts, u)
	}
	return strings.Join(parts, ", ")
}

func keyName(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return c.PublicKeyAlgorithm.String()
}

func usages(c *x509.Certificate) string {
	var u []string
	if c.IsCA {
		u = append(u, "CA")
	}
	for _, e := range c.ExtKeyUsage {
		switch e {
		case x509.ExtKeyUsageServerAuth:
			u = append(u, "serverAuth")
		case x509.ExtKeyUsageClientAuth:
			u = append(u, "clientAuth")
		case x509.ExtKeyUsageAny:
			u = append(u, "anyExtendedKeyUsage")
		default:
			u = append(u, fmt.Sprintf("usage %d", e))
		}
	}
	return strings.Join(u, ", ")
}

func names(c *x509.Certificate) string {
	n := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		n = append(n, ip.String())
	}
	for _, u := range c.URIs {
		n = append(n, u.String())
	}
	n = append(n, c.EmailAddresses...)
	if len(n) == 0 {
		return ""
	}
	return "for " + strings.Join(n, ", ")
}
