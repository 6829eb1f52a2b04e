package tlswire

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"

	"shakedown/harness/field"
)

// corpus returns every kind of message, as peers send it.
func corpus(t testing.TB) [][]byte {
	t.Helper()
	var list [][]byte
	for _, file := range rfc8448Files {
		messages, _ := readHandshake(t, file)
		for _, m := range messages {
			list = append(list, m.raw)
		}
	}
	list = append(list, compressedMessage(t, CompressionZlib, certificateBody(t)))
	return append(list, syntheticMessages()...)
}

// build frames a handshake message.
func build(kind HandshakeType, body func(b *cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddUint8(uint8(kind))
	b.AddUint24LengthPrefixed(body)
	return b.BytesOrPanic()
}

// add8 and add16 append a vector of bytes.
func add8(b *cryptobyte.Builder, content ...byte) {
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(content) })
}

func add16(b *cryptobyte.Builder, content ...byte) {
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(content) })
}

func addExtension(b *cryptobyte.Builder, kind uint16, content ...byte) {
	b.AddUint16(kind)
	add16(b, content...)
}

// commonName is a DER Name with one attribute.
func commonName(name string) []byte {
	var b cryptobyte.Builder
	b.AddASN1(0x30, func(b *cryptobyte.Builder) {
		b.AddASN1(0x31, func(b *cryptobyte.Builder) {
			b.AddASN1(0x30, func(b *cryptobyte.Builder) {
				b.AddBytes([]byte{0x06, 3, 0x55, 4, 3})
				b.AddASN1(0x0c, func(b *cryptobyte.Builder) { b.AddBytes([]byte(name)) })
			})
		})
	})
	return b.BytesOrPanic()
}

// hello13 is a ClientHello with these extensions.
func hello13(extensions func(b *cryptobyte.Builder)) []byte {
	return build(TypeClientHello, func(b *cryptobyte.Builder) {
		b.AddUint16(VersionTLS12)
		b.AddBytes(make([]byte, 32))
		add8(b)
		add16(b, 0x13, 0x01, 0x0a, 0x0a, 0x56, 0x00)
		add8(b, 0)
		b.AddUint16LengthPrefixed(extensions)
	})
}

// syntheticMessages are the layouts that neither RFC 8448 nor crypto/tls has.
func syntheticMessages() [][]byte {
	return [][]byte{
		build(TypeHelloRequest, func(*cryptobyte.Builder) {}),
		build(TypeServerHelloDone, func(*cryptobyte.Builder) {}),
		build(TypeEndOfEarlyData, func(*cryptobyte.Builder) {}),
		build(TypeKeyUpdate, func(b *cryptobyte.Builder) { b.AddUint8(1) }),
		build(TypeSupplementalData, func(b *cryptobyte.Builder) { b.AddBytes([]byte("whatever")) }),
		build(TypeCompressedCertificate, func(b *cryptobyte.Builder) {
			b.AddUint16(2)
			b.AddUint24(1234)
			b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("brotli")) })
		}),
		build(TypeServerKeyExchange, func(b *cryptobyte.Builder) { // finite-field DHE
			add16(b, 0x0f, 0xff, 0xff)
			add16(b, 2)
			add16(b, 9, 9, 9)
			b.AddUint16(0x0401)
			add16(b, 7, 7, 7, 7)
		}),
		build(TypeServerKeyExchange, func(b *cryptobyte.Builder) { // ECDH_anon
			b.AddUint8(namedCurve)
			b.AddUint16(GroupX25519)
			add8(b, make([]byte, 32)...)
		}),
		build(TypeServerKeyExchange, func(b *cryptobyte.Builder) { add16(b, []byte("which key")...) }), // PSK
		build(TypeServerKeyExchange, func(b *cryptobyte.Builder) { // DHE_PSK
			add16(b, []byte("which key")...)
			add16(b, 0x0f, 0xff, 0xff)
			add16(b, 2)
			add16(b, 9, 9, 9)
		}),
		build(TypeServerKeyExchange, func(b *cryptobyte.Builder) { // ECDHE_PSK
			add16(b)
			b.AddUint8(namedCurve)
			b.AddUint16(GroupX25519)
			add8(b, make([]byte, 32)...)
		}),
		build(TypeClientKeyExchange, func(b *cryptobyte.Builder) { // DHE_PSK
			add16(b, []byte("this key")...)
			add16(b, make([]byte, 300)...)
		}),
		build(TypeClientKeyExchange, func(b *cryptobyte.Builder) { // ECDHE_PSK
			add16(b, []byte("this key")...)
			add8(b, make([]byte, 32)...)
		}),
		build(TypeNextProtocol, func(b *cryptobyte.Builder) {
			add8(b, []byte("h2")...)
			add8(b, make([]byte, 28)...)
		}),
		build(TypeCertificateStatus, func(b *cryptobyte.Builder) { // one for each certificate
			b.AddUint8(statusOCSPMulti)
			b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x30, 3, 0x0a, 1, 6}) })
				b.AddUint24(0)
			})
		}),
		request12(),
		request13(),
		helloOfEverything(),
		helloOfRareThings(),
		retryConfigs(),
		delegatedCertificate(),
		build(TypeEncryptedExtensions, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				addExtension(b, ExtServerCertificateType, 2)
				addExtension(b, ExtALPN, 0, 3, 2, 'h', '2')
				addExtension(b, ExtEarlyData)
			})
		}),
	}
}

