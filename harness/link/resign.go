package link

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"fmt"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// signedAgain makes a CertificateVerify over what the receiver has seen, with the
// key of the certificate that it was shown (RFC 8446 4.4.3). Where nobody here
// holds that key the message stays as it is, and does not verify.
func (r *rewriter) signedAgain(from outcome.Role, message []byte) (out []byte, what string, err error) {
	to := r.seen(from.Peer())
	key := r.link.keyOf(to.peer)
	if key == nil {
		return message, "", nil
	}
	context := tlswire.ServerSignatureContext
	if from == outcome.Client {
		context = tlswire.ClientSignatureContext
	}
	content, err := to.transcript.SignedContent(context)
	if err != nil {
		return nil, "", fmt.Errorf("sign CertificateVerify again: %w", err)
	}
	scheme, signature, err := sign(key, content)
	if err != nil {
		return nil, "", fmt.Errorf("sign CertificateVerify again: %w", err)
	}
	body := binary.BigEndian.AppendUint16(nil, scheme)
	body = binary.BigEndian.AppendUint16(body, uint16(len(signature)))
	return tlswire.AppendHandshake(nil, tlswire.TypeCertificateVerify, append(body, signature...)), "signed again", nil
}

// keyOf returns the key of a certificate, nil if nobody here holds it.
func (l *Link) keyOf(certificate []byte) crypto.Signer {
	for _, s := range l.options.Signers {
		if len(certificate) > 0 && bytes.Equal(s.Certificate, certificate) {
			return s.Key
		}
	}
	return nil
}

// sign signs with the scheme that fits a key (RFC 8446 4.2.3).
func sign(key crypto.Signer, content []byte) (scheme uint16, signature []byte, err error) {
	var options crypto.SignerOpts
	hash := crypto.SHA256
	switch public := key.Public().(type) {
	case *ecdsa.PublicKey:
		scheme = 0x0403 // ecdsa_secp256r1_sha256
		switch public.Curve.Params().BitSize {
		case 384:
			scheme, hash = 0x0503, crypto.SHA384 // ecdsa_secp384r1_sha384
		case 521:
			scheme, hash = 0x0603, crypto.SHA512 // ecdsa_secp521r1_sha512
		}
		options = hash
	case *rsa.PublicKey:
		scheme = 0x0804 // rsa_pss_rsae_sha256
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	case ed25519.PublicKey:
		signature, err = key.Sign(rand.Reader, content, crypto.Hash(0))
		return 0x0807, signature, err
	default:
		return 0, nil, errors.New("no signature scheme for that kind of key")
	}
	h := hash.New()
	h.Write(content)
	signature, err = key.Sign(rand.Reader, h.Sum(nil), options)
	return scheme, signature, err
}
