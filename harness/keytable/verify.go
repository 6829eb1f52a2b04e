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

// A sum has the numbers that one verification calculates with. It is kept for the next
// one, so that they need no memory of their own.
type sum struct {
	r, s, e big.Int
	// w is the inverse of s.
	w big.Int
	// u is a number modulo n, product what it is before that.
	u, product big.Int
	// scalar is such a u in bytes.
	scalar [size]byte
}

var sums = sync.Pool{New: func() any { return new(sum) }}

// verify says whether a signature over a digest holds. The steps are those of SEC 1
// 4.1.4, which FIPS 186-5 6.4.2 has as well, but for the hash, which the caller makes.
func (t *table) verify(digest, signature []byte) bool {
	c := sums.Get().(*sum)
	defer sums.Put(c)
	// "If r and s are not both integers in the interval [1, n − 1], output “invalid”
	// and stop."
	if !c.parse(signature) {
		return false
	}
	// "Set E = H if ⌈log2 n⌉ ≥ 8(hashlen), and set E equal to the leftmost ⌈log2 n⌉
	// bits of H if ⌈log2 n⌉ < 8(hashlen)."
	c.e.SetBytes(digest[:min(len(digest), size)])
	// "Compute: u1 = e·s⁻¹ mod n and u2 = r·s⁻¹ mod n." Each s in range has an
	// inverse, as n is a prime number.
	if c.w.ModInverse(&c.s, order) == nil {
		return false
	}
	// "Compute: R = (xR, yR) = u1·G + u2·QU."
	point, err := nistec.NewP256Point().ScalarBaseMult(c.times(&c.e).FillBytes(c.scalar[:]))
	if err != nil {
		return false
	}
	t.addTo(point, c.times(&c.r))
	// "If R = O, output “invalid” and stop." It has no x-coordinate.
	x, err := point.BytesX()
	if err != nil {
		return false
	}
	// "Set v = xR mod n." "Compare v and r — if v = r, output “valid”, and if v ≠ r,
	// output “invalid”."
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
func (c *sum) times(number *big.Int) *big.Int {
	return c.u.Mod(c.product.Mul(number, &c.w), order)
}
