package keytable

import (
	"crypto/elliptic"
	"math/big"
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// encode writes a signature as it has to be, of any two numbers.
func encode(r, s *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(r)
		b.AddASN1BigInt(s)
	})
	return b.BytesOrPanic()
}

// decode reads a signature.
func decode(t testing.TB, signature []byte) (r, s *big.Int) {
	t.Helper()
	var c sum
	if !c.parse(signature) {
		t.Fatalf("not a signature: %x", signature)
	}
	return &c.r, &c.s
}

// Numbers that are not from 1 to n-1, and those whose verification would come out the
// same if they were reduced.
func TestRanges(t *testing.T) {
	key := newKey(t, elliptic.P256())
	subject := newSubject(t, key)
	digest := digestOf("recorded")
	r, s := decode(t, sign(t, key, digest))
	subject.want(t, true, digest, encode(r, s))

	// "high s": -s makes the negative of the point, which has the same x-coordinate.
	subject.want(t, true, digest, encode(r, new(big.Int).Sub(order, s)))

	field := elliptic.P256().Params().P
	others := func(v *big.Int) []*big.Int {
		all := []*big.Int{
			new(big.Int).Add(v, order), new(big.Int).Sub(v, order), new(big.Int).Neg(v),
			new(big.Int).Add(v, power(8*size)), new(big.Int).Lsh(v, 256), new(big.Int).Mul(v, order),
			new(big.Int).Add(v, new(big.Int).Lsh(order, 256)), new(big.Int).Lsh(v, 2048),
		}
		for _, about := range []*big.Int{new(big.Int), order, field, power(8 * size), new(big.Int).Lsh(order, 1)} {
			for more := int64(-2); more <= 2; more++ {
				all = append(all, new(big.Int).Add(about, big.NewInt(more)))
			}
		}
		return all
	}
	for _, bad := range others(r) {
		subject.want(t, false, digest, encode(bad, s))
	}
	for _, bad := range others(s) {
		subject.want(t, true, digest, encode(r, s)) // of which nothing may be left
		subject.want(t, false, digest, encode(r, bad))
	}
	for _, a := range others(r) {
		for _, b := range others(s) {
			subject.want(t, false, digest, encode(a, b))
		}
	}
	subject.want(t, false, digest, encode(s, r))
}

