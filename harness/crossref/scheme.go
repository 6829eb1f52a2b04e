package crossref

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"

	// The hashes of the schemes below.
	_ "crypto/md5"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"

	"shakedown/harness/tlswire"
)

// A method is how a signature is made.
type method uint8

const (
	pkcs1 method = iota + 1
	pss
	ecdsaSignature
	eddsa
)

// A scheme is what is known of a signature scheme.
type scheme struct {
	id     tlswire.SignatureScheme
	method method
	hash   crypto.Hash // 0 for Ed25519, which hashes by itself
	// curve is the one curve that TLS 1.3 allows with it.
	curve elliptic.Curve
	// pss says that the key has to be one for RSASSA-PSS alone, rsae that it
	// must not be (RFC 8446 4.2.3).
	pss, rsae bool
}

// schemes are the signature schemes that can be checked (RFC 8446 4.2.3), with
// those that RFC 5246 7.4.1.4.1 makes of a hash and a kind of key.
var schemes = []scheme{
	{id: 0x0101, method: pkcs1, hash: crypto.MD5},
	{id: tlswire.RSAPKCS1SHA1, method: pkcs1, hash: crypto.SHA1},
	{id: tlswire.ECDSASHA1, method: ecdsaSignature, hash: crypto.SHA1},
	{id: 0x0301, method: pkcs1, hash: crypto.SHA224},
	{id: 0x0303, method: ecdsaSignature, hash: crypto.SHA224},
	{id: tlswire.RSAPKCS1SHA256, method: pkcs1, hash: crypto.SHA256},
	{id: tlswire.ECDSASecp256r1SHA256, method: ecdsaSignature, hash: crypto.SHA256, curve: elliptic.P256()},
	{id: 0x0420, method: pkcs1, hash: crypto.SHA256}, // rsa_pkcs1_sha256_legacy, RFC 9963
	{id: tlswire.RSAPKCS1SHA384, method: pkcs1, hash: crypto.SHA384},
	{id: tlswire.ECDSASecp384r1SHA384, method: ecdsaSignature, hash: crypto.SHA384, curve: elliptic.P384()},
	{id: 0x0520, method: pkcs1, hash: crypto.SHA384},
	{id: tlswire.RSAPKCS1SHA512, method: pkcs1, hash: crypto.SHA512},
	{id: tlswire.ECDSASecp521r1SHA512, method: ecdsaSignature, hash: crypto.SHA512, curve: elliptic.P521()},
	{id: 0x0620, method: pkcs1, hash: crypto.SHA512},
	{id: tlswire.RSAPSSRSAESHA256, method: pss, hash: crypto.SHA256, rsae: true},
	{id: tlswire.RSAPSSRSAESHA384, method: pss, hash: crypto.SHA384, rsae: true},
	{id: tlswire.RSAPSSRSAESHA512, method: pss, hash: crypto.SHA512, rsae: true},
	{id: tlswire.Ed25519, method: eddsa},
	{id: tlswire.RSAPSSPSSSHA256, method: pss, hash: crypto.SHA256, pss: true},
	{id: tlswire.RSAPSSPSSSHA384, method: pss, hash: crypto.SHA384, pss: true},
	{id: tlswire.RSAPSSPSSSHA512, method: pss, hash: crypto.SHA512, pss: true},
}

func findScheme(id tlswire.SignatureScheme) (scheme, bool) {
	for i := range schemes {
		if schemes[i].id == id {
			return schemes[i], true
		}
	}
	return scheme{}, false
}

// legacyScheme is what signs where no scheme is sent: before TLS 1.2, RSA signs
// MD5 and SHA-1 one behind the other, and ECDSA signs SHA-1 (RFC 4346 7.4.3,
// RFC 8422 5.10).
func legacyScheme(k *key) scheme {
	if _, ok := k.public.(*ecdsa.PublicKey); ok {
		return scheme{method: ecdsaSignature, hash: crypto.SHA1}
	}
	return scheme{method: pkcs1, hash: crypto.MD5SHA1}
}

// suits says that a key can sign with the scheme in a version.
//
// In TLS 1.3 an ECDSA scheme names its curve; in TLS 1.2 the same number is a
// hash and a kind of key, and says nothing about the curve (RFC 8446 4.2.3).
func (s *scheme) suits(k *key, version uint16) bool {
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		return s.method == pkcs1 && !k.pss || s.method == pss && !(s.rsae && k.pss) && !(s.pss && !k.pss)
	case *ecdsa.PublicKey:
		return s.method == ecdsaSignature && (version < tlswire.VersionTLS13 || s.curve == nil || s.curve == public.Curve)
	case ed25519.PublicKey:
		return s.method == eddsa
	}
	return false
}

// fits says why a key cannot sign with the scheme in a version, nil if it can.
func (s *scheme) fits(k *key, version uint16) error {
	if s.suits(k, version) {
		return nil
	}
	wants := s.method.keys()
	switch k.public.(type) {
	case *rsa.PublicKey:
		switch {
		case s.method != pkcs1 && s.method != pss:
		case s.pss:
			wants = "RSASSA-PSS"
		default:
			wants = "ordinary RSA"
		}
	case *ecdsa.PublicKey:
		if s.method == ecdsaSignature {
			wants = "ECDSA " + s.curve.Params().Name
		}
	case ed25519.PublicKey:
	default:
		return unsupported("keys of " + k.name + " are not supported by this build")
	}
	return unfit("it is for keys of " + wants + ", and this one is " + k.name)
}

// keys names the keys that a method is for.
func (m method) keys() string {
	switch m {
	case ecdsaSignature:
		return "ECDSA"
	case eddsa:
		return "Ed25519"
	}
	return "RSA"
}

// verify checks a signature over content. The error is unfit where no signature
// of that key could hold, and errSignature where this one does not.
func (s scheme) verify(k *key, content, signature []byte) error {
	digest := content
	switch {
	case s.hash == crypto.MD5SHA1:
		digest = append(sum(crypto.MD5, content), sum(crypto.SHA1, content)...)
	case s.hash != 0:
		digest = sum(s.hash, content)
	}
	holds := false
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		switch s.method {
		case pkcs1:
			holds = rsa.VerifyPKCS1v15(public, s.hash, digest, signature) == nil
		case pss:
			// "The length of the Salt MUST be equal to the length of the digest
			// algorithm." (RFC 8446 4.2.3)
			holds = rsa.VerifyPSS(public, s.hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
	case *ecdsa.PublicKey:
		holds = s.method == ecdsaSignature && k.verifyECDSA(public, digest, signature)
	case ed25519.PublicKey:
		holds = s.method == eddsa && len(public) == ed25519.PublicKeySize && ed25519.Verify(public, content, signature)
	}
	if !holds {
		return errSignature
	}
	return nil
}

// verifyECDSA is [ecdsa.VerifyASN1], which for a key of many handshakes takes less time.
func (k *key) verifyECDSA(public *ecdsa.PublicKey, digest, signature []byte) bool {
	if k.often == nil {
		return ecdsa.VerifyASN1(public, digest, signature)
	}
	return k.often.Verify(digest, signature)
}

var errSignature = fmt.Errorf("the signature does not verify")

func sum(h crypto.Hash, b []byte) []byte {
	digest := h.New()
	digest.Write(b)
	return digest.Sum(nil)
}
