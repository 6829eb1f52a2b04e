package diagnose

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
)

// parseDN reads a DER Name, nil if it cannot.
func parseDN(der []byte) pkix.RDNSequence {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return nil
	}
	return name
}

// sameName says that two DER Names are the same by RFC 5280 7.1, however their
// letters, their spaces and their kinds of string differ
// (https://www.rfc-editor.org/rfc/rfc5280#section-7.1). crypto/x509 compares bytes.
func sameName(a, b []byte) bool {
	x, y := parseDN(a), parseDN(b)
	return x != nil && y != nil && len(x) == len(y) && nameWithin(x, y)
}

// nameWithin says that a name begins with all of base: it is within that subtree
// of the directory.
func nameWithin(name, base pkix.RDNSequence) bool {
	if len(name) < len(base) {
		return false
	}
	for i := range base {
		if !sameRDN(name[i], base[i]) {
			return false
		}
	}
	return true
}

// sameRDN compares sets of attributes: "Two relative distinguished names RDN1 and
// RDN2 match if they have the same number of naming attributes and for each naming
// attribute in RDN1 there is a matching naming attribute in RDN2".
func sameRDN(a, b pkix.RelativeDistinguishedNameSET) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x.Type.Equal(y.Type) && folded(x.Value) == folded(y.Value)
		}
		if !found {
			return false
		}
	}
	return true
}

// folded writes an attribute's value without what does not count in a comparison:
// the case of letters, spaces around it, and more than one between two words.
func folded(value any) string {
	return strings.Join(strings.Fields(strings.ToLower(fmt.Sprint(value))), " ")
}
