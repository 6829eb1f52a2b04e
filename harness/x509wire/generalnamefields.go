package x509wire

import (
	"net/netip"
	"strings"

	"shakedown/harness/field"
)

// generalNames are GeneralName's alternatives by tag number (RFC 5280 4.2.1.6).
var generalNames = [...]string{
	"otherName", "rfc822Name", "dNSName", "x400Address", "directoryName",
	"ediPartyName", "uniformResourceIdentifier", "iPAddress", "registeredID",
}

// isGeneralName says that an element is one of GeneralName's alternatives.
func isGeneralName(e element) bool {
	return e.tag&classMask == 0x80 && int(e.tag&numberMask) < len(generalNames)
}

func (t *tree) generalName(e element, section string, say func(string) string) field.Field {
	if !isGeneralName(e) {
		return t.any(e)
	}
	return t.nameAs(kind{label: generalNames[e.tag&numberMask], section: section}, e, say)
}

// nameAs describes a GeneralName under a label of its own.
func (t *tree) nameAs(k kind, e element, say func(string) string) field.Field {
	written := generalName(t.der, e)
	_, value, _ := strings.Cut(written, ":")
	say(written)
	switch {
	case e.tag == generalNameOther:
		return t.otherName(k, e, value)
	case e.tag == generalNameDirectory:
		return t.node(k, e, value, func(_ int, e element) field.Field {
			if e.tag != tagSequence {
				return t.any(e)
			}
			return t.name(kindName, e)
		})
	case e.constructed():
		return t.node(k, e, value, t.anything)
	}
	if m := nameMeaning(e.tag, value); m != "" {
		k.meaning = m
	}
	return t.leaf(k, e, value)
}

// otherNames are the names of other kinds that certificates carry.
var otherNames = map[string]struct{ name, meaning string }{
	"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03": {"userPrincipalName", "The user's login name in Active Directory, which Windows servers map a client certificate by."},
	"\x2b\x06\x01\x04\x01\x82\x37\x19\x01":     {"ntdsReplication", "A domain controller's identifier in Active Directory."},
	"\x2b\x06\x01\x05\x05\x07\x08\x05":         {"xmppAddr", "An address of XMPP (RFC 6120 13.7.1.4)."},
	"\x2b\x06\x01\x05\x05\x07\x08\x07":         {"dnsSRV", "A service under a domain (RFC 4985 2)."},
	"\x2b\x06\x01\x05\x05\x07\x08\x09":         {"smtpUTF8Mailbox", "A mail address with letters beyond ASCII (RFC 9598 3)."},
	"\x2b\x06\x01\x05\x02\x02":                 {"krb5PrincipalName", "A principal of Kerberos (RFC 4556 3.2.2)."},
}

// otherName describes an AnotherName: a type and an explicitly tagged value.
func (t *tree) otherName(k kind, e element, value string) field.Field {
	return t.node(k, e, value, func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			id := kind{label: "type-id", section: k.section}
			value := oid(e.content(t.der))
			if known, ok := otherNames[string(e.content(t.der))]; ok {
				value, id.meaning = known.name+" ("+value+")", known.meaning
			}
			return t.leaf(id, e, value)
		case i == 1 && e.tag == context(0)|constructedBit:
			return t.node(kind{label: "value", section: k.section}, e, "", t.anything)
		}
		return t.any(e)
	})
}

// nameMeaning says what is odd, or good to know, about a subject alternative name.
func nameMeaning(tag byte, value string) string {
	switch tag {
	case generalNameURI:
		if strings.HasPrefix(value, "spiffe://") {
			return "A SPIFFE identity: the trust domain and the workload in it. Service meshes authorize peers by it and ignore all other names."
		}
		return "An address or identity; TLS itself compares it with nothing, applications may."
	case generalNameIP:
		return "Who dials this address is content; a host name never matches it."
	case generalNameEmail:
		return "A mail address; TLS itself compares it with nothing, applications may map a client by it."
	case generalNameDNS:
		return hostMeaning(value)
	}
	return ""
}

// hostMeaning says what is odd about a DNS name.
func hostMeaning(value string) string {
	if _, err := netip.ParseAddr(value); err == nil {
		return "An IP address that is written as a DNS name: who dials the address finds no match."
	}
	switch {
	case strings.Contains(value, "/") || strings.Contains(value, ":"):
		return "A URL or a port in a DNS name: it matches no host name."
	case strings.HasPrefix(value, "*."):
		return "The wildcard stands for exactly one label."
	case strings.Contains(value, "*"):
		return "A wildcard that is not the whole first label matches nothing in Go."
	}
	return ""
}

func (t *tree) subtrees(e element, section string, say func(string) string) field.Field {
	k := kind{"permittedSubtrees", section, "Names of these types have to lie within one of these."}
	prefix := "permitted "
	switch e.tag {
	case context(0) | constructedBit:
	case context(1) | constructedBit:
		k = kind{"excludedSubtrees", section, "Names within one of these are refused, whatever is permitted."}
		prefix = "excluded "
	default:
		return t.any(e)
	}
	return t.node(k, e, "", func(_ int, e element) field.Field {
		return t.node(kind{label: "GeneralSubtree", section: section}, e, "", func(i int, e element) field.Field {
			switch {
			case i > 0 || !isGeneralName(e):
				return t.any(e)
			case e.constructed():
				return t.generalName(e, section, func(s string) string { return say(prefix + s) })
			}
			written := constraintName(t.der, e)
			_, value, _ := strings.Cut(written, ":")
			say(prefix + written)
			return t.leaf(kind{label: generalNames[e.tag&numberMask], section: section}, e, value)
		})
	})
}
