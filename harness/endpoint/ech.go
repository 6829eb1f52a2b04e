package endpoint

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"

	"golang.org/x/crypto/cryptobyte"
)

// Code points of an ECHConfig (RFC 9849 4, RFC 9180 7).
const (
	echVersion   = 0xfe0d
	kemX25519    = 0x0020 // DHKEM(X25519, HKDF-SHA256)
	kdfSHA256    = 0x0001 // HKDF-SHA256
	aeadAES128   = 0x0001 // AES-128-GCM
	echConfigID  = 0x2a
	maxNameBytes = 64
)

// configureECH gives a client an ECHConfigList whose private key nobody has, as
// a DNS record does that outlived the server's key.
func (s *side) configureECH(c *tls.Config) {
	name := s.config.Settings.ECH
	if name == "" {
		return
	}
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return // never happens
	}
	c.EncryptedClientHelloConfigList = echConfigList(name, key.PublicKey().Bytes())
}

func echConfigList(publicName string, key []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(echVersion)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint8(echConfigID)
			b.AddUint16(kemX25519)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(key) })
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint16(kdfSHA256)
				b.AddUint16(aeadAES128)
			})
			b.AddUint8(maxNameBytes)
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(publicName)) })
			b.AddUint16(0) // no extensions
		})
	})
	return b.BytesOrPanic()
}