// request12 is a CertificateRequest of TLS 1.2, with a Name that is none.
func request12() []byte {
	return build(TypeCertificateRequest, func(b *cryptobyte.Builder) {
		add8(b, 1, 64, 99)
		add16(b, 4, 3, 8, 4, 2, 1)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			add16(b, commonName("Client Root")...)
			add16(b, commonName("a\x1b[31m")...)
			add16(b, 0x30, 0x05)
		})
	})
}

// request13 is a CertificateRequest of TLS 1.3, with an extension that is not
// allowed there.
func request13() []byte {
	return build(TypeCertificateRequest, func(b *cryptobyte.Builder) {
		add8(b, 1, 2, 3)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			addExtension(b, ExtSignatureAlgorithms, 0, 4, 4, 3, 9, 4)
			addExtension(b, ExtSignatureAlgorithmsCert, 0, 2, 4, 1)
			b.AddUint16(ExtCertificateAuthorities)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { add16(b, commonName("Client Root")...) })
			})
			addExtension(b, ExtOIDFilters, 0, 8, 3, 0x55, 0x1d, 0x25, 0, 2, 0x30, 0)
			addExtension(b, ExtStatusRequest)
			addExtension(b, ExtALPN, 0, 3, 2, 'h', '2') // not allowed here
		})
	})
}

// helloOfEverything is a ClientHello with the extensions that nobody sends at once.
func helloOfEverything() []byte {
	return hello13(func(b *cryptobyte.Builder) {
		addExtension(b, 0x1a1a)
		addExtension(b, ExtALPN, 0, 6, 2, 'h', '2', 2, 'h', '3')
		addExtension(b, ExtStatusRequest, 1, 0, 3, 0, 1, 'r', 0, 1, 'x')
		addExtension(b, ExtCompressCertificate, 4, 0, 2, 0, 9)
		addExtension(b, ExtMaxFragmentLength, 1)
		addExtension(b, ExtClientCertificateType, 2, 2, 0)
		addExtension(b, ExtPadding, make([]byte, 40)...)
		addExtension(b, ExtEncryptThenMAC)
		addExtension(b, ExtPostHandshakeAuth)
		addExtension(b, ExtECPointFormats, 1, 0)
		addExtension(b, ExtPSKKeyExchangeModes, 3, 0, 1, 0x2a)
		addExtension(b, ExtEarlyData)
		addExtension(b, ExtQUICTransportParameters, 1, 1, 5)
		addExtension(b, 0xabcd, 1, 2, 3)
		addExtension(b, ExtEncryptedClientHello, 0, 0, 1)
		b.AddUint16(ExtPreSharedKey)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				add16(b, []byte("ticket")...)
				b.AddUint32(12345)
			})
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { add8(b, make([]byte, 32)...) })
		})
	})
}

