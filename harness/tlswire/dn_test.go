package tlswire

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
)

// attribute is one AttributeTypeAndValue with a value of any type.
func attribute(t *testing.T, oid []int, tag int, content string) pkix.AttributeTypeAndValue {
	t.Helper()
	return pkix.AttributeTypeAndValue{Type: oid, Value: asn1.RawValue{Tag: tag, Bytes: []byte(content)}}
}

func TestDistinguishedName(t *testing.T) {
	cn, o, dc := []int{2, 5, 4, 3}, []int{2, 5, 4, 10}, []int{0, 9, 2342, 19200300, 100, 1, 25}
	const utf8, numeric, printable, teletex, ia5, universal, bmp = 12, 18, 19, 20, 22, 28, 30
	tests := []struct {
		name string
		rdns pkix.RDNSequence
		want string
	}{
		{"the last attribute first", pkix.RDNSequence{
			{attribute(t, []int{2, 5, 4, 6}, printable, "NO")}, {attribute(t, o, utf8, "Acme")}, {attribute(t, cn, utf8, "Client Root")},
		}, "CN=Client Root,O=Acme,C=NO"},
		{"several attributes in one RDN", pkix.RDNSequence{{attribute(t, cn, utf8, "a"), attribute(t, o, utf8, "b")}}, "CN=a+O=b"},
		{"domain components", pkix.RDNSequence{{attribute(t, dc, ia5, "test")}, {attribute(t, dc, ia5, "example")}}, "DC=example,DC=test"},
		{"what has a meaning in names", pkix.RDNSequence{{attribute(t, o, utf8, `Acme, Inc. "x"`)}}, `O=Acme\, Inc. \"x\"`},
		{"blanks at the ends", pkix.RDNSequence{{attribute(t, o, utf8, " a b ")}}, `O=\ a b\ `},
		{"a control character", pkix.RDNSequence{{attribute(t, cn, utf8, "a\x1b[31m")}}, `CN=a\x1b[31m`},
		{"a bidirectional override", pkix.RDNSequence{{attribute(t, cn, utf8, "a\u202eb")}}, `CN=a\u202eb`},
		{"UTF-16", pkix.RDNSequence{{attribute(t, cn, bmp, "\x00Z\x00\xfc")}}, "CN=Zü"},
		{"half a UTF-16 unit", pkix.RDNSequence{{attribute(t, cn, bmp, "\x00Z\x00")}}, "CN=#005a00"},
		{"UTF-32", pkix.RDNSequence{{attribute(t, cn, universal, "\x00\x00\x00Z\x00\x01\xf5\x11")}}, "CN=Z🔑"},
		{"Latin-1", pkix.RDNSequence{{attribute(t, cn, teletex, "Z\xfcrich")}}, "CN=Zürich"},
		{"digits", pkix.RDNSequence{{attribute(t, []int{2, 5, 4, 5}, numeric, "42")}}, "SERIALNUMBER=42"},
		{"an attribute without a name", pkix.RDNSequence{{attribute(t, []int{1, 2, 3, 4}, utf8, "x")}}, "1.2.3.4=x"},
		{"a value that is no string", pkix.RDNSequence{{attribute(t, cn, 4, "\x01\x02")}}, "CN=#0102"},
		{"no attributes", pkix.RDNSequence{}, "the empty Name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			der, err := asn1.Marshal(tt.rdns)
			if err != nil {
				t.Fatal(err)
			}
			if got := distinguishedName(der); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for n := range der {
				if got := distinguishedName(der[:n]); !strings.HasPrefix(got, "not a Name: ") {
					t.Errorf("the first %d of %d bytes are %q", n, len(der), got)
				}
			}
		})
	}
}

// TestDistinguishedNameAgreesWithGo compares ordinary names with package pkix.
func TestDistinguishedNameAgreesWithGo(t *testing.T) {
	for _, name := range []pkix.Name{
		{CommonName: "Client Root"},
		{CommonName: "server.test", Organization: []string{"Acme, Inc."}, Country: []string{"NO"}, OrganizationalUnit: []string{"a+b"}},
		{CommonName: "x", Locality: []string{"Zürich"}, Province: []string{"ZH"}, StreetAddress: []string{"1; Road"}, PostalCode: []string{"8000"}, SerialNumber: "7"},
	} {
		der, err := asn1.Marshal(name.ToRDNSequence())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := distinguishedName(der), name.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
