package keytable

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"math/big"
	"testing"
)

// fixed returns the key of that private key.
func fixed(t testing.TB, d []byte) (*ecdsa.PrivateKey, subject) {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		t.Fatal(err)
	}
	return key, newSubject(t, key)
}

// FuzzVerify has signatures verified by a table and by crypto/ecdsa, which have to
// say the same of each.
func FuzzVerify(f *testing.F) {
	key, s := fixed(f, digestOf("the private key"))
	for _, text := range []string{"", "recorded"} {
		digest := digestOf(text)
		signature := sign(f, key, digest)
		f.Add(digest, signature)
		f.Add(append(digest, 1), signature)
		f.Add(digest[:20], sign(f, key, digest[:20]))
		r, number := decode(f, signature)
		f.Add(digest, encode(r, new(big.Int).Sub(order, number)))
		f.Add(digest, encode(r, new(big.Int).Add(order, number)))
		f.Add(digest, encode(new(big.Int), new(big.Int)))
	}
	f.Fuzz(func(t *testing.T, digest, signature []byte) { s.agree(t, digest, signature) })
}

// FuzzSums makes a signature for chosen multiples of the generator and of the key.
// It has to hold, unless the two are nothing together; and another digest must not.
func FuzzSums(f *testing.F) {
	_, s := fixed(f, digestOf("the private key"))
	n := order.Bytes()
	f.Add([]byte{1}, []byte{1})
	f.Add([]byte{}, []byte{0x80, 0x80, 0x80})
	f.Add(new(big.Int).Sub(order, s.d).Bytes(), []byte{1})
	f.Add(s.d.Bytes(), []byte{1})
	f.Add(n, n)
	f.Add(digestOf("u"), digestOf("v"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		u, v := new(big.Int).SetBytes(a[:min(len(a), size)]), new(big.Int).SetBytes(b[:min(len(b), size)])
		u.Mod(u, order)
		v.Mod(v, order)
		digest, signature := s.signatureOf(t, u, v)
		sum := new(big.Int).Mul(v, s.d)
		sum.Add(sum, u).Mod(sum, order)
		s.want(t, sum.Sign() != 0 && v.Sign() != 0, digest, signature)
		s.agree(t, flipped(digest, len(a)), signature)
		s.agree(t, digest, flipped(signature, len(a)+len(b)))
	})
}
