package harness

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
)

const accuracyFile = "../docs/accuracy.md"

// The bounds, in percent of the runs in which there is something to ask about.
const (
	// oneSideTop is for the side of the two that is better placed: the one that has
	// the files, or has seen the message, that it is about. refusingTop is for the
	// side that ended the handshake, clientTop and serverTop for whichever side is
	// asked: what they miss is not in that side's evidence, as the document says row
	// by row, and for the side that refused withoutTwin holds run by run. oneSideIn
	// is for the true cause among the candidates of one side. pointedTop is for the side
	// to ask by what the one that refused says, which is mostly that one itself.
	oneSideTop  = 98
	refusingTop = 94
	pointedTop  = 96
	clientTop   = 90
	serverTop   = 86
	oneSideIn   = 97
	errorsIn    = 98
)

// TestAccuracy judges every built-in scenario in every cell as both sides, one
// side and its wire, and one side's errors allow, holds that against what the
// scenario expects, and compares the table of it with docs/accuracy.md.
//
//	go test ./harness -run 'TestAccuracy$' -update
func TestAccuracy(t *testing.T) {
	all := judgeAll(t, sampled(t))
	holdBounds(t, all)
	if testing.Short() {
		return // the table is about all scenarios
	}
	if list := withoutTwin(all); len(list) > 0 { // a race can have ended the unusual way
		for _, miss := range withoutTwin(judgeAll(t, builtIn(t))) {
			t.Error(miss)
		}
	}
	got := accuracyTable(all)
	again := func() string { return accuracyTable(judgeAll(t, builtIn(t))) }
	if *update {
		// On a busy machine a race can end the unusual way: what is written is what
		// came out twice.
		for next := again(); next != got; next = again() {
			got = next
		}
		if err := os.WriteFile(accuracyFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(accuracyFile)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got == string(want) {
			break
		}
		got = again()
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/accuracy.md is not what the diagnoses come to (-document +diagnoses):\n%s\nupdate it with: go test ./harness -run 'TestAccuracy$' -update", diff)
	}
}

// holdBounds fails the test where a bound is missed, and says which run missed it.
func holdBounds(t *testing.T, all []judged) {
	t.Helper()
	for i := range all {
		j := &all[i]
		for v, d := range j.told {
			if j.cause == "" && len(d.Causes) > 0 {
				t.Errorf("%s: nothing is wrong, and %s is called %s", j, accuracyViews[v].name, candidates(d))
			}
		}
		if d := j.told[ofBoth]; j.cause != "" && standsAt(d, j.cause) != 0 {
			t.Errorf("%s: it is %s, and with both sides it is called %s", j, j.cause, candidates(d))
		}
	}
	for v, s := range scoresOf(all) {
		if s.wrong > 0 {
			t.Errorf("%d causes are certain and wrong in the scores of index %d", s.wrong, v)
		}
	}
	if testing.Short() {
		return // percentages of a sample say nothing
	}
	scores := scoresOf(all)
	for _, bound := range []struct {
		what              string
		good, of, atLeast int
	}{
		{"one side and its wire, the better placed one: right at the top", scores[ofBetter].top, scores[ofBetter].runs, oneSideTop},
		{"one side and its wire, the one that refused: right at the top", scores[ofRefusing].top, scores[ofRefusing].runs, refusingTop},
		{"one side and its wire, the one that the refusal points to: right at the top", scores[ofPointed].top, scores[ofPointed].runs, pointedTop},
		{"the client and its wire: right at the top", scores[ofClient].top, scores[ofClient].runs, clientTop},
		{"the server and its wire: right at the top", scores[ofServer].top, scores[ofServer].runs, serverTop},
		{"the client and its wire: among the candidates", scores[ofClient].in, scores[ofClient].runs, oneSideIn},
		{"the server and its wire: among the candidates", scores[ofServer].in, scores[ofServer].runs, oneSideIn},
		{"the client's errors: among the candidates", scores[ofClientErrors].in, scores[ofClientErrors].runs, errorsIn},
		{"the server's errors: among the candidates", scores[ofServerErrors].in, scores[ofServerErrors].runs, errorsIn},
	} {
		if 100*bound.good < bound.atLeast*bound.of {
			t.Errorf("%s in %d of %d runs, want %d %%", bound.what, bound.good, bound.of, bound.atLeast)
		}
	}
}

// withoutTwin are the runs about which the side that refused is wrong, and that do
// not look to it just like a run of another scenario about which it is right.
func withoutTwin(all []judged) []string {
	var list []string
	for i := range all {
		j := &all[i]
		v, ok := refusing(j)
		if ok && j.cause != "" && standsAt(j.told[v], j.cause) != 0 && j.looksLike(all, v) == nil {
			list = append(list, fmt.Sprintf("%s: it is %s, to %s it is %s, and no other scenario looks the same", j, j.cause, accuracyViews[v].name, candidates(j.told[v])))
		}
	}
	return list
}

// Behind the views' scores are those of one side and its wire where that is the
// side that refused (or whose files did not load), where it is, with hindsight, the
// better placed of the two, where it reports no error, and where it is the one that
// the refusal points to.
var (
	ofRefusing    = len(accuracyViews)
	ofBetter      = len(accuracyViews) + 1
	ofQuietClient = len(accuracyViews) + 2
	ofQuietServer = len(accuracyViews) + 3
	ofPointed     = len(accuracyViews) + 4
)

// A score counts what a view came to.
type score struct {
	// runs are those in which something is wrong and there is something to ask
	// about, silent those in which there is not.
	runs, silent int
	// top and in count how often the true cause is the first, and among them all.
	top, in int
	// sizes are how many candidates there were in each run.
	sizes []int
	// wrong counts causes that were called certain and are not so.
	wrong int
	// healthy and faulty count runs in which nothing is wrong, and in how many of
	// them something is said to be.
	healthy, faulty int
}

func (s *score) add(cause string, d diagnose.Diagnosis, silent bool) {
	for _, c := range d.Causes {
		if c.Certain && c.ID != cause && !slices.Contains(general[cause], c.ID) {
			s.wrong++
		}
	}
	switch {
	case cause == "":
		s.healthy++
		if len(d.Causes) > 0 {
			s.faulty++
		}
		return
	case silent:
		s.silent++
		return
	}
	s.runs++
	s.sizes = append(s.sizes, len(d.Causes))
	switch standsAt(d, cause) {
	case 0:
		s.top++
		s.in++
	case -1:
	default:
		s.in++
	}
}

// scoresOf counts what each view came to, and behind them what the side that
// refused, the better placed side, and sides without an error came to.
func scoresOf(all []judged) []score {
	scores := make([]score, len(accuracyViews)+5)
	for i := range all {
		j := &all[i]
		for v, d := range j.told {
			switch {
			case j.cause == "" || !j.quiet[v]:
				scores[v].add(j.cause, d, j.silent[v])
				continue
			case v == ofClient:
				scores[ofQuietClient].add(j.cause, d, false)
			case v == ofServer:
				scores[ofQuietServer].add(j.cause, d, false)
			}
			scores[v].add(j.cause, d, true) // it is counted there
		}
		if v, ok := refusing(j); ok {
			scores[ofRefusing].add(j.cause, j.told[v], j.silent[v])
			v = pointedTo(j, v)
			scores[ofPointed].add(j.cause, j.told[v], j.silent[v])
		}
		better := ofClient
		if j.silent[ofClient] || !j.silent[ofServer] && standing(j.told[ofServer], j.cause) < standing(j.told[ofClient], j.cause) {
			better = ofServer
		}
		scores[ofBetter].add(j.cause, j.told[better], j.silent[better])
	}
	return scores
}

// refusing is the view of the side that ended the handshake, if one did.
func refusing(j *judged) (view int, ok bool) {
	switch cmp.Or(j.told[ofBoth].RefusedBy, j.told[ofBoth].Side) {
	case outcome.Client:
		return ofClient, true
	case outcome.Server:
		return ofServer, true
	}
	return 0, false
}

// pointedTo is the view of the side to ask about a refusal, by what the side that
// refused says itself: where a server got no certificate it has seen nothing to
// judge, and whatever there is to see is the client's.
func pointedTo(j *judged, refused int) (view int) {
	if refused == ofServer && j.noCertificate {
		return ofClient
	}
	return refused
}

// standing is the place of the true cause, where one that is not there stands last.
func standing(d diagnose.Diagnosis, cause string) int {
	if at := standsAt(d, cause); at >= 0 {
		return at
	}
	return len(d.Causes) + 1
}

// accuracyTable writes docs/accuracy.md.
func accuracyTable(all []judged) string {
	var w strings.Builder
	w.WriteString(accuracyHead)
	scores := scoresOf(all)
	fmt.Fprintf(&w, "| What there is | Runs | Right at the top | Among the candidates | Candidates | Certain and wrong | Nothing to ask about | Healthy, called faulty |\n")
	fmt.Fprintf(&w, "| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |\n")
	names := map[int]string{
		ofRefusing: "one side and its wire: the side that refused", ofBetter: "one side and its wire: the better placed of the two",
		ofPointed:     "one side and its wire: the side that the refusal points to",
		ofQuietClient: "the client and its wire, without an error", ofQuietServer: "the server and its wire, without an error",
	}
	for _, v := range []int{ofBoth, ofClient, ofServer, ofRefusing, ofPointed, ofBetter, ofClientErrors, ofServerErrors, ofQuietClient, ofQuietServer} {
		name := names[v]
		if v < len(accuracyViews) {
			name = accuracyViews[v].name
		}
		s := &scores[v]
		fmt.Fprintf(&w, "| %s | %d | %s | %s | %s | %d | %d | %d, %d |\n", name, s.runs, percent(s.top, s.runs), percent(s.in, s.runs), sizes(s.sizes), s.wrong, s.silent, s.healthy, s.faulty)
	}
	w.WriteString(accuracyBetter)
	for _, v := range []int{ofClient, ofServer} {
		fmt.Fprintf(&w, "\n## What %s cannot know\n\n", accuracyViews[v].name)
		fmt.Fprintf(&w, "| It was | and is called | Runs | Among the candidates | Why it cannot be told from here | It looks just like |\n| --- | --- | ---: | ---: | --- | --- |\n")
		for _, c := range confusions(all, v) {
			fmt.Fprintf(&w, "| %s | %s | %d | %d | %s | %s |\n", c.cause, c.called, c.runs, c.in, why(v, c.cause, c.called), strings.Join(c.like, ", "))
		}
	}
	for _, v := range []int{ofClientErrors, ofServerErrors} {
		var list []string
		for i := range all {
			if j := &all[i]; j.cause != "" && !j.silent[v] && standsAt(j.told[v], j.cause) < 0 {
				list = append(list, fmt.Sprintf("- %s: %s", j, j.cause))
			}
		}
		if len(list) > 0 {
			fmt.Fprintf(&w, "\n## What %s do not allow for\n\n%s\n", accuracyViews[v].name, strings.Join(list, "\n"))
		}
	}
	w.WriteString(accuracyCauses)
	perCause(&w, all)
	return w.String()
}

func percent(n, of int) string {
	if of == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(of))
}

