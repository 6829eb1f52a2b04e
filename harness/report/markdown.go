package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"shakedown/harness"
)

// Markdown writes a table of results, and a section for each that did not
// pass (with Options.Story, for each). It suits a job summary or a pull
// request. It writes at End, because the counts come first.
type Markdown struct {
	w       io.Writer
	o       Options
	results []harness.Result
}

// NewMarkdown returns a Markdown writer.
func NewMarkdown(w io.Writer, o Options) *Markdown { return &Markdown{w: w, o: o} }

// Begin does nothing.
func (m *Markdown) Begin(int) error { return nil }

// Result keeps r for End.
func (m *Markdown) Result(r harness.Result) error {
	m.results = append(m.results, r)
	return nil
}

// End writes the document.
func (m *Markdown) End(s harness.Summary) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## shakedown: %s\n", counted(s))
	if len(m.results) > 0 {
		b.WriteString("\n| scenario | cell | status | what happened | cause |\n| --- | --- | --- | --- | --- |\n")
	}
	for _, r := range m.results {
		end := happened(r.ConnectionResult)
		if r.Status == harness.Skipped || r.Status == harness.Errored {
			end = strings.Join(cleanLines(r.Reason), " ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n",
			markdown(clean(r.Scenario)), markdown(clean(cell(r))), markdownStatus(r.Status), markdown(end), markdown(clean(r.Cause)))
	}
	for _, r := range m.results {
		if m.o.Story || r.Status == harness.Failed || r.Status == harness.Errored {
			m.section(&b, r)
		}
	}
	_, err := b.WriteTo(m.w)
	return err
}

// section writes one result in full, as the text format tells it.
func (m *Markdown) section(b *bytes.Buffer, r harness.Result) {
	fmt.Fprintf(b, "\n### %s\n\n", markdown(name(r)))
	for _, d := range r.Mismatches {
		fmt.Fprintf(b, "- %s\n", markdown(wanted(d, len(r.Connections))))
	}
	if len(r.Mismatches) > 0 {
		b.WriteByte('\n')
	}
	text := differenceText(r)
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	fmt.Fprintf(b, "%stext\n%s%s\n", fence, text, fence)
}

func markdownStatus(s harness.Status) string {
	if s == harness.Failed || s == harness.Errored {
		return "**" + string(s) + "**"
	}
	return string(s)
}

// markdown escapes what Markdown or HTML would read as markup, a column's end,
// or a mention of somebody.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '@':
			b.WriteString("&#64;")
		case strings.ContainsRune("\\`*_[]|~#!>", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// longestRun returns the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
