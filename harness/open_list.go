package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"shakedown/harness/capture"
)

// A Capture is a capture file with a list of what is in it, whose connections
// can be opened one by one.
type Capture struct {
	// Entries are the connections in the order of their numbers.
	Entries []CaptureEntry
	Summary *capture.Summary
	open    func() (io.ReadCloser, error)
	options CaptureOptions
}

// A CaptureEntry is one connection of the list.
type CaptureEntry struct {
	CapturedConnection
	// Run is the result's scenario and cell for one of our own recordings, empty
	// for others.
	Run string
	// Outcome has no steps.
	Outcome ConnectionResult
}

// LoadCapture reads a file from its beginning to its end and lists what is in
// it. open is called for that, and once for each [Capture.Open].
func LoadCapture(ctx context.Context, open func() (io.ReadCloser, error), o CaptureOptions) (*Capture, error) {
	c := &Capture{open: open, options: o}
	c.options.Encode = nil // the list is made of results, and so is what is opened
	if c.options.Keys == nil {
		c.options.Keys = new(capture.Keys)
	}
	from, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	o = c.options
	c.Summary, err = OpenCapture(ctx, from, o, func(g Captured) error {
		c.list(g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(c.Entries, func(a, b CaptureEntry) int { return cmp.Compare(a.Number, b.Number) })
	return c, nil
}

// maxEntries is how many connections are listed.
const maxEntries = 200_000

func (c *Capture) list(g Captured) {
	for i, place := range g.Connections {
		if len(c.Entries) >= maxEntries {
			return
		}
		r := g.Result.Connections[i]
		r.Steps, r.Notes = nil, nil
		e := CaptureEntry{CapturedConnection: place, Outcome: r}
		if g.Result.Scenario != "capture" {
			e.Run = fmt.Sprintf("%s (%s %s)", g.Result.Scenario, g.Result.Transport, g.Result.TLS)
		}
		c.Entries = append(c.Entries, e)
	}
}

// errFound ends reading when what was looked for is there.
var errFound = errors.New("found")

// Open reads the file again and returns the connections of the result that
// number belongs to: one, or those of a run of our own, in their order.
func (c *Capture) Open(ctx context.Context, number int) ([]*Connection, Captured, error) {
	from, err := c.open()
	if err != nil {
		return nil, Captured{}, err
	}
	defer func() { _ = from.Close() }()
	var found *capturedRun
	o := c.options
	o.Progress = nil
	if at := slices.IndexFunc(c.Entries, func(e CaptureEntry) bool { return e.Number == number }); at >= 0 && c.Entries[at].Run == "" {
		o.Only = func(n int) bool { return n == number }
	}
	_, err = openCapture(ctx, from, o, func(g *capturedRun) error {
		if !slices.ContainsFunc(g.recordings, func(r *capture.Recording) bool { return r.Number == number }) {
			return nil
		}
		found = g
		return errFound
	})
	switch {
	case found != nil:
		return found.connections, found.result(), nil
	case err != nil:
		return nil, Captured{}, err
	}
	return nil, Captured{}, fmt.Errorf("no connection %d in this capture", number)
}
