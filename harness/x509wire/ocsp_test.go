package x509wire

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"shakedown/harness/field"
)

// response returns an OCSP response of that status, signed by the issuer, or by
// a responder whose certificate is in it.
func response(t testing.TB, status int, delegated bool) []byte {
	t.Helper()
	key := testKeys()["ECDSA P-256"]
	issuer, err := x509.ParseCertificate(sign(t, rich(t), "ECDSA P-256"))
	if err != nil {
		t.Fatal(err)
	}
	template := ocsp.Response{
		Status: status, SerialNumber: big.NewInt(4711),
		ThisUpdate: time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC), NextUpdate: time.Date(2026, 5, 13, 7, 8, 9, 0, time.UTC),
		RevokedAt: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), RevocationReason: ocsp.KeyCompromise,
	}
	if delegated {
		template.Certificate = issuer
	}
	der, err := ocsp.CreateResponse(issuer, issuer, template, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestOCSPFields(t *testing.T) {
	for _, tt := range []struct {
		name      string
		der       []byte
		value     string
		want, not string
	}{
		{"good", response(t, ocsp.Good, false), "good, until 2026-05-13 07:08:09 UTC", "thisUpdate = 2026-05-06 07:08:09 UTC", "certs"},
		{"revoked", response(t, ocsp.Revoked, false), "revoked, 2026-05-01 00:00:00 UTC, keyCompromise, until 2026-05-13 07:08:09 UTC", "CRLReason = keyCompromise (1)", "certs"},
		{"unknown", response(t, ocsp.Unknown, false), "unknown, until 2026-05-13 07:08:09 UTC", "serialNumber = 4711", "certs"},
		{"delegated", response(t, ocsp.Good, true), "good, until 2026-05-13 07:08:09 UTC", "subjectAltName = dns:server.test", labelUnparsed},
		{"no answer", ocsp.TryLaterErrorResponse, "tryLater", "responseStatus = tryLater (3)", "response ="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkFields(t, tt.der, OCSPFields)
			fields := OCSPFields(tt.der, 0, "certificate")
			got := paths(fields, "")
			if fields[0].Value != tt.value || !strings.Contains(got, tt.want) || strings.Contains(got, tt.not) {
				t.Errorf("the response is %q, want %q with %q and without %q:\n%s", fields[0].Value, tt.value, tt.want, tt.not, got)
			}
			for n := range tt.der {
				checkFields(t, tt.der[:n], OCSPFields)
			}
		})
	}
	got := paths(OCSPFields(response(t, ocsp.Good, false), 0, "certificate"), "")
	for _, want := range []string{"responderID = CN=server.test", "issuerNameHash = ", "hashAlgorithm = SHA-1", "signatureAlgorithm = ECDSA-SHA256", "Ecdsa-Sig-Value = "} {
		if !strings.Contains(got, want) {
			t.Errorf("the tree has no %q:\n%s", want, got)
		}
	}
}

// timestampV1 is a timestamp of a log, with a signature that says nothing.
func timestampV1(t testing.TB) []byte {
	t.Helper()
	b, err := hex.DecodeString("00" + strings.Repeat("a1", 32) + "0000019a00000000" + "0000" + "0403" + "0004" + "30020500")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTimestampFields(t *testing.T) {
	raw := timestampV1(t)
	checkFields(t, raw, TimestampFields)
	fields := TimestampFields(raw, 0, "certificate")
	if want := "2025-10-20 05:03:11.360 UTC"; len(fields) != 1 || fields[0].Value != want {
		t.Errorf("got\n%s\nwant %s", paths(fields, ""), want)
	}
	got := paths(fields, "")
	for _, want := range []string{"sct_version = v1", "id = a1a1", "hash = sha256 (4)", "signature algorithm = ecdsa (3)", "signature = 30020500"} {
		if !strings.Contains(got, want) {
			t.Errorf("the tree has no %q:\n%s", want, got)
		}
	}
	for n := range raw {
		checkFields(t, raw[:n], TimestampFields)
	}
	checkFields(t, append(bytes.Clone(raw), 1), TimestampFields)
}

func FuzzOCSPFields(f *testing.F) {
	f.Add(response(f, ocsp.Revoked, true))
	f.Add(response(f, ocsp.Good, false))
	f.Add(ocsp.UnauthorizedErrorResponse)
	f.Fuzz(func(t *testing.T, der []byte) { checkFields(t, der, OCSPFields) })
}

func FuzzTimestampFields(f *testing.F) {
	f.Add(timestampV1(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		checkFields(t, raw, TimestampFields)
		list := append([]byte{4, 0x82, byte(len(raw) >> 8), byte(len(raw))}, raw...)
		if len(raw) < 1<<16 {
			checkFields(t, list, func(der []byte, base int, buffer string) []field.Field {
				_, fields := FilterFields([]byte(extSignedTimestamps), der, base, buffer)
				return fields
			})
		}
	})
}
