package diagnose

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// A subtree is the base of a GeneralSubtree (RFC 5280 4.2.1.10): its tag, and its
// content.
type subtree struct {
	tag  der.Tag
	base []byte
}

// The forms of names that RFC 5280 4.2.1.10 has rules for.
var (
	formEmail     = der.Tag(1).ContextSpecific()
	formDNS       = der.Tag(2).ContextSpecific()
	formDirectory = der.Tag(4).ContextSpecific().Constructed()
	formURI       = der.Tag(6).ContextSpecific()
	formIP        = der.Tag(7).ContextSpecific()
)

var formNames = map[der.Tag]string{
	formEmail: "rfc822Name", formDNS: "dNSName", formDirectory: "directoryName", formURI: "uniformResourceIdentifier", formIP: "iPAddress",
	der.Tag(0).ContextSpecific().Constructed(): "otherName", der.Tag(3).ContextSpecific().Constructed(): "x400Address",
	der.Tag(5).ContextSpecific().Constructed(): "ediPartyName", der.Tag(8).ContextSpecific(): "registeredID",
}

// A territory is what a certificate's names are compared by: the subtrees that it
// permits and excludes as a CA, and the names that it has itself.
type territory struct {
	permitted, excluded []subtree
	names               []constrainedName
}

// territory reads both once.
func (c *certificate) territory() *territory {
	if c.names == nil {
		c.names = &territory{names: namesOf(c)}
		c.names.permitted, c.names.excluded = subtrees(c)
	}
	return c.names
}

// subtrees returns the permitted and the excluded subtrees of a CA, of all forms.
// crypto/x509 keeps four of them.
func subtrees(c *certificate) (permitted, excluded []subtree) {
	for _, e := range c.std.Extensions {
		if !e.Id.Equal(oidNameConstraints) {
			continue
		}
		both := cryptobyte.String(e.Value)
		if !both.ReadASN1(&both, der.SEQUENCE) {
			return nil, nil
		}
		for n, list := range []*[]subtree{&permitted, &excluded} {
			var inner cryptobyte.String
			var there bool
			if !both.ReadOptionalASN1(&inner, &there, der.Tag(n).ContextSpecific().Constructed()) {
				return permitted, excluded
			}
			for !inner.Empty() {
				var one, base cryptobyte.String
				var tag der.Tag
				if !inner.ReadASN1(&one, der.SEQUENCE) || !one.ReadAnyASN1(&base, &tag) {
					break
				}
				*list = append(*list, subtree{tag, base})
			}
		}
	}
	return permitted, excluded
}

// maxComparisons is how many names are compared with constraints at most.
const maxComparisons = 100_000

// strictly says what RFC 5280 4.2.1.10 has against the names of a certificate
// under that CA, empty for nothing. It goes beyond crypto/x509: it knows directory
// names and the mail address in a subject, and takes a host for that host alone. It
// is not judged where there is more to compare than anybody needs.
func (s *shelf) strictly(ca, c *certificate) (said string, judged bool) {
	names, permitted, excluded := c.territory().names, ca.territory().permitted, ca.territory().excluded
	s.comparisons += len(names) * (len(permitted) + len(excluded))
	if s.comparisons > maxComparisons {
		return "", false
	}
	for _, n := range names {
		there, within := false, false
		for _, t := range permitted {
			if t.tag == n.form {
				there = true
				within = within || n.in(t.base)
			}
		}
		if there && !within {
			return fmt.Sprintf("%s %s is not permitted", formNames[n.form], quoted(n.text)), true
		}
		for _, t := range excluded {
			if t.tag == n.form && n.in(t.base) {
				return fmt.Sprintf("%s %s is excluded", formNames[n.form], quoted(n.text)), true
			}
		}
	}
	return "", true
}

// A constrainedName is one name of a certificate, with how it is compared.
type constrainedName struct {
	form der.Tag
	text string
	in   func(base []byte) bool
}

// namesOf returns the names that constraints are about. Where there is no mail
// address among the alternative names, "the rfc822Name constraint MUST be applied
// to the attribute of type emailAddress in the subject distinguished name"
// (https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10).
func namesOf(c *certificate) []constrainedName {
	var list []constrainedName
	subject := parseDN(c.rawSubject())
	if len(subject) > 0 {
		list = append(list, directoryName(c.name(), subject))
	}
	for _, name := range alternativeDirectoryNames(c) {
		list = append(list, directoryName(name.String(), name))
	}
	for _, n := range c.std.DNSNames {
		list = append(list, constrainedName{formDNS, n, func(base []byte) bool { return domainWithin(n, strings.TrimPrefix(string(base), ".")) }})
	}
	for _, ip := range c.std.IPAddresses {
		list = append(list, constrainedName{formIP, ip.String(), func(base []byte) bool { return addressWithin(ip, base) }})
	}
	mail := c.std.EmailAddresses
	if len(mail) == 0 {
		mail = subjectMail(subject)
	}
	for _, m := range mail {
		list = append(list, constrainedName{formEmail, m, func(base []byte) bool { return mailWithin(m, string(base)) }})
	}
	for _, u := range c.std.URIs {
		list = append(list, constrainedName{formURI, u.String(), func(base []byte) bool { return uriWithin(u, string(base)) }})
	}
	return list
}

