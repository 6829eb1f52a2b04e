package report

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness"
	"shakedown/harness/diagnose"
)

// story tells one result in full.
func (t *Text) story(r harness.Result) {
	if t.started {
		t.print("\n")
	}
	t.started = true
	t.print("%s: %s\n", t.ink.paint(bold, name(r)), t.ink.paint(statusColor(r), storyStatus(r)))
	if r.Title != "" {
		t.print("  %s\n", clean(r.Title))
	}
	t.reason(r, "  ")
	if r.Status == harness.Skipped || r.Status == harness.Errored && len(r.Steps) == 0 && r.Outcome == "" {
		return
	}
	for _, m := range r.Mismatches {
		t.print("  %s\n", t.ink.paint(bold, wanted(m, len(r.Connections))))
	}
	told := connections(r)
	for i, c := range told {
		if len(told) > 1 {
			t.print("\nconnection %d of %d\n", i+1, len(told))
		}
		t.connection(c, pointed(r, i+1))
		t.diagnosis(c, cell(r))
	}
}

// pointed returns the numbers of the steps that show how that connection
// differs, counted from 1.
func pointed(r harness.Result, connection int) map[int]bool {
	steps := map[int]bool{}
	for _, m := range r.Mismatches {
		if m.Connection == connection || m.Connection == 0 {
			for _, n := range m.Steps {
				steps[n] = true
			}
		}
	}
	return steps
}

func statusColor(r harness.Result) string {
	switch r.Status {
	case harness.Failed, harness.Errored:
		return red
	case harness.Skipped:
		return yellow
	case harness.Passed:
		return green
	}
	return bold
}

// storyStatus is the first line of a story: how it compares and what happened.
func storyStatus(r harness.Result) string {
	switch r.Status {
	case harness.Passed:
		return "as expected: " + happened(r.ConnectionResult)
	case harness.Failed:
		return "not as expected: " + happened(r.ConnectionResult)
	case harness.Errored:
		return "could not run"
	case harness.Skipped:
		return "skipped"
	}
	return happened(r.ConnectionResult)
}

// connection tells what crossed the wire and what both sides say. The steps
// that show a difference have a mark before their number.
func (t *Text) connection(c harness.ConnectionResult, marked map[int]bool) {
	for _, note := range c.Notes {
		t.print("  note: %s\n", clean(note))
	}
	t.print("\n")
	for _, s := range c.Steps {
		mark := " "
		if marked[s.N] {
			mark = ">"
		}
		t.print("%s%4d  %s\n", mark, s.N, stepLine(s))
	}
	if len(c.Steps) > 0 {
		t.print("\n")
	}
	t.both(c, "")
}

// diagnosis tells why. What was told of another cell already is not told again.
func (t *Text) diagnosis(c harness.ConnectionResult, in string) {
	found := findings(c)
	if before, ok := t.diagnosed[found]; ok && before != in && len(c.Causes) > 0 {
		t.print("\n")
		for i, cause := range c.Causes {
			t.print("%s: %s, as in %s\n", t.ink.paint(bold, causeWord(c.Causes, i)), title(cause), clean(before))
		}
		return
	}
	if t.diagnosed == nil {
		t.diagnosed = map[string]string{}
	}
	t.diagnosed[found] = in
	t.judgedFrom(c)
	t.likely(c)
	t.causes(c)
	t.unexplained(c)
	t.missing(c)
	t.remarks("server", c.Chains.Server)
	t.remarks("client", c.Chains.Client)
}

// unexplained lays out the facts of an end that no rule accounts for.
func (t *Text) unexplained(c harness.ConnectionResult) {
	if len(c.Unexplained) == 0 {
		return
	}
	t.print("\n%s: no rule accounts for this end, and nothing is guessed\n", t.ink.paint(bold, "unexplained"))
	for _, fact := range c.Unexplained {
		t.print("  fact: %s\n", clean(fact))
	}
}

// judgedFrom says what the causes were told from, where that is less than both
// sides and the wire between them.
func (t *Text) judgedFrom(c harness.ConnectionResult) {
	side := "server"
	if c.Client.Known {
		side = "client"
	}
	from := ""
	switch diagnose.Mode(c.Mode) {
	case diagnose.OneSide:
		from = "the " + side + "'s own words and what passed on its wire"
	case diagnose.WireOnly:
		from = "the wire alone: neither side's own words are known"
	case diagnose.ErrorsOnly:
		from = "the " + side + "'s errors and its own configuration alone: nothing was recorded"
	case diagnose.BothSides:
	}
	if from != "" && len(c.Causes) > 0 {
		t.print("\n%s: %s\n", t.ink.paint(bold, "judged from"), from)
	}
}

