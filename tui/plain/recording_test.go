package plain_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/tui"
	"shakedown/tui/plain"
	"shakedown/tui/tuitest"
)

// recording is the file that most of these tests are about.
func recording() plain.Recording {
	return plain.Recording{
		Name: tuitest.RecordingName, Connections: tuitest.Connections(), Notes: []string{"there is no key log: what is protected stays closed"},
		Open: func(n int) (tui.Debugger, error) {
			return tuitest.OpenConnection(strconv.Itoa(n), outcome.Cell{})
		},
	}
}

// TestRecordings types commands over recorded connections and compares all that
// is said.
func TestRecordings(t *testing.T) {
	tests := []struct {
		name, typed string
		o           plain.Options
	}{
		{"recording", "step\nconnection\nconnection x\nconnection 9\nconnection 2\nback\nstep\nrestart\nrestart quic\nn\nb client Certificate\nc\nc\nf\nf\ninspect 13\nhex 13\nhex 12\nconnections refused client\nconnections quic\n4\nlist\nchain\nhelp\nquit\n", plain.Options{Interactive: true}},
		{"recording-piped", "connection 5\n", plain.Options{Interactive: true, Scripted: true}},
		{"recording-listed", "", plain.Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			tt.o.Tree = tuitest.Tree
			if err := plain.RunRecording(context.Background(), recording(), strings.NewReader(tt.typed), &out, tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, out.String())
			for _, r := range out.String() {
				if r != '\n' && (r < 0x20 || r > 0x7e) {
					t.Errorf("the output holds %q", r)
				}
			}
		})
	}
}

// TestRecordingOfOne steps through a recording without asking which connection.
func TestRecordingOfOne(t *testing.T) {
	for _, tt := range []struct {
		typed string
		o     plain.Options
		want  []string
	}{
		{"", plain.Options{}, []string{"1. client to server: ClientHello", "14. client: the first read fails", "outcome: refused by the server"}},
		{"", plain.Options{Interactive: true, Scripted: true}, []string{"1. client to server: ClientHello", "14. client: the first read fails"}},
		{"step\n", plain.Options{Interactive: true}, []string{"14 steps are recorded; list lists them.", "at 13. server to client: alert", "> at 14. client: the first read fails"}},
		{"connection 1\n", plain.Options{Interactive: true}, []string{"connection: there is one connection, which is open"}},
	} {
		dbg, err := tuitest.OpenConnection("2", outcome.Cell{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := plain.Run(context.Background(), dbg, strings.NewReader(tt.typed), &out, tt.o); err != nil {
			t.Fatal(err)
		}
		for _, w := range tt.want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%q with %+v lacks %q:\n%s", tt.typed, tt.o, w, out.String())
			}
		}
	}
}

// TestManyConnections lists of many those that failed, and not all of them.
func TestManyConnections(t *testing.T) {
	r := plain.Recording{Name: "many.pcapng", Open: func(n int) (tui.Debugger, error) { return nil, fmt.Errorf("connection %d is not there", n) }}
	for i := range 10_000 {
		c := tui.Connection{Number: i + 1, Client: fmt.Sprintf("192.0.2.1:%d", 1024+i), Server: "192.0.2.2:443", Outcome: diagnose.Established}
		if i%100 == 99 {
			c.Outcome, c.RefusedBy = diagnose.Refused, outcome.Server
		}
		r.Connections = append(r.Connections, c)
	}
	var out bytes.Buffer
	if err := plain.RunRecording(context.Background(), r, strings.NewReader("connections 1123\n17\n"), &out, plain.Options{Interactive: true, Scripted: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"many.pcapng, a recording of 10,000 connections.", "100 connections did not succeed:", "connection 100, 192.0.2.1:1123 to 192.0.2.2:443, refused by server\n",
		"and 60 more", "connection 17: connection 17 is not there",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "\n"); n > 100 {
		t.Errorf("it says %d lines", n)
	}
}

// TestConnectionsOfOneRun goes on from one connection to the next, as a session does.
func TestConnectionsOfOneRun(t *testing.T) {
	dbg := tuitest.OneRun()
	var out bytes.Buffer
	if err := plain.Run(context.Background(), dbg, strings.NewReader("restart\nc\nc\nc\nback\n"), &out, plain.Options{Interactive: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, "recording-run", out.String())
	out.Reset()
	if err := plain.Run(context.Background(), tuitest.OneRun(), nil, &out, plain.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "\nconnection 1 of 2\n") != 1 || strings.Count(got, "\nconnection 2 of 2\n") != 1 || strings.Count(got, "outcome:") != 2 {
		t.Errorf("not every connection is told once:\n%s", got)
	}
}

var _ tui.Debugger = (*harness.Replay)(nil)