func directoryName(text string, name pkix.RDNSequence) constrainedName {
	return constrainedName{formDirectory, text, func(base []byte) bool {
		subtree := parseDN(base)
		return subtree != nil && nameWithin(name, subtree)
	}}
}

// alternativeDirectoryNames reads the directory names of subjectAltName, which
// crypto/x509 does not keep.
func alternativeDirectoryNames(c *certificate) []pkix.RDNSequence {
	var list []pkix.RDNSequence
	names := cryptobyte.String(subjectAltName(c.std))
	if !names.ReadASN1(&names, der.SEQUENCE) {
		return nil
	}
	for !names.Empty() {
		var name cryptobyte.String
		var tag der.Tag
		if !names.ReadAnyASN1(&name, &tag) {
			break
		}
		if tag != formDirectory {
			continue
		}
		if dn := parseDN(name); dn != nil {
			list = append(list, dn)
		}
	}
	return list
}

var oidEmailAddress = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}

func subjectMail(subject pkix.RDNSequence) []string {
	var list []string
	for _, rdn := range subject {
		for _, a := range rdn {
			if a.Type.Equal(oidEmailAddress) {
				list = append(list, fmt.Sprint(a.Value))
			}
		}
	}
	return list
}

// domainWithin says that a name is the base or has more labels before it.
func domainWithin(name, base string) bool {
	name, base = strings.ToLower(name), strings.ToLower(base)
	return base == "" || name == base || strings.HasSuffix(name, "."+base)
}

// hostWithin is the rule for the hosts of mailboxes and URIs: a base with a
// leading dot stands for all hosts below it and not for itself, any other for that
// host alone.
func hostWithin(host, base string) bool {
	if strings.HasPrefix(base, ".") {
		return len(host) > len(base) && domainWithin(host, base[1:])
	}
	return strings.EqualFold(host, base)
}

func mailWithin(mail, base string) bool {
	local, host, _ := cutLast(mail, "@")
	if wantLocal, wantHost, whole := cutLast(base, "@"); whole {
		return local == wantLocal && strings.EqualFold(host, wantHost)
	}
	return hostWithin(host, base)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// uriWithin: "The constraint MUST be specified as a fully qualified domain name",
// and what has no such name for its host is within none.
func uriWithin(u *url.URL, base string) bool {
	host := u.Hostname()
	return host != "" && net.ParseIP(host) == nil && hostWithin(host, base)
}

func addressWithin(ip net.IP, base []byte) bool {
	if four := ip.To4(); four != nil {
		ip = four
	}
	if len(base) != 2*len(ip) {
		return false
	}
	mask := net.IPMask(base[len(ip):])
	return ip.Mask(mask).Equal(net.IP(base[:len(ip)]).Mask(mask))
}

// constraintBeyondGo is a remark: a CA of the path is not authorized for a name by
// RFC 5280, and crypto/x509 does not see it.
func constraintBeyondGo(v *verification, certs []*certificate) []hit {
	var list []hit
	for at, c := range certs {
		if at > 0 && c.selfIssued() {
			continue // "Name constraints are not applied to self-issued certificates"
		}
		for _, above := range certs[at+1:] {
			if !constrains(above) || v.shelf.forbids(above, c) != "" {
				continue
			}
			if said, _ := v.shelf.strictly(above, c); said != "" {
				list = append(list, hit{at: at, detail: fmt.Sprintf("%s is not authorized for one of its names, which Go does not see: %s", above.name(), said)})
			}
		}
	}
	return list
}

// unknownForms names the forms of a CA's name constraints for which crypto/x509
// has no rules.
func unknownForms(c *certificate) []string {
	var list []string
	for _, s := range slices.Concat(c.territory().permitted, c.territory().excluded) {
		switch s.tag {
		case formEmail, formDNS, formURI, formIP:
			continue
		}
		name, known := formNames[s.tag]
		if !known {
			name = "a form that there is not"
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