// Encodings of the two numbers of a signature that holds which are not the one of DER.
func TestOtherEncodings(t *testing.T) {
	key := newKey(t, elliptic.P256())
	subject := newSubject(t, key)
	digest := digestOf("recorded")
	a, b := decode(t, sign(t, key, digest))
	tlv := func(tag byte, parts ...[]byte) []byte {
		content := slices.Concat(parts...)
		return append([]byte{tag, byte(len(content))}, content...)
	}
	number := func(n *big.Int) []byte {
		content := n.Bytes()
		if content[0]&0x80 != 0 {
			content = append([]byte{0}, content...)
		}
		return content
	}
	r, s := number(a), number(b)
	whole := tlv(0x30, tlv(2, r), tlv(2, s))
	subject.want(t, true, digest, whole)

	zero := []byte{0}
	null := []byte{5, 0}
	inside := slices.Concat(tlv(2, r), tlv(2, s))
	long := func(tag byte, parts ...[]byte) []byte {
		content := slices.Concat(parts...)
		return append([]byte{tag, 0x81, byte(len(content))}, content...)
	}
	longer := func(tag byte, parts ...[]byte) []byte {
		content := slices.Concat(parts...)
		return append([]byte{tag, 0x82, 0, byte(len(content))}, content...)
	}
	unsigned := func(n *big.Int) []byte { return n.FillBytes(make([]byte, size)) }
	for name, signature := range map[string][]byte{
		"nothing":                     nil,
		"an empty sequence":           tlv(0x30),
		"one number":                  tlv(0x30, tlv(2, r)),
		"a third number":              tlv(0x30, inside, tlv(2, []byte{1})),
		"a null behind the numbers":   tlv(0x30, inside, null),
		"a null before the numbers":   tlv(0x30, null, inside),
		"zeros behind the numbers":    tlv(0x30, inside, zero, zero),
		"a null behind it":            slices.Concat(whole, null),
		"a zero behind it":            slices.Concat(whole, zero),
		"zeros behind it":             slices.Concat(whole, zero, zero),
		"itself behind it":            slices.Concat(whole, whole),
		"a zero before r":             tlv(0x30, tlv(2, zero, r), tlv(2, s)),
		"a zero before s":             tlv(0x30, tlv(2, r), tlv(2, zero, s)),
		"many zeros before s":         tlv(0x30, tlv(2, r), tlv(2, make([]byte, 40), s)),
		"ones before r":               tlv(0x30, tlv(2, []byte{0xff}, r), tlv(2, s)),
		"r of no bytes":               tlv(0x30, tlv(2), tlv(2, s)),
		"s of no bytes":               tlv(0x30, tlv(2, r), tlv(2)),
		"a long length":               long(0x30, inside),
		"a longer length":             longer(0x30, inside),
		"a long length of r":          tlv(0x30, long(2, r), tlv(2, s)),
		"a long length of s":          tlv(0x30, tlv(2, r), long(2, s)),
		"a longer length of s":        tlv(0x30, tlv(2, r), longer(2, s)),
		"an indefinite length":        slices.Concat([]byte{0x30, 0x80}, inside, zero, zero),
		"the length of the infinite":  slices.Concat([]byte{0x30, 0xff}, inside),
		"a length beyond the end":     append([]byte{0x30, byte(len(inside) + 1)}, inside...),
		"a length before the end":     append([]byte{0x30, byte(len(inside) - 1)}, inside...),
		"r with a length too long":    tlv(0x30, append([]byte{2, byte(len(r) + 1)}, r...), tlv(2, s)),
		"s with a length too long":    tlv(0x30, tlv(2, r), append([]byte{2, byte(len(s) + 1)}, s...)),
		"a set":                       tlv(0x31, inside),
		"a primitive sequence":        tlv(0x10, inside),
		"a sequence of context":       tlv(0xb0, inside),
		"an octet string":             tlv(0x04, inside),
		"a sequence in a sequence":    tlv(0x30, whole),
		"a sequence around each":      tlv(0x30, tlv(0x30, tlv(2, r)), tlv(0x30, tlv(2, s))),
		"r as an octet string":        tlv(0x30, tlv(4, r), tlv(2, s)),
		"s as a bit string":           tlv(0x30, tlv(2, r), tlv(3, zero, s)),
		"r as an enumeration":         tlv(0x30, tlv(10, r), tlv(2, s)),
		"r as a constructed integer":  tlv(0x30, tlv(0x22, tlv(2, r)), tlv(2, s)),
		"r as a tagged integer":       tlv(0x30, tlv(0x82, r), tlv(2, s)),
		"a tag of two bytes":          slices.Concat([]byte{0x3f, 0x10, byte(len(inside))}, inside),
		"numbers without their tags":  slices.Concat(unsigned(a), unsigned(b)),
		"numbers without a sequence":  inside,
		"numbers of a fixed length":   tlv(0x30, tlv(2, zero, zero, unsigned(a)), tlv(2, zero, zero, unsigned(b))),
		"r true and s false":          tlv(0x30, tlv(1, []byte{0xff}), tlv(1, zero)),
		"r and s null":                tlv(0x30, null, null),
		"r and s empty strings":       tlv(0x30, tlv(12), tlv(12)),
		"r as a real number":          tlv(0x30, tlv(9, []byte{0x80, 0}, r), tlv(2, s)),
		"text":                        []byte("-----BEGIN ECDSA SIGNATURE-----"),
		"a length of nothing at all":  {0x30},
		"a length of four bytes":      slices.Concat([]byte{0x30, 0x84, 0, 0, 0, byte(len(inside))}, inside),
		"a length of five bytes":      slices.Concat([]byte{0x30, 0x85, 0, 0, 0, 0, byte(len(inside))}, inside),
		"a length of a great many":    slices.Concat([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, inside),
		"a negative length of r":      tlv(0x30, slices.Concat([]byte{2, 0x84, 0xff, 0xff, 0xff, 0xff}, r), tlv(2, s)),
		"both numbers in one":         tlv(0x30, tlv(2, r, s)),
		"a zero byte between numbers": tlv(0x30, tlv(2, r), zero, tlv(2, s)),
	} {
		t.Run(name, func(t *testing.T) { subject.want(t, false, digest, signature) })
	}
	for n := range whole {
		subject.want(t, false, digest, whole[:n])
		subject.want(t, false, digest, whole[n+1:])
		subject.want(t, false, digest, slices.Concat(whole[:n], zero, whole[n:]))
		subject.want(t, false, digest, slices.Concat(whole[:n], whole[n+1:]))
	}
}
