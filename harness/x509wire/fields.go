package x509wire

import "shakedown/harness/field"

// Fields returns the field tree of a certificate; ranges count in der, which
// the tree calls buffer. Every byte of der lies in exactly one leaf.
func Fields(der []byte, buffer string) []field.Field {
	return []field.Field{{Label: "Certificate", Buffer: buffer, Start: 0, End: len(der), Section: "RFC 5280 4.1"}}
}
