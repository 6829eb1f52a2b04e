package keytable

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
	"slices"
	"testing"

	"filippo.io/nistec"
)

// A subject is a key with its table.
type subject struct {
	public *ecdsa.PublicKey
	table  *table
	// d is the private key, nil where nobody knows it.
	d *big.Int
}

func newSubject(t testing.TB, key *ecdsa.PrivateKey) subject {
	t.Helper()
	d, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return subject{&key.PublicKey, newTable(&key.PublicKey), new(big.Int).SetBytes(d)}
}

// agree has a signature verified by the table and by crypto/ecdsa, which have to say
// the same, and returns what they say.
func (s subject) agree(t testing.TB, digest, signature []byte) bool {
	t.Helper()
	givenDigest, givenSignature := slices.Clone(digest), slices.Clone(signature)
	got, want := s.table.verify(digest, signature), ecdsa.VerifyASN1(s.public, digest, signature)
	if got != want {
		encoded, _ := s.public.Bytes()
		t.Fatalf("the table says %t, crypto/ecdsa %t\nkey       %x\ndigest    %x\nsignature %x", got, want, encoded, digest, signature)
	}
	if !slices.Equal(digest, givenDigest) || !slices.Equal(signature, givenSignature) {
		t.Fatal("what was given was changed")
	}
	return got
}

// want is agree with what both have to say.
func (s subject) want(t testing.TB, want bool, digest, signature []byte) {
	t.Helper()
	if got := s.agree(t, digest, signature); got != want {
		t.Errorf("got %t, want %t: digest %x, signature %x", got, want, digest, signature)
	}
}

// Signatures of many keys, each also over another digest, of another key, and with a
// bit changed in it.
func TestManyKeys(t *testing.T) {
	keys, each := 150, 20
	if testing.Short() {
		keys = 15
	}
	other := newSubject(t, newKey(t, elliptic.P256()))
	for range keys {
		key := newKey(t, elliptic.P256())
		s := newSubject(t, key)
		for range each {
			digest := make([]byte, size)
			rand.Read(digest)
			signature := sign(t, key, digest)
			s.want(t, true, digest, signature)
			other.want(t, false, digest, signature)
			bit := int(signature[len(signature)-1]) + 256*int(digest[0])
			s.agree(t, digest, flipped(signature, bit))
			s.want(t, false, flipped(digest, bit), signature)
		}
	}
}

// Each bit of a signature and of a digest, changed.
func TestEachBit(t *testing.T) {
	key := newKey(t, elliptic.P256())
	s := newSubject(t, key)
	digest := digestOf("recorded")
	signature := sign(t, key, digest)
	for bit := range 8 * len(signature) {
		s.want(t, false, digest, flipped(signature, bit))
	}
	for bit := range 8 * len(digest) {
		s.want(t, false, flipped(digest, bit), signature)
	}
}

func flipped(b []byte, bit int) []byte {
	b = slices.Clone(b)
	bit %= 8 * len(b)
	b[bit/8] ^= 1 << (bit % 8)
	return b
}

// A digest that is longer than the order is cut off behind its first 32 bytes, and one
// that is not below the order is reduced. A shorter one is a smaller number.
func TestDigests(t *testing.T) {
	key := newKey(t, elliptic.P256())
	s := newSubject(t, key)
	long := slices.Concat(digestOf("first"), digestOf("second"))
	n := order.FillBytes(make([]byte, size))
	ones := slices.Repeat([]byte{0xff}, size)
	for _, digest := range [][]byte{
		{},
		{0},
		{1},
		{0xff},
		long[:20], long[:28], long[:31], long[:32], long[:33], long[:48], long,
		make([]byte, size), n, ones, slices.Concat(n, n), slices.Concat(ones, ones),
	} {
		signature := sign(t, key, digest)
		s.want(t, true, digest, signature)
		s.want(t, len(digest) >= size, slices.Concat(digest, []byte{1}), signature)
		s.want(t, true, slices.Concat(make([]byte, max(0, size-len(digest))), digest), signature)
	}
	signature := sign(t, key, nil)
	s.want(t, true, n, signature) // n is 0 modulo n
	s.want(t, true, make([]byte, 64), signature)
}

// signatureOf is what somebody who may choose makes: the signature for which
// u·G + v·Q is what has to have the x-coordinate r, and the digest that it is over.
func (s subject) signatureOf(t testing.TB, u, v *big.Int) (digest, signature []byte) {
	t.Helper()
	point := nistec.NewP256Point().Add(
		multiple(t, nistec.NewP256Point().SetGenerator(), u),
		multiple(t, pointOf(t, s.public), v))
	x, err := point.BytesX()
	if err != nil {
		x = []byte{1} // nothing has no x-coordinate: any will do
	}
	r := new(big.Int).SetBytes(x)
	r.Mod(r, order)
	inverse := new(big.Int).ModInverse(v, order)
	if inverse == nil {
		inverse = new(big.Int) // no signature has v = 0: this is one with s = 0
	}
	number := new(big.Int).Mul(r, inverse)
	number.Mod(number, order)
	e := new(big.Int).Mul(u, number)
	return e.Mod(e, order).FillBytes(make([]byte, size)), encode(r, number)
}

