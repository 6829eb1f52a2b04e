// Package recall remembers answers by their questions: the connections of a capture
// ask the same of the same few certificates.
package recall

import "sync"

// Answers keeps answers by their questions, for several goroutines at once. The zero
// value is empty and ready.
type Answers[Q comparable, A any] struct {
	mu      sync.Mutex
	answers map[Q]A
}

// Of returns the answer to a question, which is worked out once. Where there are
// already the most that may be kept, all are forgotten first.
func (r *Answers[Q, A]) Of(question Q, most int, work func() A) A {
	r.mu.Lock()
	a, known := r.answers[question]
	r.mu.Unlock()
	if known {
		return a
	}
	a = work()
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, known := r.answers[question]; known {
		return first // of somebody else who asked the same
	}
	if r.answers == nil || len(r.answers) >= most {
		r.answers = make(map[Q]A)
	}
	r.answers[question] = a
	return a
}

// Len is how many answers are kept.
func (r *Answers[Q, A]) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.answers)
}