// sizes are the average and the median of the numbers of candidates.
func sizes(list []int) string {
	if len(list) == 0 {
		return "none"
	}
	list = slices.Sorted(slices.Values(list))
	sum := 0
	for _, n := range list {
		sum += n
	}
	return fmt.Sprintf("average %.1f, median %d, most %d", float64(sum)/float64(len(list)), list[len(list)/2], list[len(list)-1])
}

// A confusion is a cause that a view called something else.
type confusion struct {
	cause, called string
	runs, in      int
	// like are the scenarios that look the same to the view, and are what it says.
	like []string
}

// looksLike returns a run that has the same messages and the same words in the view,
// in the same cell, and is what it is called there; nil if there is none.
func (j *judged) looksLike(all []judged, v int) *judged {
	for i := range all {
		if o := &all[i]; o.scenario != j.scenario && o.cell == j.cell && o.looks[v] == j.looks[v] && rightOrHealthy(o, v) && called(o.told[v]) == called(j.told[v]) {
			return o
		}
	}
	return nil
}

// rightOrHealthy says that the view is right about the run.
func rightOrHealthy(j *judged, v int) bool {
	if j.cause == "" {
		return len(j.told[v].Causes) == 0
	}
	return standsAt(j.told[v], j.cause) == 0
}

// called is what a diagnosis names first, empty for nothing.
func called(d diagnose.Diagnosis) string {
	if len(d.Causes) == 0 {
		return ""
	}
	return d.Causes[0].ID
}

