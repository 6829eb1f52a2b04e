package explain

// A grouping has the candidates that the same answers leave under one number.
type grouping map[string]int

// split divides each group by what a question's answers leave.
func (g grouping) split(candidates []string, leaves func(id string) uint32) grouping {
	type key struct {
		group   int
		answers uint32
	}
	after, numbers := make(grouping, len(candidates)), map[key]int{}
	for _, id := range candidates {
		k := key{g[id], leaves(id)}
		if _, ok := numbers[k]; !ok {
			numbers[k] = len(numbers)
		}
		after[id] = numbers[k]
	}
	return after
}

// count is how many groups the candidates fall into.
func (g grouping) count(candidates []string) int {
	seen := map[int]bool{}
	for _, id := range candidates {
		seen[g[id]] = true
	}
	return len(seen)
}

func bit(set bool) uint32 {
	if set {
		return 1
	}
	return 0
}
