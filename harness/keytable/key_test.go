package keytable

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/fips140"
	"crypto/rand"
	"crypto/sha256"
	"os"
	"os/exec"
	"sync"
	"testing"
)

func newKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func digestOf(text string) []byte {
	digest := sha256.Sum256([]byte(text))
	return digest[:]
}

func sign(t testing.TB, key *ecdsa.PrivateKey, digest []byte) []byte {
	t.Helper()
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// ask has a key verify that many signatures, every other one of which holds.
func ask(t *testing.T, k *Key, key *ecdsa.PrivateKey, times int) {
	t.Helper()
	digests := [][]byte{digestOf("recorded"), digestOf("another")}
	signature := sign(t, key, digests[0])
	for i := range times {
		if got, want := k.Verify(digests[i%2], signature), i%2 == 0; got != want {
			t.Fatalf("signature %d holds: %t, want %t", i, got, want)
		}
	}
}

func TestTableIsMadeWhenItPays(t *testing.T) {
	var s Shelf
	key := newKey(t, elliptic.P256())
	k := s.Key(&key.PublicKey)
	ask(t, k, key, worthwhile)
	if k.table.Load() != nil {
		t.Errorf("there is a table after %d signatures", worthwhile)
	}
	ask(t, k, key, 1)
	if k.table.Load() == nil {
		t.Errorf("there is no table after %d signatures", worthwhile+1)
	}
	ask(t, k, key, 100)
	if len(s.keys) != 1 {
		t.Errorf("one key has %d tables", len(s.keys))
	}
}

func TestOldestTableIsDropped(t *testing.T) {
	var s Shelf
	var keys []*Key
	var private []*ecdsa.PrivateKey
	for range mostTables + 2 {
		key := newKey(t, elliptic.P256())
		keys, private = append(keys, s.Key(&key.PublicKey)), append(private, key)
		ask(t, keys[len(keys)-1], key, worthwhile+1)
	}
	for i, k := range keys {
		if has, want := k.table.Load() != nil, i >= 2; has != want {
			t.Errorf("key %d has a table: %t, want %t", i, has, want)
		}
	}
	if len(s.keys) != mostTables {
		t.Errorf("%d tables, want %d", len(s.keys), mostTables)
	}
	// A key that is asked again has to be seen as often again.
	ask(t, keys[0], private[0], worthwhile)
	if keys[0].table.Load() != nil {
		t.Error("a dropped table was made again at once")
	}
	ask(t, keys[0], private[0], 1)
	if keys[0].table.Load() == nil || keys[2].table.Load() != nil {
		t.Error("a key that is seen often again did not get the place of the oldest")
	}
}

func TestOtherCurves(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P224(), elliptic.P384(), elliptic.P521()} {
		t.Run(curve.Params().Name, func(t *testing.T) {
			var s Shelf
			key := newKey(t, curve)
			k := s.Key(&key.PublicKey)
			ask(t, k, key, worthwhile+2)
			if k.table.Load() != nil {
				t.Error("it has a table")
			}
		})
	}
}

// A point that is not on the curve is no key: crypto/ecdsa says of it what it likes.
func TestNoKey(t *testing.T) {
	key := newKey(t, elliptic.P256())
	digest := digestOf("recorded")
	signature := sign(t, key, digest)
	off := key.PublicKey
	//lint:ignore SA1019 there is no other way to get such a key
	off.X, off.Y = off.Y, off.X
	if newTable(&off) != nil {
		t.Fatal("a point that is not on the curve has a table")
	}
	k := new(Shelf).Key(&off)
	for range worthwhile + 2 {
		if k.Verify(digest, signature) {
			t.Fatal("a signature of a key that is none holds")
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	var s Shelf
	digest := digestOf("recorded")
	var all sync.WaitGroup
	for range mostTables + 2 {
		key := newKey(t, elliptic.P256())
		k, signature := s.Key(&key.PublicKey), sign(t, key, digest)
		for range 3 {
			all.Go(func() {
				for range worthwhile {
					if !k.Verify(digest, signature) {
						t.Error("a signature does not hold")
					}
					if k.Verify(digest[1:], signature) {
						t.Error("a signature over another digest holds")
					}
				}
			})
		}
	}
	all.Wait()
	if len(s.keys) != mostTables {
		t.Errorf("%d tables, want %d", len(s.keys), mostTables)
	}
}

// In FIPS 140-3 mode, which a process is in from its start, all goes to crypto/ecdsa.
func TestFIPSMode(t *testing.T) {
	if !fips140.Enabled() {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFIPSMode$", "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=on")
		switch out, err := cmd.CombinedOutput(); {
		case err == nil:
		case bytes.Contains(out, []byte("panic: fips140: ")):
			t.Skipf("this build does not have it: %s", out)
		default:
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	var s Shelf
	key := newKey(t, elliptic.P256())
	k := s.Key(&key.PublicKey)
	ask(t, k, key, worthwhile+2)
	if k.table.Load() != nil {
		t.Error("it has a table")
	}
}
