package diagnose

import (
	"fmt"

	"shakedown/harness/field"
)

// negativeSerial finds a serial number that RFC 5280 4.1.2.2 forbids: "The
// serial number MUST be a positive integer assigned by the CA"
// (https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2).
func negativeSerial(_ *verification, certs []*certificate, i int) (string, bool) {
	serial := certs[i].tolerant().Serial
	if serial == nil || serial.Sign() >= 0 {
		return "", false
	}
	return "its serial number is negative: " + field.Shorten(serial.String(), 60), true
}

// garbage is every other certificate that crypto/x509 does not parse.
func garbage(_ *verification, certs []*certificate, i int) (string, bool) {
	detail := "it is no certificate that can be parsed: " + field.Shorten(certs[i].err.Error(), 160)
	if p := certs[i].tolerant().Problems; len(p) > 0 {
		detail += fmt.Sprintf(" (%s at byte %d)", field.Shorten(p[0].Part, 40), p[0].Offset)
	}
	return detail, true
}
