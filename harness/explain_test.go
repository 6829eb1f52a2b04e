package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/explain"
	"shakedown/harness/outcome"
)

// An explainedScore is how the explanations of some texts did.
type explainedScore struct {
	texts, right, candidates int
	wrong                    []string
}

func (s *explainedScore) add(name, text, cause string, e explain.Explanation) {
	s.texts++
	s.candidates += len(e.Candidates)
	if slices.ContainsFunc(e.Candidates, func(c explain.Candidate) bool { return c.ID == cause }) {
		s.right++
		return
	}
	s.wrong = append(s.wrong, fmt.Sprintf("%s: %s is not among the %d candidates for %q", name, cause, len(e.Candidates), text))
}

func (s *explainedScore) String() string {
	n := max(s.texts, 1)
	return fmt.Sprintf("%5d texts, the cause among the candidates of %.1f %%, %.1f candidates on average", s.texts, 100*float64(s.right)/float64(n), float64(s.candidates)/float64(n))
}

// What either side reports in the built-in scenarios, in every cell, is explained
// by itself, as the log of that side, and together with what the other side
// reports: the true cause is among the candidates in at least 98 %. How many
// candidates there are on average is printed:
//
//	go test ./harness -run TestExplainedRuns -v
func TestExplainedRuns(t *testing.T) {
	var alone, fromLog, together explainedScore
	for _, sc := range sampled(t) {
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range connections {
				if len(c.Diagnosis.Causes) == 0 {
					continue
				}
				name, cause := fmt.Sprintf("%s/%s/%d", sc.ID, cell, i+1), c.Diagnosis.Causes[0].ID
				paste := ""
				for _, side := range []outcome.Role{outcome.Client, outcome.Server} {
					for _, text := range reportedBy(c.Transcript.Side(side).Outcome) {
						e, _ := explain.Explain(text)
						alone.add(name, text, cause, e)
						e, _ = explain.ExplainFrom(string(side), text)
						fromLog.add(name, text, cause, e)
						paste += fmt.Sprintf("%s: %s\n", side, text)
					}
				}
				if strings.Count(paste, "\n") > 1 {
					e, _ := explain.Explain(paste)
					together.add(name, paste, cause, e)
				}
			}
		}
	}
	for _, of := range []struct {
		name string
		*explainedScore
	}{{"one line, whoever's", &alone}, {"one line, and whose log it is", &fromLog}, {"both sides' lines together", &together}} {
		t.Logf("%-30s %s", of.name, of)
		if 100*of.right < 98*of.texts || of.texts == 0 {
			t.Errorf("%s: want at least 98 %%, and these are wrong:\n%s", of.name, strings.Join(of.wrong, "\n"))
		}
	}
}

// reportedBy returns the errors that a side reports.
func reportedBy(o outcome.Outcome) []string {
	var list []string
	for _, f := range []*outcome.Failure{o.Unloadable, o.Handshake, o.Late} {
		if f != nil && f.Text != "" && !slices.Contains(list, f.Text) {
			list = append(list, f.Text)
		}
	}
	return list
}
