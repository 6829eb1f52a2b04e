package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"

	"github.com/google/go-cmp/cmp"
)

// A fake is an app on a terminal that exists in memory, with an engine that
// answers as it is told.
type fake struct {
	app
	out, err bytes.Buffer
	// ran are the options of the last run.
	ran harness.SuiteOptions
	// results and fails are what the engine answers.
	results []harness.Result
	fails   error
	// during is called after each result.
	during func()
	// screens are the requests that were shown.
	screens []screenRequest
	env     map[string]string
}

func newFake(t *testing.T) *fake {
	t.Helper()
	cells := []outcome.Cell{{Transport: outcome.TCP, TLS: "1.2"}, {Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.QUIC, TLS: "1.3"}}
	f := &fake{env: map[string]string{}}
	f.app = app{
		stdin:    strings.NewReader(""),
		stdout:   &f.out,
		stderr:   &f.err,
		terminal: func() bool { return false },
		colorful: func(io.Writer) bool { return false },
		getenv:   func(name string) string { return f.env[name] },
		engine:   f,
		catalog: func() ([]*scenario.Scenario, error) {
			return []*scenario.Scenario{
				{ID: "healthy/mutual", Group: "healthy", Title: "Both sides", Cells: cells},
				{ID: "trust/unknown-server-ca", Group: "trust", Title: "An unknown CA", Cells: cells[:2]},
			}, nil
		},
		screen: func(_ context.Context, r screenRequest) error {
			f.screens = append(f.screens, r)
			return nil
		},
	}
	return f
}

func (f *fake) RunSuite(ctx context.Context, _ []*scenario.Scenario, o harness.SuiteOptions) (harness.Report, error) {
	f.ran = o
	for i, r := range f.results {
		o.Progress(i+1, len(f.results), r)
		if f.during != nil {
			f.during()
		}
	}
	if ctx.Err() != nil {
		return harness.Report{}, context.Cause(ctx)
	}
	return harness.Report{Version: 1, Results: f.results, Summary: harness.Summarize(f.results, 0)}, f.fails
}

func (f *fake) Connect(context.Context, harness.Target, harness.Options) (harness.Result, error) {
	if f.fails != nil {
		return harness.Result{}, f.fails
	}
	return f.results[0], nil
}

// onTerminal puts the fake on a terminal with colours.
func (f *fake) onTerminal() *fake {
	f.terminal = func() bool { return true }
	f.colorful = func(io.Writer) bool { return true }
	return f
}

func (f *fake) run(ctx context.Context, args ...string) int {
	return run(ctx, &f.app, args)
}

func TestExitCodes(t *testing.T) {
	tests := []struct {
		name   string
		status []harness.Status
		fails  error
		want   int
	}{
		{"all as expected", []harness.Status{harness.Passed, harness.Skipped}, nil, exitOK},
		{"one differed", []harness.Status{harness.Passed, harness.Failed}, nil, exitDifferent},
		{"one could not run", []harness.Status{harness.Errored, harness.Failed}, nil, exitFailed},
		{"none could run", nil, errors.New("listen on loopback TCP: permission denied"), exitFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			f.fails = tt.fails
			for _, s := range tt.status {
				f.results = append(f.results, harness.Result{Scenario: "healthy/mutual", Status: s})
			}
			if got := f.run(t.Context(), "run"); got != tt.want {
				t.Errorf("exit code %d, want %d\n%s%s", got, tt.want, &f.out, &f.err)
			}
			if said := f.err.String(); (said != "") != (tt.want == exitFailed) || said != "" && !strings.HasPrefix(said, "error: ") {
				t.Errorf("stderr %q", said)
			}
		})
	}
}

// TestInterrupt ends a run half-way: it says so, exits as a shell expects, and
// leaves no file behind.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := newFake(t)
	code := f.run(ctx, "run", "--output", filepath.Join(dir, "report.json"), "--format", "json")
	if want := "error: interrupted\n"; code != exitInterrupted || f.err.String() != want {
		t.Errorf("exit code %d, %q, want %d, %q", code, &f.err, exitInterrupted, want)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("left %v, %v", files, err)
	}
}

