package plain

import (
	"fmt"
	"strconv"
	"strings"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/tui/chain"
	"shakedown/tui/pane"
)

func (s *stepper) inspect(args []string) {
	step, err := s.find(args)
	if err != nil {
		s.say("inspect: %v", err)
		return
	}
	s.say("%s", sentence(step))
	if step.Err != nil {
		s.say("unreadable: %s", step.Err)
	}
	for _, c := range s.state.Book.Checks(step) {
		text := c.Text
		if c.Result == crossref.NotChecked {
			text = c.Reason + "."
		}
		s.say("%s, %s: %s", checked[c.Result], c.Of, text)
	}
	for _, text := range s.state.Book.Says(step) {
		s.say("%s", text)
	}
	tree := s.state.Book.Tree
	if s.o.Tree != nil {
		tree = s.o.Tree
	}
	s.fields(tree(step).Fields, "  ")
}

// checked are the results of a check as a person says them.
var checked = map[crossref.Result]string{
	crossref.Verified: "verified", crossref.Failed: "does not hold", crossref.NotChecked: "not checked",
}

// hex says every byte of a step.
func (s *stepper) hex(args []string) {
	step, err := s.find(args)
	if err != nil {
		s.say("hex: %v", err)
		return
	}
	s.say("%s", sentence(step))
	buffers := s.o.Tree(step).Buffers
	if len(buffers) == 0 {
		s.say("it has no bytes that are kept")
	}
	for _, b := range buffers {
		text := fmt.Sprintf("%s, %s", b.Name, pane.Bytes(len(b.Bytes)))
		for i, o := range b.Origins {
			if i == 0 {
				text += ", made of"
			} else {
				text += " and"
			}
			text += fmt.Sprintf(" bytes %d to %d of %s", o.Start, max(o.End-1, o.Start), o.Buffer)
		}
		s.say("%s", text)
		for at := 0; at < len(b.Bytes); at += hexRow {
			s.say("  %d: % x", at, b.Bytes[at:min(at+hexRow, len(b.Bytes))])
		}
	}
}

// hexRow is how many bytes stand in a line.
const hexRow = 16

// find returns the step of that number, else the current one.
func (s *stepper) find(args []string) (*dissect.Step, error) {
	all := steps(s.state)
	if len(args) == 0 {
		if at := s.state.Cursor; at >= 0 && at < len(all) {
			return all[at], nil
		}
		return nil, fmt.Errorf("there is no step yet")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, fmt.Errorf("%q is no step number", args[0])
	}
	for _, step := range all {
		if step.N == n {
			return step, nil
		}
	}
	return nil, fmt.Errorf("there is no step %d", n)
}

func (s *stepper) fields(fields []field.Field, indent string) {
	for _, f := range fields {
		text := f.Label
		if f.Value != "" {
			text += ": " + f.Value
		}
		if f.Meaning != "" {
			text += ", " + f.Meaning
		}
		if f.Section != "" && len(f.Fields) > 0 {
			text += ", " + f.Section
		}
		s.say("%s%s", indent, text)
		s.fields(f.Fields, indent+"  ")
	}
}

func (s *stepper) list(_ []string) {
	for _, step := range steps(s.state) {
		text := sentence(step)
		if step.Held {
			text += ", held"
		}
		s.say("%s", text)
	}
}

func (s *stepper) chains() {
	for _, paragraph := range chain.Text(s.state) {
		for _, line := range strings.Split(paragraph, "\n") {
			s.say("%s", spoken(line))
		}
	}
}
