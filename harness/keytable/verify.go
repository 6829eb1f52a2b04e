package keytable

import (
	"crypto/elliptic"
	"math/big"
	"sync"

	"filippo.io/nistec"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// order is n, the order of the group of points.
var order = elliptic.P256().Params().N

// A sum is what one verification calculates with. They are kept for the next one, for
// what memory their numbers have got.
type sum struct {
	r, s, e, w, u, product big.Int

	scalar [size]byte
}

var sums = sync.Pool{New: func() any { return new(sum) }}

// verify says whether a signature over a digest holds (FIPS 186-5 6.4.2, which is
// SEC 1 4.1.4). Of the step that derives e it leaves the hash to the caller.
func (t *table) verify(digest, signature []byte) bool {
	c := sums.Get().(*sum)
	defer sums.Put(c)
	// "Verify that r and s are integers in the interval [1, n − 1]. Output “reject”
	// if any verification fails."
	if !c.parse(signature) {
		return false
	}
	// "If log2(n) ≥ hashlen, set E = H. Otherwise, set E equal to the leftmost log2(n)
	// bits of H." "Convert the bit string E to an integer e".
	c.e.SetBytes(digest[:min(len(digest), size)])
	// "Compute s⁻¹ (mod n)." Each s in range has one, as n is a prime number.
	if c.w.ModInverse(&c.s, order) == nil {
		return false
	}
	// "Compute u = e · s⁻¹ mod n and v = r · s⁻¹ mod n."
	// "Compute R1 = [u]G + [v]Q."
	point, err := nistec.NewP256Point().ScalarBaseMult(c.times(&c.e)[:])
	if err != nil {
		return false
	}
	t.addTo(point, c.times(&c.r))
	// "If R1 is the identity element O, output “reject”." It has no x-coordinate.
	x, err := point.BytesX()
	if err != nil {
		return false
	}
	// "Let xR be the x-coordinate of R1. Convert the field element xR to an integer
	// r1", and "verify that r = r1 mod n".
	c.u.Mod(c.product.SetBytes(x), order)
	return c.u.Cmp(&c.r) == 0
}

// parse reads the two numbers of a signature, and says whether they are in range.
//
//	Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 2.2.3)
func (c *sum) parse(signature []byte) bool {
	outer := cryptobyte.String(signature)
	var inner cryptobyte.String
	var r, s []byte
	if !outer.ReadASN1(&inner, asn1.SEQUENCE) || !outer.Empty() ||
		!inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || !inner.Empty() {
		return false
	}
	return inRange(c.r.SetBytes(r)) && inRange(c.s.SetBytes(s))
}

// inRange says that a number is one of 1 to n-1.
func inRange(number *big.Int) bool {
	return number.Sign() > 0 && number.Cmp(order) < 0
}

// times returns the product of a number and w, modulo n. It is good until the next call.
func (c *sum) times(number *big.Int) *[size]byte {
	c.u.Mod(c.product.Mul(number, &c.w), order)
	c.u.FillBytes(c.scalar[:])
	return &c.scalar
}
