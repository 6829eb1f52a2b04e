package x509wire

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
)

type asn1OID = asn1.ObjectIdentifier

// name encodes relative distinguished names of raw values.
func name(t testing.TB, rdns ...pkix.RelativeDistinguishedNameSET) []byte {
	t.Helper()
	der, err := asn1.Marshal(pkix.RDNSequence(rdns))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func raw(tag int, value string) asn1.RawValue { return asn1.RawValue{Tag: tag, Bytes: []byte(value)} }

func TestParseName(t *testing.T) {
	cn, o, odd := asn1OID{2, 5, 4, 3}, asn1OID{2, 5, 4, 10}, asn1OID{1, 3, 6, 1, 4, 1, 32473, 7}
	email := asn1OID{1, 2, 840, 113549, 1, 9, 1}
	tests := []struct {
		name string
		der  []byte
		want string
	}{
		{"an empty name", name(t), ""},
		{"the most specific first", name(t, pkix.RelativeDistinguishedNameSET{{Type: o, Value: "Acme"}}, pkix.RelativeDistinguishedNameSET{{Type: cn, Value: "Client Root"}}), "CN=Client Root,O=Acme"},
		{"two attributes in one", name(t, pkix.RelativeDistinguishedNameSET{{Type: cn, Value: "a"}, {Type: o, Value: "b"}}), "CN=a+O=b"},
		{"special characters", name(t, pkix.RelativeDistinguishedNameSET{{Type: cn, Value: `#a,b+c"d\e<f>g; `}}), `CN=\#a\,b\+c\"d\\e\<f\>g\;\ `},
		{"an unknown attribute", name(t, pkix.RelativeDistinguishedNameSET{{Type: odd, Value: "x"}}), "1.3.6.1.4.1.32473.7=x"},
		{"an attribute that is no text", name(t, pkix.RelativeDistinguishedNameSET{{Type: odd, Value: 5}}), "1.3.6.1.4.1.32473.7=#020105"},
		{"an email address", name(t, pkix.RelativeDistinguishedNameSET{{Type: email, Value: raw(22, "a@b.test")}}), "emailAddress=a@b.test"},
		{"a BMPString", name(t, pkix.RelativeDistinguishedNameSET{{Type: cn, Value: raw(30, "\x00Z\x00\xfc\xd8\x3d\xde\x00")}}), "CN=Zü😀"},
		{"a UniversalString", name(t, pkix.RelativeDistinguishedNameSET{{Type: cn, Value: raw(28, "\x00\x00\x00Z\x00\x01\xf6\x00")}}), "CN=Z😀"},
		{"a TeletexString in Latin-1", name(t, pkix.RelativeDistinguishedNameSET{{Type: cn, Value: raw(20, "Z\xfcrich")}}), "CN=Zürich"},
		{"control characters stay", name(t, pkix.RelativeDistinguishedNameSET{{Type: cn, Value: "a\x1b[31m\nb"}}), "CN=a\x1b[31m\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseName(tt.der)
			if err != nil || got != tt.want {
				t.Errorf("ParseName = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestParseNameErrors(t *testing.T) {
	for _, tt := range []struct{ name, der, got, want string }{
		{"nothing", "", "", "parse Name: the data ends where an element should begin"},
		{"no SEQUENCE", "\x31\x00", "", "parse Name: want SEQUENCE, got SET"},
		{"bytes behind it", "\x30\x00\x00", "", "parse Name: 1 bytes follow the name"},
		{"a SEQUENCE inside", "\x30\x02\x30\x00", "", "parse Name: want SET, got SEQUENCE"},
		{"cut inside a value", "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02a", "CN=a", "parse Name: cut short: 1 bytes are missing"},
	} {
		got, err := ParseName([]byte(tt.der))
		if got != tt.got || err == nil || err.Error() != tt.want {
			t.Errorf("%s: ParseName = %q, %v; want %q, %s", tt.name, got, err, tt.got, tt.want)
		}
	}
}

func TestParseNameTruncated(t *testing.T) {
	der := name(t, pkix.RelativeDistinguishedNameSET{{Type: asn1OID{2, 5, 4, 3}, Value: "Client Root"}})
	for n := range der {
		if got, err := ParseName(der[:n]); err == nil {
			t.Errorf("cut to %d of %d bytes it is %q", n, len(der), got)
		}
	}
}

func FuzzParseName(f *testing.F) {
	f.Add(name(f, pkix.RelativeDistinguishedNameSET{{Type: asn1OID{2, 5, 4, 3}, Value: "Client Root"}}, pkix.RelativeDistinguishedNameSET{{Type: asn1OID{1, 2, 3}, Value: 1}}))
	f.Fuzz(func(t *testing.T, der []byte) {
		got, err := ParseName(der)
		if err == nil && len(got) > 8*len(der) {
			t.Errorf("%d bytes became %d characters", len(der), len(got))
		}
	})
}
