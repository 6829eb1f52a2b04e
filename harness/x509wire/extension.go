package x509wire

import (
	"fmt"
	"slices"
)

// Extension identifiers, by content.
const (
	extSubjectKeyID        = "\x55\x1d\x0e"
	extKeyUsage            = "\x55\x1d\x0f"
	extSubjectAltName      = "\x55\x1d\x11"
	extIssuerAltName       = "\x55\x1d\x12"
	extBasicConstraints    = "\x55\x1d\x13"
	extNameConstraints     = "\x55\x1d\x1e"
	extCRLDistribution     = "\x55\x1d\x1f"
	extPolicies            = "\x55\x1d\x20"
	extPolicyMappings      = "\x55\x1d\x21"
	extAuthorityKeyID      = "\x55\x1d\x23"
	extPolicyConstraints   = "\x55\x1d\x24"
	extExtKeyUsage         = "\x55\x1d\x25"
	extInhibitAnyPolicy    = "\x55\x1d\x36"
	extAuthorityInfo       = "\x2b\x06\x01\x05\x05\x07\x01\x01"
	extTLSFeature          = "\x2b\x06\x01\x05\x05\x07\x01\x18"
	extSignedTimestamps    = "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"
	extPrecertificate      = "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03"
	extNetscapeCertType    = "\x60\x86\x48\x01\x86\xf8\x42\x01\x01"
	extNetscapeComment     = "\x60\x86\x48\x01\x86\xf8\x42\x01\x0d"
	extMicrosoftTemplate   = "\x2b\x06\x01\x04\x01\x82\x37\x15\x07"
	extSubjectDirectory    = "\x55\x1d\x09"
	extPrivateKeyPeriod    = "\x55\x1d\x10"
	extFreshestCRL         = "\x55\x1d\x2e"
	extNoRevocation        = "\x55\x1d\x38"
	extSubjectInfo         = "\x2b\x06\x01\x05\x05\x07\x01\x0b"
	extQCStatements        = "\x2b\x06\x01\x05\x05\x07\x01\x03"
	extLogotype            = "\x2b\x06\x01\x05\x05\x07\x01\x0c"
	extACMEIdentifier      = "\x2b\x06\x01\x05\x05\x07\x01\x1f"
	extNoCheck             = "\x2b\x06\x01\x05\x05\x07\x30\x01\x05"
	extOCSPNonce           = "\x2b\x06\x01\x05\x05\x07\x30\x01\x02"
	extDelegationUsage     = "\x2b\x06\x01\x04\x01\x82\xda\x4b\x2c"
	extApplicationPolicies = "\x2b\x06\x01\x04\x01\x82\x37\x15\x0a"
	extEnrollType          = "\x2b\x06\x01\x04\x01\x82\x37\x14\x02"
	extCAVersion           = "\x2b\x06\x01\x04\x01\x82\x37\x15\x01"
	extSecurityID          = "\x2b\x06\x01\x04\x01\x82\x37\x19\x02"
	extSMIMECapabilities   = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f"
	accessOCSP             = "\x2b\x06\x01\x05\x05\x07\x30\x01"
	accessCAIssuers        = "\x2b\x06\x01\x05\x05\x07\x30\x02"
	featureStatusRequest   = 5
	generalNameEmail       = 0x81
	generalNameDNS         = 0x82
	generalNameURI         = 0x86
	generalNameIP          = 0x87
	generalNameDirectory   = 0xa4
	generalNameOther       = 0xa0
	generalNameRegistered  = 0x88
)

// keyUsageBits are KeyUsage's bits in their order (RFC 5280 4.2.1.3).
var keyUsageBits = [...]string{
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
	"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
}

// purposes are the extended key usages that have names, by content.
var purposes = map[string]string{
	"\x55\x1d\x25\x00":                         "anyExtendedKeyUsage",
	"\x2b\x06\x01\x05\x05\x07\x03\x01":         "serverAuth",
	"\x2b\x06\x01\x05\x05\x07\x03\x02":         "clientAuth",
	"\x2b\x06\x01\x05\x05\x07\x03\x03":         "codeSigning",
	"\x2b\x06\x01\x05\x05\x07\x03\x04":         "emailProtection",
	"\x2b\x06\x01\x05\x05\x07\x03\x05":         "ipsecEndSystem",
	"\x2b\x06\x01\x05\x05\x07\x03\x06":         "ipsecTunnel",
	"\x2b\x06\x01\x05\x05\x07\x03\x07":         "ipsecUser",
	"\x2b\x06\x01\x05\x05\x07\x03\x08":         "timeStamping",
	"\x2b\x06\x01\x05\x05\x07\x03\x09":         "OCSPSigning",
	"\x2b\x06\x01\x05\x05\x07\x03\x11":         "ipsecIKE",
	"\x2b\x06\x01\x05\x02\x03\x05":             "pkinitKPKdc",
	"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02": "smartcardLogon",
}

