package keytable

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"testing"
)

// BenchmarkVerify compares a verification by a table with one by crypto/ecdsa.
func BenchmarkVerify(b *testing.B) {
	key := newKey(b, elliptic.P256())
	digest := digestOf("recorded")
	signature := sign(b, key, digest)
	t := newTable(&key.PublicKey)
	b.Run("by=table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !t.verify(digest, signature) {
				b.Fatal("it does not hold")
			}
		}
	})
	b.Run("by=ecdsa", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !ecdsa.VerifyASN1(&key.PublicKey, digest, signature) {
				b.Fatal("it does not hold")
			}
		}
	})
}

// BenchmarkNewTable makes the table of a key.
func BenchmarkNewTable(b *testing.B) {
	key := newKey(b, elliptic.P256())
	b.ReportAllocs()
	for b.Loop() {
		newTable(&key.PublicKey)
	}
}
