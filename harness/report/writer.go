// Package report writes results for people and for other programs.
//
// For most uses, call [New] with a format's name and feed the [Writer] one
// result after the other, in catalogue order; or give a whole report to
// [Write]. Writers are pure: they read results and write bytes, and know no
// clock, environment or file.
//
// Certificates, errors and alerts hold text that a stranger chose. No format
// lets a raw control or bidirectional character through: JSON escapes them as
// \uXXXX, every other format as [field.Printable] does.
package report

import (
	"fmt"
	"io"
	"strings"

	"shakedown/harness"
)

// A Writer writes the results of one run. Begin is called once with the number
// of results to come, Result once for each in catalogue order, and End once.
// A Writer is not safe for concurrent use.
type Writer interface {
	Begin(total int) error
	Result(r harness.Result) error
	End(s harness.Summary) error
}

// An Encoder is a Writer whose results can be encoded before their turn, by several
// goroutines at once. What Encode returns stands for a call of Result, and is
// called once. It is a [harness.EncodeFunc].
type Encoder interface {
	Writer
	Encode(r harness.Result, complete func(step int, r *harness.StepResult)) (write func() error)
}

// Options are what a writer cannot read from the results.
type Options struct {
	// Color lets the text format use the terminal's sixteen colours. No
	// meaning depends on it.
	Color bool
	// Story tells every result in full (steps, both sides' words, diagnosis)
	// in the text and markdown formats: for a single scenario, and for debug
	// and connect.
	Story bool
	// Open returns the command that opens a result for a closer look, empty if
	// there is none. It may be nil.
	Open func(r harness.Result) string
}

func (o Options) open(r harness.Result) string {
	if o.Open == nil {
		return ""
	}
	return o.Open(r)
}

// formats are the writers by name, in the order in which they are listed.
var formats = []struct {
	name string
	make func(io.Writer, Options) Writer
}{
	{"text", func(w io.Writer, o Options) Writer { return NewText(w, o) }},
	{"json", func(w io.Writer, _ Options) Writer { return NewJSON(w) }},
	{"jsonl", func(w io.Writer, _ Options) Writer { return NewJSONL(w) }},
	{"junit", func(w io.Writer, _ Options) Writer { return NewJUnit(w) }},
	{"tap", func(w io.Writer, _ Options) Writer { return NewTAP(w) }},
	{"github", func(w io.Writer, _ Options) Writer { return NewGitHub(w) }},
	{"markdown", func(w io.Writer, o Options) Writer { return NewMarkdown(w, o) }},
}

// Formats returns the names of the formats.
func Formats() []string {
	names := make([]string, 0, len(formats))
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// New returns the writer of that format. An unknown name is an error that
// lists the known ones.
func New(format string, w io.Writer, o Options) (Writer, error) {
	for _, f := range formats {
		if f.name == format {
			return f.make(w, o), nil
		}
	}
	return nil, fmt.Errorf("unknown format %q (known are %s)", format, strings.Join(Formats(), ", "))
}

// Write writes a whole report.
func Write(w Writer, r harness.Report) error {
	if err := w.Begin(len(r.Results)); err != nil {
		return err
	}
	for _, result := range r.Results {
		if err := w.Result(result); err != nil {
			return err
		}
	}
	return w.End(r.Summary)
}
