package keytable

import (
	"crypto/ecdsa"
	"encoding/binary"
	"math/big"

	"filippo.io/nistec"
)

const (
	// size is how many bytes a number below the order of the group has.
	size = 32
	// teeth is how many bits of a number one addition takes in, spacing how far
	// apart these are.
	teeth   = 8
	spacing = 8 * size / teeth
	// blocks is how many points there are for the same bits in different places:
	// with more, there is less to double, and a table takes longer to make.
	blocks  = 4
	columns = spacing / blocks
	// half is how many points a block has: those of the other half of all
	// combinations of bits are the negatives of these.
	half = 1 << (teeth - 1)
)

// A table has the multiples of a public key Q that every multiple of it is a sum of
// few of. It is a comb (Lim and Lee, "More Flexible Exponentiation with
// Precomputation"): a point of it stands for eight bits of a number, each 32 further
// on than the one before. In place of 0 and 1 these have the values -1 and 1, and so
// half of the points are the negatives of others.
//
// Block b has, for each i, the sum of ±2ʲ·Q for the eight j that are 8b and a
// multiple of 32. The last one counts as 1, each other one as the bit of i that
// stands for it, the least for the first.
type table [blocks]block

// newTable makes the table of a key, nil for what is no key of P-256.
func newTable(public *ecdsa.PublicKey) *table {
	encoded, err := public.Bytes()
	if err != nil {
		return nil
	}
	q, err := nistec.NewP256Point().SetBytes(encoded)
	if err != nil {
		return nil
	}
	var comb [teeth]nistec.P256Point
	for i := range comb {
		comb[i].Set(q)
		double(q, spacing)
	}
	t := new(table)
	for b := range t {
		t[b].fill(&comb)
		for i := range comb {
			double(&comb[i], columns)
		}
	}
	return t
}

// A block has the points of one place of the comb.
type block [half]nistec.P256Point

// fill makes the points of the comb's teeth where they are.
func (b *block) fill(comb *[teeth]nistec.P256Point) {
	// All of them count as -1 but for the last.
	b[0].Set(&comb[teeth-1])
	for i := range teeth - 1 {
		b[0].Add(&b[0], nistec.NewP256Point().Negate(&comb[i]))
	}
	// From -1 to 1 it is twice the point.
	for i := range teeth - 1 {
		twice := nistec.NewP256Point().Double(&comb[i])
		for without := range 1 << i {
			b[without|1<<i].Add(&b[without], twice)
		}
	}
}

// double doubles a point that many times.
func double(p *nistec.P256Point, times int) {
	for range times {
		p.Double(p)
	}
}

// addTo adds the multiple of the key by a number from 0 to n-1 to a point.
//
// Bits that are -1 or 1 make odd numbers only. The multiple by an even one is the
// negative of the one by n less that, as n is odd, and n·Q is nothing.
func (t *table) addTo(sum *nistec.P256Point, number *big.Int) {
	even := number.Bit(0) == 0
	if even {
		number = new(big.Int).Sub(order, number)
	}
	words := signs(number)
	multiple, negative := nistec.NewP256Point(), nistec.NewP256Point()
	for c := columns - 1; c >= 0; c-- {
		multiple.Double(multiple)
		for b := range t {
			// The last tooth's bit is the highest.
			bits := bitsAt(&words, b*columns+c)
			if bits >= half {
				multiple.Add(multiple, &t[b][bits-half])
			} else {
				multiple.Add(multiple, negative.Negate(&t[b][half-1-bits]))
			}
		}
	}
	if even {
		multiple.Negate(multiple)
	}
	sum.Add(sum, multiple)
}

// signs writes an odd number as a sum of ±2ⁱ for every i below 256, which is added
// where the result has a bit and subtracted where it has none. The number that these
// bits are, x, makes 2x - (2²⁵⁶-1) so; and x is the odd number shifted down by one,
// with the highest bit set. Word i has the bits of tooth i.
func signs(odd *big.Int) (words [teeth]uint32) {
	var bytes [size]byte
	odd.FillBytes(bytes[:])
	for i := range words {
		words[i] = binary.BigEndian.Uint32(bytes[size-4*(i+1):])
	}
	for i := range words {
		above := uint32(1)
		if i+1 < teeth {
			above = words[i+1] & 1
		}
		words[i] = words[i]>>1 | above<<31
	}
	return words
}

// bitsAt returns the bits of a column, one of each word, the last word's the highest.
func bitsAt(words *[teeth]uint32, column int) (bits uint) {
	for i, w := range words {
		bits |= uint(w>>column&1) << i
	}
	return bits
}
