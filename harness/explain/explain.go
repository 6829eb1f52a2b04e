// Package explain says what an error line can mean.
//
// For most uses, paste the line from a log into [Explain]: it tells who decided,
// which causes fit, the likeliest first, and the cheapest evidence that tells
// them apart. It takes lines of many stacks with whatever loggers put around
// them, several lines, and the words of both sides, which it reads together; also
// an alert's name or number, a QUIC error code and the id of a cause. It sees the
// text and nothing else: where certificates and a recording are at hand, package
// diagnose knows more.
//
// What it knows is data: the files under tables. To teach it a text, add the text
// to its stack's file, with the causes from package causes that it stands for.
package explain

import (
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/field"
)

// An Explanation is what a text can mean.
type Explanation struct {
	// Input is the line that is explained, safe to show.
	Input string `json:"input"`
	// Means says what the line says, in plain words.
	Means string `json:"means"`
	// Stack is whose words they are ("go", "openssl"), empty if several say it so.
	Stack string `json:"stack"`
	// Reporter is the side whose log it is, Decided the side that ended the
	// handshake, seen from there; see [Decider]. DecidedBy is that side itself.
	Reporter  string  `json:"reporter"` // "client", "server", or "" if it cannot be told
	Decided   Decider `json:"decided"`
	DecidedBy string  `json:"decided_by"` // "client", "server", or ""
	// Alert is the TLS alert in it, nil if there is none.
	Alert *Alert `json:"alert"`
	// Candidates are what can be wrong, the likeliest first.
	Candidates []Candidate `json:"candidates"`
	// Separate is the evidence that tells the candidates apart, the cheapest
	// first, each in one line; Evidence is the same in its parts.
	Separate []string   `json:"separate"`
	Evidence []Evidence `json:"evidence"`
	// Remarks say what else a reader should know: that the text can be something
	// else, or that the words of both sides were read together.
	Remarks []string `json:"remarks"`
	// Lines are those that the explanation rests on, two where the words of both
	// sides were read together.
	Lines []Line `json:"lines"`
	// Others are the lines that say something else: of another connection, or of
	// what came of this one.
	Others []Line `json:"others"`
	// Seen is what logs say of a cause that was asked for by its id.
	Seen []Seen `json:"seen"`
	// Nearest are known texts that resemble one that is not known.
	Nearest []string `json:"nearest"`
}

// A Line is one of the lines that an explanation rests on.
type Line struct {
	Text     string  `json:"text"`
	Reporter string  `json:"reporter"`
	Decided  Decider `json:"decided"`
	Means    string  `json:"means"`
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

// A Candidate is one cause from the catalogue.
type Candidate struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Remedy string `json:"remedy"`
	// Scenario is the built-in scenario that shows it, empty if none does.
	Scenario string `json:"scenario"`
}

// shownInput is how much of a line is shown.
const shownInput = 400

// Explain says what the text can mean, and whether anything in it was
// recognised. Of what was not it returns the known texts that come nearest.
func Explain(text string) (Explanation, bool) { return explainFrom("", text) }

// ExplainFrom is [Explain] for a text of which it is known whose log it is from:
// "client" or "server". A line of the text that says otherwise is believed.
func ExplainFrom(reporter, text string) (Explanation, bool) {
	if r := role(reporter); r.peer() != "" {
		return explainFrom(r, text)
	}
	return explainFrom("", text)
}

func explainFrom(from role, text string) (Explanation, bool) {
	t := known()
	p := readPaste(text)
	e := Explanation{
		Candidates: []Candidate{}, Separate: []string{}, Evidence: []Evidence{}, Remarks: []string{},
		Lines: []Line{}, Others: []Line{}, Seen: []Seen{}, Nearest: []string{},
	}
	if len(p) == 0 {
		return e, false
	}
	e.Input = field.Shorten(p[len(p)-1].text, shownInput)
	if len(p) == 1 {
		if c, ok := causeOf(p[0]); ok {
			e.Means = c.Title + ". " + c.Explanation
			e.Candidates, e.Seen = candidates([]string{c.ID}), t.seen(c.ID)
			return e, true
		}
	}
	for i := range p {
		p[i].from = from
	}
	a, ok := t.read(p)
	if !ok || a.kind == marking {
		e.Nearest = t.nearestTo(p)
	}
	if ok {
		t.explain(&e, a)
	}
	return e, ok
}

// read reads a paste in every way that there is, the surest first.
func (t *tables) read(p paste) (account, bool) {
	if len(p) == 1 {
		if r, ok := t.readNumber(p[0]); ok {
			return account{r, nil, nil}, true
		}
	}
	a, ok := t.readAll(p)
	if ok && (a.kind > wrapping || a.alert != nil) {
		return a, true
	}
	if r, found := t.readWritten(p); found {
		return account{r, []reading{r}, nil}, true
	}
	if ok && a.kind > marking {
		return a, true
	}
	if r, found := t.readCut(p); found {
		return account{r, []reading{r}, nil}, true
	}
	return a, ok
}

// explain fills in what an account says.
func (t *tables) explain(e *Explanation, a account) {
	e.Input = field.Shorten(a.line.text, shownInput)
	e.Means, e.Stack, e.Reporter, e.Decided, e.DecidedBy = a.means, a.stack, string(a.role), a.decided, string(a.decidedBy())
	if a.alert != nil {
		e.Alert = describe(a.alert.code)
	}
	ids := t.causes(a.reading)
	e.Candidates = candidates(ids)
	e.Separate = append(e.Separate, a.tells...)
	e.Evidence = t.separating(a.reading, ids)
	for _, q := range e.Evidence {
		e.Separate = append(e.Separate, q.sentence())
	}
	e.Remarks = append(e.Remarks, a.also...)
	for _, r := range a.lines {
		e.Lines = append(e.Lines, r.shown())
	}
	for _, r := range a.others {
		e.Others = append(e.Others, r.shown())
	}
}

func (r *reading) shown() Line {
	return Line{field.Shorten(r.line.text, shownInput), string(r.role), r.decided, r.means}
}

// causeOf finds the cause that is asked for by its id, by the id of its scenario,
// or by its row in the table of measured faults.
func causeOf(l line) (causes.Cause, bool) {
	word := strings.ReplaceAll(l.words, "_", "-")
	if c, ok := causes.Lookup(word); ok {
		return c, true
	}
	for _, c := range causes.All() {
		if c.Scenario != "" && c.Scenario == word || slices.ContainsFunc(c.Rows, func(row string) bool { return strings.EqualFold(row, word) }) {
			return c, true
		}
	}
	return causes.Cause{}, false
}

// candidates looks the ids up.
func candidates(ids []string) []Candidate {
	list := []Candidate{}
	for _, id := range ids {
		if c, ok := causes.Lookup(id); ok {
			list = append(list, Candidate{ID: c.ID, Title: c.Title, Remedy: c.Remedy, Scenario: c.Scenario})
		}
	}
	return list
}
