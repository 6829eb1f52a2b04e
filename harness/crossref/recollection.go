package crossref

import "sync"

// A recollection keeps answers by their questions, for several goroutines. The zero
// value is empty.
type recollection[Q comparable, A any] struct {
	mu      sync.Mutex
	answers map[Q]A
}

// answer returns the answer to a question, which is worked out once. Where there are
// already the most that may be kept, the recollection starts over.
func (r *recollection[Q, A]) answer(question Q, most int, work func() A) A {
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
