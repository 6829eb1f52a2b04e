package x509wire

import (
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
	f.Value = field.Count(count, "extension")
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
			f := t.wrap(kind{label: "extnValue", section: "RFC 5280 4.2"}, e, "", func(at, end int) {
				value = t.extensionValue(id, k.section, at, end)
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

// extensionValue adds the fields of what is inside extnValue and sums them up.
func (t *tree) extensionValue(id, section string, at, end int) (value string) {
	var said []string
	say := func(s string) string {
		if s != "" {
			said = append(said, s)
		}
		return s
	}
	if id == extSignedTimestamps {
		t.timestamps(section, at, end, say)
	} else {
		t.parts(section, at, end, t.extensionDescriber(id, section, say))
	}
	if said == nil && at < end {
		return octets(t.der[at:end])
	}
	return strings.Join(said, ", ")
}

// extensionDescriber returns what describes the content of an extension. Say
// takes what speaks for the whole.
func (t *tree) extensionDescriber(id, section string, say func(string) string) describer {
	switch id {
	case extSubjectKeyID:
		return func(_ int, e element) field.Field {
			return t.leaf(kind{label: "KeyIdentifier", section: section}, e, say(octets(e.content(t.der))))
		}
	case extKeyUsage:
		return func(_ int, e element) field.Field { return t.keyUsage(e, section, say) }
	case extBasicConstraints:
		return t.listOf("BasicConstraints", section, func(_ int, e element) field.Field {
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
	case extExtKeyUsage, extApplicationPolicies:
		if id == extApplicationPolicies {
			return t.policies(section, say)
		}
		return t.listOf("ExtKeyUsageSyntax", section, func(_ int, e element) field.Field {
			if e.tag != tagOID {
				return t.any(e)
			}
			name := purposeName(e.content(t.der))
			return t.leaf(kind{"KeyPurposeId", section, purposeMeanings[name]}, e, say(name))
		})
	case extSubjectAltName, extIssuerAltName:
		return t.listOf("GeneralNames", section, func(_ int, e element) field.Field {
			return t.generalName(e, section, say)
		})
	case extAuthorityKeyID:
		return t.listOf("AuthorityKeyIdentifier", section, func(_ int, e element) field.Field {
			return t.authorityKeyPart(e, section, say)
		})
	case extNameConstraints:
		return t.listOf("NameConstraints", section, func(_ int, e element) field.Field {
			return t.subtrees(e, section, say)
		})
	case extAuthorityInfo, extSubjectInfo:
		return t.listOf("AuthorityInfoAccessSyntax", section, func(_ int, e element) field.Field {
			return t.accessDescription(e, section, say)
		})
	case extCRLDistribution, extFreshestCRL:
		return t.distributionPoints(section, say)
	case extPolicies:
		return t.policies(section, say)
	case extPolicyMappings:
		return t.policyMappings(section, say)
	case extPolicyConstraints:
		return t.policyConstraints(section, say)
	case extTLSFeature:
		return t.listOf("Features", section, func(_ int, e element) field.Field { return t.feature(e, section, say) })
	case extMicrosoftTemplate:
		return t.listOf("CertificateTemplate", section, func(i int, e element) field.Field {
			switch {
			case i == 0 && e.tag == tagOID:
				return t.leaf(kind{label: "templateID", section: section}, e, say("template "+oid(e.content(t.der))))
			case i < 3 && e.tag == tagInteger:
				return t.leaf(kind{label: [3]string{"", "templateMajorVersion", "templateMinorVersion"}[i], section: section}, e, t.generic(e))
			}
			return t.any(e)
		})
	case extPrivateKeyPeriod:
		return t.listOf("PrivateKeyUsagePeriod", section, func(_ int, e element) field.Field {
			label := map[byte]string{context(0): "notBefore", context(1): "notAfter"}[e.tag]
			if label == "" {
				return t.any(e)
			}
			return t.leaf(kind{label: label, section: section}, e, say(label+" "+timeValue(tagGeneralizedTime, e.content(t.der))))
		})
	}
	// What is one number, identifier or text says what it is.
	return func(_ int, e element) field.Field {
		if e.tag == tagInteger || e.tag == tagOID || isText(e.tag) {
			say(t.generic(e))
		}
		return t.any(e)
	}
}

// keyUsage describes KeyUsage down to its bits.
func (t *tree) keyUsage(e element, section string, say func(string) string) field.Field {
	content := e.content(t.der)
	value := say(strings.Join(bitNames(content, keyUsageBits[:]), ", "))
	k := kind{label: "KeyUsage", section: section}
	if e.tag != tagBitString {
		return t.leaf(k, e, value)
	}
	return t.wrap(k, e, value, func(at, end int) {
		t.bits(at, end, func(at, end int) {
			for ; at < end; at++ {
				f := t.field(kind{label: "bits", section: section}, at, at+1, "0x"+octets(t.der[at:at+1]))
				first := 8 * (at - e.body - 1)
				mark := t.Mark()
				for bit := range 8 {
					t.Add(t.usageBit(at, first+bit, t.der[at]>>(7-bit)&1, section))
				}
				f.Fields = t.Take(mark)
				t.Add(f)
			}
		})
	})
}

// usageBit describes the n-th bit of KeyUsage, which is in the byte at.
func (t *tree) usageBit(at, n int, set byte, section string) field.Field {
	k := kind{label: "unused", section: section}
	if n < len(keyUsageBits) {
		k.label, k.meaning = keyUsageBits[n], usageMeanings[n]
	}
	f := t.field(k, at, at+1, [2]string{"no", "yes"}[set])
	f.Bits = field.BitPicture(n%8, 1, uint64(set), 8)
	return f
}

// usageMeanings say what each bit of KeyUsage lets a key do.
var usageMeanings = [...]string{
	"The key may sign: in TLS 1.3 and with ECDHE every end entity needs it.",
	"The key may sign what its holder cannot deny later; TLS has no use for it.",
	"Others may encrypt keys to it: only TLS 1.2's RSA key exchange needs it.",
	"Others may encrypt data to it; TLS has no use for it.",
	"The key may take part in a key agreement: only TLS 1.2's static ECDH needs it.",
	"The key may sign certificates: a CA needs it.",
	"The key may sign revocation lists: a CA that issues CRLs needs it.",
	"With keyAgreement: only to encipher.",
	"With keyAgreement: only to decipher.",
}

// feature describes one feature of TLSFeature, the number of an extension of TLS.
func (t *tree) feature(e element, section string, say func(string) string) field.Field {
	k := kind{label: "feature", section: section}
	if e.tag != tagInteger {
		return t.any(e)
	}
	value := t.generic(e)
	switch value {
	case "5":
		value = "status_request (5)"
		k.meaning = "Known as must-staple: without a stapled OCSP response a client that obeys this refuses the certificate."
	case "17":
		value = "status_request_v2 (17)"
	}
	return t.leaf(k, e, say(value))
}

// listOf describes the SEQUENCE that most extensions are.
func (t *tree) listOf(label, section string, part describer) describer {
	return func(_ int, e element) field.Field {
		return t.node(kind{label: label, section: section}, e, "", part)
	}
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
		return t.leaf(kind{label: "authorityCertSerialNumber", section: section}, e, serialText(integer(e.content(t.der))))
	}
	return t.any(e)
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
		case i == 1 && isGeneralName(e):
			return t.nameAs(kind{label: "accessLocation", section: section}, e, func(s string) string { return say(method + " " + s) })
		}
		return t.any(e)
	})
}
