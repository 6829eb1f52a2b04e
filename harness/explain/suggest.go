package explain

import (
	"cmp"
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/nearest"
	"shakedown/harness/tlswire"
)

// maxNearest is how many known texts are offered for one that is not known,
// maxUnknown how many lines are looked at for that.
const (
	maxNearest = 3
	maxUnknown = 8
)

// nearestTo returns the known texts that come nearest to one that is not: a
// cause or an alert that is spelled nearly so, else the phrases with the most
// words in common, the rare ones counting most.
func (t *tables) nearestTo(p paste) []string {
	list := []string{}
	names := namesKnown()
	p = p[max(0, len(p)-maxUnknown):]
	for _, l := range p {
		if strings.Contains(l.words, " ") {
			continue
		}
		if word := nearest.Word(l.words, names); word != "" {
			list = append(list, word)
		}
	}
	if len(list) > 0 {
		return unique(list)[:min(maxNearest, len(unique(list)))]
	}
	type match struct {
		text  string
		score float64
	}
	var matches []match
	in := t.wordCounts()
	for _, l := range p {
		said := l.knownWords(in)
		for _, ph := range t.phrases {
			if ph.kind == marking {
				continue
			}
			for i, pieces := range ph.texts {
				if score := likeness(said, pieces, in); score >= 0.5 {
					matches = append(matches, match{ph.text(i), score})
				}
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(b.score, a.score) })
	for _, m := range matches {
		if len(list) < maxNearest && !slices.Contains(list, m.text) {
			list = append(list, m.text)
		}
	}
	return list
}

// namesKnown are the causes and the alerts.
func namesKnown() []string {
	var list []string
	for _, c := range causes.All() {
		list = append(list, c.ID)
	}
	for code := range 256 {
		if registered(uint8(code)) {
			list = append(list, tlswire.AlertName(uint8(code)))
		}
	}
	return list
}

// text is the i-th text of a phrase as it is shown.
func (p *phrase) text(i int) string {
	if i == 0 {
		return p.shown
	}
	return strings.Join(p.texts[i], " … ")
}

// wordCounts says in how many texts each word is.
func (t *tables) wordCounts() map[string]int {
	in := map[string]int{}
	for _, p := range t.phrases {
		for _, pieces := range p.texts {
			for _, w := range unique(wordsOf(strings.Join(pieces, " "))) {
				in[w]++
			}
		}
	}
	return in
}

// wordsOf splits a text into words; "didn't" is "did not".
func wordsOf(s string) []string {
	s = strings.ReplaceAll(s, "n't", " not")
	return strings.FieldsFunc(s, func(r rune) bool { return r < 0x80 && !letter(byte(r)) })
}

// maxWords is how many words of a line are looked at, maxOdd how many that no text
// has are looked at for what they resemble.
const (
	maxWords = 60
	maxOdd   = 12
)

// knownWords are the words of the line that some text has, with those that are
// misspelled put right.
func (l line) knownWords(in map[string]int) map[string]bool {
	said := map[string]bool{}
	var all []string
	odd := 0
	words := wordsOf(l.words)
	for _, w := range words[max(0, len(words)-maxWords):] {
		if in[w] > 0 {
			said[w] = true
			continue
		}
		if odd++; len(w) < 5 || odd > maxOdd {
			continue
		}
		if all == nil {
			for known := range in {
				if len(known) >= 5 {
					all = append(all, known)
				}
			}
			slices.Sort(all)
		}
		if near := nearest.Word(w, all); near != "" && near[0] == w[0] {
			said[near] = true
		}
	}
	return said
}

// likeness is the share of a text's words that were said, each counting the more
// the fewer texts have it; zero where fewer than two were.
func likeness(said map[string]bool, pieces []string, in map[string]int) float64 {
	var have, whole float64
	n := 0
	for _, w := range unique(wordsOf(strings.Join(pieces, " "))) {
		weight := 1 / float64(max(in[w], 1))
		whole += weight
		if said[w] {
			have += weight
			n++
		}
	}
	if n < 2 || whole == 0 {
		return 0
	}
	return have / whole
}
