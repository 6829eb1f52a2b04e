package scenario

import "strings"

// nearest returns the candidate that word was probably meant to be, empty if
// none comes near. Case, and whether words are joined by "-" or "_", do not count.
func nearest(word string, candidates []string) string {
	if len(word) > 64 {
		return ""
	}
	best, least := "", 1+max(len(word), 3)/3
	for _, c := range candidates {
		if d := distance(folded(word), folded(c)); c != "" && d < least {
			best, least = c, d
		}
	}
	if best == "" && len(word) >= 4 {
		for _, c := range candidates {
			if strings.Contains(folded(c), folded(word)) && (best == "" || len(c) < len(best)) {
				best = c // a part of a word stands for the shortest that has it
			}
		}
	}
	return best
}

func folded(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", " ", "-").Replace(s))
}

// distance is how many letters have to be added, left out, replaced or swapped
// with their neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
