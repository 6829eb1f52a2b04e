package catalogue

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shakedown/harness"
	"shakedown/harness/peertest"
	"shakedown/harness/scenario"
	"shakedown/scenarios"
)

var update = flag.Bool("update", false, "write docs/catalogue.md and docs/scenarios.md anew")

// clock is where the clock of the documents' runs stands.
var clock = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// regenerate is the command that writes the documents.
const regenerate = "go test ./harness/catalogue -run TestDocuments -update"

// The documents say what the scenarios do. Every scenario is played over
// sockets; where the text differs, it is played again a few times: on a busy
// machine two things that happen at once now and then come in the other order.
func TestDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("plays every scenario, which the suite's own tests do under the race detector")
	}
	run := play(t)
	if *update {
		write(t, run)
		return
	}
	difference := differing(t, run)
	for range 4 {
		if difference == "" {
			return
		}
		t.Logf("played again: %s", difference)
		run = play(t)
		difference = differing(t, run)
	}
	if difference != "" {
		t.Errorf("%s\nif that is right, write it anew with: %s", difference, regenerate)
	}
}

// writers are the documents, by their names in docs.
var writers = []struct {
	name  string
	write func(Run) string
}{{CausesFile, Causes}, {ScenariosFile, Scenarios}}

func path(name string) string { return filepath.Join("..", "..", "docs", name) }

func write(t *testing.T, run Run) {
	t.Helper()
	for _, d := range writers {
		if err := os.WriteFile(path(d.name), []byte(d.write(run)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// differing names the first line in which a document is not what it should be;
// empty if there is none.
func differing(t *testing.T, run Run) string {
	t.Helper()
	for _, d := range writers {
		want := d.write(run)
		text, err := os.ReadFile(path(d.name))
		if err != nil {
			t.Fatalf("%v\nwrite it with: %s", err, regenerate)
		}
		got := strings.Split(string(text), "\n")
		for i, line := range strings.Split(want, "\n") {
			if i >= len(got) || got[i] != line {
				return fmt.Sprintf("docs/%s:%d is\n\t%s\nand by the runs it should be\n\t%s", d.name, i+1, nth(got, i), line)
			}
		}
		if extra := strings.Count(want, "\n") + 1; len(got) > extra {
			return fmt.Sprintf("docs/%s:%d is one line too many: %s", d.name, extra+1, got[extra])
		}
	}
	return ""
}

func nth(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}

// play plays every scenario. A scenario that does not pass has no place in a
// document: the suite's own test says what is wrong with it.
func play(t testing.TB) Run {
	t.Helper()
	list, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range list {
		for _, program := range sc.Requires {
			peertest.Program(t, program) // without it a part of the documents cannot be known
		}
	}
	report, err := harness.RunSuite(context.Background(), list, harness.SuiteOptions{Options: harness.Options{Now: clock}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Status != harness.Passed {
			t.Fatalf("%s over %s %s: %s %s %v", r.Scenario, r.Transport, r.TLS, r.Status, r.Reason, r.Mismatches)
		}
	}
	return Run{Scenarios: list, Results: report.Results, Clock: clock}
}
