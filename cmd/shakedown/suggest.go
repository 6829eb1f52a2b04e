package main

import "strings"

// nearest returns the candidate that is most like what was typed, empty if
// none is like it.
func nearest(typed string, candidates []string) string {
	best, fewest := "", len(typed)/3+2
	for _, c := range candidates {
		if c == typed {
			continue
		}
		d := distance(typed, c)
		if len(typed) >= 3 && strings.Contains(c, typed) {
			d = 1
		}
		if d < fewest {
			best, fewest = c, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to make b of a.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
