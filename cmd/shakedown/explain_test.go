package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"shakedown/harness/causes"
	"shakedown/harness/explain"
)

// toldTexts are texts whose explanations have every kind of evidence in them.
var toldTexts = []string{
	"http: TLS handshake error from 10.0.0.9:41234: remote error: tls: bad certificate",
	"remote error: tls: certificate required",
	"remote error: tls: handshake failure",
	"remote error: tls: internal error",
	"write: broken pipe",
	"EOF",
	"net/http: TLS handshake timeout",
	"x509: certificate signed by unknown authority",
}

// What an explanation tells a person to run is a command that there is, with
// flags that it has.
func TestExplanationsRunCommandsThatExist(t *testing.T) {
	ran := 0
	for _, text := range toldTexts {
		e, _ := explain.Explain(text)
		for _, q := range e.Evidence {
			for _, run := range q.Run {
				words := strings.Fields(run)
				if words[0] != "shakedown" {
					continue
				}
				ran++
				cmd, rest, err := newRoot(newApp()).Find(words[1:])
				if err != nil || cmd.Name() != words[1] {
					t.Errorf("%q: got the command %v, %v", run, cmd.Name(), err)
					continue
				}
				if err := cmd.ParseFlags(rest); err != nil {
					t.Errorf("%q: %v", run, err)
				}
			}
		}
	}
	if ran == 0 {
		t.Error("no explanation tells anybody to run shakedown")
	}
}

// The scenario that shows a cause is built in, whatever the cause.
func TestExplanationsShowScenariosThatExist(t *testing.T) {
	all, err := newApp().catalog()
	if err != nil {
		t.Fatal(err)
	}
	builtIn := map[string]bool{}
	for _, sc := range all {
		builtIn[sc.ID] = true
	}
	for _, c := range causes.All() {
		e, ok := explain.Explain(c.ID)
		if !ok || len(e.Candidates) != 1 {
			t.Fatalf("%s is not explained", c.ID)
		}
		if id := e.Candidates[0].Scenario; id != "" && !builtIn[id] {
			t.Errorf("%s is shown by %s, which is not built in", c.ID, id)
		}
	}
}

// An explanation fits a screen of 80 columns, but for commands, which are to be
// copied.
func TestExplanationsFitTheScreen(t *testing.T) {
	for _, text := range toldTexts {
		e, _ := explain.Explain(text)
		for line := range strings.Lines(explanationText(e)) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 && !strings.HasPrefix(strings.TrimSpace(line), "$ ") {
				t.Errorf("%q: a line has %d columns: %q", text, n, line)
			}
		}
	}
}

// Of a long log its end is read, where the last error stands.
func TestTheEndOfALongLogIsExplained(t *testing.T) {
	f := newFake(t)
	f.stdin = strings.NewReader(strings.Repeat("healthy\n", 1<<18) + "remote error: tls: bad certificate\n")
	if code := f.run(t.Context(), "explain", "-"); code != 0 || !strings.Contains(f.out.String(), "bad_certificate (42)") {
		t.Errorf("exit code %d: %s", code, f.out.String())
	}
}

func TestEndOf(t *testing.T) {
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{{"", 3, ""}, {"ab", 3, "ab"}, {"abc", 3, "abc"}, {"abcdefgh", 3, "fgh"}} {
		for _, r := range []io.Reader{strings.NewReader(tt.from), iotest.OneByteReader(strings.NewReader(tt.from)), iotest.DataErrReader(strings.NewReader(tt.from))} {
			if got, err := endOf(r, tt.n); got != tt.want || err != nil {
				t.Errorf("the last %d of %q are %q, %v", tt.n, tt.from, got, err)
			}
		}
	}
	if _, err := endOf(iotest.ErrReader(io.ErrUnexpectedEOF), 3); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that fails: %v", err)
	}
}
