package x509wire

import (
	"fmt"
	"net/netip"
	"strings"

	"shakedown/harness/field"
)

// extensions describes the explicit tag [3] and the SEQUENCE of Extension in it.
func (t *tree) extensions(e element) field.Field {
	count := 0
	f := t.node(kindExtensions, e, "", func(i int, e element) field.Field {
		if i > 0 || e.tag != tagSequence {
			return t.any(e)
		}
		return t.node(kind{label: "Extensions", section: "RFC 5280 4.1.2.9"}, e, "", func(_ int, e element) field.Field {
			count++
			return t.extension(e)
		})
	})
	f.Value = fmt.Sprintf("%d extensions", count)
	if count == 1 {
		f.Value = "1 extension"
	}
	return f
}

// extension describes an Extension by the name of what it is.
func (t *tree) extension(e element) field.Field {
	x, err := splitExtension(t.der, e)
	if err != nil {
		f := t.any(e)
		f.Meaning = "No extension that can be read: " + err.Error() + "."
		return f
	}
	id := string(x.id.content(t.der))
	k, known := extensionKinds[id]
	if !known {
		k = kind{extensionName(x.id.content(t.der)), "RFC 5280 4.2", ""}
		if x.isCritical {
			k.meaning = "An unknown extension that is critical: a verifier has to refuse the certificate."
		}
	}
	if k.section == "" {
		k.section = "RFC 5280 4.2"
	}
	value := ""
	f := t.node(k, e, "", func(_ int, e element) field.Field {
		switch e.start {
		case x.id.start:
			return t.leaf(kind{label: "extnID", section: "RFC 5280 4.2"}, e, oid(e.content(t.der)))
		case x.critical.start:
			return t.leaf(kindCritical, e, truth(e.content(t.der)))
		case x.value.start:
			f := t.wrap(kind{label: "extnValue", section: "RFC 5280 4.2"}, e, "", func(at, end int) []field.Field {
				var inside []field.Field
				inside, value = t.extensionValue(id, k.section, at, end)
				return inside
			})
			f.Value = value
			return f
		}
		return t.any(e)
	})
	f.Value = value
	if x.isCritical {
		f.Value = strings.TrimSuffix("critical, "+value, ", ")
	}
	return f
}

// extensionValue describes what is inside extnValue and sums it up.
func (t *tree) extensionValue(id, section string, at, end int) (list []field.Field, value string) {
	var said []string
	say := func(s string) string {
		if s != "" {
			said = append(said, s)
		}
		return s
	}
	part := func(_ int, e element) field.Field { return t.any(e) }
	switch id {
	case extSubjectKeyID:
		part = func(_ int, e element) field.Field {
			return t.leaf(kind{label: "KeyIdentifier", section: section}, e, say(octets(e.content(t.der))))
		}
	case extKeyUsage:
		part = func(_ int, e element) field.Field {
			names := bitNames(e.content(t.der), keyUsageBits[:])
			return t.leaf(kind{label: "KeyUsage", section: section}, e, say(strings.Join(names, ", ")))
		}
	case extBasicConstraints:
		part = t.listOf("BasicConstraints", section, func(_ int, e element) field.Field {
			switch e.tag {
			case tagBoolean:
				return t.leaf(kind{label: "cA", section: section}, e, say("CA:"+truth(e.content(t.der))))
			case tagInteger:
				return t.leaf(kind{
					"pathLenConstraint", section,
					"How many intermediates may stand between this CA and an end entity.",
				}, e, say("pathlen:"+t.generic(e)))
			}
			return t.any(e)
		})
	case extExtKeyUsage:
		part = t.listOf("ExtKeyUsageSyntax", section, func(_ int, e element) field.Field {
			name := purposeName(e.content(t.der))
			return t.leaf(kind{"KeyPurposeId", section, purposeMeanings[name]}, e, say(name))
		})
	case extSubjectAltName, extIssuerAltName:
		part = t.listOf("GeneralNames", section, func(_ int, e element) field.Field {
			return t.generalName(e, section, say)
		})
	case extAuthorityKeyID:
		part = t.listOf("AuthorityKeyIdentifier", section, func(_ int, e element) field.Field {
			return t.authorityKeyPart(e, section, say)
		})
	case extNameConstraints:
		part = t.listOf("NameConstraints", section, func(_ int, e element) field.Field {
			return t.subtrees(e, section, say)
		})
	case extAuthorityInfo:
		part = t.listOf("AuthorityInfoAccessSyntax", section, func(_ int, e element) field.Field {
			return t.accessDescription(e, section, say)
		})
	case extCRLDistribution:
		part = t.spoken([]string{"CRLDistributionPoints", "DistributionPoint", "distributionPoint", "fullName", "uniformResourceIdentifier"}, section, say)
	case extPolicies:
		part = t.spoken([]string{"certificatePolicies", "PolicyInformation", "policyIdentifier"}, section, say)
	case extTLSFeature:
		part = t.spoken([]string{"Features", "feature"}, section, say)
	}
	list = t.parts(section, at, end, part)
	if said == nil && at < end {
		return list, octets(t.der[at:end])
	}
	return list, strings.Join(said, ", ")
}