func TestProgressIsErased(t *testing.T) {
	f := newFake(t).onTerminal()
	f.results = []harness.Result{
		{Scenario: "healthy/mutual", Status: harness.Passed},
		{Scenario: "trust/\x1b]0;title\a", Status: harness.Failed},
	}
	if code := f.run(t.Context(), "run", "--color", "never"); code != exitDifferent {
		t.Errorf("exit code %d, want %d", code, exitDifferent)
	}
	want := "\r\x1b[K1 of 2  healthy/mutual" + "\r\x1b[K2 of 2, 1 not as expected  trust/\\x1b]0;title\\x07" + "\r\x1b[K"
	if diff := cmp.Diff(want, f.err.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

// TestResultsStream writes a result as soon as all before it are there, in the
// order of the catalogue, whatever ends first.
func TestResultsStream(t *testing.T) {
	f := newFake(t)
	var r []harness.Result
	for _, cell := range []string{"1.3", "1.2"} {
		r = append(r, harness.Result{Scenario: "healthy/mutual", Transport: "tcp", TLS: cell, Status: harness.Passed})
	}
	f.results = []harness.Result{r[0], r[1]}
	var seen []string
	f.during = func() { seen = append(seen, f.out.String()) }
	f.run(t.Context(), "run", "healthy/mutual", "--format", "tap", "--transport", "tcp")
	want := []string{
		"",
		"TAP version 13\n1..2\nok 1 - healthy/mutual (tcp 1.2)\nok 2 - healthy/mutual (tcp 1.3)\n",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("stdout after each result (-want +got):\n%s", diff)
	}
	if got := f.out.String(); got != want[1] {
		t.Errorf("stdout at the end %q, want %q", got, want[1])
	}
}

func TestColorIsForTerminals(t *testing.T) {
	tests := []struct {
		name     string
		terminal bool
		noColor  string
		args     []string
		want     bool
	}{
		{"a terminal", true, "", nil, true},
		{"a pipe", false, "", nil, false},
		{"NO_COLOR", true, "1", nil, false},
		{"--color always is asked for", false, "1", []string{"--color", "always"}, true},
		{"--color never is asked for", true, "", []string{"--color", "never"}, false},
		{"a file", true, "", []string{"--output", "report.txt"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			f := newFake(t)
			if tt.terminal {
				f.onTerminal()
			}
			f.env["NO_COLOR"] = tt.noColor
			f.results = []harness.Result{{Scenario: "healthy/mutual", Status: harness.Passed}}
			f.run(t.Context(), append([]string{"run"}, tt.args...)...)
			text := f.out.String()
			if file, err := os.ReadFile("report.txt"); err == nil {
				text = string(file)
			}
			if got := strings.Contains(text, "\x1b["); got != tt.want {
				t.Errorf("coloured %v, want %v: %q", got, tt.want, text)
			}
		})
	}
}

func TestTerminalGetsTheScreen(t *testing.T) {
	tests := []struct {
		args  []string
		start string
		cell  outcome.Cell
		shown bool
	}{
		{nil, "", outcome.Cell{}, true},
		{[]string{"healthy/mutual"}, "healthy/mutual", outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}, true},
		{[]string{"healthy/mutual", "--transport", "quic"}, "healthy/mutual", outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}, true},
		{[]string{"--format", "tap"}, "", outcome.Cell{}, false},
		{[]string{"run"}, "", outcome.Cell{}, false},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			f := newFake(t).onTerminal()
			if code := f.run(t.Context(), tt.args...); code != exitOK {
				t.Fatalf("exit code %d: %s", code, &f.err)
			}
			if !tt.shown {
				if len(f.screens) > 0 {
					t.Error("a screen was shown")
				}
				return
			}
			if len(f.screens) != 1 {
				t.Fatalf("%d screens", len(f.screens))
			}
			got := ""
			if f.screens[0].Start != nil {
				got = f.screens[0].Start.ID
			}
			if got != tt.start || f.screens[0].Cell != tt.cell {
				t.Errorf("opened %q in %q, want %q in %q", got, f.screens[0].Cell, tt.start, tt.cell)
			}
		})
	}
}

func TestFlagsReachTheEngine(t *testing.T) {
	f := newFake(t)
	f.run(t.Context(), "run", "--transport", "tcp", "--tls", "1.3", "--shard", "2/4", "--parallel", "3", "--fields", "--carrier", "memory", "--timeout", "3s")
	o := f.ran
	if o.Filter != (outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}) || o.ShardIndex != 2 || o.ShardCount != 4 || o.Parallel != 3 ||
		!o.Fields || o.Carrier != harness.Memory || o.Timeout.String() != "3s" {
		t.Errorf("the engine was asked for %+v", o)
	}
}

// A full disk takes some bytes and no more.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.room {
		return f.room, errors.New("no space left on device")
	}
	f.room -= len(b)
	return len(b), nil
}

func TestFullDisk(t *testing.T) {
	for _, format := range []string{"text", "json", "jsonl", "junit", "tap", "github", "markdown"} {
		f := newFake(t)
		f.stdout = &full{room: 10}
		f.results = []harness.Result{{Scenario: "healthy/mutual", Status: harness.Failed, ConnectionResult: harness.ConnectionResult{Outcome: "established"}}}
		if code := f.run(t.Context(), "run", "--format", format); code != exitFailed || f.err.String() != "error: no space left on device\n" {
			t.Errorf("%s: exit code %d, %q", format, code, &f.err)
		}
	}
}

// TestOutputReplacesWhole: what is there is replaced at the end, through a
// symbolic link too, and stays as it was where the run fails.
func TestOutputReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "report.tap"), filepath.Join(dir, "latest.tap")
	if err := os.WriteFile(target, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	f := newFake(t)
	f.fails = errors.New("no sockets")
	f.run(t.Context(), "run", "--format", "tap", "--output", link)
	if text, _ := os.ReadFile(target); string(text) != "before" {
		t.Errorf("a run that failed wrote %q", text)
	}
	f.fails = nil
	if code := f.run(t.Context(), "run", "--format", "tap", "--output", link); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &f.err)
	}
	if text, _ := os.ReadFile(target); string(text) != "TAP version 13\n1..0\n" {
		t.Errorf("wrote %q", text)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 2 {
		t.Errorf("left %v", files)
	}
}

// TestForeignTextInErrors: names and errors are shown escaped.
func TestForeignTextInErrors(t *testing.T) {
	f := newFake(t)
	f.fails = errors.New("tls: \x1b[31m\u202ered\nhint: lies")
	if code := f.run(t.Context(), "connect", "server.example:443"); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	want := "error: tls: \\x1b[31m\\u202ered\n  hint: lies\n"
	if diff := cmp.Diff(want, f.err.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

// TestEveryCommandSaysHow: each command has an example, and each flag a sentence.
func TestEveryCommandSaysHow(t *testing.T) {
	for _, cmd := range newRoot(newApp()).Commands() {
		t.Run(cmd.Name(), func(t *testing.T) {
			if cmd.Example == "" && len(cmd.Flags().FlagUsages()) > 0 {
				t.Error("has flags and no example")
			}
			if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
				t.Errorf("short help %q", cmd.Short)
			}
		})
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{"a/b.yaml": "a/b.yaml", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$(x)": "'$(x)'"} {
		if got := shellQuote(in); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", in, got, want)
		}
	}
}
