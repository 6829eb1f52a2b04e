package crossref

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"testing"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/tlswire"
)

// TestSignedOther tells a signature of the right key over something else from one of
// another key, in each of RSA's two paddings.
func TestSignedOther(t *testing.T) {
	// The moduli have 2048 bits, and 2049, of which the message has a byte less.
	for _, size := range []int{2048, 2049} {
		own, err := rsa.GenerateKey(rand.Reader, size)
		if err != nil {
			t.Fatal(err)
		}
		other, err := rsa.GenerateKey(rand.Reader, size)
		if err != nil {
			t.Fatal(err)
		}
		for _, scheme := range []tlswire.SignatureScheme{tlswire.RSAPKCS1SHA256, tlswire.RSAPKCS1SHA384, tlswire.RSAPSSRSAESHA256, tlswire.RSAPSSRSAESHA512} {
			for _, tt := range []struct {
				name    string
				signer  *rsa.PrivateKey
				damaged bool
				want    bool
			}{
				{"the certificate's key", own, false, true},
				{"another key", other, false, false},
				{"the certificate's key, damaged", own, true, false},
			} {
				b, step := exchangeSigned(t, own, tt.signer, scheme, tt.damaged)
				if got := b.SignedOther(step); got != tt.want {
					t.Errorf("%d bits, %v, %s: got %v, want %v", size, scheme, tt.name, got, tt.want)
				}
			}
		}
	}
}

// exchangeSigned is a TLS 1.2 handshake with a certificate for one RSA key, in which
// a key has signed a ServerKeyExchange for another handshake.
func exchangeSigned(t *testing.T, shown, signer *rsa.PrivateKey, id tlswire.SignatureScheme, damaged bool) (*Book, *dissect.Step) {
	t.Helper()
	in := handshakes["TLS 1.2, mutual"].input(t)
	at := func(name string) int {
		return slices.IndexFunc(in.Timeline.Steps, func(s *dissect.Step) bool { return s.Name == name })
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server.test"}, NotAfter: time.Unix(1<<31, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, shown.Public(), shown)
	if err != nil {
		t.Fatal(err)
	}
	chain := *in.Timeline.Steps[at("Certificate")]
	chain.Message = &tlswire.Certificate{Entries: []tlswire.CertificateEntry{{Data: der}}}
	in.Timeline.Steps[at("Certificate")] = &chain

	scheme, _ := findScheme(id)
	var options crypto.SignerOpts = scheme.hash
	if scheme.method == pss {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: scheme.hash}
	}
	signature, err := signer.Sign(rand.Reader, sum(scheme.hash, []byte("another handshake")), options)
	if err != nil {
		t.Fatal(err)
	}
	if damaged {
		signature[len(signature)-1] ^= 1
	}
	i := at("ServerKeyExchange")
	exchange := *in.Timeline.Steps[i]
	old := exchange.Message.(*tlswire.ServerKeyExchange)
	params := exchange.Raw[4 : len(exchange.Raw)-4-len(old.Signature)]
	body := append(slices.Clone(params), byte(id>>8), byte(id), byte(len(signature)>>8), byte(len(signature)))
	body = append(body, signature...)
	raw := append([]byte{byte(tlswire.TypeServerKeyExchange), byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
	setRaw(t, &exchange, raw, tlswire.VersionTLS12)
	in.Timeline.Steps[i] = &exchange
	return New(in), &exchange
}
