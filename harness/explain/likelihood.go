package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// A likelihood is how often a cause is met in public reports, and how far what
// is reported leads away from it; each from 1 to 5. What is met often and hardly
// understood is what somebody who asks has.
type likelihood struct{ frequency, misleading int }

// compare orders by both together, then by frequency.
func (l likelihood) compare(m likelihood) int {
	return cmp.Or(cmp.Compare(l.frequency*l.misleading, m.frequency*m.misleading), cmp.Compare(l.frequency, m.frequency))
}

// unranked is for a cause that the reports did not have.
var unranked = likelihood{1, 2}

var likelihoodKeys = []string{"frequency", "misleading"}

func (t *tables) takeLikelihood(b *block) error {
	var l likelihood
	for _, v := range []struct {
		key string
		to  *int
	}{{"frequency", &l.frequency}, {"misleading", &l.misleading}} {
		n, err := strconv.Atoi(b.one(v.key))
		if err != nil || n < 1 || n > 5 {
			return fmt.Errorf("%s: %q is no number from 1 to 5", v.key, b.one(v.key))
		}
		*v.to = n
	}
	for _, head := range b.heads {
		ids, err := t.ids(head)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, twice := t.likelihoods[id]; twice {
				return fmt.Errorf("%s stands twice", id)
			}
			t.likelihoods[id] = l
		}
	}
	return nil
}

// ranked returns the causes with the likeliest first: those that the line itself
// points at, in its order, then the others by their likelihood. Equals stay as
// they stand.
func (t *tables) ranked(ids, first []string) []string {
	place := func(id string) int {
		if i := slices.Index(first, id); i >= 0 {
			return i
		}
		return len(first)
	}
	list := slices.Clone(ids)
	slices.SortStableFunc(list, func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), t.likelihood(b).compare(t.likelihood(a)))
	})
	return list
}

func (t *tables) likelihood(id string) likelihood {
	if l, ok := t.likelihoods[id]; ok {
		return l
	}
	return unranked
}
