package pki

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"strings"
	"syscall"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// These functions write the forms that take more than a line.

// text is the form that changes the PEM text.
func text(change *strings.Replacer) func(sheet) ([]byte, error) {
	return func(s sheet) ([]byte, error) { return []byte(change.Replace(string(s.pem()))), nil }
}

func utf16Form(s sheet) ([]byte, error) {
	out := []byte{0xff, 0xfe} // little-endian, with its byte order mark
	for _, unit := range utf16.Encode([]rune(string(s.pem()))) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out, nil
}

func base64Form(s sheet) ([]byte, error) {
	return []byte(base64.StdEncoding.EncodeToString(s.pem()) + "\n"), nil
}

// cannot is the form of a file that the system does not open or read.
func cannot(op string, err syscall.Errno) func(sheet) ([]byte, error) {
	if opOf(err) != op {
		panic("pki: " + err.Error() + " does not come of " + op)
	}
	return func(sheet) ([]byte, error) { return nil, err }
}

// opOf is what a program was doing when the system said so: a directory can be
// opened and not read.
func opOf(err error) string {
	if errors.Is(err, syscall.EISDIR) {
		return "read"
	}
	return "open"
}

func requestForm(s sheet) ([]byte, error) {
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, s.key)
	if err != nil {
		return nil, err
	}
	return encodePEM([]*pem.Block{{Type: "CERTIFICATE REQUEST", Bytes: request}}), nil
}

// keyText writes a key that was just made.
func keyText(key crypto.Signer, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	block, err := keyBlock(key)
	if err != nil {
		return nil, err
	}
	return encodePEM([]*pem.Block{block}), nil
}

// otherKind returns a key of another algorithm.
func otherKind(key crypto.PublicKey) (crypto.Signer, error) {
	if _, ok := key.(*ecdsa.PublicKey); ok {
		return storedRSA(2048, -2) // a slot that no hierarchy counts to
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func publicKeyForm(s sheet) ([]byte, error) {
	info, err := x509.MarshalPKIXPublicKey(s.key.Public())
	if err != nil {
		return nil, err
	}
	return encodePEM([]*pem.Block{{Type: "PUBLIC KEY", Bytes: info}}), nil
}

// ed448Form writes a PrivateKeyInfo of Ed448 (RFC 8410 7).
func ed448Form(sheet) ([]byte, error) {
	var secret [57]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier([]int{1, 3, 101, 113}) })
		b.AddASN1(der.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(secret[:]) })
	})
	info, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	return encodePEM([]*pem.Block{{Type: "PRIVATE KEY", Bytes: info}}), nil
}

// Object identifiers of PBES2 (RFC 8018 A).
var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// formPassword opens an encrypted key. A scenario's keys are nobody's secrets.
const formPassword = "shakedown"

// encryptedForm writes an EncryptedPrivateKeyInfo (RFC 5958 3) as `openssl pkcs8
// -topk8` does: PBES2 with PBKDF2, HMAC-SHA256 and AES-256-CBC.
func encryptedForm(s sheet) ([]byte, error) {
	const rounds = 2048
	salt, iv := make([]byte, 16), make([]byte, aes.BlockSize)
	_, _ = rand.Read(salt) // never fails
	_, _ = rand.Read(iv)
	key, err := pbkdf2.Key(sha256.New, formPassword, salt, rounds, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	plain := s.blocks[0].Bytes
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	secret := append([]byte(nil), plain...)
	for range padding {
		secret = append(secret, byte(padding))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(secret, secret)

	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidPBES2)
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				addKeyDerivation(b, salt, rounds)
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oidAES256CBC)
					b.AddASN1OctetString(iv)
				})
			})
		})
		b.AddASN1OctetString(secret)
	})
	info, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	return encodePEM([]*pem.Block{{Type: "ENCRYPTED PRIVATE KEY", Bytes: info}}), nil
}

func addKeyDerivation(b *cryptobyte.Builder, salt []byte, rounds int64) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidPBKDF2)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1OctetString(salt)
			b.AddASN1Int64(rounds)
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidHMACSHA256)
				b.AddASN1NULL()
			})
		})
	})
}
