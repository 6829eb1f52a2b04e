package crossref

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"sync"
	"testing"
	"time"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// TestKeyOfManyHandshakes verifies signatures of one key from many goroutines, more
// than are verified without a table. Every other one is over something else.
func TestKeyOfManyHandshakes(t *testing.T) {
	signer := ec(elliptic.P256())
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server"}, NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer))
	var m Memory
	if k := m.certificate(der).key; k.often == nil {
		t.Fatal("the key is not one that may be asked often")
	}
	content, other := []byte("what is signed"), []byte("what is not")
	digest := sum(schemeOf(t, tlswire.ECDSASecp256r1SHA256).hash, content)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 30 {
				signature, err := ecdsa.SignASN1(rand.Reader, signer, digest)
				if err != nil {
					t.Error(err)
					return
				}
				k := m.certificate(der).key
				if v := verifyWith(k, tlswire.ECDSASecp256r1SHA256, tlswire.VersionTLS13, content, signature); v.Result != Verified {
					t.Errorf("a signature is %s", v.Result)
				}
				if v := verifyWith(k, tlswire.ECDSASecp256r1SHA256, tlswire.VersionTLS13, other, signature); v.Result != Failed {
					t.Errorf("a signature over something else is %s", v.Result)
				}
			}
		})
	}
	all.Wait()
}

func schemeOf(t *testing.T, id tlswire.SignatureScheme) scheme {
	t.Helper()
	s, known := findScheme(id)
	if !known {
		t.Fatalf("%v is not known", id)
	}
	return s
}

// TestIssuancesAreCheckedOnce makes each check once, also where the same issuer has
// another child or the same child another issuer.
func TestIssuancesAreCheckedOnce(t *testing.T) {
	var m Memory
	a, b := new(certificate), new(certificate)
	made := map[issuance]int{}
	results := map[issuance]Result{{a, b}: Verified, {b, a}: Failed, {a, a}: NotChecked}
	for range 3 {
		for of, want := range results {
			got := m.checked(of, func() verdict { made[of]++; return verdict{Result: want} })
			if got.Result != want {
				t.Errorf("got %s, want %s", got.Result, want)
			}
		}
	}
	for of := range results {
		if made[of] != 1 {
			t.Errorf("one check was made %d times", made[of])
		}
	}
}

// TestSentence writes sentences that are plain, and those that only fmt can write.
func TestSentence(t *testing.T) {
	tests := []struct {
		format string
		args   []any
		want   string
	}{
		{"Nothing.", nil, "Nothing."},
		{"%s", []any{"All of 100 %."}, "All of 100 %."},
		{"%s", []any{outcome.Client}, "client"},
		{"It answers that of %s.", []any{"step 3"}, "It answers that of step 3."},
		{"%s%s", []any{"", "end"}, "end"},
		{"The %s's %d of %d in %s", []any{outcome.Client, 2, -3, "step 1"}, "The client's 2 of -3 in step 1"},
		{"100 %% of %s", []any{"it"}, "100 % of it"},
		{"%s is 100 %%", []any{"it"}, "it is 100 %"},
		{"%s with %v: %s", []any{"signed", tlswire.Ed25519, errors.New("no")}, "signed with ed25519: no"},
		{"%x, %q", []any{[]byte{1, 0xab}, "text"}, `01ab, "text"`},
		{"%5d|%-5s|", []any{7, "a"}, "    7|a    |"},
		{"%v and %v", []any{"a", 1}, "a and 1"},
	}
	for _, tt := range tests {
		for _, room := range []*field.Room{nil, new(field.Room)} {
			if got := sentence(room, tt.format, tt.args...); got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.format, got, tt.want)
			}
		}
	}
}
