// Package explain says what an error line can mean.
//
// For most uses, paste the line from a log into [Explain]: it tells who decided,
// which causes fit, the likeliest first, and the cheapest evidence that tells
// them apart. It also takes an alert's name or number, a QUIC error code and the
// id of a cause. It sees the one line and nothing else: where certificates and a
// recording are at hand, package diagnose knows more.
package explain

import (
	"shakedown/harness/causes"
	"shakedown/harness/field"
)

// An Explanation is what one line can mean.
type Explanation struct {
	// Input is the line, safe to show.
	Input string `json:"input"`
	// Means says what the line says, in plain words.
	Means string `json:"means"`
	// Reporter is the side whose log it is, Decided the side that ended the
	// handshake; see [Decider].
	Reporter string  `json:"reporter"` // "client", "server", or "" if it cannot be told
	Decided  Decider `json:"decided"`
	// Alert is the TLS alert in it, nil if there is none.
	Alert *Alert `json:"alert"`
	// Candidates are what can be wrong, the likeliest first.
	Candidates []Candidate `json:"candidates"`
	// Separate is the evidence that tells the candidates apart, the cheapest first.
	Separate []string `json:"separate"`
}

// A Decider is who ended the handshake, seen from the side whose log it is.
type Decider string

// The deciders.
const (
	OtherSide Decider = "other side" // the peer refused and said so
	ThisSide  Decider = "this side"  // the side that wrote the line refused
	Nobody    Decider = "nobody"     // the transport ended, or a deadline came
	NotSaid   Decider = ""           // the line does not say
)

// An Alert is a TLS alert (RFC 8446 6).
type Alert struct {
	Code    uint8  `json:"code"`
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
}

// A Candidate is one cause from the catalogue.
type Candidate struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Remedy string `json:"remedy"`
	// Scenario is the built-in scenario that shows it, empty if none does.
	Scenario string `json:"scenario"`
}

// maxInput is how much of a pasted text is looked at.
const maxInput = 8192

// Explain says what the text can mean, and whether anything in it was recognised.
func Explain(text string) (Explanation, bool) {
	if len(text) > maxInput {
		text = text[:maxInput]
	}
	l := readLine(text)
	for _, try := range []func(line) (Explanation, bool){byCause, byText, byAlert, byLocality} {
		if e, ok := try(l); ok {
			e.Input = field.Shorten(l.text, 400)
			if e.Candidates == nil {
				e.Candidates = []Candidate{}
			}
			if e.Separate == nil {
				e.Separate = []string{}
			}
			return e, true
		}
	}
	return Explanation{Input: field.Shorten(l.text, 400), Candidates: []Candidate{}, Separate: []string{}}, false
}

// byCause is for the id of a cause.
func byCause(l line) (Explanation, bool) {
	c, ok := causes.Lookup(l.words)
	if !ok {
		return Explanation{}, false
	}
	return Explanation{Means: c.Title + ". " + c.Explanation, Candidates: candidates(c.ID)}, true
}

// candidates looks the ids up. An id that stands twice counts once.
func candidates(ids ...string) []Candidate {
	list := []Candidate{}
	seen := map[string]bool{}
	for _, id := range ids {
		c, ok := causes.Lookup(id)
		if !ok || seen[id] {
			continue
		}
		seen[id] = true
		list = append(list, Candidate{ID: c.ID, Title: c.Title, Remedy: c.Remedy, Scenario: c.Scenario})
	}
	return list
}
