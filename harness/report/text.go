package report

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"shakedown/harness"
)

// Text writes plain lines for people: one line for each scenario that passed,
// under its group, and for each that did not the difference and the steps that
// show it. With Options.Story it tells every result in full.
type Text struct {
	w    io.Writer
	o    Options
	ink  ink
	line bytes.Buffer
	// row are the results of the scenario that is being collected: its cells
	// come one after the other and share one line.
	row     []harness.Result
	group   string
	started bool
	// told are the results that the last words can be about.
	told []harness.Result
	// diagnosed holds what was found, and the cell that it was told of.
	diagnosed map[string]string
}

// NewText returns a text writer.
func NewText(w io.Writer, o Options) *Text { return &Text{w: w, o: o, ink: ink(o.Color)} }

// Begin does nothing.
func (t *Text) Begin(int) error { return nil }

// Result writes r, or keeps it until its scenario is complete.
func (t *Text) Result(r harness.Result) error {
	if t.o.Story {
		t.remember(r)
		t.story(r)
		return t.flush()
	}
	if len(t.row) > 0 && t.row[0].Scenario != r.Scenario {
		t.scenario()
	}
	t.row = append(t.row, r)
	return t.flush()
}

// End writes what is left, and the counts.
func (t *Text) End(s harness.Summary) error {
	if t.o.Story {
		if s.Total > 1 {
			t.print("\n")
			t.summary(s)
		}
		t.lastWords()
		return t.flush()
	}
	t.scenario()
	if t.started {
		t.print("\n")
	}
	t.summary(s)
	return t.flush()
}

func (t *Text) summary(s harness.Summary) {
	text := counted(s) + " in " + duration(s.DurationMS)
	color := green
	if s.Failed+s.Errors > 0 {
		color = red
	}
	t.print("%s\n", t.ink.paint(color, text))
}

// scenario writes the line of the collected scenario, and what did not pass.
func (t *Text) scenario() {
	if len(t.row) == 0 {
		return
	}
	t.heading(t.row[0].Scenario)
	for _, status := range []harness.Status{harness.Passed, harness.NoCheck, harness.Skipped} {
		t.compact(status)
	}
	for _, r := range t.row {
		switch r.Status {
		case harness.Passed, harness.NoCheck, harness.Skipped:
		default:
			t.difference(r)
		}
	}
	t.row = t.row[:0]
}

// heading writes the scenario's group where it is another than before.
func (t *Text) heading(scenario string) {
	group := path.Dir(scenario)
	if t.started && group == t.group {
		return
	}
	if t.started {
		t.print("\n")
	}
	t.started, t.group = true, group
	if group != "." {
		t.print("%s\n", t.ink.paint(bold, clean(group)))
	}
}

// compact writes one line for the cells of that status, if there are any.
func (t *Text) compact(status harness.Status) {
	var cells, ends []string
	for _, r := range t.row {
		if r.Status != status {
			continue
		}
		cells = append(cells, cell(r))
		end := verdict(r.ConnectionResult)
		if status == harness.Skipped {
			end = strings.Join(cleanLines(r.Reason), " ")
		}
		if end != "" && !slices.Contains(ends, end) {
			ends = append(ends, end)
		}
	}
	if len(cells) == 0 {
		return
	}
	t.print("  %s  %-36s  %-26s  %s", t.status(status), clean(path.Base(t.row[0].Scenario)), clean(strings.Join(cells, ", ")), strings.Join(ends, "; "))
	t.endLine()
}

// difference writes a result that failed or could not run: what was wanted,
// what came, the steps that show it, both sides' words, and how to look closer.
func (t *Text) difference(r harness.Result) {
	t.print("  %s  %-36s  %s", t.status(r.Status), clean(path.Base(r.Scenario)), clean(cell(r)))
	t.endLine()
	t.reason(r, "        ")
	for _, m := range r.Mismatches {
		t.mismatch(r, m, "        ")
	}
	if r.Status != harness.Errored {
		t.both(r.ConnectionResult, "        ")
		for _, c := range r.Causes {
			t.print("        cause   %s\n", title(c))
		}
	}
	if open := t.o.open(r); open != "" {
		t.print("        look    %s\n", clean(open))
	}
}

func (t *Text) reason(r harness.Result, indent string) {
	if r.Reason == "" {
		return
	}
	for _, line := range cleanLines(r.Reason) {
		t.print("%s%s\n", indent, line)
	}
}

func (t *Text) mismatch(r harness.Result, m harness.Mismatch, indent string) {
	t.print("%s%s\n", indent, t.ink.paint(bold, wanted(m, len(r.Connections))))
	for _, s := range shows(r, m) {
		t.print("%s  %3d  %s\n", indent, s.N, stepLine(s))
	}
}

// both writes both sides' words next to each other.
func (t *Text) both(c harness.ConnectionResult, indent string) {
	for _, side := range []struct {
		name string
		said []string
	}{{"client", said(c, c.Client, "client")}, {"server", said(c, c.Server, "server")}} {
		for i, line := range side.said {
			who := side.name
			if i > 0 {
				who = ""
			}
			t.print("%s%-6s  %s\n", indent, who, line)
		}
	}
}

// status is a status in a word of fixed width, coloured where colour is on.
func (t *Text) status(s harness.Status) string {
	switch s {
	case harness.Passed:
		return t.ink.paint(green, "ok  ")
	case harness.Failed:
		return t.ink.paint(red, "FAIL")
	case harness.Errored:
		return t.ink.paint(red, "ERR ")
	case harness.Skipped:
		return t.ink.paint(yellow, "skip")
	}
	return "seen"
}

// duration is a duration as a person reads it.
func duration(ms int64) string {
	if ms < 1000 {
		return fmt.Sprintf("%d ms", ms)
	}
	return (time.Duration(ms) * time.Millisecond).Round(10 * time.Millisecond).String()
}

func (t *Text) print(format string, args ...any) { fmt.Fprintf(&t.line, format, args...) }

// endLine ends a line of columns without the blanks that pad the last one.
func (t *Text) endLine() {
	t.line.Truncate(len(bytes.TrimRight(t.line.Bytes(), " ")))
	t.line.WriteByte('\n')
}

func (t *Text) flush() error {
	_, err := t.line.WriteTo(t.w)
	return err
}
