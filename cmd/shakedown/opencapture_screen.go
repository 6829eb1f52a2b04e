package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/harness/report"
	"shakedown/tui"
	"shakedown/tui/plain"
)

// captureScreen shows the connections of a capture, or one of them, until the
// person quits. What came of the one that was looked at last stays below it.
func captureScreen(ctx context.Context, r captureRequest) error {
	var last *harness.Result
	o := tui.Options{
		Color: tui.Color(r.Color), Listing: tui.Connections(r.base(), r.Notes...),
		Open: func(id string, _ outcome.Cell) (tui.Debugger, error) {
			number, err := strconv.Atoi(id)
			if err != nil {
				return nil, fmt.Errorf("%q is no connection's number", id)
			}
			replay, err := r.replay(ctx, number)
			if err != nil {
				return nil, err
			}
			last = replay.State().Result
			return replay, nil
		},
		Command: func(s harness.State) string { return fmt.Sprintf("%s --connection %d", r.Command, s.Recording.Number) },
	}
	for _, e := range r.Capture.Entries {
		o.Catalogue = append(o.Catalogue, listed(e).Entry())
	}
	if r.Connection > 0 {
		o.Start = strconv.Itoa(r.Connection)
	}
	if err := tui.Run(ctx, o); err != nil || last == nil {
		return err
	}
	_, err := fmt.Fprintln(os.Stdout, report.Line(*last))
	return err
}

// captureStepper steps through the connections of a capture line by line.
func captureStepper(ctx context.Context, r captureRequest, in io.Reader, out io.Writer) error {
	typed, piped := commanded(in)
	of := plain.Recording{
		Name: r.base(), Notes: r.Notes, Start: r.Connection,
		Open: func(number int) (tui.Debugger, error) { return r.replay(ctx, number) },
	}
	for _, e := range r.Capture.Entries {
		of.Connections = append(of.Connections, listed(e))
	}
	return plain.RunRecording(ctx, of, in, out, plain.Options{Interactive: typed || piped, Scripted: piped})
}

// base is the file's name without its folder.
func (r captureRequest) base() string { return filepath.Base(r.Name) }

// replay opens a connection, with the others of its run where the capture is one
// of our own recordings.
func (r captureRequest) replay(ctx context.Context, number int) (*harness.Replay, error) {
	connections, from, err := r.Capture.Open(ctx, number)
	if err != nil {
		return nil, err
	}
	of := harness.Recording{
		ID: r.base(), Title: from.Result.Title, Connections: connections, Result: &from.Result,
		Of: max(len(r.Capture.Entries), r.Capture.Summary.Connections), Begin: number,
	}
	seen := map[string]bool{}
	for _, c := range from.Connections {
		of.Numbers = append(of.Numbers, c.Number)
		for _, n := range c.Notes {
			if !seen[n] {
				seen[n] = true
				of.Notes = append(of.Notes, n)
			}
		}
	}
	return harness.NewReplay(of), nil
}

// listed is an entry of a capture as lists show it.
func listed(e harness.CaptureEntry) tui.Connection {
	c := tui.Connection{
		Number: e.Number, Time: e.Start.UTC().Format("15:04:05.000"), Scenario: e.Run,
		Client: e.Client.String(), Server: e.Server.String(),
		Cell:       outcome.Cell{Transport: e.Transport, TLS: e.TLS},
		ServerName: e.ServerName,
		Outcome:    diagnose.Kind(e.Outcome.Outcome), RefusedBy: outcome.Role(e.Outcome.RefusedBy),
		Packets: e.Packets, Bytes: int(e.Bytes), Notes: e.Notes,
	}
	if l := e.Outcome.Likely; l != nil {
		c.Likely, c.RefusedBy = diagnose.Kind(l.Outcome), outcome.Role(l.RefusedBy)
	}
	if e.Outcome.Alert != nil {
		c.Alert = e.Outcome.Alert.Name
	}
	for _, cause := range e.Outcome.Causes {
		c.Causes = append(c.Causes, cause.ID)
	}
	return c
}
