package tlswire

// signatureSchemes reads signature_algorithms or signature_algorithms_cert
// (RFC 8446 4.2.3).
func (r *reader) signatureSchemes() []SignatureScheme { return r.schemes(&schemesSpec) }

// schemes reads a list of signature schemes as s.
func (r *reader) schemes(s *spec) []SignatureScheme {
	v := r.open(2, s)
	defer r.close(v)
	if r.bad {
		return nil
	}
	list := make([]SignatureScheme, 0, (r.end-r.pos)/2)
	for r.more() {
		n := r.uint16(&schemeSpec)
		if !r.bad {
			list = append(list, SignatureScheme(n))
		}
	}
	return list
}

// explainScheme says what to know of a scheme beyond its name.
func explainScheme(b []byte) string {
	switch s := SignatureScheme(value(b)); {
	case IsGREASE(uint16(s)):
		return greaseMeaning
	case s >= 0x0904 && s <= 0x0906:
		return "ML-DSA (FIPS 204): signatures that a quantum computer does not forge. The certificate's key has to be ML-DSA too."
	case s == 0x0201 || s == 0x0203 || s == 0x0202:
		return "SHA-1: TLS 1.3 allows it in certificates only, as a last resort, and most stacks refuse it everywhere (RFC 9155)."
	case s&0xff == 0x01 && s>>8 >= 0x03 && s>>8 <= 0x06:
		return "PKCS #1 v1.5: TLS 1.3 allows it inside certificates only, never in CertificateVerify (RFC 8446 4.2.3)."
	case s >= 0x0804 && s <= 0x0806:
		return "PSS with an ordinary RSA key, which is what TLS 1.3 signs with for RSA certificates."
	case s >= 0x0809 && s <= 0x080b:
		return "PSS with a key whose certificate says id-RSASSA-PSS; an ordinary RSA certificate does not fit."
	}
	return ""
}

var (
	schemesSpec = spec{
		label: "supported_signature_algorithms", section: "RFC 8446 4.2.3", least: 2,
		meaning: "What the sender can verify, most wanted first: the peer's key and chain have to fit, or it answers handshake_failure.",
	}
	schemeSpec = spec{label: "algorithm", value: name16(schemeName), explain: explainScheme, coded: true}
)
