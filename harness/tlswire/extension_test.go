package tlswire

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

// helloOfRareThings is a ClientHello with the hybrid shares of all sizes, and
// with the extensions that are read for the tree alone.
func helloOfRareThings() []byte {
	return hello13(func(b *cryptobyte.Builder) {
		b.AddUint16(ExtKeyShare)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, share := range []struct {
					group uint16
					size  int
				}{{0x7a7a, 1}, {GroupX25519MLKEM768, 1216}, {GroupSecp256r1, 65}, {GroupX25519, 31}} {
					b.AddUint16(share.group)
					add16(b, make([]byte, share.size)...)
				}
			})
		})
		addExtension(b, ExtALPN, 0, 6, 2, 0x4a, 0x4a, 2, 'h', '3')
		addExtension(b, ExtSignatureAlgorithms, 0, 6, 4, 3, 0x9a, 0x9a, 9, 5)
		addExtension(b, ExtSupportedVersions, 6, 0xaa, 0xaa, 3, 4, 3, 1)
		b.AddUint16(ExtEncryptedClientHello)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddBytes([]byte{0, 0, 1, 0, 3, 0x42})
			add16(b, make([]byte, 32)...)
			add16(b, make([]byte, 144)...)
		})
		addExtension(b, extStatusRequestV2, 0, 7, 2, 0, 4, 0, 0, 0, 0)
		addExtension(b, extDelegatedCredential, 0, 4, 4, 3, 8, 7)
		addExtension(b, extTicketRequest, 2, 1)
		addExtension(b, extApplicationConfig, 0, 3, 2, 'h', '2')
		addExtension(b, extHeartbeat, 1)
		addExtension(b, extUseSRTP, 0, 2, 0, 1, 0)
		addExtension(b, extConnectionID, 2, 7, 7)
		addExtension(b, extTLSFlags, 1, 4)
		addExtension(b, extTokenBinding, 1, 0, 1, 2)
		addExtension(b, extNextProtocol)
		addExtension(b, extDNSSECChain, 1, 187)
		addExtension(b, extOldQUICParameters, 1, 1, 5)
		addExtension(b, extSRP, 3, 'b', 'o') // cut short: shown as it is
	})
}

// retryConfigs are EncryptedExtensions from a server that could not decrypt.
func retryConfigs() []byte {
	return build(TypeEncryptedExtensions, func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16(ExtEncryptedClientHello)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
					b.AddUint16(ExtEncryptedClientHello)
					b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
						b.AddUint8(7)
						b.AddUint16(0x0020)
						add16(b, make([]byte, 32)...)
						add16(b, 0, 1, 0, 1, 0, 1, 0, 3)
						b.AddUint8(64)
						add8(b, []byte("public.test")...)
						add16(b)
					})
					b.AddUint16(0xfe0a) // a draft's
					add16(b, 1, 2, 3)
				})
			})
			addExtension(b, extTicketRequest, 2)
		})
	})
}

// delegatedCertificate is a Certificate whose key has been lent to another one.
func delegatedCertificate() []byte {
	return build(TypeCertificate, func(b *cryptobyte.Builder) {
		add8(b)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x30, 0}) })
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint16(extDelegatedCredential)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
					b.AddUint32(3600)
					b.AddUint16(uint16(ECDSASecp256r1SHA256))
					b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x30, 0}) })
					b.AddUint16(uint16(Ed25519))
					add16(b, make([]byte, 64)...)
				})
			})
		})
	})
}

