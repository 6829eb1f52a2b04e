package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/field"
)

// TestEncodeAhead encodes results before their turn, in several goroutines and with
// fields that are only there while their step is written, and writes them in order.
func TestEncodeAhead(t *testing.T) {
	certificate := []field.Field{{Label: "certificate", Value: "CN=\"a\"", Fields: []field.Field{{Label: "part", Meaning: strings.Repeat("m", 100)}}}}
	var wanted, got bytes.Buffer
	plain, ahead := NewJSONL(&wanted), NewJSONL(&got)
	const results, steps = 20, 5
	fields := func(n, i int) []field.Field {
		return []field.Field{
			{Label: fmt.Sprint("result ", n), Start: i, Fields: certificate, Shared: true},
			{Label: "own", Fields: []field.Field{{Label: "nested", Fields: certificate, Shared: true}}},
		}
	}
	result := func(n int, with bool) harness.Result {
		list := make([]harness.StepResult, steps)
		for i := range list {
			list[i] = harness.StepResult{N: i + 1, Name: fmt.Sprint("step of ", n)}
			if with {
				list[i].Fields, list[i].FieldsIn = fields(n, i), []int{n}
			}
		}
		c := harness.ConnectionResult{Outcome: "established", Steps: list}
		return harness.Result{Scenario: "capture", ConnectionResult: c, Connections: []harness.ConnectionResult{c}}
	}
	write := make([]chan func() error, results)
	for n := range write {
		write[n] = make(chan func() error, 1)
		go func() {
			room := fields(n, 0)
			next := 0
			write[n] <- ahead.Encode(result(n, false), func(i int, r *harness.StepResult) {
				if i != next {
					t.Errorf("result %d completes step %d, want %d", n, i, next)
				}
				next++
				copy(room, fields(n, i))
				r.Fields, r.FieldsIn = room, []int{n}
			})
		}()
	}
	for n := range write {
		if err := plain.Result(result(n, true)); err != nil {
			t.Fatal(err)
		}
		if err := (<-write[n])(); err != nil {
			t.Fatal(err)
		}
	}
	if difference := firstByte(got.String(), wanted.String()); difference != "" {
		t.Errorf("what was encoded ahead differs: %s", difference)
	}
	if want := reference(t, whole(result(0, true)), ""); !strings.HasPrefix(got.String(), want) {
		t.Errorf("the first line is no %s", want)
	}
}

// TestSharedTextsAreBounded writes more lists than are remembered.
func TestSharedTextsAreBounded(t *testing.T) {
	var texts sharedTexts
	e := encoder{shared: &texts}
	var b []byte
	for range 2 * mostTexts / (mostText / 2) {
		f := field.Field{Shared: true, Fields: []field.Field{{Label: "large", Meaning: strings.Repeat("m", mostText/2)}}}
		first := string(e.appendParts(b[:0], &f))
		if again := string(e.appendParts(b[:0], &f)); again != first {
			t.Fatal("the second time another text is written")
		}
		if texts.size > mostTexts {
			t.Fatalf("%d bytes are remembered, at most %d wanted", texts.size, mostTexts)
		}
	}
	giant := []field.Field{{Meaning: strings.Repeat("m", mostText)}}
	e.appendParts(nil, &field.Field{Shared: true, Fields: giant})
	if texts.find(giant) != nil {
		t.Error("a text that is larger than the most is remembered")
	}
}
