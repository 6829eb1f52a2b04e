package crossref

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"shakedown/harness/tlswire"
)

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func publicKey(signer crypto.Signer, name string) *key {
	return &key{public: signer.Public(), name: name}
}

// TestSchemes signs with every scheme, and verifies; then changes the content,
// the signature, and the key.
func TestSchemes(t *testing.T) {
	p256, p384, p521 := ec(elliptic.P256()), ec(elliptic.P384()), ec(elliptic.P521())
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("what is signed")
	for _, s := range schemes {
		t.Run(s.id.String(), func(t *testing.T) {
			signer, k := crypto.Signer(rsaKey()), publicKey(rsaKey(), "RSA 2048")
			options := crypto.SignerOpts(s.hash)
			digest := content
			if s.hash != 0 {
				digest = sum(s.hash, content)
			}
			other, misfit := publicKey(must(rsa.GenerateKey(rand.Reader, 1024)), "RSA 1024"), publicKey(p256, "ECDSA P-256")
			switch s.method {
			case pss:
				options, k.pss, other.pss = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: s.hash}, s.pss, s.pss
			case ecdsaSignature:
				keys := map[elliptic.Curve]*ecdsa.PrivateKey{elliptic.P256(): p256, elliptic.P384(): p384, elliptic.P521(): p521}
				chosen := keys[s.curve]
				if chosen == nil {
					chosen = p256
				}
				signer, k, other, misfit = chosen, publicKey(chosen, "ECDSA"), publicKey(ec(chosen.Curve), "ECDSA"), publicKey(ed, "Ed25519")
			case eddsa:
				_, another, _ := ed25519.GenerateKey(rand.Reader)
				signer, k, other, misfit = ed, publicKey(ed, "Ed25519"), publicKey(another, "Ed25519"), publicKey(rsaKey(), "RSA 2048")
			}
			signature, err := signer.Sign(rand.Reader, digest, options)
			if err != nil {
				t.Fatal(err)
			}
			if v := verifyWith(k, s.id, tlswire.VersionTLS12, content, signature); v.Result != Verified {
				t.Errorf("the signature is %s: %s", v.Result, v.reason)
			}
			damaged := slices.Clone(signature)
			damaged[len(damaged)-1] ^= 1
			for what, v := range map[string]verdict{
				"a damaged signature": verifyWith(k, s.id, tlswire.VersionTLS12, content, damaged),
				"no signature":        verifyWith(k, s.id, tlswire.VersionTLS12, content, nil),
				"other content":       verifyWith(k, s.id, tlswire.VersionTLS12, content[1:], signature),
				"another key":         verifyWith(other, s.id, tlswire.VersionTLS12, content, signature),
			} {
				if v.Result != Failed || v.reason != "" {
					t.Errorf("%s is %s (%s), want failed", what, v.Result, v.reason)
				}
			}
			if v := verifyWith(misfit, s.id, tlswire.VersionTLS12, content, signature); v.Result != Failed || v.reason == "" {
				t.Errorf("a key of another kind is %s (%q), want failed with a reason", v.Result, v.reason)
			}
		})
	}
}

func ec(curve elliptic.Curve) *ecdsa.PrivateKey {
	return must(ecdsa.GenerateKey(curve, rand.Reader))
}

// TestFits tells which keys a scheme is for, which depends on the version.
func TestFits(t *testing.T) {
	p256, p384 := publicKey(ec(elliptic.P256()), "ECDSA P-256"), publicKey(ec(elliptic.P384()), "ECDSA P-384")
	rsae, rsapss := publicKey(rsaKey(), "RSA 2048"), publicKey(rsaKey(), "RSASSA-PSS 2048")
	rsapss.pss = true
	tests := []struct {
		id      tlswire.SignatureScheme
		key     *key
		version uint16
		want    error
	}{
		{tlswire.ECDSASecp256r1SHA256, p256, tlswire.VersionTLS13, nil},
		{tlswire.ECDSASecp256r1SHA256, p384, tlswire.VersionTLS12, nil},
		{tlswire.ECDSASecp256r1SHA256, p384, tlswire.VersionTLS13, unfit("it is for keys of ECDSA P-256, and this one is ECDSA P-384")},
		{tlswire.RSAPSSRSAESHA256, rsae, tlswire.VersionTLS13, nil},
		{tlswire.RSAPSSRSAESHA256, rsapss, tlswire.VersionTLS13, unfit("it is for keys of ordinary RSA, and this one is RSASSA-PSS 2048")},
		{tlswire.RSAPSSPSSSHA256, rsapss, tlswire.VersionTLS13, nil},
		{tlswire.RSAPSSPSSSHA256, rsae, tlswire.VersionTLS13, unfit("it is for keys of RSASSA-PSS, and this one is RSA 2048")},
		{tlswire.RSAPKCS1SHA256, rsapss, tlswire.VersionTLS12, unfit("it is for keys of ordinary RSA, and this one is RSASSA-PSS 2048")},
		{tlswire.Ed25519, p256, tlswire.VersionTLS13, unfit("it is for keys of Ed25519, and this one is ECDSA P-256")},
		{tlswire.Ed25519, &key{public: "no key", name: "ML-DSA-44"}, tlswire.VersionTLS13, unsupported("keys of ML-DSA-44 are not supported by this build")},
	}
	for _, tt := range tests {
		s, _ := findScheme(tt.id)
		if err := s.fits(tt.key, tt.version); err != tt.want {
			t.Errorf("%v with a key of %s in %s: %v, want %v", tt.id, tt.key.name, tlswire.VersionName(tt.version), err, tt.want)
		}
	}
}

