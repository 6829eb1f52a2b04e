package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // linked for certificates that are meant to be refused
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Extension identifiers (RFC 5280 4.2.1).
var (
	oidSubjectKeyID        = []int{2, 5, 29, 14}
	oidKeyUsage            = []int{2, 5, 29, 15}
	oidSubjectAltName      = []int{2, 5, 29, 17}
	oidBasicConstraints    = []int{2, 5, 29, 19}
	oidNameConstraints     = []int{2, 5, 29, 30}
	oidCertificatePolicies = []int{2, 5, 29, 32}
	oidPolicyMappings      = []int{2, 5, 29, 33}
	oidAuthorityKeyID      = []int{2, 5, 29, 35}
	oidPolicyConstraints   = []int{2, 5, 29, 36}
	oidExtKeyUsage         = []int{2, 5, 29, 37}
	oidInhibitAnyPolicy    = []int{2, 5, 29, 54}
)

// oidMLDSA65 is id-ml-dsa-65 (RFC 9881 2).
var oidMLDSA65 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 18}

// sign encodes the draft and signs it. crypto/x509 would refuse half of what
// drafts ask for, and would check the signature that it has just made, which
// costs more than all the rest.
func (d *draft) sign(public crypto.PublicKey, issuer *entity, signer crypto.Signer) ([]byte, error) {
	algorithm, err := signatureAlgorithm(signer.Public(), d.hash)
	if err != nil {
		return nil, err
	}
	subject := commonName(d.subject)
	info, keyID, err := publicKey(public)
	if err != nil {
		return nil, err
	}
	issuerName, authorityKeyID := subject, keyID
	if !d.selfSigned {
		if issuerName, authorityKeyID, err = issuer.issued(); err != nil {
			return nil, fmt.Errorf("issuer %q: %w", issuer.name, err)
		}
	}
	if d.respelled && issuer.draft != nil {
		issuerName = commonName(respell(issuer.draft.subject))
	}
	if d.unknownAlgorithm {
		algorithm.id, algorithm.null = oidMLDSA65, false
	}
	tbs, err := d.encode(algorithm, issuerName, subject, info, keyID, authorityKeyID)
	if err != nil {
		return nil, err
	}
	signature, err := algorithm.sign(signer, tbs)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		algorithm.encode(b)
		b.AddASN1BitString(signature)
	})
	return b.Bytes()
}

// respell writes a name in capitals, or otherwise where it is in capitals already:
// the same name by RFC 5280 7.1, in other bytes.
func respell(name string) string {
	for _, other := range []string{strings.ToUpper(name), strings.ToLower(name)} {
		if other != name {
			return other
		}
	}
	return name + " "
}

// encode writes TBSCertificate (RFC 5280 4.1).
func (d *draft) encode(algorithm algorithm, issuer, subject, info, keyID, authorityKeyID []byte) ([]byte, error) {
	serial := d.serial
	if serial == nil {
		var err error
		if serial, err = randomSerial(); err != nil {
			return nil, err
		}
	}
	if d.wrongAuthorityKey {
		authorityKeyID = slices.Clone(authorityKeyID)
		authorityKeyID[0] ^= 0xff
	}
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		if d.version > 1 {
			b.AddASN1(der.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1Int64(int64(d.version - 1))
			})
		}
		b.AddASN1BigInt(serial)
		algorithm.encode(b)
		b.AddBytes(issuer)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			addTime(b, d.notBefore)
			addTime(b, d.notAfter)
		})
		b.AddBytes(subject)
		b.AddBytes(info)
		if d.version > 2 {
			b.AddASN1(der.Tag(3).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { d.addExtensions(b, keyID, authorityKeyID) })
			})
		}
	})
	return b.Bytes()
}

// randomSerial returns a positive serial number of at most 20 octets, as RFC
// 5280 4.1.2.2 asks.
func randomSerial() (*big.Int, error) {
	var octets [16]byte
	if _, err := rand.Read(octets[:]); err != nil {
		return nil, err
	}
	octets[0] = octets[0]&0x7f | 0x40
	return new(big.Int).SetBytes(octets[:]), nil
}

// addTime writes a Time. "CAs conforming to this profile MUST always encode
// certificate validity dates through the year 2049 as UTCTime; certificate
// validity dates in 2050 or later MUST be encoded as GeneralizedTime"
// (https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5).
func addTime(b *cryptobyte.Builder, t time.Time) {
	t = t.UTC()
	if t.Year() >= 1950 && t.Year() < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// Attributes of a Name (RFC 5280 A.1).
var (
	oidCommonName   = []int{2, 5, 4, 3}
	oidOrganization = []int{2, 5, 4, 10}
)

func commonName(cn string) []byte { return directoryName(oidCommonName, cn) }

// directoryName encodes a Name of one attribute.
func directoryName(attribute []int, value string) []byte {
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SET, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(attribute)
				b.AddASN1(der.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(value)) })
			})
		})
	})
	return b.BytesOrPanic()
}

