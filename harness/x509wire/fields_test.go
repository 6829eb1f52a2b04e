package x509wire

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"shakedown/harness/field"
)

// checkCover fails the test unless the leaves of a certificate's tree hold each
// byte exactly once and in order.
func checkCover(t testing.TB, der []byte) {
	t.Helper()
	checkFields(t, der, Fields)
}

// checkFields does the same for the trees that make makes, wherever they start.
func checkFields(t testing.TB, der []byte, make func(der []byte, base int, buffer string) []field.Field) {
	t.Helper()
	const front = 3
	list := make(der, front, "certificate")
	list = append([]field.Field{{Label: "front", Buffer: "certificate", End: front, Section: "none"}}, list...)
	buffer := field.Buffer{Name: "certificate", Bytes: append([]byte("abc"), der...)}
	if err := (field.Tree{Buffers: []field.Buffer{buffer}, Fields: list}).Check(); err != nil {
		t.Fatal(err)
	}
}

// paths writes a tree as lines "label/label = value".
func paths(list []field.Field, above string) string {
	var b strings.Builder
	for _, f := range list {
		if f.Label == labelHeader {
			continue
		}
		fmt.Fprintf(&b, "%s%s = %s\n", above, f.Label, f.Value)
		b.WriteString(paths(f.Fields, above+"  "))
	}
	return b.String()
}

func TestFields(t *testing.T) {
	for key := range testKeys() {
		der := sign(t, rich(t), key)
		checkCover(t, der)
		if got := paths(Fields(der, 0, "certificate"), ""); strings.Contains(got, labelUnparsed) || strings.Contains(got, "  [") {
			t.Errorf("%s: a healthy certificate has parts without a name:\n%s", key, got)
		}
	}
	got := paths(Fields(sign(t, rich(t), "ECDSA P-256"), 0, "certificate"), "")
	for _, want := range []string{
		"Certificate = CN=server.test,O=Acme\\, Inc.,C=CH\n  tbsCertificate = CN=server.test",
		"\n    version = v3\n      Version = 2 (v3)\n    serialNumber = 4711\n    signature = ECDSA-SHA256\n      algorithm = 1.2.840.10045.4.3.2\n    issuer = CN=server.test",
		"        AttributeTypeAndValue = CN=server.test\n          type = CN (2.5.4.3)\n          value = server.test\n",
		"    validity = 2026-01-02 03:04:05 UTC to 2052-01-02 03:04:05 UTC\n      notBefore = 2026-01-02 03:04:05 UTC\n",
		"    subjectPublicKeyInfo = ECDSA P-256\n      algorithm = ECDSA P-256\n        algorithm = 1.2.840.10045.2.1\n        parameters = P-256 (1.2.840.10045.3.1.7)\n      subjectPublicKey = 65 bytes\n        unused bits = 0\n",
		"    extensions = 11 extensions\n",
		"        keyUsage = critical, digitalSignature, keyCertSign, decipherOnly\n          extnID = 2.5.29.15\n          critical = TRUE\n          extnValue = digitalSignature, keyCertSign, decipherOnly\n            KeyUsage = digitalSignature, keyCertSign, decipherOnly\n",
		"        extKeyUsage = serverAuth, clientAuth, 1.3.6.1.4.1.32473.9\n",
		"        basicConstraints = critical, CA:TRUE, pathlen:1\n",
		"        subjectKeyIdentifier = 010203\n",
		"        authorityKeyIdentifier = 040506\n",
		"        authorityInfoAccess = OCSP http://ocsp.test, caIssuers http://ca.test/ca.crt\n",
		"        subjectAltName = dns:server.test, dns:*.server.test, email:a@b.test, ip:127.0.0.1, ip:::1, uri:spiffe://test/server\n",
		"        nameConstraints = critical, permitted dns:corp.test, permitted ip:10.0.0.0/8, excluded dns:evil.test\n",
		"        cRLDistributionPoints = http://ca.test/ca.crl\n",
		"        TLSFeature = status_request (5)\n",
		"        extension 1.3.6.1.4.1.32473.1 = critical, 0500\n",
		"  signatureAlgorithm = ECDSA-SHA256\n",
		"    unused bits = 0\n    Ecdsa-Sig-Value = ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the tree has no\n%s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// meaning returns the meaning of the first field with that label.
func meaning(list []field.Field, label string) string {
	for _, f := range list {
		if f.Label == label {
			return f.Meaning
		}
		if m := meaning(f.Fields, label); m != "" {
			return m
		}
	}
	return ""
}

func TestFieldMeanings(t *testing.T) {
	der := sign(t, rich(t), "ECDSA P-256")
	for _, tt := range []struct {
		name        string
		der         []byte
		label, want string
	}{
		{"a healthy serial number", der, "serialNumber", "renewed"},
		{"a negative serial number", replace(t, der, "\x02\x02\x12\x67", "\x02\x02\xff\x67"), "serialNumber", "negative"},
		{"a URL as DNS name", replace(t, der, "\x82\x0bserver.test", "\x82\x0bhttps://a.b"), "dNSName", "URL"},
		{"an address as DNS name", replace(t, der, "\x82\x0bserver.test", "\x82\x0b10.20.30.40"), "dNSName", "address"},
		{"an unknown critical extension", der, "extension 1.3.6.1.4.1.32473.1", "has to refuse"},
		{"SHA-1", bytes.Replace(der, []byte("\x2a\x86\x48\xce\x3d\x04\x03\x02"), []byte("\x2b\x0e\x03\x02\x1d\x01\x01\x01")[:8], 1), "signature", "issuer signed with"},
		{"a cut", der[:len(der)-3], "signatureValue", "missing"},
		{"a BER length", replace(t, der, "\x30\x0f\x06\x03\x55\x1d\x0f", "\x30\x80\x06\x03\x55\x1d\x0f"), labelUnparsed, "BER"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkCover(t, tt.der)
			if got := meaning(Fields(tt.der, 0, "certificate"), tt.label); !strings.Contains(got, tt.want) {
				t.Errorf("%s means %q, want something with %q", tt.label, got, tt.want)
			}
		})
	}
}

// Bytes that are made to be expensive stay within bounds.
func TestFieldsHostile(t *testing.T) {
	// SEQUENCE in SEQUENCE, as deep as the lengths allow.
	var deep []byte
	for range 60000 {
		deep = append(deep, 0x30, 0x84, 0x7f, 0xff, 0xff, 0xff)
	}
	wide := append([]byte{0x30, 0x83, 0x01, 0x86, 0xa0}, bytes.Repeat([]byte{0x05, 0x00}, 50000)...)
	for name, der := range map[string][]byte{"deep": deep, "wide": wide, "empty": nil, "no DER": []byte("hello")} {
		t.Run(name, func(t *testing.T) {
			checkCover(t, der)
			if n := count(Fields(der, 0, "certificate")); n > maxFields+4*maxDepth {
				t.Errorf("%d fields", n)
			}
			if c, _ := Parse(der); len(c.Problems) == 0 {
				t.Error("Parse found nothing wrong")
			}
		})
	}
}

func count(list []field.Field) int {
	n := len(list)
	for _, f := range list {
		n += count(f.Fields)
	}
	return n
}
