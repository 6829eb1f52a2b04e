package dissect

import (
	"bytes"
	"compress/zlib"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/ocsp"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// readMessages reads the handshake messages of a file of fixtures/rfc8448.
func readMessages(t testing.TB, path string) (messages [][]byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		title, body, _ := strings.Cut(strings.TrimSpace(block), "\n")
		if strings.HasPrefix(title, "#") || strings.HasSuffix(title, "private key") {
			continue
		}
		raw, err := hex.DecodeString(strings.Join(strings.Fields(body), ""))
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, raw)
	}
	return messages
}

// serverCertificate returns the server's Certificate message of a handshake.
func serverCertificate(t testing.TB) []byte {
	t.Helper()
	for _, s := range Transcript(healthy(tls.VersionTLS13).record(t)).Steps {
		if s.Name == "Certificate" {
			b, _ := s.Tree().Buffer(messageBuffer)
			return b.Bytes
		}
	}
	t.Fatal("there is no Certificate")
	return nil
}

// compressed returns a Certificate message in a CompressedCertificate, which says
// that its body has that many bytes more than it has.
func compressed(t testing.TB, message []byte, more int) []byte {
	t.Helper()
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	if _, err := z.Write(message[4:]); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var b cryptobyte.Builder
	b.AddUint8(uint8(tlswire.TypeCompressedCertificate))
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(tlswire.CompressionZlib)
		b.AddUint24(uint32(len(message) - 4 + more))
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(data.Bytes()) })
	})
	return b.BytesOrPanic()
}