// likely writes why an outcome is probable that the recording does not show.
func (t *Text) likely(c harness.ConnectionResult) {
	if c.Likely == nil {
		return
	}
	t.print("\n%s: %s\n", t.ink.paint(bold, "outcome"), clean(unknown(c)))
	for _, e := range c.Likely.Evidence {
		t.print("  evidence: %s\n", clean(abridged(e)))
	}
}

// missing writes the evidence that the recording does not have.
func (t *Text) missing(c harness.ConnectionResult) {
	for _, m := range c.Missing {
		t.print("\n%s: %s\n", t.ink.paint(bold, "missing"), clean(m.What))
		if m.Settles != "" {
			t.print("  settles: %s\n", clean(m.Settles))
		}
		if m.Try != "" {
			t.print("  try: %s\n", clean(m.Try))
		}
	}
}

// findings names everything that a diagnosis found, without the numbers of steps.
func findings(c harness.ConnectionResult) string {
	var b strings.Builder
	for _, list := range [][]harness.CauseResult{c.Causes, c.Further} {
		for _, cause := range list {
			fmt.Fprintf(&b, "%s %v %q\n", cause.ID, cause.Certain, cause.Remedy)
		}
		b.WriteByte('\n')
	}
	for _, m := range c.Missing {
		fmt.Fprintf(&b, "%q %q\n", m.What, m.Settles)
	}
	for _, chain := range [][]harness.CertificateResult{c.Chains.Server, c.Chains.Client} {
		for _, certificate := range chain {
			fmt.Fprintf(&b, "%q %q\n", certificate.Subject, certificate.Problems)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// causes writes the candidates with their evidence and remedies, and what
// would bite next.
func (t *Text) causes(c harness.ConnectionResult) {
	for i, cause := range c.Causes {
		t.print("\n")
		t.cause(t.ink.paint(bold, causeWord(c.Causes, i)), cause)
	}
	for _, cause := range c.Further {
		word := "further"
		if !cause.Certain {
			word = "further, perhaps"
		}
		t.print("\n")
		t.cause(word, cause)
	}
}

// causeWord is what one of the candidates is called: the cause only where it is
// certain.
func causeWord(candidates []harness.CauseResult, i int) string {
	switch {
	case candidates[i].Certain:
		return "cause"
	case len(candidates) > 1:
		return "possible cause " + numbers([]int{i + 1})
	}
	return "possible cause"
}

func (t *Text) cause(word string, cause harness.CauseResult) {
	t.print("%s: %s\n", word, title(cause))
	for _, e := range cause.Evidence {
		t.print("  evidence: %s\n", clean(abridged(e)))
	}
	if cause.Remedy != "" {
		t.print("  remedy: %s\n", strings.Join(cleanLines(cause.Remedy), " "))
	}
}

// remarks writes the problems of a side's certificates.
func (t *Text) remarks(side string, chain []harness.CertificateResult) {
	first := true
	for i, c := range chain {
		for _, p := range c.Problems {
			if first {
				t.print("\n")
				first = false
			}
			t.print("%s certificate %d, %s: %s", side, i+1, value(c.Subject), clean(p.ID))
			if p.Detail != "" {
				t.print(": %s", clean(p.Detail))
			}
			t.print("\n")
		}
	}
}

// lastWords ends a story with three lines: the cause, the one command to try
// next, and the scenario that shows it.
func (t *Text) lastWords() {
	c, ok := culprit(t.told)
	if !ok {
		return
	}
	try := c.Try
	if try == "" {
		try = "shakedown explain " + c.ID
	}
	show := "no scenario shows it yet"
	if c.Scenario != "" {
		show = "shakedown " + c.Scenario
	}
	doubt := ""
	if !c.Certain {
		doubt = " (one of several possible)"
	}
	t.print("\n%s  %s%s\n", t.ink.paint(bold, "cause"), title(c), doubt)
	t.print("%s    %s\n", t.ink.paint(bold, "try"), clean(try))
	t.print("%s   %s\n", t.ink.paint(bold, "show"), clean(show))
}

// remember keeps what the last words need of a result: of thousands, that is
// one or two.
func (t *Text) remember(r harness.Result) {
	if len(r.Causes) == 0 || slices.ContainsFunc(t.told, func(before harness.Result) bool { return before.Status == r.Status }) {
		return
	}
	r.Steps, r.Connections = nil, nil
	t.told = append(t.told, r)
}

// culprit returns the cause to end with: of the first result that differs from
// what was expected, else of the first that has one.
func culprit(results []harness.Result) (harness.CauseResult, bool) {
	for _, r := range results {
		if r.Status != harness.Passed && len(r.Causes) > 0 {
			return r.Causes[0], true
		}
	}
	for _, r := range results {
		if len(r.Causes) > 0 {
			return r.Causes[0], true
		}
	}
	return harness.CauseResult{}, false
}
