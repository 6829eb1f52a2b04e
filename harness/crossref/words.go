package crossref

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/tlswire"
)

// at names the step of a message.
func at(m *message) string { return m.at }

// stepName names a step.
func stepName(s *dissect.Step) string {
	if s.N > 0 && s.N < len(stepNames) {
		return stepNames[s.N]
	}
	return "step " + strconv.Itoa(s.N)
}

// stepNames are the names of as many steps as a handshake has.
var stepNames = func() (names [64]string) {
	for n := range names {
		names[n] = "step " + strconv.Itoa(n)
	}
	return names
}()

// ordinal writes "1st", "2nd", "11th".
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// count writes a number and its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// and joins words as a person does: "a, b and c".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// named names codes, up to a few of them.
func named(codes []uint16, name func(uint16) string) string {
	const most = 6
	words := make([]string, 0, most)
	for i, c := range codes {
		if i == most-1 && len(codes) > most {
			words = append(words, fmt.Sprintf("%d more", len(codes)-i))
			break
		}
		words = append(words, name(c))
	}
	return and(words)
}

// genuine returns codes without those that mean nothing (RFC 8701).
func genuine(codes []uint16) []uint16 {
	if !slices.ContainsFunc(codes, tlswire.IsGREASE) {
		return codes
	}
	return slices.DeleteFunc(slices.Clone(codes), tlswire.IsGREASE)
}

// rank says which of an offer a choice is: "1st choice of 3", "only choice". It
// is empty where it is none of them.
func rank(offer []uint16, chosen uint16, noun string) string {
	offer = genuine(offer)
	i := slices.Index(offer, chosen)
	switch {
	case i < 0:
		return ""
	case len(offer) == 1:
		return "only " + noun
	}
	return ordinal(i+1) + " " + noun + " of " + strconv.Itoa(len(offer))
}