func TestSyntheticMessages(t *testing.T) {
	for _, raw := range syntheticMessages() {
		for _, version := range []uint16{0, VersionTLS12, VersionTLS13} {
			m, err := checkMessage(t, raw, version)
			if version == 0 && err != nil {
				t.Errorf("%s: %v", m.Name(), err)
			}
		}
	}
}

// TestVersionUnknown gives the parser no version: the lengths must tell it the
// same as the version does.
func TestVersionUnknown(t *testing.T) {
	for _, raw := range corpus(t) {
		m, err := checkMessage(t, raw, 0)
		if err != nil {
			t.Errorf("%s: %v", m.Name(), err)
		}
	}
}

// TestTruncated cuts every message at every length.
func TestTruncated(t *testing.T) {
	for _, raw := range corpus(t) {
		for _, version := range []uint16{0, VersionTLS12, VersionTLS13} {
			for n := range raw {
				m, err := checkMessage(t, raw[:n], version)
				if err == nil {
					t.Fatalf("%s cut to %d of %d bytes parses", m.Name(), n, len(raw))
				}
				if m != nil && m.Type() != HandshakeType(raw[0]) {
					t.Fatalf("a message of type %d cut to %d bytes became %s", raw[0], n, m.Name())
				}
			}
		}
	}
}

// TestBitFlips changes every byte of every message: whatever comes out, the
// tree covers it and agrees with the parser.
func TestBitFlips(t *testing.T) {
	for _, raw := range corpus(t) {
		raw = slices.Clone(raw)
		for i := range raw {
			for _, flip := range []byte{0x01, 0x80, 0xff} {
				raw[i] ^= flip
				checkMessage(t, raw, VersionTLS13)
				raw[i] ^= flip
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	tests := []struct {
		name    string
		raw     []byte
		version uint16
		want    string
	}{
		{"nothing", nil, 0, "parse handshake message: msg_type at offset 0: there are no bytes"},
		{"half a header", []byte{1, 0}, 0, "parse ClientHello: length at offset 1: needs 3 bytes, 1 are left"},
		{
			"more than the length says", append(build(TypeFinished, func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 12)) }), 1, 2), 0,
			"parse Finished: message at offset 16: 2 bytes follow the end of the message",
		},
		{
			"less than the length says",
			[]byte{20, 0, 0, 12, 1, 2, 3},
			0,
			"parse Finished: length at offset 1: says 12 bytes, 3 follow",
		},
		{
			"a body where none belongs",
			[]byte{14, 0, 0, 1, 0},
			0,
			"parse ServerHelloDone: message at offset 4: 1 bytes are left over",
		},
		{
			"an odd list of cipher suites", build(TypeClientHello, func(b *cryptobyte.Builder) {
				b.AddUint16(VersionTLS12)
				b.AddBytes(make([]byte, 32))
				add8(b)
				add16(b, 0x13, 0x01, 0x13)
				add8(b, 0)
			}), 0,
			"parse ClientHello: cipher_suite at offset 43: needs 2 bytes, 1 are left",
		},
		{
			"a list that is longer than the message", build(TypeClientHello, func(b *cryptobyte.Builder) {
				b.AddUint16(VersionTLS12)
				b.AddBytes(make([]byte, 32))
				add8(b)
				b.AddUint16(500)
				b.AddBytes(make([]byte, 20))
			}), 0,
			"parse ClientHello: cipher_suites at offset 39: length 500 exceeds the 20 bytes that are left",
		},
		{
			"an extension that ends early", hello13(func(b *cryptobyte.Builder) {
				addExtension(b, ExtKeyShare, 0, 6, 0x11, 0xec, 4, 0xc0, 1, 2)
			}), 0,
			"parse ClientHello: extension key_share: key_exchange at offset 59: length 1216 exceeds the 2 bytes that are left",
		},
		{
			"an extension with more in it", hello13(func(b *cryptobyte.Builder) { addExtension(b, ExtExtendedMasterSecret, 1, 2) }), 0,
			"parse ClientHello: extension extended_master_secret: extension_data at offset 55: 2 bytes are left over",
		},
		{
			"an extension twice", hello13(func(b *cryptobyte.Builder) {
				addExtension(b, ExtExtendedMasterSecret)
				addExtension(b, ExtExtendedMasterSecret)
			}), 0,
			"parse ClientHello: extension extended_master_secret: extension_type at offset 55: the extension is there twice",
		},
		{
			"an empty host name", hello13(func(b *cryptobyte.Builder) { addExtension(b, ExtServerName, 0, 3, 0, 0, 0) }), 0,
			"parse ClientHello: extension server_name: HostName at offset 58: length 0 is below the least length 1",
		},
		{
			"two protocols from a server", build(TypeEncryptedExtensions, func(b *cryptobyte.Builder) {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { addExtension(b, ExtALPN, 0, 4, 1, 'a', 1, 'b') })
			}), VersionTLS13,
			"parse EncryptedExtensions: extension application_layer_protocol_negotiation: protocol_name_list at offset 10: holds 2 protocols where the server chooses one",
		},
		{
			"TLS 1.2's Certificate under TLS 1.3", build(TypeCertificate, func(b *cryptobyte.Builder) {
				b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
					b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 300)) })
				})
			}), VersionTLS13,
			"parse Certificate: certificate_list at offset 5: length 77568 exceeds the 302 bytes that are left",
		},
		{
			"an unknown key exchange", build(TypeServerKeyExchange, func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 2, 3}) }), VersionTLS12,
			"parse ServerKeyExchange: curve_type at offset 4: 1 is not named_curve (3), and the message is no finite-field exchange either",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := checkMessage(t, tt.raw, tt.version)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if e := new(SyntaxError); !errors.As(err, &e) || !strings.Contains(tt.want, e.Field) {
				t.Errorf("%v is no SyntaxError with a field", err)
			}
		})
	}
}