// confusions are what stands beside the diagonal, by cause.
func confusions(all []judged, v int) []confusion {
	found := map[[2]string]*confusion{}
	for i := range all {
		j := &all[i]
		d := j.told[v]
		if j.cause == "" || j.silent[v] || standsAt(d, j.cause) == 0 {
			continue
		}
		called := cmp.Or(called(d), "nothing")
		c := found[[2]string{j.cause, called}]
		if c == nil {
			c = &confusion{cause: j.cause, called: called}
			found[[2]string{j.cause, called}] = c
		}
		c.runs++
		if o := j.looksLike(all, v); o != nil && !slices.Contains(c.like, o.scenario) {
			c.like = append(c.like, o.scenario)
		}
		if standsAt(d, j.cause) > 0 {
			c.in++
		}
	}
	var list []confusion
	for _, c := range found {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b confusion) int {
		return strings.Compare(a.cause+" "+a.called, b.cause+" "+b.called)
	})
	return list
}

// perCause writes what each cause comes to in each view: right at the top, among
// the candidates, of how many runs.
func perCause(w *strings.Builder, all []judged) {
	scores := map[string][]score{}
	for i := range all {
		j := &all[i]
		if j.cause == "" {
			continue
		}
		if scores[j.cause] == nil {
			scores[j.cause] = make([]score, len(accuracyViews))
		}
		for v, d := range j.told {
			scores[j.cause][v].add(j.cause, d, j.silent[v])
		}
	}
	fmt.Fprint(w, "| Cause |")
	for _, v := range accuracyViews {
		fmt.Fprintf(w, " %s |", v.name)
	}
	fmt.Fprintf(w, "\n| --- |%s\n", strings.Repeat(" --- |", len(accuracyViews)))
	for _, cause := range slices.Sorted(maps.Keys(scores)) {
		fmt.Fprintf(w, "| %s |", cause)
		for _, s := range scores[cause] {
			if s.runs == 0 {
				fmt.Fprint(w, " – |")
				continue
			}
			fmt.Fprintf(w, " %d, %d of %d |", s.top, s.in, s.runs)
		}
		fmt.Fprintln(w)
	}
}

// candidates writes a diagnosis with all its candidates.
func candidates(d diagnose.Diagnosis) string {
	var list []string
	for _, c := range d.Causes {
		id := c.ID
		if !c.Certain {
			id += "?"
		}
		list = append(list, id)
	}
	return fmt.Sprintf("%s %v", brief(d), list)
}