// listOf describes the SEQUENCE that most extensions are.
func (t *tree) listOf(label, section string, part describer) describer {
	return func(_ int, e element) field.Field {
		return t.node(kind{label: label, section: section}, e, "", part)
	}
}

// spoken describes elements that go by these labels from level to level, and
// lets addresses, numbers and identifiers speak for the whole.
func (t *tree) spoken(labels []string, section string, say func(string) string) describer {
	return func(_ int, e element) field.Field {
		if len(labels) == 0 {
			return t.any(e)
		}
		k := kind{label: labels[0], section: section}
		switch {
		case e.constructed():
			return t.node(k, e, "", t.spoken(labels[1:], section, say))
		case e.tag == generalNameURI:
			return t.leaf(k, e, say(string(e.content(t.der))))
		case e.tag == tagOID, e.tag == tagInteger:
			return t.leaf(k, e, say(t.generic(e)))
		}
		return t.any(e)
	}
}

// generalNames are GeneralName's alternatives by tag number (RFC 5280 4.2.1.6).
var generalNames = [...]string{
	"otherName", "rfc822Name", "dNSName", "x400Address", "directoryName",
	"ediPartyName", "uniformResourceIdentifier", "iPAddress", "registeredID",
}

func (t *tree) generalName(e element, section string, say func(string) string) field.Field {
	number := int(e.tag & numberMask)
	if e.tag&classMask != 0x80 || number >= len(generalNames) {
		return t.any(e)
	}
	k := kind{label: generalNames[number], section: section}
	_, value, _ := strings.Cut(generalName(t.der, e), ":")
	say(generalName(t.der, e))
	if e.constructed() {
		return t.node(k, e, value, func(_ int, e element) field.Field { return t.any(e) })
	}
	k.meaning = nameMeaning(e.tag, value)
	return t.leaf(k, e, value)
}

// nameMeaning says what is odd about a subject alternative name.
func nameMeaning(tag byte, value string) string {
	if tag != generalNameDNS {
		return ""
	}
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

func (t *tree) authorityKeyPart(e element, section string, say func(string) string) field.Field {
	switch e.tag {
	case context(0):
		return t.leaf(kind{label: "keyIdentifier", section: section}, e, say(octets(e.content(t.der))))
	case context(1) | constructedBit:
		return t.node(kind{label: "authorityCertIssuer", section: section}, e, "", func(_ int, e element) field.Field {
			return t.generalName(e, section, say)
		})
	case context(2):
		return t.leaf(kind{label: "authorityCertSerialNumber", section: section}, e, integer(e.content(t.der)).String())
	}
	return t.any(e)
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
			number := int(e.tag & numberMask)
			if i > 0 || e.constructed() || e.tag&classMask != 0x80 || number >= len(generalNames) {
				return t.any(e)
			}
			_, value, _ := strings.Cut(constraintName(t.der, e), ":")
			say(prefix + constraintName(t.der, e))
			return t.leaf(kind{label: generalNames[number], section: section}, e, value)
		})
	})
}

func (t *tree) accessDescription(e element, section string, say func(string) string) field.Field {
	method := ""
	return t.node(kind{label: "AccessDescription", section: section}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			method = oid(e.content(t.der))
			switch string(e.content(t.der)) {
			case accessOCSP:
				method = "OCSP"
			case accessCAIssuers:
				method = "caIssuers"
			}
			return t.leaf(kind{label: "accessMethod", section: section}, e, method)
		case i == 1 && e.tag == generalNameURI:
			say(method + " " + string(e.content(t.der)))
			return t.leaf(kind{label: "accessLocation", section: section}, e, string(e.content(t.der)))
		}
		return t.any(e)
	})
}
