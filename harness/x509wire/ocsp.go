package x509wire

import (
	"strings"

	"shakedown/harness/field"
)

const ocspSection = "RFC 6960 4.2.1"

// OCSPFields returns the field tree of an OCSP response (RFC 6960 4.2.1), in the
// manner of [Fields]. Its value tells what the response says of the certificate.
func OCSPFields(der []byte, base int, buffer string) []field.Field {
	return build(der, base, buffer, func(t *tree) { t.parts(ocspSection, 0, len(der), t.only(t.ocspResponse)) })
}

// responseStatuses name OCSPResponseStatus.
var responseStatuses = [...]string{"successful", "malformedRequest", "internalError", "tryLater", "", "sigRequired", "unauthorized"}

func (t *tree) ocspResponse(e element) field.Field {
	k := kind{"OCSPResponse", ocspSection, "What the CA, or who answers for it, says of whether the certificate is revoked. Go never asks for one by itself, and does not check one that is stapled."}
	said := ""
	f := t.node(k, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagEnumerated:
			value := integerText(e.content(t.der))
			if n, ok := smallInteger(e.content(t.der)); ok && n >= 0 && n < len(responseStatuses) && responseStatuses[n] != "" {
				value = responseStatuses[n] + " (" + value + ")"
				if n > 0 {
					said = responseStatuses[n]
				}
			}
			return t.leaf(kind{"responseStatus", ocspSection, "Anything but successful is no answer: there is nothing to check then."}, e, value)
		case i == 1 && e.tag == context(0)|constructedBit:
			return t.node(kind{label: "responseBytes", section: ocspSection}, e, "", func(_ int, e element) field.Field {
				return t.responseBytes(e, &said)
			})
		}
		return t.any(e)
	})
	if said != "" {
		f.Value = said
	}
	return f
}

// oidBasicResponse is the only type of response that there is.
const oidBasicResponse = "\x2b\x06\x01\x05\x05\x07\x30\x01\x01"

func (t *tree) responseBytes(e element, said *string) field.Field {
	return t.node(kind{label: "ResponseBytes", section: ocspSection}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagOID:
			value := oid(e.content(t.der))
			if string(e.content(t.der)) == oidBasicResponse {
				value = "id-pkix-ocsp-basic (" + value + ")"
			}
			return t.leaf(kind{label: "responseType", section: ocspSection}, e, value)
		case i == 1 && e.tag == tagOctetString:
			return t.wrap(kind{label: "response", section: ocspSection}, e, field.Count(e.end-e.body, "byte"), func(at, end int) {
				t.parts(ocspSection, at, end, func(_ int, e element) field.Field { return t.basicResponse(e, said) })
			})
		}
		return t.any(e)
	})
}

func (t *tree) basicResponse(e element, said *string) field.Field {
	return t.node(kind{label: "BasicOCSPResponse", section: ocspSection}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagSequence:
			return t.responseData(e, said)
		case i == 1 && e.tag == tagSequence:
			return t.algorithm(kind{label: "signatureAlgorithm", section: ocspSection}, e, signatureName(t.der, e))
		case i == 2 && e.tag == tagBitString:
			return t.signature(kind{"signature", ocspSection, "By the CA's key, or by that of a responder whose certificate the CA has issued for this alone."}, e)
		case e.tag == context(0)|constructedBit:
			return t.node(kind{"certs", ocspSection, "The responder's certificate, where it is not the CA itself that signs; it needs the purpose OCSPSigning."}, e, "", func(_ int, e element) field.Field {
				return t.node(kind{label: "certificates", section: ocspSection}, e, "", func(_ int, e element) field.Field {
					if e.tag != tagSequence {
						return t.any(e)
					}
					return t.certificate(e)
				})
			})
		}
		return t.any(e)
	})
}

func (t *tree) responseData(e element, said *string) field.Field {
	return t.node(kind{"tbsResponseData", ocspSection, "What the responder's signature covers."}, e, "", func(_ int, e element) field.Field {
		switch {
		case e.tag == context(0)|constructedBit:
			return t.version(e)
		case e.tag == context(1)|constructedBit && t.isName(e):
			return t.node(kind{"responderID", ocspSection, "Who signs, by name."}, e, "", func(_ int, e element) field.Field { return t.name(kindName, e) })
		case e.tag == context(2)|constructedBit:
			return t.node(kind{"responderID", ocspSection, "Who signs, by the hash of the key."}, e, "", t.anything)
		case e.tag == tagGeneralizedTime:
			return t.leaf(kind{"producedAt", ocspSection, "When the response was signed."}, e, timeValue(e.tag, e.content(t.der)))
		case e.tag == tagSequence:
			return t.node(kind{label: "responses", section: ocspSection}, e, "", func(_ int, e element) field.Field { return t.singleResponse(e, said) })
		case e.tag == context(1)|constructedBit:
			return t.responseExtensions("responseExtensions", e)
		}
		return t.any(e)
	})
}

