package keytable

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
	"testing"

	"filippo.io/nistec"
)

// multiple returns a number times a point.
func multiple(t testing.TB, p *nistec.P256Point, number *big.Int) *nistec.P256Point {
	t.Helper()
	q, err := nistec.NewP256Point().ScalarMult(p, new(big.Int).Mod(number, order).FillBytes(make([]byte, size)))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// power returns 2ⁿ.
func power(n int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n)) }

// pointOf returns the point that a key is.
func pointOf(t testing.TB, public *ecdsa.PublicKey) *nistec.P256Point {
	t.Helper()
	encoded, err := public.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	p, err := nistec.NewP256Point().SetBytes(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A point of a table is what it is said to be: the bits of a number that are as far
// apart as teeth, where each is one or minus one.
func TestMultiples(t *testing.T) {
	key := newKey(t, elliptic.P256())
	tab, q := newTable(&key.PublicKey), pointOf(t, &key.PublicKey)
	for b := range tab {
		for i := range tab[b] {
			number := new(big.Int)
			for tooth := range teeth {
				bit := power(spacing*tooth + columns*b)
				if tooth < teeth-1 && i>>tooth&1 == 0 {
					bit.Neg(bit)
				}
				number.Add(number, bit)
			}
			if tab[b][i].Equal(multiple(t, q, number)) != 1 {
				t.Fatalf("point %d of block %d is not the multiple by %d", i, b, number)
			}
		}
	}
}

// All kinds of bits in each column, with nothing, everything and anything in the
// others.
func TestColumns(t *testing.T) {
	key := newKey(t, elliptic.P256())
	s := newSubject(t, key)
	patterns := []int{0, 0xff, 0x55, 0xaa, 0x0f, 0xf0, 0x7f, 0x80}
	for tooth := range teeth {
		patterns = append(patterns, 1<<tooth, 0xff^1<<tooth)
	}
	anything := new(big.Int).SetBytes(digestOf("anything"))
	for column := range spacing {
		for _, pattern := range patterns {
			for _, others := range []*big.Int{big.NewInt(0), new(big.Int).Sub(power(8*size), big.NewInt(1)), anything} {
				number := new(big.Int).Set(others)
				for tooth := range teeth {
					number.SetBit(number, spacing*tooth+column, uint(pattern>>tooth&1))
				}
				checkAddTo(t, s, big.NewInt(0), number)
			}
		}
	}
}

// The bits of an odd number, each counted as one or minus one, are the number; and
// each is in the column and at the tooth where it is looked for.
func TestSigns(t *testing.T) {
	for i := range 200 {
		odd := new(big.Int).Sub(power(8*size), big.NewInt(1))
		switch {
		case i == 0:
			odd.SetInt64(1)
		case i > 1:
			var random [size]byte
			rand.Read(random[:])
			odd.SetBytes(random[:]).SetBit(odd, 0, 1)
		}
		words := signs(odd)
		sum := new(big.Int)
		for column := range spacing {
			for tooth := range teeth {
				bit := power(spacing*tooth + column)
				if bitsAt(&words, column)>>tooth&1 == 0 {
					bit.Neg(bit)
				}
				sum.Add(sum, bit)
			}
		}
		if sum.Cmp(odd) != 0 {
			t.Errorf("the bits of %x make %x", odd, sum)
		}
	}
}

func TestRandomNumbers(t *testing.T) {
	s := newSubject(t, newKey(t, elliptic.P256()))
	for range 2000 {
		var number, start [size]byte
		rand.Read(number[:])
		rand.Read(start[:])
		checkAddTo(t, s, new(big.Int).SetBytes(start[:]), new(big.Int).SetBytes(number[:]))
	}
}

// Sums that meet the same point, its negative, or nothing on their way: formulas for
// adding points tend to have exceptions there.
func TestMeetings(t *testing.T) {
	s := newSubject(t, newKey(t, elliptic.P256()))
	q := pointOf(t, s.public)
	var numbers []*big.Int
	for _, small := range []int64{0, 1, 2, 3, 4, 127, 128, 129, 255, 256, 257} {
		numbers = append(numbers, big.NewInt(small), new(big.Int).Sub(order, big.NewInt(small)))
	}
	for n := 7; n < 8*size; n += 31 {
		numbers = append(numbers, power(n), new(big.Int).Sub(power(n), big.NewInt(1)), new(big.Int).Add(power(n), big.NewInt(1)))
	}
	middle := new(big.Int).Rsh(order, 1)
	for _, n := range append(numbers, middle, new(big.Int).Add(middle, big.NewInt(1))) {
		n.Mod(n, order)
		begins := []*big.Int{new(big.Int), new(big.Int).Lsh(n, 1)}
		begins = append(begins, stages(n)...)
		for _, begin := range begins {
			for _, begin := range []*big.Int{begin, new(big.Int).Neg(begin), new(big.Int).Sub(n, begin), new(big.Int).Sub(begin, n)} {
				got := multiple(t, q, begin)
				s.table.addTo(got, n)
				if want := multiple(t, q, new(big.Int).Add(begin, n)); got.Equal(want) != 1 {
					t.Fatalf("%d·Q and %d·Q are not %d·Q", begin, n, new(big.Int).Add(begin, n))
				}
			}
		}
	}
}

// stages returns what the sum for a number comes to after each column.
func stages(number *big.Int) []*big.Int {
	if number.Bit(0) == 0 {
		number = new(big.Int).Sub(order, number)
	}
	words := signs(number)
	sum := new(big.Int)
	var all []*big.Int
	for c := columns - 1; c >= 0; c-- {
		sum.Lsh(sum, 1)
		for b := range blocks {
			for tooth := range teeth {
				bit := power(spacing*tooth + columns*b)
				if bitsAt(&words, b*columns+c)>>tooth&1 == 0 {
					bit.Neg(bit)
				}
				sum.Add(sum, bit)
			}
		}
		all = append(all, new(big.Int).Set(sum))
	}
	return all
}

// checkAddTo compares start·G + number·Q with what nistec makes of it.
func checkAddTo(t testing.TB, s subject, start, number *big.Int) {
	t.Helper()
	number.Mod(number, order)
	q := pointOf(t, s.public)
	got := multiple(t, nistec.NewP256Point().SetGenerator(), start)
	want := nistec.NewP256Point().Add(got, multiple(t, q, number))
	given := new(big.Int).Set(number)
	s.table.addTo(got, number)
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Fatalf("%x times %x, on top of %x times the generator: got %x, want %x", number, q.Bytes(), start, got.Bytes(), want.Bytes())
	}
	if number.Cmp(given) != 0 {
		t.Fatal("the number was changed")
	}
}
