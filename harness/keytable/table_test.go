package keytable

import (
	"bytes"
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

// pointOf returns the point that a table is of.
func pointOf(tab *table) *nistec.P256Point { return &tab[0][0] }

// Each entry of a table is what it is said to be.
func TestMultiples(t *testing.T) {
	tab := newTable(&newKey(t, elliptic.P256()).PublicKey)
	q := pointOf(tab)
	for w := range tab {
		for i := range tab[w] {
			number := new(big.Int).Mul(big.NewInt(int64(i+1)), power(width*w))
			if tab[w][i].Equal(multiple(t, q, number)) != 1 {
				t.Fatalf("entry %d of digit %d is not the multiple by %d·128^%d", i, w, i+1, w)
			}
		}
	}
}

// Digits of all kinds in each place, with all kinds of digits above to carry into.
func TestDigitsAndCarries(t *testing.T) {
	tab := newTable(&newKey(t, elliptic.P256()).PublicKey)
	for w := range digits {
		for _, d := range []int64{0, 1, 2, half - 2, half - 1, half, half + 1, half + 2, 2*half - 2, 2*half - 1} {
			for _, above := range []int64{0, half - 1, half, 2*half - 1} {
				n := new(big.Int).Lsh(big.NewInt(d), uint(width*w))
				for next := w + 1; next < digits; next++ {
					n.Add(n, new(big.Int).Lsh(big.NewInt(above), uint(width*next)))
				}
				var number [size]byte
				n.Mod(n, power(8*size)).FillBytes(number[:])
				checkAddTo(t, tab, big.NewInt(0), number)
			}
		}
	}
}

// The digits of a number are the number.
func TestDigit(t *testing.T) {
	for range 100 {
		var number [size]byte
		rand.Read(number[:])
		sum := new(big.Int)
		for w := range digits {
			sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(digit(&number, w))), uint(width*w)))
		}
		if want := new(big.Int).SetBytes(number[:]); sum.Cmp(want) != 0 {
			t.Errorf("the digits of %x make %x", want, sum)
		}
	}
}

func TestRandomNumbers(t *testing.T) {
	tab := newTable(&newKey(t, elliptic.P256()).PublicKey)
	for range 2000 {
		var number, start [size]byte
		rand.Read(number[:])
		rand.Read(start[:])
		checkAddTo(t, tab, new(big.Int).SetBytes(start[:]), number)
	}
}

// Sums that meet the same point, its negative, or nothing on their way: formulas for
// adding points tend to have exceptions there.
func TestMeetings(t *testing.T) {
	tab := newTable(&newKey(t, elliptic.P256()).PublicKey)
	q := pointOf(tab)
	for _, text := range []string{
		"0", "1", "2", "63", "64", "65", "127", "128", "129", "255", "256", "8191", "8192", "8256", "8257", "16383", "16384",
		"115792089210356248762697446949407573529996955224135760342422259061068512044368", // n-1
		"115792089210356248762697446949407573529996955224135760342422259061068512044369", // n
		"115792089210356248762697446949407573529996955224135760342422259061068512044370", // n+1
		"115792089237316195423570985008687907853269984665640564039457584007913129639935", // 2²⁵⁶-1
	} {
		n, ok := new(big.Int).SetString(text, 10)
		if !ok {
			t.Fatal(text)
		}
		var number [size]byte
		n.FillBytes(number[:])
		// What has been summed up is the negative of what is subtracted at the end.
		twice := new(big.Int).Lsh(subtracted(&number), 1)
		begins := []*big.Int{twice.Neg(twice.Add(twice, n))}
		// The sum begins with each beginning of itself and its negative.
		for w := range digits + 1 {
			low := new(big.Int).Mod(n, power(width*w))
			begins = append(begins, low, new(big.Int).Neg(low),
				new(big.Int).Sub(n, low), new(big.Int).Sub(low, n),
				new(big.Int).Sub(low, power(width*w)), new(big.Int).Sub(power(width*w), low))
		}
		for _, begin := range begins {
			got := multiple(t, q, begin)
			tab.addTo(got, &number)
			if want := multiple(t, q, new(big.Int).Add(begin, n)); got.Equal(want) != 1 {
				t.Fatalf("%d·Q and %d·Q are not %d·Q", begin, n, new(big.Int).Add(begin, n))
			}
		}
	}
}

// subtracted returns what the negative digits of a number come to.
func subtracted(number *[size]byte) *big.Int {
	sum := new(big.Int)
	carry := 0
	for w := range digits {
		d := digit(number, w) + carry
		if carry = 0; d > half {
			carry = 1
			sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(2*half-d)), power(width*w)))
		}
	}
	return sum
}

// checkAddTo compares start·G + number·Q with what nistec makes of it.
func checkAddTo(t testing.TB, tab *table, start *big.Int, number [size]byte) {
	t.Helper()
	got := multiple(t, nistec.NewP256Point().SetGenerator(), start)
	want := nistec.NewP256Point().Add(got, multiple(t, pointOf(tab), new(big.Int).SetBytes(number[:])))
	given := number
	tab.addTo(got, &number)
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Fatalf("%x times %x, on top of %x times the generator: got %x, want %x", number, pointOf(tab).Bytes(), start, got.Bytes(), want.Bytes())
	}
	if number != given {
		t.Fatal("the number was changed")
	}
}
