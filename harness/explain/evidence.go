package explain

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// An evidence is one question whose answers tell causes apart.
type evidence struct {
	ask string
	run []string
	// at is the side that has it, empty where either does.
	at role
	// where is what the line must be: "reason" for the words of the side that
	// refused, "alert" for an alert that was received, "ending" for the end of a
	// transport; else a text that must be in it.
	where string
	// about are causes of which one at least must be among the candidates.
	about   []string
	answers []answer
	// leaves has, for each cause, the answers that leave it, a bit each.
	leaves map[string]uint32
}

type answer struct {
	text   string
	causes []string
}

// maxAnswers is how many answers a question may have.
const maxAnswers = 32

// evidenceKeys: an answer is a text, "->" and the causes that it leaves.
var evidenceKeys = []string{"ask", "run", "at", "if", "for", "answer"}

func (t *tables) takeEvidence(b *block) error {
	e := &evidence{ask: b.one("ask"), run: b.all("run"), at: role(b.one("at")), where: b.one("if")}
	if e.ask == "" || e.at != "" && e.at.peer() == "" {
		return fmt.Errorf("%q asks nothing, or nobody", b.heads)
	}
	var err error
	if e.about, err = t.ids(b.one("for")); err != nil {
		return err
	}
	for _, text := range b.all("answer") {
		text, list, ok := strings.Cut(text, " -> ")
		if !ok {
			return fmt.Errorf("%q leaves no causes", text)
		}
		ids, err := t.ids(list)
		if err != nil {
			return err
		}
		e.answers = append(e.answers, answer{text, ids})
	}
	if len(e.answers) == 0 || len(e.answers) > maxAnswers {
		return fmt.Errorf("%q has no answer, or more than %d", e.ask, maxAnswers)
	}
	e.leaves = map[string]uint32{}
	for i, a := range e.answers {
		for _, id := range a.causes {
			e.leaves[id] |= 1 << i
		}
	}
	t.evidence = append(t.evidence, e)
	return nil
}

// An Evidence is a question that tells the candidates apart.
type Evidence struct {
	Ask string `json:"ask"`
	// Run are commands that answer it, one a line.
	Run []string `json:"run"`
	// Answers say which candidates each answer leaves.
	Answers []Answer `json:"answers"`
}

// An Answer is one possible answer.
type Answer struct {
	Answer string   `json:"answer"`
	Causes []string `json:"causes"`
}

// maxEvidence is how many questions are asked.
const maxEvidence = 6

// foremost is how many candidates are worth a question of their own first.
const foremost = 5

// separating chooses, in the order of the table, the cheapest first, the
// questions that tell apart what those before them leave together: first those
// about the foremost candidates. What the side with the log can answer by itself
// comes before what the other side can.
func (t *tables) separating(r reading, candidates []string) []Evidence {
	list := []Evidence{}
	var groups grouping
	if q, ok := t.whichSide(r, candidates); ok {
		list = append(list, q)
		groups = groups.split(candidates, func(id string) uint32 {
			return bit(slices.Contains(q.Answers[0].Causes, id)) | bit(slices.Contains(q.Answers[1].Causes, id))<<1
		})
	}
	ordered := slices.Clone(t.evidence)
	slices.SortStableFunc(ordered, func(a, b *evidence) int { return away(a.at, r.role) - away(b.at, r.role) })
	for _, among := range [][]string{candidates[:min(foremost, len(candidates))], candidates} {
		for _, e := range ordered {
			if len(list) == maxEvidence {
				return list
			}
			if !e.applies(r, candidates) || !e.divides(candidates) {
				continue
			}
			after := groups.split(candidates, func(id string) uint32 { return e.leaves[id] })
			if after.count(among) > groups.count(among) {
				groups = after
				list = append(list, e.question(candidates))
			}
		}
	}
	return list
}

// away says that evidence lies with the other side.
func away(at, log role) int {
	if at != "" && log != "" && at != log {
		return 1
	}
	return 0
}

// applies says that a line can have the evidence at all.
func (e *evidence) applies(r reading, candidates []string) bool {
	if len(e.about) > 0 && len(common(candidates, e.about)) == 0 {
		return false
	}
	switch e.where {
	case "":
		return true
	case "reason":
		return r.kind == reasoning
	case "alert":
		return r.alert != nil && r.decided != ThisSide
	case "ending":
		return r.kind == ending || r.kind == wrapping
	}
	return wordsIn(r.line.words, e.where) >= 0
}

// divides says that more than one answer leaves some of the candidates.
func (e *evidence) divides(candidates []string) bool {
	var answers uint32
	for _, id := range candidates {
		answers |= e.leaves[id]
	}
	return bits.OnesCount32(answers) > 1
}

// question is the evidence with what its answers leave of the candidates.
func (e *evidence) question(candidates []string) Evidence {
	q := Evidence{Ask: e.ask, Run: append([]string{}, e.run...), Answers: []Answer{}}
	for _, a := range e.answers {
		if left := common(candidates, a.causes); len(left) > 0 {
			q.Answers = append(q.Answers, Answer{a.text, left})
		}
	}
	return q
}

// whichSide is the first question where it matters and the line does not say:
// whose log it is from, or which side sent the alert.
func (t *tables) whichSide(r reading, candidates []string) (Evidence, bool) {
	q := Evidence{Ask: "Whose log is the line from? The flag --log tells it.", Run: []string{}}
	ofClient, ofServer := r.client, r.server
	if r.alert != nil && r.kind == alerted && r.decided == NotSaid {
		q.Ask = "Which side sent the alert? A log says that it came from the other with \"remote\", \"received\" or \"read\"."
		ofClient, ofServer = r.alert.fromClient, r.alert.fromServer
	} else if r.role != "" {
		return Evidence{}, false
	}
	ofClient, ofServer = common(candidates, ofClient), common(candidates, ofServer)
	if len(ofClient) == 0 || len(ofServer) == 0 || len(common(ofClient, ofServer)) == len(candidates) {
		return Evidence{}, false
	}
	q.Answers = []Answer{{"the client's", ofClient}, {"the server's", ofServer}}
	if r.decided == NotSaid && r.kind == alerted {
		q.Answers[0].Answer, q.Answers[1].Answer = "the client", "the server"
	}
	return q, true
}

// sentence is the question in one line.
func (e Evidence) sentence() string {
	var b strings.Builder
	b.WriteString(e.Ask)
	for _, run := range e.Run {
		b.WriteString(" " + run)
	}
	for i, a := range e.Answers {
		if i > 0 {
			b.WriteByte(';')
		}
		more := ""
		if len(a.Causes) > 3 {
			more = ", …"
		}
		fmt.Fprintf(&b, " %s: %s%s", a.Answer, strings.Join(a.Causes[:min(3, len(a.Causes))], ", "), more)
	}
	return b.String()
}
