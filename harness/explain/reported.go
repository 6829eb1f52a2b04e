package explain

// Reported returns the ids of the causes that an error in the log of that side
// ("client" or "server") can mean, the likeliest first, and nothing where the
// text says nothing that is known. [Explain] has to guess whose log it is.
func Reported(text, side string) []string {
	l := readLine(text[:min(len(text), maxInput)])
	l.reporter = side
	for _, try := range []func(line) (Explanation, bool){byText, byAlert} {
		e, ok := try(l)
		if !ok {
			continue
		}
		ids := make([]string, len(e.Candidates))
		for i, c := range e.Candidates {
			ids[i] = c.ID
		}
		return ids
	}
	return nil
}
