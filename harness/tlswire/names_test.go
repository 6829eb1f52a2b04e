package tlswire

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"testing"

	"shakedown/harness/field"
)

// TestRegistriesAreSorted holds the binary search to its promise.
func TestRegistriesAreSorted(t *testing.T) {
	for name, g := range map[string]registry{
		"cipher suites": cipherSuites, "groups": groups, "signature schemes": schemes, "extensions": extensionNames,
		"versions": versions, "client certificate types": clientCertificateTypes,
	} {
		if !slices.IsSortedFunc(g, func(a, b entry) int { return int(a.code) - int(b.code) }) {
			t.Errorf("%s are not sorted", name)
		}
		seen := map[string]bool{}
		for i, e := range g {
			if i > 0 && g[i-1].code == e.code || seen[strings.ToLower(e.name)] {
				t.Errorf("%s: %s (%#04x) is there twice", name, e.name, e.code)
			}
			seen[strings.ToLower(e.name)] = true
			if g.name(e.code) != e.name {
				t.Errorf("%s: %#04x is %q, want %q", name, e.code, g.name(e.code), e.name)
			}
			if code, ok := g.code(strings.ToUpper(e.name)); !ok || code != e.code {
				t.Errorf("%s: %q is %#04x, want %#04x", name, e.name, code, e.code)
			}
		}
	}
}

// TestCodedNames writes the names of all registries with their codes, which share
// places, from several goroutines at once.
func TestCodedNames(t *testing.T) {
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for _, g := range []registry{cipherSuites, groups, schemes, extensionNames, groups} {
				for _, e := range g {
					code := binary.BigEndian.AppendUint16(nil, e.code)
					for range 2 {
						if got, want := coded(e.name, code), field.Coded(e.name, code); got != want {
							t.Errorf("got %s, want %s", got, want)
						}
					}
				}
			}
		})
	}
	writers.Wait()
	if got, want := coded("fatal", []byte{2}), "fatal (0x02)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNamesAgreeWithGo compares every name that crypto/tls knows.
func TestNamesAgreeWithGo(t *testing.T) {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if got := CipherSuiteName(s.ID); got != s.Name {
			t.Errorf("cipher suite %#04x is %s, crypto/tls says %s", s.ID, got, s.Name)
		}
		if got, ok := CipherSuiteByName(s.Name); !ok || got != s.ID {
			t.Errorf("cipher suite %s is %#04x, crypto/tls says %#04x", s.Name, got, s.ID)
		}
	}
	if got := CipherSuiteName(tls.TLS_FALLBACK_SCSV); got != "TLS_FALLBACK_SCSV" {
		t.Errorf("the fallback signal is %s", got)
	}
	for v := uint16(tls.VersionTLS10); v <= tls.VersionTLS13; v++ {
		if got, want := VersionName(v), tls.VersionName(v); got != want {
			t.Errorf("version %#04x is %s, crypto/tls says %s", v, got, want)
		}
	}
	for code, want := range map[tls.CurveID]string{
		tls.X25519: "x25519", tls.CurveP256: "secp256r1", tls.CurveP384: "secp384r1", tls.CurveP521: "secp521r1",
		tls.X25519MLKEM768: "X25519MLKEM768", tls.SecP256r1MLKEM768: "SecP256r1MLKEM768", tls.SecP384r1MLKEM1024: "SecP384r1MLKEM1024",
	} {
		if got := GroupName(uint16(code)); got != want {
			t.Errorf("group %#04x is %s, want %s", uint16(code), got, want)
		}
		if got, ok := GroupByName(code.String()); !ok || got != uint16(code) {
			t.Errorf("group %v is %#04x, want %#04x", code, got, uint16(code))
		}
	}
	for code, want := range map[tls.SignatureScheme]string{
		tls.PKCS1WithSHA1: "rsa_pkcs1_sha1", tls.PKCS1WithSHA256: "rsa_pkcs1_sha256", tls.PKCS1WithSHA384: "rsa_pkcs1_sha384", tls.PKCS1WithSHA512: "rsa_pkcs1_sha512",
		tls.PSSWithSHA256: "rsa_pss_rsae_sha256", tls.PSSWithSHA384: "rsa_pss_rsae_sha384", tls.PSSWithSHA512: "rsa_pss_rsae_sha512",
		tls.ECDSAWithSHA1: "ecdsa_sha1", tls.ECDSAWithP256AndSHA256: "ecdsa_secp256r1_sha256", tls.ECDSAWithP384AndSHA384: "ecdsa_secp384r1_sha384",
		tls.ECDSAWithP521AndSHA512: "ecdsa_secp521r1_sha512", tls.Ed25519: "ed25519",
	} {
		if got := SignatureScheme(code).String(); got != want {
			t.Errorf("scheme %#04x is %s, want %s", uint16(code), got, want)
		}
		if got, ok := SignatureSchemeByName(want); !ok || got != uint16(code) {
			t.Errorf("scheme %s is %#04x, want %#04x", want, got, uint16(code))
		}
	}
}