// TestMalformedExtensionIsNotTheEnd wants what stands around a malformed
// extension to be read all the same.
func TestMalformedExtensionIsNotTheEnd(t *testing.T) {
	raw := hello13(func(b *cryptobyte.Builder) {
		addExtension(b, ExtServerName, 0, 14, 0, 0, 11, 's', 'e', 'r', 'v', 'e', 'r', '.', 't', 'e', 's', 't')
		addExtension(b, ExtKeyShare, 0xff, 0xff)
		addExtension(b, ExtSupportedVersions, 2, 3, 4)
	})
	m, err := checkMessage(t, raw, 0)
	hello := m.(*ClientHello)
	if err == nil || hello.ServerName != "server.test" || len(hello.SupportedVersions) != 1 || len(hello.Extensions) != 3 || len(hello.KeyShares) != 0 {
		t.Errorf("got %v, server name %q, versions %x, %d extensions, %d key shares", err, hello.ServerName, hello.SupportedVersions, len(hello.Extensions), len(hello.KeyShares))
	}
}

// TestCutOff reads the extensions that a cut-off ClientHello still holds.
func TestCutOff(t *testing.T) {
	raw := hello13(func(b *cryptobyte.Builder) {
		addExtension(b, ExtServerName, 0, 14, 0, 0, 11, 's', 'e', 'r', 'v', 'e', 'r', '.', 't', 'e', 's', 't')
		addExtension(b, ExtKeyShare, make([]byte, 1000)...)
	})
	m, err := checkMessage(t, raw[:200], 0)
	const want = "parse ClientHello: extensions at offset 49: length 1024 exceeds the 149 bytes that are left"
	if hello := m.(*ClientHello); err == nil || err.Error() != want || hello.ServerName != "server.test" || len(hello.Extensions) != 1 {
		t.Errorf("got %v, server name %q, %d extensions\nwant %s", err, hello.ServerName, len(hello.Extensions), want)
	}
}

// TestTreeIsBounded gives the tree a message of many more fields than any peer
// sends.
func TestTreeIsBounded(t *testing.T) {
	raw := build(TypeCertificate, func(b *cryptobyte.Builder) {
		b.AddUint8(0)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 5*maxFields)) })
	})
	fields := MessageFields(raw, VersionTLS13, "message", nil)
	checkCover(t, fields, raw)
	n := countFields(fields)
	if n > maxFields+10 {
		t.Errorf("the tree has %d fields, want at most about %d", n, maxFields)
	}
}

// countFields returns how many fields a tree has.
func countFields(fields []field.Field) int {
	n := len(fields)
	for _, f := range fields {
		n += countFields(f.Fields)
	}
	return n
}
