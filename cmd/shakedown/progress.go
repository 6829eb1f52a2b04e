package main

import (
	"fmt"
	"io"
	"sync"

	"shakedown/harness"
	"shakedown/harness/field"
)

// A progress is one line on a terminal that says how far a run has come. It is
// erased at the end. Results of handshakes that run side by side may arrive at once.
type progress struct {
	mu      sync.Mutex
	w       io.Writer
	shown   bool
	differs int
	closed  bool
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
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Status == harness.Failed || r.Status == harness.Errored {
		p.differs++
	}
	if p.w == nil || p.closed {
		return
	}
	line := fmt.Sprintf("%d of %d", done, total)
	if p.differs > 0 {
		line += fmt.Sprintf(", %d not as expected", p.differs)
	}
	line += "  " + r.Scenario
	// A line that wraps could not be erased.
	fmt.Fprintf(p.w, "\r\x1b[K%s", field.Shorten(line, 78))
	p.shown = true
}

func (p *progress) erase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