// TestAlertsAgreeWithGo compares the names of alerts with the words that
// crypto/tls has for them, where it has words.
func TestAlertsAgreeWithGo(t *testing.T) {
	// crypto/tls words these freely.
	free := map[uint8]string{
		0: "close notify", 20: "bad record MAC", 42: "bad certificate", 44: "revoked certificate", 45: "expired certificate",
		46: "unknown certificate", 48: "unknown certificate authority", 49: "access denied", 50: "error decoding message",
		51: "error decrypting message", 70: "protocol version not supported", 71: "insufficient security level",
		80: "internal error", 90: "user canceled", 115: "unknown PSK identity", 121: "encrypted client hello required",
	}
	n := 0
	for code := range 256 {
		words := strings.TrimPrefix(tls.AlertError(code).Error(), "tls: ")
		name := AlertName(uint8(code))
		if strings.HasPrefix(words, "alert(") {
			continue
		}
		n++
		want := strings.ReplaceAll(words, " ", "_")
		if _, ok := free[uint8(code)]; !ok && name != want {
			t.Errorf("alert %d is %s, crypto/tls says %q", code, name, words)
		}
		if free[uint8(code)] != "" && free[uint8(code)] != words {
			t.Errorf("alert %d: crypto/tls says %q, not %q any more", code, words, free[uint8(code)])
		}
		if got, ok := AlertCode(name); !ok || got != uint8(code) {
			t.Errorf("alert %s is %d, want %d", name, got, code)
		}
		if AlertMeaning(uint8(code)) == "" {
			t.Errorf("alert %s has no meaning", name)
		}
	}
	if n < 30 {
		t.Errorf("crypto/tls names %d alerts, want at least 30", n)
	}
}

func TestNamesOfTheUnknown(t *testing.T) {
	tests := []struct{ got, want string }{
		{CipherSuiteName(0xfafa), "GREASE (0xfafa)"},
		{CipherSuiteName(0x9999), "0x9999"},
		{GroupName(0x0a0a), "GREASE (0x0a0a)"},
		{GroupName(0x0a1a), "0x0a1a"},
		{ExtensionName(0xabcd), "0xabcd"},
		{ExtensionName(0x2a2a), "GREASE (0x2a2a)"},
		{VersionName(0x7f1c), "TLS 1.3 draft 28"},
		{VersionName(0x0305), "0x0305"},
		{SignatureScheme(0x1234).String(), "0x1234"},
		{AlertName(200), "alert 200"},
		{ClientCertificateTypeName(200), "0xc8"},
		{HandshakeType(99).String(), "handshake type 99"},
		{pskModeName(0x2a), "GREASE (0x2a)"},
		{pskModeName(9), "0x09"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	if _, ok := AlertCode("bad_certficate"); ok {
		t.Error("a misspelt alert has a code")
	}
	if _, ok := GroupByName("x25591"); ok {
		t.Error("a misspelt group has a code")
	}
}

// TestHelloRetryRandom derives the random that marks a HelloRetryRequest
// (RFC 8446 4.1.3).
func TestHelloRetryRandom(t *testing.T) {
	if want := sha256.Sum256([]byte("HelloRetryRequest")); helloRetryRandom != want {
		t.Errorf("got %x, want %x", helloRetryRandom, want)
	}
}

func TestGREASE(t *testing.T) {
	n := 0
	for code := range 1 << 16 {
		if IsGREASE(uint16(code)) {
			n++
			if code&0xff != code>>8 || code&0x0f != 0x0a {
				t.Errorf("%#04x is GREASE", code)
			}
		}
	}
	if n != 16 {
		t.Errorf("%d values are GREASE, RFC 8701 2 has 16", n)
	}
}
