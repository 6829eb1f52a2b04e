package pki

import (
	"fmt"
	"net/netip"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Constraints are the names that a CA may issue for (RFC 5280 4.2.1.10): only
// those that are permitted, of each kind that is named at all, and never those
// that are excluded.
type Constraints struct {
	// Names stand for themselves and all below them.
	PermittedDNS, ExcludedDNS []string
	// Address ranges, such as "10.0.0.0/8".
	PermittedIP, ExcludedIP []string
	// Mailboxes ("a@corp.test"), all of a host ("corp.test"), or of a domain (".corp.test").
	PermittedEmail, ExcludedEmail []string
	// Hosts of URIs ("api.corp.test"), or a domain's (".corp.test").
	PermittedURI, ExcludedURI []string
	// Organisations, of a directory name. Go knows no constraints of that kind.
	PermittedOrganization []string
}

// GeneralName's tags (RFC 5280 4.2.1.6).
var (
	nameEmail     = der.Tag(1).ContextSpecific()
	nameDNS       = der.Tag(2).ContextSpecific()
	nameDirectory = der.Tag(4).ContextSpecific().Constructed()
	nameURI       = der.Tag(6).ContextSpecific()
	nameIP        = der.Tag(7).ContextSpecific()
)

// A subtree is the base of a GeneralSubtree.
type subtree struct {
	tag  der.Tag
	base []byte
}

func readConstraints(d *draft, s Entity) (err error) {
	c := s.Constraints
	if d.permitted, err = subtrees(c.PermittedDNS, c.PermittedIP, c.PermittedEmail, c.PermittedURI, c.PermittedOrganization); err != nil {
		return fmt.Errorf("permitted %w", err)
	}
	if d.excluded, err = subtrees(c.ExcludedDNS, c.ExcludedIP, c.ExcludedEmail, c.ExcludedURI, nil); err != nil {
		return fmt.Errorf("excluded %w", err)
	}
	return nil
}

func subtrees(dns, ip, email, uri, organization []string) (list []subtree, err error) {
	texts := func(tag der.Tag, names []string) {
		for _, name := range names {
			list = append(list, subtree{tag, []byte(name)})
		}
	}
	texts(nameDNS, dns)
	for _, text := range ip {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("ip %q is no prefix such as 10.0.0.0/8", text)
		}
		list = append(list, subtree{nameIP, append(prefix.Masked().Addr().AsSlice(), mask(prefix)...)})
	}
	texts(nameEmail, email)
	texts(nameURI, uri)
	for _, name := range organization {
		list = append(list, subtree{nameDirectory, directoryName(oidOrganization, name)})
	}
	return list, nil
}

func mask(prefix netip.Prefix) []byte {
	m := make([]byte, prefix.Addr().BitLen()/8)
	for i := range prefix.Bits() {
		m[i/8] |= 0x80 >> (i % 8)
	}
	return m
}

func (d *draft) addNameConstraints(b *cryptobyte.Builder) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		addSubtrees(b, 0, d.permitted)
		addSubtrees(b, 1, d.excluded)
	})
}

func addSubtrees(b *cryptobyte.Builder, tag uint8, list []subtree) {
	if len(list) == 0 {
		return
	}
	b.AddASN1(der.Tag(tag).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
		for _, s := range list {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(s.tag, func(b *cryptobyte.Builder) { b.AddBytes(s.base) })
			})
		}
	})
}
