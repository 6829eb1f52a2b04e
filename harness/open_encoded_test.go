package harness

import (
	"encoding/json"
	"testing"
)

// TestOpenEncodesWhatItShows has every connection of a file encoded in memory that is
// used again for the next, and finds what each result holds that is kept.
func TestOpenEncodesWhatItShows(t *testing.T) {
	file := withoutNotes(t, saved(t).file)
	o := CaptureOptions{Fields: true, Only: func(n int) bool { return !testing.Short() || n%10 == 0 }}
	kept := openAll(t, file, o)

	o.Parallel = 2
	var lines []string
	o.Encode = func(r Result, complete func(int, *StepResult)) func() error {
		r.Steps = nil // those of its only connection
		text := []any{r.Title}
		for i, step := range r.Connections[0].Steps {
			complete(i, &step)
			text = append(text, line(t, step)) // the next step takes its fields back
		}
		r.Connections[0].Steps = nil
		whole := line(t, append(text, r))
		return func() error {
			lines = append(lines, whole)
			return nil
		}
	}
	for _, c := range openAll(t, file, o) {
		if err := c.Write(); err != nil {
			t.Fatal(err)
		}
	}

	if len(lines) != len(kept) || len(kept) == 0 {
		t.Fatalf("%d connections were encoded, %d were kept", len(lines), len(kept))
	}
	for i, c := range kept {
		r := c.Result
		text := []any{r.Title}
		for _, step := range r.Steps {
			text = append(text, line(t, step))
		}
		r.Steps, r.Connections[0].Steps = nil, nil
		if want := line(t, append(text, r)); lines[i] != want {
			t.Errorf("%s is encoded as\n%s\nand kept as\n%s", r.Title, lines[i], want)
		}
	}
}

func line(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}
