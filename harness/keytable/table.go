package keytable

import (
	"crypto/ecdsa"

	"filippo.io/nistec"
)

const (
	// size is how many bytes a number below the order of the group has.
	size = 32
	// half is how many multiples there are for one byte of a number: the others are
	// the negatives of these.
	half = 128
)

// A table has the multiples of a public key Q that every multiple of it is a sum of
// few of: i·256ʷ·Q for each byte w of a number, counted from the least, and each i
// from 1 to 128, which stands at i-1.
type table struct {
	multiples [size][half]nistec.P256Point
	// beyond is 256³²·Q, which is carried into where the number's first byte is
	// above 128.
	beyond nistec.P256Point
}

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
	for w := range t.multiples {
		row := &t.multiples[w]
		row[0].Set(base)
		for i := 1; i < half; i++ {
			row[i].Add(&row[i-1], base)
		}
		base.Double(&row[half-1])
	}
	t.beyond.Set(base)
	return t
}

// addTo adds the multiple of the key by a number to a point.
//
// The number is written with digits from -127 to 128 in the base 256: a byte above
// 128 is 256 less, and one more is carried into the next byte. Multiples by negative
// digits are summed up by themselves, and subtracted together.
func (t *table) addTo(sum *nistec.P256Point, number *[size]byte) {
	negative := nistec.NewP256Point()
	carry := 0
	for w := range t.multiples {
		digit := int(number[size-1-w]) + carry
		carry = 0
		if digit > half {
			digit, carry = digit-256, 1
		}
		switch {
		case digit > 0:
			sum.Add(sum, &t.multiples[w][digit-1])
		case digit < 0:
			negative.Add(negative, &t.multiples[w][-digit-1])
		}
	}
	if carry == 1 {
		sum.Add(sum, &t.beyond)
	}
	sum.Add(sum, negative.Negate(negative))
}
