package tlswire

import (
	"bytes"
	"encoding/binary"
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

// rebuild encodes a ClientHello from what was read of it.
func rebuild(m *ClientHello) []byte {
	return build(TypeClientHello, func(b *cryptobyte.Builder) {
		b.AddUint16(m.Version)
		b.AddBytes(m.Random[:])
		add8(b, m.SessionID...)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, suite := range m.CipherSuites {
				b.AddUint16(suite)
			}
		})
		add8(b, m.CompressionMethods...)
		if m.Extensions == nil {
			return
		}
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, e := range m.Extensions {
				content := e.Data
				if read, ok := rebuildExtension(m, e.Type); ok {
					content = read
				}
				addExtension(b, e.Type, content...)
			}
		})
	})
}

// rebuildExtension encodes an extension's content from the fields that were
// read of it.
func rebuildExtension(m *ClientHello, kind uint16) ([]byte, bool) {
	var b cryptobyte.Builder
	switch kind {
	case ExtALPN:
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, p := range m.ALPN {
				add8(b, []byte(p)...)
			}
		})
	case ExtKeyShare:
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, share := range m.KeyShares {
				b.AddUint16(share.Group)
				add16(b, share.Key...)
			}
		})
	case ExtSupportedVersions:
		add8(&b, bytes16(m.SupportedVersions)...)
	case ExtSupportedGroups:
		add16(&b, bytes16(m.SupportedGroups)...)
	case ExtSignatureAlgorithms:
		add16(&b, bytes16(m.SignatureSchemes)...)
	case ExtSignatureAlgorithmsCert:
		add16(&b, bytes16(m.SignatureSchemesCert)...)
	case ExtCompressCertificate:
		add8(&b, bytes16(m.CompressionAlgorithms)...)
	case ExtCertificateAuthorities:
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, name := range m.CertificateAuthorities {
				add16(b, name...)
			}
		})
	case ExtPSKKeyExchangeModes:
		add8(&b, m.PSKModes...)
	case ExtECPointFormats:
		add8(&b, m.PointFormats...)
	case ExtCookie:
		add16(&b, m.Cookie...)
	case ExtRenegotiationInfo:
		add8(&b, m.RenegotiationInfo...)
	case ExtRecordSizeLimit:
		b.AddUint16(m.RecordSizeLimit)
	case ExtSessionTicket:
		b.AddBytes(m.SessionTicket)
	case ExtQUICTransportParameters:
		b.AddBytes(m.QUICTransportParameters)
	default:
		return nil, false
	}
	return b.BytesOrPanic(), true
}

func bytes16[T ~uint16](list []T) []byte {
	var b []byte
	for _, n := range list {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b
}

// TestClientHelloRoundTrip encodes each ClientHello again from what was read.
func TestClientHelloRoundTrip(t *testing.T) {
	n := 0
	for _, raw := range corpus(t) {
		m, err := ParseHandshake(raw, 0)
		if err != nil {
			t.Fatal(err)
		}
		hello, ok := m.(*ClientHello)
		if !ok {
			continue
		}
		n++
		if got := rebuild(hello); !bytes.Equal(got, raw) {
			t.Errorf("ClientHello does not re-encode:\n got %x\nwant %x", got, raw)
		}
	}
	if n < 5 {
		t.Errorf("%d ClientHellos, want at least 5", n)
	}
}
