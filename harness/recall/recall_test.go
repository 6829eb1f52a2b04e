package recall

import (
	"sync"
	"testing"
)

// A question is worked out once, also where the answer is that there is none, and again
// only when it was forgotten for want of room.
func TestOf(t *testing.T) {
	var answers Answers[int, error]
	asked := 0
	ask := func(question int) {
		if err := answers.Of(question, 2, func() error { asked++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct{ question, asked int }{{1, 1}, {1, 1}, {2, 2}, {1, 2}, {3, 3}, {3, 3}, {1, 4}} {
		if ask(step.question); asked != step.asked {
			t.Fatalf("after step %d, %d questions were worked out, want %d", i, asked, step.asked)
		}
		if n := answers.Len(); n < 1 || n > 2 {
			t.Fatalf("after step %d, %d answers are kept, at most 2 may be", i, n)
		}
	}
}

// All who ask the same get the same answer, whoever works it out.
func TestOneAnswerForAll(t *testing.T) {
	var answers Answers[string, *int]
	got := make([]*int, 20)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i] = answers.Of("the same", 10, func() *int { return new(int) }) })
	}
	all.Wait()
	for _, a := range got {
		if a != got[0] {
			t.Fatal("there are two answers")
		}
	}
}
