package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"shakedown/harness"
)

// TAP writes the Test Anything Protocol, version 13, the newest that Perl's
// prove reads: a test point for each result, as it comes, with a YAML block
// where it did not pass.
type TAP struct {
	w io.Writer
	n int
}

// NewTAP returns a TAP writer.
func NewTAP(w io.Writer) *TAP { return &TAP{w: w} }

// Begin writes the version and the plan.
func (t *TAP) Begin(total int) error {
	_, err := fmt.Fprintf(t.w, "TAP version 13\n1..%d\n", total)
	return err
}

// Result writes a test point.
func (t *TAP) Result(r harness.Result) error {
	t.n++
	var b bytes.Buffer
	ok := "ok"
	if r.Status == harness.Failed || r.Status == harness.Errored {
		ok = "not ok"
	}
	fmt.Fprintf(&b, "%s %d - %s", ok, t.n, tapEscape(name(r)))
	if r.Status == harness.Skipped {
		fmt.Fprintf(&b, " # SKIP %s", tapEscape(summary(r)))
	}
	b.WriteByte('\n')
	if ok != "ok" {
		if err := t.block(&b, r); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(t.w)
	return err
}

// block writes the YAML diagnostics of a test point, indented by two blanks.
// Strings are JSON strings, which YAML takes as they are.
func (t *TAP) block(b *bytes.Buffer, r harness.Result) error {
	severity := "fail"
	if r.Status == harness.Errored {
		severity = "error"
	}
	lines := [][2]string{
		{"message", summary(r)},
		{"severity", severity},
		{"cause", clean(r.Cause)},
		{"client", strings.Join(said(r.ConnectionResult, r.Client, "client"), "; ")},
		{"server", strings.Join(said(r.ConnectionResult, r.Server, "server"), "; ")},
	}
	if r.Status == harness.Errored {
		lines = lines[:2]
	}
	if r.File != "" {
		lines = append(lines, [2]string{"file", clean(r.File)})
	}
	b.WriteString("  ---\n")
	for _, l := range lines {
		if err := yamlLine(b, "  ", l[0], l[1]); err != nil {
			return err
		}
	}
	for i, m := range r.Mismatches {
		if i == 0 {
			b.WriteString("  differences:\n")
		}
		b.WriteString("    - ")
		for k, l := range [][2]string{{"field", m.Field}, {"wanted", clean(m.Want)}, {"got", clean(m.Got)}} {
			indent := ""
			if k > 0 {
				indent = "      "
			}
			if err := yamlLine(b, indent, l[0], l[1]); err != nil {
				return err
			}
		}
		for k, s := range shows(r, m) {
			if k == 0 {
				b.WriteString("      steps:\n")
			}
			fmt.Fprintf(b, "        %d: ", s.N)
			if err := WriteJSON(b, stepLine(s), ""); err != nil {
				return err
			}
		}
	}
	b.WriteString("  ...\n")
	return nil
}

func yamlLine(b *bytes.Buffer, indent, key, value string) error {
	fmt.Fprintf(b, "%s%s: ", indent, key)
	return WriteJSON(b, value, "")
}

// End does nothing: the plan came first.
func (t *TAP) End(harness.Summary) error { return nil }

// tapEscape escapes what begins a directive.
func tapEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(s)
}