// extensions reads the SEQUENCE OF Extension inside [3].
func (p *parser) extensions(c cursor) {
	list, ok := p.next(&c, "extensions", tagSequence)
	if !ok {
		return
	}
	p.cert.Extensions = make([]Extension, 0, 8)
	for c := list.cursor(p.der); !c.empty(); {
		at := c.at
		e, ok := p.next(&c, "extensions", tagSequence)
		if c.at == at {
			return
		}
		if !ok {
			continue
		}
		x, err := splitExtension(p.der, e)
		if err != nil {
			p.problem(at, "extensions", err.Error())
			continue
		}
		dotted := extensionOID(x.id.content(p.der))
		// "A certificate MUST NOT include more than one instance of a particular
		// extension" (https://www.rfc-editor.org/rfc/rfc5280#section-4.2).
		if slices.ContainsFunc(p.cert.Extensions, func(x Extension) bool { return x.OID == dotted }) {
			p.problem(at, extensionName(x.id.content(p.der)), "the extension is there twice")
		}
		p.cert.Extensions = append(p.cert.Extensions, Extension{OID: dotted, Critical: x.isCritical, Value: x.value.content(p.der)})
		known := p.extension(x.id.content(p.der), x.value)
		if x.isCritical && !known {
			p.cert.UnhandledCritical = append(p.cert.UnhandledCritical, dotted)
		}
	}
}

// A splitted extension: where its parts lie.
type extensionParts struct {
	id, critical, value element
	hasCritical         bool
	isCritical          bool
}

// splitExtension splits an Extension.
//
//	Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER,
//	    critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
func splitExtension(der []byte, e element) (extensionParts, error) {
	var x extensionParts
	var err error
	c := e.cursor(der)
	if x.id, err = c.next(); err != nil {
		return x, err
	}
	if x.id.tag != tagOID {
		return x, fmt.Errorf("an extension begins with %s, not with its OBJECT IDENTIFIER", tagName(x.id.tag))
	}
	if c.peek() == tagBoolean {
		if x.critical, err = c.next(); err != nil {
			return x, err
		}
		x.hasCritical = true
		for _, o := range x.critical.content(der) {
			x.isCritical = x.isCritical || o != 0
		}
	}
	if x.value, err = c.next(); err != nil {
		return x, err
	}
	if x.value.tag != tagOctetString {
		return x, fmt.Errorf("the value of extension %s is %s, not OCTET STRING", oid(x.id.content(der)), tagName(x.value.tag))
	}
	return x, nil
}

// extension reads the extensions that bear on TLS. It says whether crypto/x509
// would handle that extension where it is critical.
func (p *parser) extension(id []byte, value element) (handled bool) {
	c := value.cursor(p.der)
	switch string(id) {
	case extSubjectKeyID:
		if e, ok := p.next(&c, "subjectKeyIdentifier", tagOctetString); ok {
			p.cert.SubjectKeyID = e.content(p.der)
		}
	case extAuthorityKeyID:
		p.authorityKeyID(&c)
	case extKeyUsage:
		if e, ok := p.next(&c, "keyUsage", tagBitString); ok {
			p.cert.HasKeyUsage = true
			p.cert.KeyUsage = bitNames(e.content(p.der), keyUsageBits[:])
		}
	case extSubjectAltName:
		return p.subjectAltName(&c)
	case extBasicConstraints:
		p.basicConstraints(&c)
	case extNameConstraints:
		p.nameConstraints(&c)
	case extExtKeyUsage:
		p.extKeyUsage(&c)
	case extAuthorityInfo:
		p.authorityInfo(&c)
		return false
	case extCRLDistribution:
		p.crlDistribution(&c)
	case extTLSFeature:
		p.tlsFeature(&c)
		return false
	case extPolicies, extPolicyMappings, extPolicyConstraints, extInhibitAnyPolicy:
	default:
		return false
	}
	return true
}

// bitNames returns the names of the bits that are set in a BIT STRING's content.
func bitNames(b []byte, names []string) []string {
	set := make([]string, 0, 2)
	if len(b) == 0 {
		return set
	}
	for i, name := range names {
		if o := 1 + i/8; o < len(b) && b[o]&(0x80>>(i%8)) != 0 {
			set = append(set, name)
		}
	}
	return set
}

