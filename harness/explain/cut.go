package explain

import "strings"

// shortestCut is how many letters of a text must be left for it to be recognised,
// sureCut how many are enough even of a long one.
const (
	shortestCut = 14
	sureCut     = 20
)

// readCut reads a line that a log or a screen has cut off in the middle of a
// text: its end is the beginning of one, or its beginning the end of one.
func (t *tables) readCut(p paste) (reading, bool) {
	var best *phrase
	var in line
	most := shortestCut - 1
	for _, l := range p {
		words := strings.TrimSpace(strings.TrimRight(l.words, ".\"'"))
		for _, ph := range t.phrases {
			if ph.kind < ending {
				continue
			}
			for _, pieces := range ph.texts {
				if n := cutOf(words, strings.Join(pieces, " ")); n > most {
					best, most, in = ph, n, l
				}
			}
		}
	}
	if best == nil {
		return reading{}, false
	}
	r, ok := t.readAs(in, best.shown)
	if !ok {
		return reading{}, false
	}
	r.also = []string{"The line looks cut off; it was taken for \"" + best.shown + "\"."}
	return r, true
}

// cutOf says how many letters of a text are at the edge of a line: its beginning
// at the line's end, or its end at the line's beginning.
func cutOf(words, text string) int {
	for n := min(len(words), len(text)-1); n >= min(sureCut, max(shortestCut, len(text)*2/3)); n-- {
		start := len(words) - n
		if strings.HasSuffix(words, text[:n]) && (start == 0 || !letter(words[start-1])) {
			return n
		}
		if strings.HasPrefix(words, text[len(text)-n:]) {
			return n
		}
	}
	return 0
}