// TestHybridShares wants the two parts of a hybrid share told apart, in both
// directions.
func TestHybridShares(t *testing.T) {
	server := func(group uint16, size int) []byte {
		return build(TypeServerHello, func(b *cryptobyte.Builder) {
			b.AddUint16(VersionTLS12)
			b.AddBytes(make([]byte, 32))
			add8(b)
			b.AddUint16(0x1301)
			b.AddUint8(0)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				addExtension(b, ExtSupportedVersions, 3, 4)
				b.AddUint16(ExtKeyShare)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
					b.AddUint16(group)
					add16(b, make([]byte, size)...)
				})
			})
		})
	}
	for _, tt := range []struct {
		group uint16
		size  int
		want  string // labels and sizes
	}{
		{GroupX25519MLKEM768, 1120, "ML-KEM:1088 X25519:32"},
		{GroupSecP256r1MLKEM768, 1153, "secp256r1:65 ML-KEM:1088"},
		{GroupSecP384r1MLKEM1024, 1665, "secp384r1:97 ML-KEM:1568"},
		{GroupSecp256r1, 65, "legacy_form:1 X:32 Y:32"},
		{GroupX25519, 32, "X25519:32"},
		{GroupX25519MLKEM768, 1216, "data:1216"}, // a client's size
		{0x0100, 256, "data:256"},
	} {
		raw := server(tt.group, tt.size)
		if _, err := checkMessage(t, raw, VersionTLS13); err != nil {
			t.Error(err)
		}
		share, ok := find(MessageFields(raw, VersionTLS13, "message", nil), "ServerHello", "extensions", "key_share", "extension_data", "KeyShareEntry", "key_exchange")
		var parts []string
		for _, f := range share.Fields {
			if f.Label != "length" {
				parts = append(parts, f.Label+":"+number([]byte{byte((f.End - f.Start) >> 8), byte(f.End - f.Start)}))
			}
		}
		if got := strings.Join(parts, " "); !ok || got != tt.want {
			t.Errorf("a share of %s with %d bytes has parts %q, want %q", GroupName(tt.group), tt.size, got, tt.want)
		}
	}
}

// TestExtensionTable holds the names and what is known of extensions together.
func TestExtensionTable(t *testing.T) {
	byKind := func(a, b about) int { return int(a.kind) - int(b.kind) }
	if !slices.IsSortedFunc(extensionTable, byKind) {
		t.Error("the table is not in the registry's order")
	}
	for _, e := range extensionNames {
		a := aboutExtension(e.code)
		if a == nil || a.meaning == "" || a.section == "" {
			t.Errorf("%s (%d) has no meaning or no section", e.name, e.code)
		}
	}
	if len(extensionNames) != len(extensionTable) {
		t.Errorf("%d extensions have names, %d meanings", len(extensionNames), len(extensionTable))
	}
}

// TestExtensionsOutOfLayout wants an extension that only the tree reads to be no
// reason to refuse the message that it is in.
func TestExtensionsOutOfLayout(t *testing.T) {
	raw := hello13(func(b *cryptobyte.Builder) {
		addExtension(b, ExtEncryptedClientHello, 0, 0, 1)
		addExtension(b, extTicketRequest, 1, 2, 3)
		addExtension(b, extHeartbeat)
	})
	if _, err := checkMessage(t, raw, 0); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"encrypted_client_hello", "ticket_request"} {
		data, ok := find(MessageFields(raw, 0, "message", nil), "ClientHello", "extensions", name, "extension_data", "data")
		if !ok || !strings.Contains(data.Meaning, "does not read") || !strings.Contains(data.Meaning, "offset") {
			t.Errorf("%s: %q", name, data.Meaning)
		}
	}
}

// TestExchangesWithSharedKeys tells the layouts of TLS 1.2's key exchanges apart.
func TestExchangesWithSharedKeys(t *testing.T) {
	for _, raw := range syntheticMessages() {
		for _, version := range []uint16{0, VersionTLS12} {
			m, err := ParseHandshake(raw, version)
			if err != nil {
				continue
			}
			switch m := m.(type) {
			case *ServerKeyExchange:
				if hint := string(m.IdentityHint); hint != "" && hint != "which key" {
					t.Errorf("the hint is %q", hint)
				}
				if m.Group == 0 && m.Prime == nil && len(m.IdentityHint) == 0 {
					t.Errorf("nothing was read of %x", raw)
				}
			case *ClientKeyExchange:
				if id := string(m.Identity); id != "" && (id != "this key" || len(m.Exchange) != 300 && len(m.Exchange) != 32) {
					t.Errorf("the identity is %q, the exchange has %d bytes", id, len(m.Exchange))
				}
			}
		}
	}
}
