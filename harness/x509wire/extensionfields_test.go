package x509wire

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"shakedown/harness/field"
)

// der writes a value of one tag.
func der(tag asn1.Tag, content ...byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(content) })
	return b.BytesOrPanic()
}

func sequence(parts ...[]byte) []byte { return der(asn1.SEQUENCE, slices.Concat(parts...)...) }

func object(dotted ...byte) []byte { return der(asn1.OBJECT_IDENTIFIER, dotted...) }

// TestEveryExtension wants each extension by name, and its content in words.
func TestEveryExtension(t *testing.T) {
	name := sequence(der(asn1.SET, sequence(object(0x55, 4, 3), der(asn1.UTF8String, []byte("Client Root")...))...))
	policy := object([]byte("\x67\x81\x0c\x01\x02\x02")...)
	timestamps := func() []byte {
		var b cryptobyte.Builder
		b.AddASN1OctetString(func() []byte {
			var list cryptobyte.Builder
			list.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(timestampV1(t)) })
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 2, 3}) })
			})
			return list.BytesOrPanic()
		}())
		return b.BytesOrPanic()
	}()
	for _, tt := range []struct {
		id    string
		value []byte
		want  []string
	}{
		{extPolicies, sequence(sequence(policy, sequence(sequence(object([]byte("\x2b\x06\x01\x05\x05\x07\x02\x01")...), der(asn1.IA5String, []byte("http://cps.test")...))))), []string{
			"policyIdentifier = organization-validated (2.23.140.1.2.2)", "policyQualifierId = CPS (1.3.6.1.5.5.7.2.1)", "qualifier = http://cps.test",
		}},
		{extPolicyMappings, sequence(sequence(policy, object(0x55, 0x1d, 0x20, 0))), []string{"issuerDomainPolicy = organization-validated", "subjectDomainPolicy = anyPolicy (2.5.29.32.0)"}},
		{extPolicyConstraints, sequence(der(0x80, 0), der(0x81, 2)), []string{"requireExplicitPolicy = requireExplicitPolicy 0", "inhibitPolicyMapping = inhibitPolicyMapping 2"}},
		{extInhibitAnyPolicy, der(asn1.INTEGER, 1), []string{"INTEGER = 1"}},
		{extCRLDistribution, sequence(sequence(
			der(0xa0, der(0xa0, slices.Concat(der(0x86, []byte("http://crl.test")...), der(0xa4, name...))...)...),
			der(0x81, 6, 0x40), der(0xa2, der(0xa4, name...)...))), []string{
			"fullName = http://crl.test, CN=Client Root", "uniformResourceIdentifier = http://crl.test", "reasons = for keyCompromise", "cRLIssuer = CN=Client Root",
		}},
		{extFreshestCRL, sequence(sequence(der(0xa0, der(0xa1, sequence(object(0x55, 4, 3), der(asn1.UTF8String, 'x'))...)...))), []string{"nameRelativeToCRLIssuer = CN=x"}},
		{extSubjectAltName, sequence(
			der(0xa0, slices.Concat(object([]byte("\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03")...), der(0xa0, der(asn1.UTF8String, []byte("ada@corp.test")...)...))...),
			der(0xa3, sequence()...), der(0xa4, name...), der(0xa5, der(0x81, 'p')...), der(0x88, 0x55, 4, 3)), []string{
			"otherName = 1.3.6.1.4.1.311.20.2.3", "type-id = userPrincipalName (1.3.6.1.4.1.311.20.2.3)", "UTF8String = ada@corp.test",
			"x400Address = ", "directoryName = CN=Client Root", "AttributeTypeAndValue = CN=Client Root", "ediPartyName = ", "registeredID = 2.5.4.3",
		}},
		{extAuthorityInfo, sequence(sequence(object([]byte(accessCAIssuers)...), der(0xa4, name...))), []string{"accessMethod = caIssuers", "accessLocation = CN=Client Root"}},
		{extMicrosoftTemplate, sequence(object(0x2b, 6, 1, 4, 1), der(asn1.INTEGER, 100), der(asn1.INTEGER, 3)), []string{"templateID = template 1.3.6.1.4.1", "templateMajorVersion = 100", "templateMinorVersion = 3"}},
		{extSignedTimestamps, timestamps, []string{"SerializedSCT = 2025-10-20 05:03:11.360 UTC", "SerializedSCT = of a version that is not known", "id = a1a1"}},
		{extPrivateKeyPeriod, sequence(der(0x80, []byte("20260102030405Z")...)), []string{"notBefore = notBefore 2026-01-02 03:04:05 UTC"}},
		{extTLSFeature, sequence(der(asn1.INTEGER, 5), der(asn1.INTEGER, 17)), []string{"feature = status_request (5)", "feature = status_request_v2 (17)"}},
		{extAuthorityKeyID, sequence(der(0x80, 1, 2), der(0xa1, der(0xa4, name...)...), der(0x82, 7)), []string{"keyIdentifier = 0102", "authorityCertIssuer = CN=Client Root", "authorityCertSerialNumber = 7"}},
		{extKeyUsage, der(asn1.BIT_STRING, 7, 0x80, 0x80), []string{"KeyUsage = digitalSignature, decipherOnly", "digitalSignature = yes", "keyCertSign = no", "decipherOnly = yes"}},
		{extNoCheck, der(asn1.NULL), []string{"NULL = NULL"}},
		{extEnrollType, der(asn1.Tag(0x1e), 0, 'W', 0, 'S'), []string{"BMPString = WS"}},
	} {
		label := extensionName([]byte(tt.id))
		t.Run(label, func(t *testing.T) {
			template := &x509.Certificate{SerialNumber: rich(t).SerialNumber, ExtraExtensions: []pkix.Extension{{Id: parseOID(t, tt.id), Value: tt.value}}}
			whole := sign(t, template, "Ed25519")
			checkCover(t, whole)
			fields := Fields(whole, 0, "certificate")
			got := paths(fields, "")
			if strings.Contains(label, "extension ") || !strings.Contains(got, "\n        "+label+" = ") || strings.Contains(got, labelUnparsed) {
				t.Errorf("%s is not read:\n%s", label, got)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("the tree has no %q:\n%s", want, got)
				}
			}
			if meaning(fields, label) == "" {
				t.Errorf("%s has no meaning", label)
			}
		})
	}
	for id, name := range extensionNames {
		if k, ok := extensionKinds[id]; !ok || k.meaning == "" || k.label != name {
			t.Errorf("%s has the kind %+v", name, k)
		}
	}
}

