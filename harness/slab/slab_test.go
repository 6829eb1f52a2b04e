package slab

import "testing"

// takeBack are the two ways to take lists back.
var takeBack = map[string]func(*Slab[int], int){"Reset": (*Slab[int]).Reset, "Clear": (*Slab[int]).Clear}

// Lists are of the size that was asked for and share no element with one another, and
// a slab holds on to no more than it is to.
func TestLists(t *testing.T) {
	const most = 8
	for name, again := range takeBack {
		var s Slab[int]
		for _, lists := range []int{1, 3, most, 3 * most, 2, 0, most + 1, 1} {
			again(&s, most)
			if s.Kept() > most {
				t.Fatalf("%s: it holds on to %d elements, at most %d were asked for", name, s.Kept(), most)
			}
			var all [][]int
			for i := range lists {
				list := s.List(i%3, 4)
				if len(list) != i%3 || cap(list) != i%3 {
					t.Fatalf("%s: a list of %d has %d elements, and room for %d", name, i%3, len(list), cap(list))
				}
				for at := range list {
					if name == "Clear" && list[at] != 0 {
						t.Fatalf("%s: %d is left from before", name, list[at])
					}
					list[at] = i + 1
				}
				all = append(all, list)
			}
			for i, list := range all {
				for _, v := range list {
					if v != i+1 {
						t.Fatalf("%s: list %d has an element of list %d", name, i, v-1)
					}
				}
			}
		}
	}
}

// Once it has grown, a slab needs no new memory for as much as before.
func TestMemoryIsUsedAgain(t *testing.T) {
	for name, again := range takeBack {
		var s Slab[int]
		round := func() {
			again(&s, 100)
			for range 10 {
				s.List(5, 1)
			}
		}
		round()
		if n := testing.AllocsPerRun(10, round); n != 0 {
			t.Errorf("%s: %.0f allocations a round", name, n)
		}
	}
}
