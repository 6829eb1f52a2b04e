// Package nearest finds the word that was probably meant, for errors that ask
// "did you mean …?".
package nearest

import "strings"

// Word returns the candidate that word was probably meant to be, empty if
// none comes near: the shortest that goes on where word stops, else the one with
// the fewest letters changed, else the shortest that has word within. Case does
// not count, nor whether parts are joined by "-" or "_".
func Word(word string, candidates []string) string {
	if len(word) > 64 {
		return ""
	}
	word = folded(word)
	if c := shortest(candidates, func(c string) bool { return len(word) >= 4 && strings.HasPrefix(c, word) }); c != "" {
		return c
	}
	best, least := "", 1+max(len(word), 3)/3
	for _, c := range candidates {
		if d := distance(word, folded(c)); c != "" && d < least && d < len(word) {
			best, least = c, d
		}
	}
	if best == "" && len(word) >= 4 {
		return shortest(candidates, func(c string) bool { return strings.Contains(c, word) })
	}
	return best
}

// shortest returns the shortest candidate that fits when folded.
func shortest(candidates []string, fits func(string) bool) string {
	best := ""
	for _, c := range candidates {
		if fits(folded(c)) && (best == "" || len(c) < len(best)) {
			best = c
		}
	}
	return best
}

var joints = strings.NewReplacer("_", "-", " ", "-")

func folded(s string) string { return strings.ToLower(joints.Replace(s)) }

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
