package diagnose

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/x509wire"
)

// A nameVerdict says whether a certificate is for a name, and if not, why not.
type nameVerdict struct {
	why    nameFault
	detail string
}

type nameFault string

const (
	nameMatches  nameFault = ""
	nameDirty    nameFault = "dirty"
	nameOther    nameFault = "other"
	nameDepth    nameFault = "depth"
	nameURL      nameFault = "url"
	nameIPInDNS  nameFault = "ip-in-dns"
	nameNoIPSAN  nameFault = "no-ip"
	nameOtherIP  nameFault = "other-ip"
	nameCNOnly   nameFault = "cn-only"
	nameURISOnly nameFault = "uri-only"
)

// judgeName decides as crypto/x509 does and then says why: the decision is
// VerifyHostname's own.
func judgeName(c *x509.Certificate, name string) nameVerdict {
	if name == "" || c.VerifyHostname(name) == nil {
		return nameVerdict{}
	}
	if clean, what := cleanName(name); clean != name {
		return nameVerdict{nameDirty, fmt.Sprintf("the name %s has %s; names in certificates have none", quoted(name), what)}
	}
	bare := strings.Trim(name, "[]")
	var v nameVerdict
	if ip := net.ParseIP(bare); ip != nil {
		v = judgeIP(c, bare, ip)
	} else {
		v = judgeDNS(c, name)
	}
	if disregarded(c) {
		v.detail += fmt.Sprintf("; it has extensions, where names stand, and they count for nothing because it is of version %d and not 3", c.Version)
	}
	return v
}

// disregarded says that a certificate has extensions that crypto/x509 does not
// read, because its version is one that has none (RFC 5280 4.1.2.9).
func disregarded(c *x509.Certificate) bool {
	if c.Version >= 3 {
		return false
	}
	read, _ := x509wire.Parse(c.Raw) // crypto/x509 has read it
	return slices.ContainsFunc(read.Problems, func(p x509wire.Problem) bool { return p.Part == "extensions" })
}

func judgeIP(c *x509.Certificate, name string, ip net.IP) nameVerdict {
	for _, dns := range c.DNSNames {
		if same := net.ParseIP(strings.Trim(dns, "[]")); same != nil && same.Equal(ip) {
			return nameVerdict{nameIPInDNS, fmt.Sprintf("%s is in it as a DNS name; an address counts only as an IP SAN", name)}
		}
	}
	if len(c.IPAddresses) > 0 {
		return nameVerdict{nameOtherIP, fmt.Sprintf("its IP SANs are %s, not %s", addresses(c), name)}
	}
	return nameVerdict{nameNoIPSAN, fmt.Sprintf("it has no IP SAN (its names: %s), and %s is an address", names(c), name)}
}

func judgeDNS(c *x509.Certificate, name string) nameVerdict {
	host := strings.ToLower(strings.TrimSuffix(name, "."))
	switch {
	case !hasSAN(c) && strings.EqualFold(c.Subject.CommonName, host):
		return nameVerdict{nameCNOnly, fmt.Sprintf("it has %s only as its common name, and no subject alternative name", quoted(name))}
	case len(c.DNSNames) == 0 && len(c.IPAddresses) == 0 && len(c.URIs) > 0:
		return nameVerdict{nameURISOnly, fmt.Sprintf("it has only the URI %s, and %s was looked for", quoted(c.URIs[0].String()), quoted(name))}
	}
	for _, san := range c.DNSNames {
		if u, err := url.Parse(san); err == nil && u.Host != "" && strings.EqualFold(u.Hostname(), host) {
			return nameVerdict{nameURL, fmt.Sprintf("its DNS SAN is %s, a URL and no name", quoted(san))}
		}
	}
	for _, san := range c.DNSNames {
		if base, ok := strings.CutPrefix(strings.ToLower(san), "*."); ok && (host == base || strings.HasSuffix(host, "."+base)) {
			return nameVerdict{nameDepth, fmt.Sprintf("%s stands for exactly one label, and %s has %s in its place",
				quoted(san), quoted(name), plural(labels(host)-labels(base), "label"))}
		}
	}
	return nameVerdict{nameOther, fmt.Sprintf("it is valid for %s, not %s", names(c), quoted(name))}
}

func labels(name string) int { return strings.Count(name, ".") + 1 }

// cleanName returns the name without what does not belong to a name, and what that was.
func cleanName(name string) (clean, what string) {
	if u, err := url.Parse(name); err == nil && u.Scheme != "" && u.Host != "" {
		return u.Hostname(), "a scheme in front"
	}
	if host, port, err := net.SplitHostPort(name); err == nil && port != "" && !strings.Contains(host, ":") {
		return host, "the port " + field.Shorten(port, 20) + " behind it"
	}
	if host, _, ok := strings.Cut(name, "/"); ok {
		return host, "a path behind it"
	}
	if trimmed := strings.TrimSpace(name); trimmed != name {
		return trimmed, "space around it"
	}
	return name, ""
}

func hasSAN(c *x509.Certificate) bool { return subjectAltName(c) != nil }

// maxNames is how many names a sentence lists.
const maxNames = 5

// names lists a certificate's DNS and IP names, safe to show.
func names(c *x509.Certificate) string {
	var list []string
	for _, n := range c.DNSNames {
		if len(list) == maxNames {
			break
		}
		list = append(list, field.Shorten(n, 80))
	}
	for _, ip := range c.IPAddresses {
		if len(list) == maxNames {
			break
		}
		list = append(list, ip.String())
	}
	return orNone(list, len(c.DNSNames)+len(c.IPAddresses))
}

func addresses(c *x509.Certificate) string {
	var list []string
	for _, ip := range c.IPAddresses[:min(len(c.IPAddresses), maxNames)] {
		list = append(list, ip.String())
	}
	return orNone(list, len(c.IPAddresses))
}

func orNone(list []string, total int) string {
	if total == 0 {
		return "no name"
	}
	s := strings.Join(list, ", ")
	if total > len(list) {
		s += fmt.Sprintf(" and %d more", total-len(list))
	}
	return s
}

// quoted returns foreign text in quotation marks, safe to show.
func quoted(s string) string { return `"` + field.Shorten(s, 100) + `"` }

// named makes the rule for one kind of mismatch.
func named(why nameFault) findFunc {
	return func(v *verification, certs []*certificate, i int) (string, bool) {
		if _, chosen := callbackPassedOver(v, certs, i); chosen {
			return "", false
		}
		if _, chosen := defaultChosen(v, certs, i); chosen {
			return "", false
		}
		return v.identity.detail, i == 0 && v.identity.why == why && certs[0] == v.leaf()
	}
}
