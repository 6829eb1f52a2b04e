package x509wire

import (
	"strings"

	"shakedown/harness/field"
)

// policyNames are certificate policies that many CAs use.
var policyNames = map[string]struct{ name, meaning string }{
	"\x55\x1d\x20\x00":         {"anyPolicy", "Every policy."},
	"\x67\x81\x0c\x01\x02\x01": {"domain-validated", "The public CA checked that the holder controls the domain, and no more (CA/Browser Forum)."},
	"\x67\x81\x0c\x01\x02\x02": {"organization-validated", "The public CA checked the organization that is named (CA/Browser Forum)."},
	"\x67\x81\x0c\x01\x02\x03": {"individual-validated", "The public CA checked the person that is named (CA/Browser Forum)."},
	"\x67\x81\x0c\x01\x01":     {"extended-validation", "The public CA checked the organization after the rules for extended validation (CA/Browser Forum)."},
}

// policy describes the identifier of a policy.
func (t *tree) policy(label, section string, e element, say func(string) string) field.Field {
	k := kind{label: label, section: section}
	if e.tag != tagOID {
		return t.any(e)
	}
	k.meaning = policyNames[string(e.content(t.der))].meaning
	return t.leaf(k, e, say(PolicyName(e.content(t.der))))
}

// PolicyName returns the name that a certificate policy is known by with its OID,
// or the OID alone. It takes the content of an OBJECT IDENTIFIER.
func PolicyName(id []byte) string {
	if known, ok := policyNames[string(id)]; ok {
		return known.name + " (" + oid(id) + ")"
	}
	return oid(id)
}

// policies describes certificatePolicies with their qualifiers.
func (t *tree) policies(section string, say func(string) string) describer {
	return t.listOf("certificatePolicies", section, func(_ int, e element) field.Field {
		return t.node(kind{label: "PolicyInformation", section: section}, e, "", func(i int, e element) field.Field {
			switch {
			case i == 0:
				return t.policy("policyIdentifier", section, e, say)
			case i == 1 && e.tag == tagSequence:
				return t.node(kind{label: "policyQualifiers", section: section}, e, "", func(_ int, e element) field.Field {
					return t.qualifier(e, section)
				})
			}
			return t.any(e)
		})
	})
}

// qualifier describes a PolicyQualifierInfo: an address, or a notice to the user.
func (t *tree) qualifier(e element, section string) field.Field {
	const practice, notice = "\x2b\x06\x01\x05\x05\x07\x02\x01", "\x2b\x06\x01\x05\x05\x07\x02\x02"
	return t.node(kind{label: "PolicyQualifierInfo", section: section}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			value := oid(e.content(t.der))
			switch string(e.content(t.der)) {
			case practice:
				value = "CPS (" + value + ")"
			case notice:
				value = "userNotice (" + value + ")"
			}
			return t.leaf(kind{label: "policyQualifierId", section: section}, e, value)
		case i == 1 && isText(e.tag):
			return t.leaf(kind{"qualifier", section, "Where the CA says how it works."}, e, t.generic(e))
		}
		return t.any(e)
	})
}

func (t *tree) policyMappings(section string, say func(string) string) describer {
	return t.listOf("PolicyMappings", section, func(_ int, e element) field.Field {
		return t.node(kind{label: "PolicyMapping", section: section}, e, "", func(i int, e element) field.Field {
			if i > 1 {
				return t.any(e)
			}
			return t.policy([2]string{"issuerDomainPolicy", "subjectDomainPolicy"}[i], section, e, say)
		})
	})
}

func (t *tree) policyConstraints(section string, say func(string) string) describer {
	return t.listOf("PolicyConstraints", section, func(_ int, e element) field.Field {
		k := kind{"requireExplicitPolicy", section, "After so many more certificates each one has to name an accepted policy."}
		switch e.tag {
		case context(0):
		case context(1):
			k = kind{"inhibitPolicyMapping", section, "After so many more certificates policies are not mapped any more."}
		default:
			return t.any(e)
		}
		return t.leaf(k, e, say(k.label+" "+integerText(e.content(t.der))))
	})
}

// reasonBits are ReasonFlags' bits in their order (RFC 5280 4.2.1.13).
var reasonBits = [...]string{
	"unused", "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
	"cessationOfOperation", "certificateHold", "privilegeWithdrawn", "aACompromise",
}

// distributionPoints describes CRLDistributionPoints.
func (t *tree) distributionPoints(section string, say func(string) string) describer {
	name := func(_ int, e element) field.Field {
		switch e.tag {
		case context(0) | constructedBit:
			return t.node(kind{label: "fullName", section: section}, e, "", func(_ int, e element) field.Field {
				if e.tag == generalNameURI {
					return t.leaf(kind{label: generalNames[6], section: section}, e, say(string(e.content(t.der))))
				}
				return t.generalName(e, section, say)
			})
		case context(1) | constructedBit:
			return t.node(kind{label: "nameRelativeToCRLIssuer", section: section}, e, "", func(_ int, e element) field.Field { return t.attribute(e) })
		}
		return t.any(e)
	}
	return t.listOf("CRLDistributionPoints", section, func(_ int, e element) field.Field {
		return t.node(kind{label: "DistributionPoint", section: section}, e, "", func(_ int, e element) field.Field {
			switch e.tag {
			case context(0) | constructedBit:
				return t.node(kind{label: "distributionPoint", section: section}, e, "", name)
			case context(1):
				return t.leaf(kind{"reasons", section, "The list has only certificates that were revoked for these reasons."}, e,
					say("for "+strings.Join(bitNames(e.content(t.der), reasonBits[:]), ", ")))
			case context(2) | constructedBit:
				return t.node(kind{"cRLIssuer", section, "Who signs the list, where that is not the certificate's issuer."}, e, "", func(_ int, e element) field.Field {
					return t.generalName(e, section, say)
				})
			}
			return t.any(e)
		})
	})
}