func (d *draft) addExtensions(b *cryptobyte.Builder, keyID, authorityKeyID []byte) {
	if d.keyUsage != nil {
		addExtension(b, oidKeyUsage, true, func(b *cryptobyte.Builder) { addKeyUsage(b, d.keyUsage) })
	}
	if d.usage != nil {
		addExtension(b, oidExtKeyUsage, false, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, id := range d.usage {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier(id))
				}
			})
		})
	}
	if d.basicConstraints {
		addExtension(b, oidBasicConstraints, true, d.addBasicConstraints)
	}
	if !d.noKeyIDs {
		addExtension(b, oidSubjectKeyID, false, func(b *cryptobyte.Builder) { b.AddASN1OctetString(keyID) })
		if !d.selfSigned || d.wrongAuthorityKey {
			addExtension(b, oidAuthorityKeyID, false, func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(der.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(authorityKeyID) })
				})
			})
		}
	}
	if len(d.dns)+len(d.ip)+len(d.uri)+len(d.email) > 0 {
		addExtension(b, oidSubjectAltName, false, d.addSubjectAltName)
	}
	if len(d.permitted)+len(d.excluded) > 0 {
		addExtension(b, oidNameConstraints, true, d.addNameConstraints)
	}
	d.policies.add(b)
	for _, x := range d.extra {
		addExtension(b, x.id, x.critical, func(b *cryptobyte.Builder) { b.AddBytes(x.value) })
	}
}

func addExtension(b *cryptobyte.Builder, id []int, critical bool, value cryptobyte.BuilderContinuation) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier(id))
		if critical {
			b.AddASN1Boolean(true)
		}
		b.AddASN1(der.OCTET_STRING, value)
	})
}

// addKeyUsage writes a named bit list, whose trailing zero bits DER removes (X.690 11.2.2).
func addKeyUsage(b *cryptobyte.Builder, words []string) {
	var bits uint16
	last := -1
	for i, word := range keyUsageWords {
		if slices.Contains(words, word) {
			bits |= 0x8000 >> i
			last = i
		}
	}
	octets := []byte{byte(bits >> 8), byte(bits)}[:(last+8)/8]
	unused := len(octets)*8 - (last + 1)
	b.AddASN1(der.BIT_STRING, func(b *cryptobyte.Builder) {
		b.AddUint8(uint8(unused))
		b.AddBytes(octets)
	})
}

func (d *draft) addBasicConstraints(b *cryptobyte.Builder) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		if d.ca {
			b.AddASN1Boolean(true)
		}
		if d.pathLen != nil {
			b.AddASN1Int64(int64(*d.pathLen))
		}
	})
}

func (d *draft) addSubjectAltName(b *cryptobyte.Builder) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, address := range d.email {
			b.AddASN1(nameEmail, func(b *cryptobyte.Builder) { b.AddBytes([]byte(address)) })
		}
		for _, name := range d.dns {
			b.AddASN1(nameDNS, func(b *cryptobyte.Builder) { b.AddBytes([]byte(name)) })
		}
		for _, ip := range d.ip {
			b.AddASN1(nameIP, func(b *cryptobyte.Builder) { b.AddBytes(ip.AsSlice()) })
		}
		for _, uri := range d.uri {
			b.AddASN1(nameURI, func(b *cryptobyte.Builder) { b.AddBytes([]byte(uri)) })
		}
	})
}

// An algorithm is how an issuer signs.
type algorithm struct {
	id   asn1.ObjectIdentifier
	null bool // RSA's parameters are NULL (RFC 4055 5)
	hash crypto.Hash
}

func (a algorithm) encode(b *cryptobyte.Builder) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(a.id)
		if a.null {
			b.AddASN1NULL()
		}
	})
}

func (a algorithm) sign(key crypto.Signer, tbs []byte) ([]byte, error) {
	if a.hash == 0 {
		return key.Sign(rand.Reader, tbs, crypto.Hash(0))
	}
	h := a.hash.New()
	h.Write(tbs)
	return key.Sign(rand.Reader, h.Sum(nil), a.hash)
}

// signatureAlgorithm returns the algorithm of an issuer's key with that hash,
// SHA-256 where none is named.
func signatureAlgorithm(key crypto.PublicKey, hash string) (algorithm, error) {
	if hash == "" {
		hash = "sha256"
	}
	switch key.(type) {
	case *ecdsa.PublicKey:
		id := asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
		switch hash {
		case "sha1":
			id = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}
		case "sha384":
			id[6] = 3
		case "sha512":
			id[6] = 4
		}
		return algorithm{id: id, hash: hashes[hash]}, nil
	case *rsa.PublicKey:
		last := map[string]int{"sha1": 5, "sha256": 11, "sha384": 12, "sha512": 13}[hash]
		return algorithm{id: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, last}, null: true, hash: hashes[hash]}, nil
	case ed25519.PublicKey:
		if hash != "sha256" {
			return algorithm{}, errors.New("an Ed25519 issuer signs without a hash, so none can be chosen")
		}
		return algorithm{id: asn1.ObjectIdentifier{1, 3, 101, 112}}, nil
	}
	return algorithm{}, fmt.Errorf("an issuer's key cannot be %T", key)
}