// TestCompressedCertificate wants a chain to be read through its compression, by
// people and by the readers of steps.
func TestCompressedCertificate(t *testing.T) {
	plain := serverCertificate(t)
	raw := compressed(t, plain, 0)
	d := New(&transcript.Transcript{Transport: outcome.QUIC})
	s := d.readMessage(outcome.Server, Handshake, raw, nil)
	chain, ok := s.Message.(*tlswire.Certificate)
	if !ok || len(chain.Entries) != 2 || s.Name != "CompressedCertificate" || s.Err != nil {
		t.Fatalf("the step is %s with %T, %v", s.Name, s.Message, s.Err)
	}
	if !strings.HasPrefix(s.Summary, "2 certificates: server.test ← ") || !strings.Contains(s.Summary, "compressed to") {
		t.Errorf("the summary is %q", s.Summary)
	}
	checkTree(t, s)
	tree := s.Tree()
	body, ok := tree.Buffer(decompressedBuffer)
	if !ok || !bytes.Equal(body.Bytes, plain[4:]) || len(body.Origins) != 1 {
		t.Fatalf("the decompressed buffer has %d bytes from %v", len(body.Bytes), body.Origins)
	}
	o := body.Origins[0]
	if data := lookUp(t, tree, "CompressedCertificate/compressed_certificate_message/"+tlswire.LabelCompressed); o.Buffer != messageBuffer || o.Start != data.Start || o.End != data.End {
		t.Errorf("the chain comes from %v, the compressed data is at %d", o, data.Start)
	}
	if f := lookUp(t, tree, "Certificate/certificate_list/CertificateEntry/cert_data/certificate/Certificate"); f.Buffer != decompressedBuffer || !strings.Contains(f.Value, "server.test") {
		t.Errorf("the certificate is %q in %q", f.Value, f.Buffer)
	}

	// A length that does not fit is an error that shows.
	s = d.readMessage(outcome.Server, Handshake, compressed(t, plain, 1), nil)
	if s.Err == nil || !strings.Contains(s.Summary, "bad_certificate") {
		t.Errorf("a wrong length gives %v: %s", s.Err, s.Summary)
	}
	checkTree(t, s)
	if data := lookUp(t, s.Tree(), "CompressedCertificate/compressed_certificate_message/"+tlswire.LabelCompressed); !strings.Contains(data.Meaning, "bad_certificate") {
		t.Errorf("the compressed data means %q", data.Meaning)
	}
	for n := range raw {
		if err := messageTree(nil, raw[:n:n], tlswire.VersionTLS13).Check(); err != nil {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
}

// TestSplice wants what is in a message in another form than TLS's to be taken
// apart: OCSP responses, timestamps, names, filters.
func TestSplice(t *testing.T) {
	timestamp := slices.Concat([]byte{0}, bytes.Repeat([]byte{0xa1}, 32), []byte{0, 0, 1, 0x9a, 0, 0, 0, 0, 0, 0, 4, 3, 0, 2, 0x30, 0})
	add := func(b *cryptobyte.Builder, kind uint16, content func(b *cryptobyte.Builder)) {
		b.AddUint16(kind)
		b.AddUint16LengthPrefixed(content)
	}
	message := func(kind tlswire.HandshakeType, body func(b *cryptobyte.Builder)) []byte {
		var b cryptobyte.Builder
		b.AddUint8(uint8(kind))
		b.AddUint24LengthPrefixed(body)
		return b.BytesOrPanic()
	}
	certificate := message(tlswire.TypeCertificate, func(b *cryptobyte.Builder) {
		b.AddUint8(0)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x30, 0}) })
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				add(b, tlswire.ExtStatusRequest, func(b *cryptobyte.Builder) {
					b.AddUint8(1)
					b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(ocsp.TryLaterErrorResponse) })
				})
				add(b, tlswire.ExtSCT, func(b *cryptobyte.Builder) {
					b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
						b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(timestamp) })
					})
				})
			})
		})
	})
	name, err := hex.DecodeString("3010310e300c06035504030c05436f72703a")
	if err != nil {
		t.Fatal(err)
	}
	request := message(tlswire.TypeCertificateRequest, func(b *cryptobyte.Builder) {
		b.AddUint8(0)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			add(b, tlswire.ExtCertificateAuthorities, func(b *cryptobyte.Builder) {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
					b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(name) })
				})
			})
			add(b, tlswire.ExtOIDFilters, func(b *cryptobyte.Builder) {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
					b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte{6, 3, 0x55, 0x1d, 0x25}) })
					b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
						b.AddBytes([]byte{0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2})
					})
				})
			})
		})
	})
	for _, want := range []struct {
		raw         []byte
		path, value string
	}{
		{certificate, "Certificate/certificate_list/CertificateEntry/extensions/status_request/extension_data/response/OCSPResponse", "tryLater"},
		{certificate, "Certificate/certificate_list/CertificateEntry/extensions/status_request/extension_data/response/OCSPResponse/responseStatus", "tryLater (3)"},
		{certificate, "Certificate/certificate_list/CertificateEntry/extensions/signed_certificate_timestamp/extension_data/sct_list/SerializedSCT/SignedCertificateTimestamp/timestamp", "2025-10-20 05:03:11.360 UTC"},
		{request, "CertificateRequest/extensions/certificate_authorities/extension_data/authorities/DistinguishedName/name", "CN=Corp:"},
		{request, "CertificateRequest/extensions/certificate_authorities/extension_data/authorities/DistinguishedName/name/RelativeDistinguishedName/AttributeTypeAndValue/value", "Corp:"},
		{request, "CertificateRequest/extensions/oid_filters/extension_data/filters/OIDFilter/certificate_extension_oid/extension_oid", "extKeyUsage (2.5.29.37)"},
		{request, "CertificateRequest/extensions/oid_filters/extension_data/filters/OIDFilter/certificate_extension_values/extension_values/ExtKeyUsageSyntax/KeyPurposeId", "clientAuth"},
	} {
		tree := messageTree(nil, want.raw, tlswire.VersionTLS13)
		if err := tree.Check(); err != nil {
			t.Fatal(err)
		}
		if f := lookUp(t, tree, want.path); f.Value != want.value {
			t.Errorf("%s is %q, want %q", want.path, f.Value, want.value)
		}
		for n := range want.raw {
			if err := messageTree(nil, want.raw[:n:n], tlswire.VersionTLS13).Check(); err != nil {
				t.Fatalf("cut to %d bytes: %v", n, err)
			}
		}
	}
}

// TestSSLv2Hello wants a hello of the last century by name, field by field.
func TestSSLv2Hello(t *testing.T) {
	raw, err := hex.DecodeString("801f0103010006000000100000" + "2f000035" + "000102030405060708090a0b0c0d0e0f")
	if err != nil {
		t.Fatal(err)
	}
	s := Transcript(newScript().sends(outcome.Client, raw).Transcript).Steps[0]
	if s.Name != sslv2Hello || s.Err != nil || s.Summary != "offers up to TLS 1.0 in the form of SSL 2.0, 2 cipher specs" {
		t.Errorf("the step is %s: %s, %v", s.Name, s.Summary, s.Err)
	}
	checkTree(t, s)
	if f := lookUp(t, s.Tree(), "SSLv2 ClientHello/cipher_specs"); f.Value != "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA" {
		t.Errorf("the cipher specs are %q", f.Value)
	}
}

// TestOrigins wants each byte of a message to come from where it came first,
// whatever was sent again.
func TestOrigins(t *testing.T) {
	pieces := []piece{
		{start: 100, end: 110, at: 40},
		{start: 130, end: 150, at: 7},
		{start: 105, end: 135, at: 1}, // its ends were there before
	}
	got := originsOf(pieces, []string{"packet 1", "packet 2", "packet 3"})
	want := "[{packet 1 40 50} {packet 3 6 26} {packet 2 7 27}]"
	if text := fmt.Sprint(got); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}