func (p *parser) authorityKeyID(c *cursor) {
	list, ok := p.next(c, "authorityKeyIdentifier", tagSequence)
	if !ok {
		return
	}
	for c := list.cursor(p.der); !c.empty(); {
		e, err := c.next()
		if err != nil {
			p.problem(c.at, "authorityKeyIdentifier", err.Error())
			return
		}
		if e.tag == context(0) {
			p.cert.AuthorityKeyID = e.content(p.der)
		}
	}
}

func (p *parser) basicConstraints(c *cursor) {
	e, ok := p.next(c, "basicConstraints", tagSequence)
	if !ok {
		return
	}
	p.cert.HasBasicConstraints = true
	inner := e.cursor(p.der)
	if inner.peek() == tagBoolean {
		if ca, ok := p.next(&inner, "basicConstraints", tagBoolean); ok {
			content := ca.content(p.der)
			p.cert.IsCA = len(content) > 0 && content[0] != 0
		}
	}
	if inner.empty() {
		return
	}
	if limit, ok := p.next(&inner, "basicConstraints", tagInteger); ok {
		if n, small := smallInteger(limit.content(p.der)); small && n >= 0 {
			p.cert.PathLen = &n
		} else {
			p.problem(limit.start, "basicConstraints", "a pathLenConstraint that is no count")
		}
	}
}

func (p *parser) extKeyUsage(c *cursor) {
	list, ok := p.next(c, "extKeyUsage", tagSequence)
	if !ok {
		return
	}
	p.cert.ExtKeyUsage = make([]string, 0, 2)
	for c := list.cursor(p.der); !c.empty(); {
		e, ok := p.next(&c, "extKeyUsage", tagOID)
		if !ok {
			return
		}
		p.cert.ExtKeyUsage = append(p.cert.ExtKeyUsage, purposeName(e.content(p.der)))
	}
}

func purposeName(id []byte) string {
	if name, ok := purposes[string(id)]; ok {
		return name
	}
	return oid(id)
}

// extensionNames are RFC 5280's names and those of later documents, by content.
var extensionNames = map[string]string{
	extSubjectKeyID:        "subjectKeyIdentifier",
	extKeyUsage:            "keyUsage",
	extSubjectAltName:      "subjectAltName",
	extIssuerAltName:       "issuerAltName",
	extBasicConstraints:    "basicConstraints",
	extNameConstraints:     "nameConstraints",
	extCRLDistribution:     "cRLDistributionPoints",
	extPolicies:            "certificatePolicies",
	extPolicyMappings:      "policyMappings",
	extAuthorityKeyID:      "authorityKeyIdentifier",
	extPolicyConstraints:   "policyConstraints",
	extExtKeyUsage:         "extKeyUsage",
	extInhibitAnyPolicy:    "inhibitAnyPolicy",
	extAuthorityInfo:       "authorityInfoAccess",
	extTLSFeature:          "TLSFeature",
	extSignedTimestamps:    "SignedCertificateTimestampList",
	extPrecertificate:      "precertificatePoison",
	extNetscapeCertType:    "netscapeCertType",
	extNetscapeComment:     "netscapeComment",
	extMicrosoftTemplate:   "microsoftCertificateTemplate",
	extSubjectDirectory:    "subjectDirectoryAttributes",
	extPrivateKeyPeriod:    "privateKeyUsagePeriod",
	extFreshestCRL:         "freshestCRL",
	extNoRevocation:        "noRevAvail",
	extSubjectInfo:         "subjectInfoAccess",
	extQCStatements:        "qcStatements",
	extLogotype:            "logotype",
	extACMEIdentifier:      "acmeIdentifier",
	extNoCheck:             "ocspNoCheck",
	extOCSPNonce:           "ocspNonce",
	extDelegationUsage:     "delegationUsage",
	extApplicationPolicies: "microsoftApplicationPolicies",
	extEnrollType:          "microsoftEnrollCertType",
	extCAVersion:           "microsoftCAVersion",
	extSecurityID:          "microsoftSecurityIdentifier",
	extSMIMECapabilities:   "smimeCapabilities",
}

func extensionName(id []byte) string {
	if name, ok := extensionNames[string(id)]; ok {
		return name
	}
	return "extension " + oid(id)
}

// dottedExtensions are the known identifiers in dotted form, so that parsing
// does not write them out again each time.
var dottedExtensions = func() map[string]string {
	dotted := make(map[string]string, len(extensionNames))
	for id := range extensionNames {
		dotted[id] = oid([]byte(id))
	}
	return dotted
}()

func extensionOID(id []byte) string {
	if dotted, ok := dottedExtensions[string(id)]; ok {
		return dotted
	}
	return oid(id)
}
