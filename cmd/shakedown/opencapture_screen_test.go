package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

const (
	refusedTwice = `
title: the second time the client has no certificate
script: [{connect: {}}, {reload: {client: {present: []}}}, {connect: {}}]
expect: [{outcome: established}, {outcome: refused}]
`
	works = "title: a healthy pair\n"
)

// captured runs scenarios over TCP and TLS 1.3 and returns the capture of them.
func captured(t *testing.T, texts ...string) string {
	t.Helper()
	var list []*scenario.Scenario
	for _, text := range texts {
		sc, err := scenario.Parse("test", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		sc.ID = "mine/" + strings.ReplaceAll(sc.Title, " ", "-")
		sc.Cells = slices.DeleteFunc(sc.Cells, func(c outcome.Cell) bool { return c != outcome.Cell{Transport: outcome.TCP, TLS: "1.3"} })
		list = append(list, sc)
	}
	var file bytes.Buffer
	saver := harness.NewSaver(harness.SaveTo{Capture: &file})
	o := harness.SuiteOptions{Options: harness.Options{Carrier: harness.Memory, Record: saver.Record}}
	if _, err := harness.RunSuite(t.Context(), list, o); err != nil {
		t.Fatal(err)
	}
	if err := saver.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "failing.pcapng")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestOpenOnAScreen hands the connections of a capture to the screen, and opens
// one of them as it does.
func TestOpenOnAScreen(t *testing.T) {
	file := captured(t, works, refusedTwice)
	f := newFake(t).onTerminal()
	var got captureRequest
	f.captureScreen = func(_ context.Context, r captureRequest) error { got = r; return nil }
	if code := f.run(t.Context(), "open", file); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &f.err)
	}
	if len(got.Capture.Entries) != 3 || got.Connection != 0 || got.base() != "failing.pcapng" {
		t.Errorf("%d connections of %s, %d chosen; want 3 and none", len(got.Capture.Entries), got.base(), got.Connection)
	}
	if want := "shakedown open " + shellQuote(file); got.Command != want {
		t.Errorf("the command is %q, want %q", got.Command, want)
	}
	c := listed(got.Capture.Entries[2])
	if c.Number != 3 || !strings.HasPrefix(c.Scenario, "mine/the-second-time") || c.Alert != "certificate_required" || !c.Failed() || c.Causes[0] != "client-no-cert" || c.Cell.TLS != "1.3" {
		t.Errorf("the third is listed as %+v", c)
	}
	for number, want := range map[int]struct {
		step     string
		of       int // connections of its run
		sentence string
	}{
		1: {"ClientHello", 1, "a healthy pair"},
		2: {"ClientHello", 2, "the second time the client has no certificate"},
		3: {"alert certificate_required", 2, "the second time the client has no certificate"},
	} {
		replay, err := got.replay(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		s := replay.State()
		if step := s.Timeline.Steps[s.Cursor].Name; step != want.step || s.Connections != want.of || s.Title != want.sentence {
			t.Errorf("connection %d opens at %s, of %d connections, as %q; want %+v", number, step, s.Connections, s.Title, want)
		}
		if s.Recording.Number != number || s.Recording.Of != 3 || s.ID != "failing.pcapng" || s.Result == nil {
			t.Errorf("connection %d is %+v of %s", number, *s.Recording, s.ID)
		}
	}
	if _, err := got.replay(t.Context(), 9); err == nil {
		t.Error("connection 9 opens")
	}
}

// TestOpenOneConnection shows the connection that was asked for.
func TestOpenOneConnection(t *testing.T) {
	file := captured(t, works, refusedTwice)
	f := newFake(t).onTerminal()
	var got captureRequest
	f.captureScreen = func(_ context.Context, r captureRequest) error { got = r; return nil }
	if code := f.run(t.Context(), "open", file, "--connection", "3"); code != exitOK || got.Connection != 3 || len(got.Capture.Entries) != 3 {
		t.Errorf("exit code %d, connection %d, want 3\n%s", code, got.Connection, &f.err)
	}
	if code := f.run(t.Context(), "open", file, "--connection", "2-3"); code != exitOK || got.Connection != 2 || len(got.Capture.Entries) != 2 {
		t.Errorf("exit code %d, connection %d, want 2\n%s", code, got.Connection, &f.err)
	}
	if code := f.run(t.Context(), "open", file, "--connection", "9"); code != exitUsage || !strings.Contains(f.err.String(), "--connection 9 is not in") {
		t.Errorf("exit code %d\n%s", code, &f.err)
	}
}

// TestOpenLineByLine steps through a capture with commands from a pipe.
func TestOpenLineByLine(t *testing.T) {
	file := captured(t, works, refusedTwice)
	for _, tt := range []struct {
		args, typed string
		want        []string
	}{
		{"", "connection 3\nback\n", []string{
			"failing.pcapng, a recording of 3 connections.",
			"connection 1, ", "mine/a-healthy-pair (tcp 1.3)", "192.0.2.1:50000 to 198.51.100.1:4433, tcp, TLS 1.3, asks for server.test, established\n",
			"failing.pcapng, tcp, TLS 1.3, recording, connection 3 of 3.",
			"outcome: refused by the server, at Certificate\n",
			"cause: client-no-cert\n",
			". server to client: alert certificate_required",
		}},
		{"--connection 1", "list\n", []string{"failing.pcapng, a recording of 3 connections.", "1. client to server: ClientHello", "outcome: established"}},
	} {
		f := newFake(t)
		f.captureStepper = captureStepper
		f.stdin = strings.NewReader(tt.typed)
		if code := f.run(t.Context(), append([]string{"open", file, "--plain"}, strings.Fields(tt.args)...)...); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, &f.err)
		}
		for _, want := range tt.want {
			if !strings.Contains(f.out.String(), want) {
				t.Errorf("open %s lacks %q:\n%s", tt.args, want, &f.out)
			}
		}
	}
}
