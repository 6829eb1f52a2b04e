package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/transcript"
)

// A saved run is a capture file of our own, and the results that were printed.
type savedRun struct {
	file    []byte
	results []Result
}

// saveSuite runs every built-in scenario and saves what was recorded. Each has a
// file of its own, so that one that differs is named.
func saveSuite(t *testing.T, o SuiteOptions, each func(name string, s savedRun)) {
	t.Helper()
	for _, sc := range sampled(t) {
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			var file bytes.Buffer
			saver := NewSaver(SaveTo{Capture: &file})
			connections, result, err := ready.play(context.Background(), cell, o.Options, hooks{})
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(connections, wordless) {
				continue
			}
			saver.Record(result, connections)
			if err := saver.Close(); err != nil {
				t.Fatal(err)
			}
			each(sc.ID+"/"+cell.String(), savedRun{file.Bytes(), []Result{result}})
		}
	}
}

// wordless says that a TCP connection came and went without a byte, which is no
// connection to who reads packets for TLS.
func wordless(c *Connection) bool {
	return len(c.Timeline.Steps) > 0 && !slices.ContainsFunc(c.Transcript.Units, func(u transcript.Unit) bool { return u.Kind == transcript.Data })
}

// asJSON is a result as it is printed, without what a capture is not asked for,
// and without the notes on how it was captured.
func asJSON(t *testing.T, r Result) string {
	t.Helper()
	b, err := json.MarshalIndent(unchecked(r), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// unchecked is a result of which nothing was expected, as open's are.
func unchecked(r Result) Result {
	r.Status, r.Reason, r.Mismatches, r.Notes = NoCheck, "", []Mismatch{}, nil
	r.Connections = slices.Clone(r.Connections)
	for i := range r.Connections {
		r.Connections[i].Notes = nil
	}
	return r
}

// What was run and what is opened again are the same, byte for byte.
func TestOpenGivesBackWhatWasRun(t *testing.T) {
	for _, carrier := range []Carrier{Memory, Loopback} {
		if testing.Short() && carrier == Loopback {
			continue // comparing fields takes the race detector a minute
		}
		saveSuite(t, SuiteOptions{Options: Options{Carrier: carrier, Fields: true}}, func(name string, s savedRun) {
			if s.results[0].Transport == "quic" && tampered(s.results[0].ConnectionResult) {
				return // of what a stack repeats for long a reader keeps no more than how much it was
			}
			opened := openAll(t, s.file, CaptureOptions{Fields: true})
			if len(opened) != len(s.results) {
				t.Errorf("%s (%s): %d results, want %d", name, carrier, len(opened), len(s.results))
				return
			}
			for i, want := range s.results {
				want.ConnectionResult = want.Connections[len(want.Connections)-1]
				got := opened[i].Result
				if reflect.DeepEqual(unchecked(want), unchecked(got)) {
					continue // it has the same JSON, which takes long to write
				}
				if diff := cmp.Diff(strings.Split(asJSON(t, want), "\n"), strings.Split(asJSON(t, got), "\n")); diff != "" {
					t.Errorf("%s (%s) (-run +opened):\n%s", name, carrier, diff)
				}
			}
		})
	}
}

// Two files of ours have the same addresses. One behind the other they are still
// all that was run, even where it is the same file.
func TestOpenTellsTwoRunsApart(t *testing.T) {
	var files []savedRun
	saveSuite(t, SuiteOptions{Options: Options{Carrier: Memory}}, func(name string, s savedRun) {
		if strings.HasPrefix(name, "healthy/mutual/") || strings.HasPrefix(name, "trust/unknown-server-ca/") {
			files = append(files, s)
		}
	})
	for _, pair := range [][2]savedRun{{files[0], files[len(files)-1]}, {files[1], files[len(files)-2]}, {files[0], files[0]}} {
		opened := openAll(t, append(bytes.Clone(pair[0].file), pair[1].file...), CaptureOptions{})
		if len(opened) != len(pair) {
			t.Errorf("%d results of two files, want 2", len(opened))
			continue
		}
		for i, s := range pair {
			want := s.results[0]
			if diff := cmp.Diff(asJSON(t, want), asJSON(t, opened[i].Result)); diff != "" {
				t.Errorf("file %d (-run +opened):\n%s", i+1, diff)
			}
		}
	}
}

// Without our own notes the wire tells the same, and neither side has said
// anything.
func TestStepsComeFromPacketsAndSecrets(t *testing.T) {
	saveSuite(t, SuiteOptions{Options: Options{Carrier: Memory}}, func(name string, s savedRun) {
		opened := openAll(t, withoutNotes(t, s.file), CaptureOptions{All: true})
		at := 0
		for _, want := range s.results[0].Connections {
			if tampered(want) {
				return // who sent what is not on the wire
			}
			story := resultStory(want.Steps)
			if story == "" {
				continue
			}
			if at == len(opened) {
				t.Errorf("%s: %d connections without notes", name, len(opened))
				return
			}
			got := opened[at].Result
			at++
			if diff := cmp.Diff(story, resultStory(got.Steps)); diff != "" {
				t.Errorf("%s (-run +opened):\n%s", name, diff)
			}
			if got.Client.Known || got.Server.Known || got.Scenario != "capture" {
				t.Errorf("%s: without notes it knows of %s, %+v, %+v", name, got.Scenario, got.Client, got.Server)
			}
		}
	})
}

// tampered says that the link has put something in, changed it, held it up, or
// dropped it.
func tampered(c ConnectionResult) bool {
	for _, s := range c.Steps {
		if len(s.Marks) > 0 || strings.Contains(s.Summary, dissect.OnPath) {
			return true
		}
	}
	return false
}

// withoutNotes copies a file of ours and leaves out what it says of itself.
func withoutNotes(t *testing.T, file []byte) []byte {
	t.Helper()
	return rewritten(t, file, func(int) bool { return true }, false)
}

// copied copies a file of ours with those packets, counted from 1, that it is to
// have.
func copied(t *testing.T, file []byte, has func(packet int) bool) []byte {
	t.Helper()
	return rewritten(t, file, has, true)
}

func rewritten(t *testing.T, file []byte, has func(packet int) bool, notes bool) []byte {
	t.Helper()
	var b bytes.Buffer
	r, err := pcapng.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	w := pcapng.NewWriter(&b, pcapng.About{Application: "a test"})
	for {
		block, err := r.Next()
		if err != nil {
			break
		}
		switch block := block.(type) {
		case *pcapng.Packet:
			if has(block.Number) {
				err = w.Packet(block.At, block.Data)
			}
		case pcapng.Note:
			if notes {
				err = w.Note(goldenNow, block.Data)
			}
		case pcapng.Secrets:
			err = w.Secrets(block.KeyLog, block.Comment)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A packet that was changed since is seen to be, whatever the note says.
func TestOpenSeesAChangedPacket(t *testing.T) {
	sc := builtIn(t)[0]
	ready, err := newStage(sc, goldenNow, nil)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	saver := NewSaver(SaveTo{Capture: &file})
	cell := outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	connections, result, err := ready.play(context.Background(), cell, Options{Carrier: Memory}, hooks{})
	if err != nil {
		t.Fatal(err)
	}
	saver.Record(result, connections)
	if err := saver.Close(); err != nil {
		t.Fatal(err)
	}
	const name = "\x00\x0bserver.test" // as the ClientHello has it, behind its length
	at := bytes.Index(file.Bytes(), []byte(name))
	if at < 0 {
		t.Fatal("the ClientHello does not name the server")
	}
	changed := bytes.Clone(file.Bytes())
	copy(changed[at:], "\x00\x0btamper.test")
	opened := openAll(t, changed, CaptureOptions{})
	if len(opened) != 1 || !strings.Contains(opened[0].Result.Steps[0].Summary, "tamper.test") {
		t.Errorf("the ClientHello is still %q", opened[0].Result.Steps[0].Summary)
	}
}

// Where packets are missing that were recorded, the note's word on what arrived
// is not taken; both sides' words stay.
func TestOpenSeesAMissingPacket(t *testing.T) {
	saveSuite(t, SuiteOptions{Options: Options{Carrier: Memory}}, func(name string, s savedRun) {
		if name != "healthy/mutual/tcp 1.3" {
			return
		}
		opened := openAll(t, copied(t, s.file, func(n int) bool { return n != 12 }), CaptureOptions{})
		if len(opened) != 1 {
			t.Fatalf("%d results", len(opened))
		}
		r := opened[0].Result
		if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "are missing at") || !strings.Contains(notes, "the packets are not those that shakedown recorded") {
			t.Errorf("notes %q", notes)
		}
		if !r.Client.Known || r.Scenario != "healthy/mutual" {
			t.Errorf("the client's words are lost: %+v, %s", r.Client, r.Scenario)
		}
		var story strings.Builder
		for _, step := range r.Steps {
			story.WriteString(step.Name + " ")
		}
		if got := story.String(); !strings.Contains(got, "gap") || !strings.Contains(got, "handshake-complete") {
			t.Errorf("the story is %s", got)
		}
	})
}
