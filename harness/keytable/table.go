package keytable

import (
	"crypto/ecdsa"

	"filippo.io/nistec"
)

const (
	// size is how many bytes a number below the order of the group has.
	size = 32
	// width is how many bits of a number make a digit. With more, a table takes longer
	// to make than hundreds of signatures save with it.
	width = 7
	// digits is how many a number has. The last one has 4 bits only, so that nothing
	// is carried beyond it.
	digits = (8*size + width - 1) / width
	// half is how many multiples there are for a digit: the others are the negatives
	// of these.
	half = 1 << (width - 1)
)

// A table has the multiples of a public key Q that every multiple of it is a sum of
// few of: i·128ʷ·Q for each digit w of a number, counted from the least, and each i
// from 1 to 64, which stands at i-1.
type table [digits][half]nistec.P256Point

// newTable makes the table of a key, nil for what is no key of P-256.
func newTable(public *ecdsa.PublicKey) *table {
	encoded, err := public.Bytes()
	if err != nil {
		return nil
	}
	base, err := nistec.NewP256Point().SetBytes(encoded)
	if err != nil {
		return nil
	}
	t := new(table)
	for w := range t {
		row := &t[w]
		row[0].Set(base)
		for i := 1; i < half; i++ {
			row[i].Add(&row[i-1], base)
		}
		base.Double(&row[half-1])
	}
	return t
}

// addTo adds the multiple of the key by a number to a point.
//
// The number is written with digits from -63 to 64 in the base 128: a digit above 64
// is 128 less, and one more is carried into the next digit. Multiples by negative
// digits are summed up by themselves, and subtracted together.
func (t *table) addTo(sum *nistec.P256Point, number *[size]byte) {
	negative := nistec.NewP256Point()
	carry := 0
	for w := range t {
		d := digit(number, w) + carry
		carry = 0
		if d > half {
			d, carry = d-2*half, 1
		}
		switch {
		case d > 0:
			sum.Add(sum, &t[w][d-1])
		case d < 0:
			negative.Add(negative, &t[w][-d-1])
		}
	}
	sum.Add(sum, negative.Negate(negative))
}

// digit returns the digit of a number that has w others below it.
func digit(number *[size]byte, w int) int {
	at := size - 1 - w*width/8
	two := int(number[at])
	if at > 0 {
		two |= int(number[at-1]) << 8
	}
	return two >> (w * width % 8) & (2*half - 1)
}