// parseOID returns the identifier whose content is id.
func parseOID(t *testing.T, id string) asn1OID {
	t.Helper()
	input, list := cryptobyte.String(object([]byte(id)...)), asn1OID(nil)
	if !input.ReadASN1ObjectIdentifier(&list) {
		t.Fatalf("%x is no identifier", id)
	}
	return list
}

// TestPSSParameters signs with RSASSA-PSS, whose algorithm has parameters.
func TestPSSParameters(t *testing.T) {
	key := testKeys()["RSA 2048"].(*rsa.PrivateKey)
	template := rich(t)
	template.SignatureAlgorithm = x509.SHA256WithRSAPSS
	whole, err := x509.CreateCertificate(rand.Reader, template, template, crypto.PublicKey(&key.PublicKey), key)
	if err != nil {
		t.Fatal(err)
	}
	checkCover(t, whole)
	got := paths(Fields(whole, 0, "certificate"), "")
	for _, want := range []string{"signatureAlgorithm = SHA256-RSAPSS", "HashAlgorithm = SHA-256", "algorithm = MGF1 (1.2.840.113549.1.1.8)", "saltLength = 32", "modulus = 2048 bits"} {
		if !strings.Contains(got, want) {
			t.Errorf("the tree has no %q:\n%s", want, got)
		}
	}
}

// TestFilterFields reads the entry of oid_filters that asks for a purpose.
func TestFilterFields(t *testing.T) {
	purposes := sequence(object([]byte("\x2b\x06\x01\x05\x05\x07\x03\x02")...))
	for _, id := range [][]byte{object([]byte(extExtKeyUsage)...), []byte(extExtKeyUsage)} {
		name, fields := FilterFields(id, purposes, 0, "certificate")
		if name != "extKeyUsage (2.5.29.37)" || !strings.Contains(paths(fields, ""), "KeyPurposeId = clientAuth") {
			t.Errorf("the filter is about %s:\n%s", name, paths(fields, ""))
		}
	}
	for _, id := range [][]byte{nil, {6}, {6, 5, 1}} {
		checkFields(t, purposes, func(der []byte, base int, buffer string) []field.Field {
			_, fields := FilterFields(id, der, base, buffer)
			return fields
		})
	}
}

// TestMLDSACertificate reads a key and a signature of ML-DSA, of which only the
// identifiers are true.
func TestMLDSACertificate(t *testing.T) {
	algorithm := sequence(object([]byte(oidMLDSA65)...))
	template := sequence(
		sequence(der(asn1.INTEGER, 1), algorithm, sequence(), sequence(der(asn1.UTCTime, []byte("260102030405Z")...), der(asn1.UTCTime, []byte("270102030405Z")...)), sequence(),
			sequence(algorithm, der(asn1.BIT_STRING, make([]byte, 1953)...))),
		algorithm, der(asn1.BIT_STRING, make([]byte, 3310)...))
	checkCover(t, template)
	got := paths(Fields(template, 0, "certificate"), "")
	for _, want := range []string{"signatureAlgorithm = ML-DSA-65", "subjectPublicKeyInfo = ML-DSA-65", "ML-DSA public key = ", "signatureValue = 3309 bytes"} {
		if !strings.Contains(got, want) {
			t.Errorf("the tree has no %q:\n%s", want, got)
		}
	}
}