// What u·G and v·Q have to be for something exceptional to happen.
func TestChosenSums(t *testing.T) {
	s := newSubject(t, newKey(t, elliptic.P256()))
	number := func(n int64) *big.Int { return big.NewInt(n) }
	dTimes := func(n *big.Int) *big.Int { n = new(big.Int).Mul(n, s.d); return n.Mod(n, order) }
	minus := func(n *big.Int) *big.Int { return new(big.Int).Sub(order, n) }
	some := new(big.Int).SetBytes(digestOf("some number"))
	some.Mod(some, order)
	for _, v := range []*big.Int{
		number(1), number(2), number(63), number(64), number(65), number(127), number(128), number(0x2040), number(0x20c0),
		minus(number(1)), minus(number(2)), minus(number(64)), minus(number(128)), some, minus(some),
		new(big.Int).Rsh(order, 1), power(255), power(252), minus(power(252)), power(245),
		power(32), minus(power(32)), power(224), new(big.Int).Sub(power(224), number(1)),
	} {
		for name, u := range map[string]*big.Int{
			"nothing":           number(0),
			"the generator":     number(1),
			"its negative":      minus(number(1)),
			"the same point":    dTimes(v),
			"the first digit":   dTimes(new(big.Int).And(v, number(0x3f))),
			"against the first": minus(dTimes(new(big.Int).And(v, number(0x3f)))),
			"half":              dTimes(new(big.Int).Rsh(v, 128)),
			"against twice":     minus(dTimes(new(big.Int).Lsh(v, 1))),
			"any":               some,
		} {
			u.Mod(u, order)
			together := new(big.Int).Add(u, dTimes(v))
			want := together.Mod(together, order).Sign() != 0
			digest, signature := s.signatureOf(t, u, v)
			if got := s.agree(t, digest, signature); got != want {
				t.Errorf("%s and the multiple by %d: the signature holds: %t, want %t", name, v, got, want)
			}
		}
		// Together they are nothing, which has no x-coordinate.
		digest, signature := s.signatureOf(t, minus(dTimes(v)), v)
		s.want(t, false, digest, signature)
	}
	digest, signature := s.signatureOf(t, some, number(0))
	s.want(t, false, digest, signature)
}

// Keys of which everybody knows the private key, among them the generator and its
// negative, which meet the multiples of the generator everywhere.
func TestKnownKeys(t *testing.T) {
	for _, d := range []int64{1, 2, 3, 64, 128, -1, -2, -64} {
		number := new(big.Int).Mod(big.NewInt(d), order)
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), number.FillBytes(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		s := newSubject(t, key)
		for i := range 20 {
			digest := digestOf(string(rune('a' + i)))
			s.want(t, true, digest, sign(t, key, digest))
		}
		for u := range int64(40) {
			for v := int64(1); v < 40; v += 3 {
				digest, signature := s.signatureOf(t, big.NewInt(u), big.NewInt(v))
				s.want(t, (u+v*d) != 0, digest, signature)
			}
		}
	}
}

// A point whose x-coordinate is not below the order: "Set v = xR mod n."
func TestReducedCoordinate(t *testing.T) {
	found := 0
	for more := int64(1); found < 5; more++ {
		x := new(big.Int).Add(order, big.NewInt(more))
		point, err := nistec.NewP256Point().SetBytes(append([]byte{2}, x.FillBytes(make([]byte, size))...))
		if err != nil {
			continue // there is no point with that coordinate
		}
		found++
		// A key is made for the point: Q = v⁻¹·(R - u·G).
		u, v := big.NewInt(7), new(big.Int).SetBytes(digestOf("v"))
		v.Mod(v, order)
		q := nistec.NewP256Point().Add(point, multiple(t, nistec.NewP256Point().SetGenerator(), big.NewInt(-7)))
		q = multiple(t, q, new(big.Int).ModInverse(v, order))
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), q.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		s := subject{public: public, table: newTable(public)}
		digest, signature := s.signatureOf(t, u, v)
		s.want(t, true, digest, signature)
		// The coordinate itself is no r.
		number := new(big.Int).Mul(big.NewInt(more), new(big.Int).ModInverse(v, order))
		s.want(t, false, digest, encode(x, number.Mod(number, order)))
	}
}
