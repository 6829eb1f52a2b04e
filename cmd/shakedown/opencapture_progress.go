package main

import (
	"fmt"
	"sync"
)

// A readingProgress is a progress that says how much of a file was read. It is
// told from another goroutine than the one that writes results.
type readingProgress struct {
	mu   sync.Mutex
	line *progress
	size int64
	over bool
}

// progress returns the line for reading the file.
func (o *opening) progress() *readingProgress {
	return &readingProgress{line: o.a.newProgress(), size: o.file.size}
}

func (p *readingProgress) read(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	text := fmt.Sprintf("%s read", megabytes(n))
	if p.size > 0 {
		text = fmt.Sprintf("%s of %s read", megabytes(min(n, p.size)), megabytes(p.size))
	}
	p.line.write(text)
}

// around erases the line for as long as something else is written.
func (p *readingProgress) around(write func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line.erase()
	return write()
}

func (p *readingProgress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.line.erase()
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
