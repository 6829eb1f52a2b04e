package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
)

// kept returns how many connections a capture file holds.
func kept(t *testing.T, name string) int {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader, err := pcapng.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		block, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, is := block.(pcapng.Note); is {
			n++
		}
	}
}

// await waits until a session's state is as it should be.
func await(t *testing.T, s *harness.Session, is func(harness.State) bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for !is(s.State()) {
		select {
		case <-s.Changed():
		case <-late:
			t.Fatalf("the session stays %s", s.State().Phase)
		}
	}
}

var tcp13 = outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}

// held and over are states to wait for.
func held(s harness.State) bool { return s.Phase == harness.PhaseHeld }
func over(s harness.State) bool { return s.Result != nil }

// Every session that the screen has opened is kept: one that ended, and one that
// was left in the middle.
func TestTheScreenKeepsWhatItShowed(t *testing.T) {
	a := newFake(t)
	a.catalog, a.terminal = builtIn, func() bool { return true }
	a.screen = func(ctx context.Context, r screenRequest) error {
		for _, finish := range []bool{true, false} {
			s, err := harness.OpenSession(ctx, r.Start, tcp13, r.Options)
			if err != nil {
				return err
			}
			await(t, s, held)
			if finish {
				s.Finish()
				await(t, s, over)
			}
			s.Close()
		}
		return nil
	}
	file := filepath.Join(t.TempDir(), "screen.pcapng")
	if code := run(t.Context(), &a.app, []string{"healthy/mutual", "--save-pcapng", file}); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, a.err.String())
	}
	if n := kept(t, file); n != 2 {
		t.Errorf("%d connections were kept, want 2", n)
	}
	if !strings.Contains(a.err.String(), "screen.pcapng holds the secrets of 1 connection: ") {
		t.Errorf("the command says\n%s", a.err.String())
	}
}

func TestAScreenOnWhichNothingHappenedWritesNoFile(t *testing.T) {
	a := newFake(t)
	a.terminal = func() bool { return true }
	dir := t.TempDir()
	if code := run(t.Context(), &a.app, []string{"--save-pcapng", filepath.Join(dir, "none.pcapng")}); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, a.err.String())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%s was left behind", entries[0].Name())
	}
	if !strings.Contains(a.err.String(), "note: no handshake was recorded: ") {
		t.Errorf("the command says\n%s", a.err.String())
	}
}

// A person who interrupts the stepper has seen what was recorded; a run that is
// interrupted has no result, and so no file.
func TestWhatAnInterruptionKeeps(t *testing.T) {
	a := newFake(t)
	a.catalog = builtIn
	ctx, interrupt := context.WithCancel(t.Context())
	a.stepper = func(ctx context.Context, s *harness.Session, _ io.Reader, _ io.Writer) error {
		await(t, s, held)
		interrupt()
		return ctx.Err()
	}
	file := filepath.Join(t.TempDir(), "stepped.pcapng")
	if code := run(ctx, &a.app, []string{"healthy/mutual", "--plain", "--save-pcapng", file}); code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, a.err.String())
	}
	if n := kept(t, file); n != 1 {
		t.Errorf("%d connections were kept, want 1", n)
	}

	a = newFake(t)
	ctx, interrupt = context.WithCancel(t.Context())
	a.results, a.during, a.fails = []harness.Result{{Scenario: "healthy/mutual", Status: harness.Passed}}, interrupt, context.Canceled
	dir := t.TempDir()
	if code := run(ctx, &a.app, []string{"run", "healthy/mutual", "--save-pcapng", filepath.Join(dir, "run.pcapng"), "--keylog", filepath.Join(dir, "keys.txt")}); code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, a.err.String())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%s was left behind", entries[0].Name())
	}
}

// Where nothing is to be kept, nothing is recorded for it.
func TestNothingIsKeptUnasked(t *testing.T) {
	a := newFake(t)
	run(t.Context(), &a.app, []string{"run", "healthy/mutual"})
	if a.ran.Record != nil {
		t.Error("the engine was told to record")
	}
	a.env["SSLKEYLOGFILE"] = filepath.Join(t.TempDir(), "keys.txt")
	run(t.Context(), &a.app, []string{"run", "healthy/mutual"})
	if a.ran.Record == nil {
		t.Error("SSLKEYLOGFILE was not heeded")
	}
}
