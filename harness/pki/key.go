package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// keyKinds are the kinds of key that an entity can have, the default first.
var keyKinds = []string{
	"ecdsa-p256", "ecdsa-p224", "ecdsa-p384", "ecdsa-p521", "ed25519",
	"rsa-512", "rsa-1024", "rsa-2048", "rsa-3072", "rsa-4096",
}

// keyGenerator returns the function that makes a key of that kind. rsaKeys
// counts the RSA keys of the hierarchy, because they come from a store.
func keyGenerator(kind string, rsaKeys *int) (func() (crypto.Signer, error), error) {
	if kind == "" {
		kind = keyKinds[0]
	}
	if !slices.Contains(keyKinds, kind) {
		return nil, fmt.Errorf("unknown key kind %q%s", kind, suggest(kind, keyKinds))
	}
	if size, ok := strings.CutPrefix(kind, "rsa-"); ok {
		bits, err := strconv.Atoi(size)
		if err != nil {
			return nil, fmt.Errorf("key kind %q: %w", kind, err)
		}
		n := *rsaKeys
		*rsaKeys++
		return func() (crypto.Signer, error) { return storedRSA(bits, n) }, nil
	}
	if kind == "ed25519" {
		return func() (crypto.Signer, error) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			return key, err
		}, nil
	}
	curve := map[string]elliptic.Curve{
		"ecdsa-p224": elliptic.P224(), "ecdsa-p256": elliptic.P256(),
		"ecdsa-p384": elliptic.P384(), "ecdsa-p521": elliptic.P521(),
	}[kind]
	return func() (crypto.Signer, error) { return ecdsa.GenerateKey(curve, rand.Reader) }, nil
}

// An rsaSlot is one key of the store: its size, and which RSA key of a
// hierarchy it is.
type rsaSlot struct{ bits, n int }

// rsaStore keeps the RSA keys of this process. One takes up to 100 ms to make,
// a hundred times a handshake, so hierarchies share them. Within a hierarchy
// no two entities have the same slot.
var rsaStore sync.Map // of rsaSlot to func() (*rsa.PrivateKey, error)

func storedRSA(bits, n int) (*rsa.PrivateKey, error) {
	generate, _ := rsaStore.LoadOrStore(rsaSlot{bits, n}, sync.OnceValues(func() (*rsa.PrivateKey, error) {
		if bits < 1024 {
			return weakRSA(bits)
		}
		return rsa.GenerateKey(rand.Reader, bits)
	}))
	return generate.(func() (*rsa.PrivateKey, error))()
}

// weakRSA makes a key of a size that crypto/rsa refuses to generate and to sign
// with. It can stand in a certificate, which is what it is for.
func weakRSA(bits int) (*rsa.PrivateKey, error) {
	one, e := big.NewInt(1), big.NewInt(65537)
	for {
		p, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			return nil, err
		}
		q, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			return nil, err
		}
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if d == nil || n.BitLen() != bits || p.Cmp(q) == 0 {
			continue
		}
		return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: []*big.Int{p, q}}, nil
	}
}

// publicKey returns the SubjectPublicKeyInfo of a key and the identifier of RFC
// 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 hash of the
// BIT STRING subjectPublicKey.
func publicKey(key crypto.PublicKey) (info, id []byte, err error) {
	info, err = x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, nil, err
	}
	var inner, algorithm cryptobyte.String
	var bits []byte
	whole := cryptobyte.String(info)
	if !whole.ReadASN1(&inner, asn1.SEQUENCE) || !inner.ReadASN1(&algorithm, asn1.SEQUENCE) || !inner.ReadASN1BitStringAsBytes(&bits) {
		return nil, nil, fmt.Errorf("%T has no SubjectPublicKeyInfo", key)
	}
	sum := sha256.Sum256(bits)
	return info, sum[:20], nil
}

// freshLike returns a new key of the same kind and size.
func freshLike(key crypto.PublicKey) (crypto.Signer, error) {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.GenerateKey(k.Curve, rand.Reader)
	case *rsa.PublicKey:
		// A slot that no hierarchy counts to.
		return storedRSA(k.N.BitLen(), -1)
	case ed25519.PublicKey:
		_, fresh, err := ed25519.GenerateKey(rand.Reader)
		return fresh, err
	}
	return nil, fmt.Errorf("no key like %T can be made", key)
}
