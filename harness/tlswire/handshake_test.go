package tlswire

import (
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

// TestOffers asks hellos with and without supported_versions what they offer.
func TestOffers(t *testing.T) {
	old := build(TypeClientHello, func(b *cryptobyte.Builder) {
		b.AddUint16(VersionTLS11)
		b.AddBytes(make([]byte, 32))
		add8(b)
		add16(b, 0, 0x2f)
		add8(b, 0)
	})
	tests := []struct {
		name string
		raw  []byte
		want map[uint16]bool
	}{
		{"no extensions", old, map[uint16]bool{VersionTLS10: true, VersionTLS11: true, VersionTLS12: false, VersionTLS13: false}},
		{"supported_versions decides", hello13(func(b *cryptobyte.Builder) {
			addExtension(b, ExtSupportedVersions, 4, 0x0a, 0x0a, 3, 4)
		}), map[uint16]bool{VersionTLS12: false, VersionTLS13: true}},
		{"no supported_versions", hello13(func(b *cryptobyte.Builder) {
			addExtension(b, ExtExtendedMasterSecret)
		}), map[uint16]bool{VersionTLS12: true, VersionTLS13: false}},
	}
	for _, tt := range tests {
		m, err := checkMessage(t, tt.raw, 0)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		for version, want := range tt.want {
			if got := m.(*ClientHello).Offers(version); got != want {
				t.Errorf("%s: offers %s: %t, want %t", tt.name, VersionName(version), got, want)
			}
		}
	}
}

// TestKeyExchangeLayouts reads the layouts that the message itself does not tell.
func TestKeyExchangeLayouts(t *testing.T) {
	point := make([]byte, 65)
	tests := []struct {
		name string
		raw  []byte
		want int
	}{
		{"a point", build(TypeClientKeyExchange, func(b *cryptobyte.Builder) { add8(b, point...) }), 65},
		{"an encrypted secret", build(TypeClientKeyExchange, func(b *cryptobyte.Builder) { add16(b, make([]byte, 256)...) }), 256},
		{"an encrypted secret of SSL 3.0", build(TypeClientKeyExchange, func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 128)) }), 128},
		{"nothing", build(TypeClientKeyExchange, func(*cryptobyte.Builder) {}), 0},
	}
	for _, tt := range tests {
		m, err := checkMessage(t, tt.raw, VersionTLS12)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := len(m.(*ClientKeyExchange).Exchange); got != tt.want {
			t.Errorf("%s: %d bytes, want %d", tt.name, got, tt.want)
		}
	}

	// The length of a prime of 6144 bits, 0x0300, starts like a named_curve.
	exchange := build(TypeServerKeyExchange, func(b *cryptobyte.Builder) {
		add16(b, make([]byte, 768)...)
		add16(b, 2)
		add16(b, make([]byte, 768)...)
		b.AddUint16(uint16(RSAPKCS1SHA256))
		add16(b, make([]byte, 256)...)
	})
	m, err := checkMessage(t, exchange, VersionTLS12)
	if err != nil {
		t.Fatal(err)
	}
	if x := m.(*ServerKeyExchange); len(x.Prime) != 768 || len(x.Generator) != 1 || len(x.PublicKey) != 768 || x.Scheme != RSAPKCS1SHA256 || x.CurveType != 0 {
		t.Errorf("finite-field exchange: prime of %d bytes, generator of %d, value of %d, %v, curve type %d", len(x.Prime), len(x.Generator), len(x.PublicKey), x.Scheme, x.CurveType)
	}
}

// TestTLS11 reads what TLS 1.0 and 1.1 lay out without signature schemes.
func TestTLS11(t *testing.T) {
	request, err := checkMessage(t, build(TypeCertificateRequest, func(b *cryptobyte.Builder) {
		add8(b, 1)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { add16(b, commonName("Client Root")...) })
	}), VersionTLS11)
	if err != nil || len(request.(*CertificateRequest).CertificateAuthorities) != 1 {
		t.Errorf("CertificateRequest: %v", err)
	}
	verify, err := checkMessage(t, build(TypeCertificateVerify, func(b *cryptobyte.Builder) { add16(b, 1, 2, 3) }), VersionTLS11)
	if err != nil || len(verify.(*CertificateVerify).Signature) != 3 {
		t.Errorf("CertificateVerify: %v", err)
	}
}

func TestFindExtension(t *testing.T) {
	list := []Extension{{ExtALPN, []byte{1}}, {ExtCookie, nil}}
	if data, ok := FindExtension(list, ExtALPN); !ok || len(data) != 1 || list[0].Name() != "application_layer_protocol_negotiation" {
		t.Errorf("%s: %x, %t", list[0].Name(), data, ok)
	}
	if _, ok := FindExtension(list, ExtKeyShare); ok {
		t.Error("found an extension that is not there")
	}
}