// isName tells a Name from Extensions, which have the same tag at the end of the
// data: a Name holds SETs.
func (t *tree) isName(e element) bool {
	c := e.cursor(t.der)
	list, err := c.next()
	if err != nil || list.tag != tagSequence {
		return false
	}
	inner := list.cursor(t.der)
	return inner.empty() || inner.peek() == tagSet
}

func (t *tree) responseExtensions(label string, e element) field.Field {
	return t.node(kind{label: label, section: ocspSection}, e, "", func(_ int, e element) field.Field {
		return t.node(kind{label: "Extensions", section: ocspSection}, e, "", func(_ int, e element) field.Field { return t.extension(e) })
	})
}

func (t *tree) singleResponse(e element, said *string) field.Field {
	status, next := "", ""
	f := t.node(kind{label: "SingleResponse", section: ocspSection}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagSequence:
			return t.certID(e)
		case i == 1 && e.tag&classMask == 0x80:
			f := t.certStatus(e)
			status = f.Value
			return f
		case i == 2 && e.tag == tagGeneralizedTime:
			return t.leaf(kind{"thisUpdate", ocspSection, "When this was known to be so."}, e, timeValue(e.tag, e.content(t.der)))
		case e.tag == context(0)|constructedBit:
			f := t.node(kind{"nextUpdate", ocspSection, "When there is newer information: after it a client holds the response to be too old."}, e, "", t.anything)
			next = f.Value
			return f
		case e.tag == context(1)|constructedBit:
			return t.responseExtensions("singleExtensions", e)
		}
		return t.any(e)
	})
	if next != "" {
		status += ", until " + next
	}
	f.Value = status
	if *said == "" {
		*said = status
	}
	return f
}

func (t *tree) certID(e element) field.Field {
	return t.node(kind{"certID", ocspSection, "Which certificate this is about."}, e, "", func(i int, e element) field.Field {
		switch {
		case i == 0 && e.tag == tagSequence:
			return t.node(kind{"hashAlgorithm", ocspSection, "Of the two hashes below; SHA-1 does no harm here, as nothing is signed with it."}, e, hashName(t.der, e), func(i int, e element) field.Field {
				if i == 0 && e.tag == tagOID {
					return t.leaf(kindAlgorithmID, e, oid(e.content(t.der)))
				}
				return t.any(e)
			})
		case i == 1 && e.tag == tagOctetString:
			return t.leaf(kind{"issuerNameHash", ocspSection, "Of the certificate's issuer name."}, e, octets(e.content(t.der)))
		case i == 2 && e.tag == tagOctetString:
			return t.leaf(kind{"issuerKeyHash", ocspSection, "Of the issuer's public key."}, e, octets(e.content(t.der)))
		case i == 3 && e.tag == tagInteger:
			return t.leaf(kind{"serialNumber", ocspSection, "Has to be that of the certificate that the response is stapled to."}, e, serialText(integer(e.content(t.der))))
		}
		return t.any(e)
	})
}

// revocationReasons name CRLReason (RFC 5280 5.3.1).
var revocationReasons = [...]string{
	"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
	"cessationOfOperation", "certificateHold", "", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
}

func (t *tree) certStatus(e element) field.Field {
	switch e.tag &^ constructedBit {
	case context(0):
		return t.leaf(kind{"certStatus", ocspSection, "The certificate is not revoked, as far as the responder knows."}, e, "good")
	case context(2):
		return t.leaf(kind{"certStatus", ocspSection, "The responder does not know the certificate: perhaps it asks the wrong CA."}, e, "unknown")
	case context(1):
	default:
		return t.any(e)
	}
	said := []string{"revoked"}
	f := t.node(kind{"certStatus", ocspSection, "The CA has revoked the certificate: a client that looks refuses it with certificate_revoked."}, e, "", func(_ int, e element) field.Field {
		switch e.tag {
		case tagGeneralizedTime:
			value := timeValue(e.tag, e.content(t.der))
			said = append(said, value)
			return t.leaf(kind{label: "revocationTime", section: ocspSection}, e, value)
		case context(0) | constructedBit:
			return t.node(kind{label: "revocationReason", section: ocspSection}, e, "", func(_ int, e element) field.Field {
				value := integerText(e.content(t.der))
				if n, ok := smallInteger(e.content(t.der)); ok && n >= 0 && n < len(revocationReasons) && revocationReasons[n] != "" {
					value = revocationReasons[n] + " (" + value + ")"
					said = append(said, revocationReasons[n])
				}
				return t.leaf(kind{label: "CRLReason", section: "RFC 5280 5.3.1"}, e, value)
			})
		}
		return t.any(e)
	})
	f.Value = strings.Join(said, ", ")
	return f
}
