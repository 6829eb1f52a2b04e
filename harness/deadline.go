package harness

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A deadline ends a run that hangs. It counts only time in which nothing is
// held: a person may look at a held unit for an hour.
type deadline struct {
	cancel context.CancelCauseFunc
	limit  time.Duration

	mu      sync.Mutex
	left    time.Duration
	running time.Time // when it began to count, zero while it does not
	timer   *time.Timer
	last    func() // see beforeEnd, may be nil
	grace   time.Duration
	held    bool // see TimeoutError
	ended   bool
}

// A TimeoutError says that a run took longer than it may.
type TimeoutError struct {
	Limit time.Duration
	// Held says that something was held for a while, which does not count.
	Held bool
}

func (e TimeoutError) Error() string {
	if e.Held {
		return fmt.Sprintf("no end after %s in which nothing was held", e.Limit)
	}
	return fmt.Sprintf("no end after %s", e.Limit)
}

// Timeout makes it a timeout in the sense of net.Error.
func (TimeoutError) Timeout() bool { return true }

// Temporary completes net.Error.
func (TimeoutError) Temporary() bool { return false }

// newDeadline returns a deadline that counts from now and cancels with a
// [TimeoutError].
func newDeadline(limit time.Duration, cancel context.CancelCauseFunc) *deadline {
	d := &deadline{cancel: cancel, limit: limit, left: limit}
	d.hold(false)
	return d
}

// hold stops the count, or takes it up again.
func (d *deadline) hold(held bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.ended:
	case held && !d.running.IsZero():
		d.held = true
		d.left -= time.Since(d.running)
		d.running = time.Time{}
		d.timer.Stop()
	case !held && d.running.IsZero():
		d.running = time.Now()
		d.timer = time.AfterFunc(max(d.left, 0), d.end)
	}
}

// beforeEnd sets what is done when the time is up, before anything is
// cancelled: then everybody still waits for what it waited for. Where that ends
// the waiting by itself, grace is how long it may take to.
func (d *deadline) beforeEnd(grace time.Duration, do func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last, d.grace = do, grace
}

// end ends the run, once.
func (d *deadline) end() {
	d.mu.Lock()
	last, grace, ended := d.last, d.grace, d.ended
	late := TimeoutError{d.limit, d.held}
	d.ended = true
	d.mu.Unlock()
	if ended {
		return
	}
	if last != nil {
		last()
	}
	if grace == 0 {
		d.cancel(late)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.timer = time.AfterFunc(grace, func() { d.cancel(late) })
}

// expire ends the run before its time, because there is nothing to wait for.
func (d *deadline) expire() {
	d.mu.Lock()
	d.timer.Stop()
	d.mu.Unlock()
	d.end()
}

// stop ends the count for good.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.timer.Stop()
}
