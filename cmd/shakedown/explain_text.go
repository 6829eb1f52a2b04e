package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/explain"
	"shakedown/tui/theme"
)

const (
	// explained is how wide an explanation is written.
	explained = 79
	// told is how many candidates are told one by one.
	told = 5
	// mended is up to how many candidates are told with their remedy.
	mended = 2
	// asked is how many questions are asked.
	asked = 4
	// left is how many candidates an answer names.
	left = 3
)

// explanationText writes an explanation for a person: what the text says, who
// decided, what can be wrong, how to tell, and what else it can be.
func explanationText(e explain.Explanation) string {
	var w paragraphs
	w.write("", e.Means)
	for _, remark := range e.Remarks {
		w.blank()
		w.write("", remark)
	}
	w.blank()
	if len(e.Lines) == 2 {
		for _, l := range e.Lines {
			w.labelled(cmp.Or(l.Reporter, "line"), l.Text)
		}
	}
	if e.Alert != nil {
		w.labelled("alert", fmt.Sprintf("%s (%d): %s", e.Alert.Name, e.Alert.Code, e.Alert.Meaning))
	}
	if e.Decided != explain.NotSaid {
		w.labelled("decided", decided(e))
	}
	if e.Reporter != "" && len(e.Lines) < 2 && e.DecidedBy == "" {
		w.labelled("log", "the "+e.Reporter+"'s")
	}
	w.candidates(e.Candidates)
	w.evidence(e)
	w.unlikely(e.Candidates)
	w.others(e.Others)
	w.nearest(e.Nearest)
	w.seen(e.Seen)
	return w.String()
}

// decided says who ended the handshake, and whose log the line is from.
func decided(e explain.Explanation) string {
	by := string(e.DecidedBy)
	switch {
	case len(e.Lines) == 2 && by != "":
		return "by the " + by
	case e.Decided == explain.Nobody:
		return "by nobody: the transport ended, or a deadline came"
	case by != "" && e.Decided == explain.ThisSide:
		return "by the " + by + ", whose log this is"
	case by != "":
		return "by the " + by + "; this is the " + e.Reporter + "'s log, and the " + by + "'s says why"
	case e.Decided == explain.ThisSide:
		return "by the side that wrote the line"
	}
	return "by the other side, not by the one that wrote the line: its log says why"
}

// paragraphs is a text of wrapped lines.
type paragraphs struct{ strings.Builder }

// blank ends a paragraph, once.
func (w *paragraphs) blank() {
	if s := w.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		w.WriteByte('\n')
	}
}

// write wraps a text; lines after the first are indented as far as prefix is wide.
func (w *paragraphs) write(prefix, text string) {
	w.hang(prefix, strings.Repeat(" ", len(prefix)), text)
}

// hang wraps a text; lines after the first begin with indent.
func (w *paragraphs) hang(prefix, indent, text string) {
	for i, line := range theme.Wrap(text, explained-max(len(prefix), len(indent))) {
		if i > 0 {
			prefix = indent
		}
		w.WriteString(strings.TrimRight(prefix+line, " ") + "\n")
	}
}

func (w *paragraphs) labelled(label, text string) { w.write(fmt.Sprintf("%-8s ", label), text) }

func (w *paragraphs) candidates(list []explain.Candidate) {
	for i, c := range list[:min(told, len(list))] {
		if i == 0 {
			w.blank()
			w.write("", heading(len(list)))
			w.blank()
		}
		w.write(fmt.Sprintf("%2d. ", i+1), c.ID+": "+c.Title)
		if c.Remedy != "" && len(list) <= mended {
			w.write("    fix   ", c.Remedy)
		}
		if c.Scenario != "" {
			w.write("    show  ", "shakedown "+c.Scenario)
		}
	}
}

func heading(n int) string {
	switch {
	case n == 1:
		return "What it is:"
	case n > told:
		return fmt.Sprintf("What it can be, the likeliest %d of %d:", told, n)
	}
	return "What it can be, the likeliest first:"
}

func (w *paragraphs) evidence(e explain.Explanation) {
	if len(e.Separate) == 0 {
		return
	}
	w.blank()
	w.write("", "How to tell, the cheapest first:")
	w.blank()
	for _, tell := range e.Separate[:len(e.Separate)-len(e.Evidence)] {
		w.write("  - ", tell)
	}
	for _, q := range e.Evidence[:min(asked, len(e.Evidence))] {
		w.write("  - ", q.Ask)
		for _, run := range q.Run {
			// A command stays in one line, to be copied.
			fmt.Fprintf(w, "      $ %s\n", printableLine(run))
		}
		for _, a := range q.Answers {
			w.hang("      ", "        ", a.Answer+" -> "+some(a.Causes))
		}
	}
}

// some names the first of several causes, and says how many more there are.
func some(ids []string) string {
	if len(ids) <= left+1 {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:left], ", "), len(ids)-left)
}

// unlikely names the candidates that are not told one by one, by what is wrong.
func (w *paragraphs) unlikely(list []explain.Candidate) {
	if len(list) <= told {
		return
	}
	w.blank()
	w.write("", "Less likely; shakedown explain CAUSE says more of each:")
	w.blank()
	var groups []string
	in := map[string][]string{}
	for _, c := range list[told:] {
		group, _, ok := strings.Cut(c.Scenario, "/")
		if !ok {
			group = "other"
		}
		if in[group] == nil {
			groups = append(groups, group)
		}
		in[group] = append(in[group], c.ID)
	}
	width := 0
	for _, g := range groups {
		width = max(width, len(g))
	}
	slices.SortStableFunc(groups, func(a, b string) int { return len(in[b]) - len(in[a]) })
	for _, g := range groups {
		w.write(fmt.Sprintf("  %-*s  ", width, g), strings.Join(in[g], ", "))
	}
}

// others are lines of the text that say something else.
func (w *paragraphs) others(list []explain.Line) {
	for i, l := range list[:min(told, len(list))] {
		if i == 0 {
			w.blank()
			w.write("", "Other lines say something else; explain them one by one:")
			w.blank()
		}
		w.write("  - ", l.Text)
	}
}

// nearest are the texts that the line may have been meant to be.
func (w *paragraphs) nearest(list []string) {
	for i, text := range list {
		if i == 0 {
			w.blank()
			w.write("", "The nearest that is known:")
			w.blank()
		}
		w.write("  - ", text)
	}
}

// seen is what logs say of a cause that was asked for by its id.
func (w *paragraphs) seen(list []explain.Seen) {
	for i, s := range list {
		if i == 0 {
			w.blank()
			w.write("", "What logs say of it:")
			w.blank()
		}
		alone := ""
		if s.Causes == 1 {
			alone = " (of this alone)"
		}
		stack := s.Stack
		if stack == "transport" {
			stack = ""
		}
		w.write(fmt.Sprintf("  %-6s  %-10s  ", s.Reporter, stack), s.Text+alone)
	}
}