// TestBeforeTLS12 verifies signatures that come without their scheme.
func TestBeforeTLS12(t *testing.T) {
	content := []byte("what is signed")
	signature := must(rsa.SignPKCS1v15(rand.Reader, rsaKey(), crypto.MD5SHA1, append(sum(crypto.MD5, content), sum(crypto.SHA1, content)...)))
	if v := verifyWith(publicKey(rsaKey(), "RSA"), 0, tlswire.VersionTLS11, content, signature); v.Result != Verified {
		t.Errorf("RSA is %s: %s", v.Result, v.reason)
	}
	k := ec(elliptic.P256())
	signature = must(k.Sign(rand.Reader, sum(crypto.SHA1, content), crypto.SHA1))
	if v := verifyWith(publicKey(k, "ECDSA"), 0, tlswire.VersionTLS10, content, signature); v.Result != Verified {
		t.Errorf("ECDSA is %s: %s", v.Result, v.reason)
	}
	if v := verifyWith(publicKey(k, "ECDSA"), 0, tlswire.VersionTLS12, content, signature); v.Result != NotChecked {
		t.Errorf("TLS 1.2 without a scheme is %s, want not checked", v.Result)
	}
}

// TestKeysThatCryptoX509Refuses reads an RSASSA-PSS key, of which crypto/x509
// makes nothing.
func TestKeysThatCryptoX509Refuses(t *testing.T) {
	info := must(asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{pkix.AlgorithmIdentifier{Algorithm: oidRSASSAPSS}, asn1.BitString{Bytes: x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey), BitLength: 8 * len(x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey))}}))
	if _, err := x509.ParsePKIXPublicKey(info); err == nil {
		t.Skip("crypto/x509 reads RSASSA-PSS keys: this test has nothing to show any more")
	}
	public, pssOnly := parseKey(info)
	if got, ok := public.(*rsa.PublicKey); !ok || !got.Equal(rsaKey().Public()) || !pssOnly {
		t.Errorf("read %T, for PSS alone: %v", public, pssOnly)
	}
	for n := range info {
		if public, _ := parseKey(info[:n]); public != nil {
			t.Errorf("the first %d bytes are read as a key", n)
		}
	}
}

// TestLegacyCertificates proves signatures that crypto/x509 refuses to check.
func TestLegacyCertificates(t *testing.T) {
	for _, algorithm := range []x509.SignatureAlgorithm{x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSAPSS} {
		root := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotAfter: time.Now().Add(time.Hour),
			IsCA: true, BasicConstraintsValid: true, SignatureAlgorithm: algorithm,
		}
		der := must(x509.CreateCertificate(rand.Reader, root, root, rsaKey().Public(), rsaKey()))
		c := readCertificate(der)
		b := New(Input{})
		if v := b.checkChain(c, c); v.Result != Verified {
			t.Errorf("%v is %s: %s", algorithm, v.Result, v.reason)
		}
		der[len(der)-1] ^= 1
		if v := b.checkChain(readCertificate(der), c); v.Result != Failed {
			t.Errorf("%v with a damaged signature is %s", algorithm, v.Result)
		}
	}
}

func TestErrors(t *testing.T) {
	if v := judge(errors.New("anything else")); v.Result != Failed || v.reason != "" {
		t.Errorf("any other error is %s (%q)", v.Result, v.reason)
	}
}
