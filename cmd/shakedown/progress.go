package main

import (
	"fmt"
	"io"

	"shakedown/harness"
	"shakedown/harness/field"
)

// A progress is one line on a terminal that says how far a run has come. It is
// erased before anything else is written, and at the end. It is not safe for
// concurrent use: the engine tells of one result at a time.
type progress struct {
	w       io.Writer
	shown   bool
	differs int
}

// newProgress returns a line on stderr, or one that shows nothing where stderr
// is no terminal.
func (a *app) newProgress() *progress {
	if !a.colorful(a.stderr) {
		return &progress{}
	}
	return &progress{w: a.stderr}
}

func (p *progress) show(done, total int, r harness.Result) {
	if r.Status == harness.Failed || r.Status == harness.Errored {
		p.differs++
	}
	if p.w == nil {
		return
	}
	line := fmt.Sprintf("%d of %d", done, total)
	if p.differs > 0 {
		line += fmt.Sprintf(", %d not as expected", p.differs)
	}
	p.write(line + "  " + r.Scenario)
}

// write shows a line in place of the one before.
func (p *progress) write(line string) {
	if p.w == nil {
		return
	}
	// A line that wraps could not be erased.
	fmt.Fprintf(p.w, "\r\x1b[K%s", field.Shorten(line, 78))
	p.shown = true
}

func (p *progress) erase() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
