package report

import (
	"fmt"
	"io"
	"strings"

	"shakedown/harness"
)

// GitHub writes workflow commands, which GitHub Actions shows as annotations
// on the scenario's file: an error for each result that did not pass, at the line
// that states what differs first, and a notice for each that was skipped. What
// passed is only counted.
type GitHub struct{ w io.Writer }

// NewGitHub returns a GitHub writer.
func NewGitHub(w io.Writer) *GitHub { return &GitHub{w: w} }

// Begin does nothing.
func (g *GitHub) Begin(int) error { return nil }

// Result writes an annotation, if there is something to say.
func (g *GitHub) Result(r harness.Result) error {
	switch r.Status {
	case harness.Failed, harness.Errored:
		return g.command("error", r, strings.TrimRight(differenceText(r), "\n"))
	case harness.Skipped:
		return g.command("notice", r, "skipped: "+summary(r))
	}
	return nil
}

// command writes one workflow command.
func (g *GitHub) command(kind string, r harness.Result, message string) error {
	var properties []string
	if r.File != "" {
		properties = append(properties, "file="+githubProperty(clean(r.File)), fmt.Sprintf("line=%d", line(r)))
	}
	properties = append(properties, "title="+githubProperty(name(r)))
	_, err := fmt.Fprintf(g.w, "::%s %s::%s\n", kind, strings.Join(properties, ","), githubData(message))
	return err
}

// line is where the scenario's file states what differs first, its first line if
// it states nothing of the kind.
func line(r harness.Result) int {
	for _, m := range r.Mismatches {
		if m.Line > 0 {
			return m.Line
		}
	}
	return 1
}

// End writes the counts, as plain text that is no command.
func (g *GitHub) End(s harness.Summary) error {
	_, err := fmt.Fprintf(g.w, "shakedown: %s in %s\n", counted(s), duration(s.DurationMS))
	return err
}

// githubData escapes the message of a workflow command.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// githubProperty escapes a property's value, which ends at a comma or a colon too.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
