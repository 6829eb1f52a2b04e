package harness

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"shakedown/harness/capture"
	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// CaptureOptions say how a capture file is opened. The zero value is ready.
type CaptureOptions struct {
	// Keys are secrets from beside the file; those in the file are added to them.
	Keys *capture.Keys
	// All shows also connections that are no TLS.
	All bool
	// Only chooses connections by their numbers; nil takes all.
	Only func(number int) bool
	// Cell chooses connections by transport and version; empty fields match all.
	// A connection whose version the capture does not show has none.
	Cell outcome.Cell
	// Fields adds each step's field tree to the results.
	Fields bool
	// Also are certificates that the person knows of, for the diagnosis.
	Also []diagnose.Known
	// Parallel is how many connections are dissected at a time; 0 means as many as
	// there are processors.
	Parallel int
	// Encode, if it is set, makes of each result what writes it, before its turn.
	Encode EncodeFunc
	// Progress is called now and then with how many bytes of the file were read.
	Progress func(bytes int64)
}

// An EncodeFunc makes of a result what writes it. It is called on the goroutine that
// made the result, and so on several at once. It keeps nothing of the result: the
// memory of its steps is taken back when it has returned.
//
// Where complete is not nil, the steps of the result still lack what comes with
// their fields, and complete adds it to a copy of the step of that index. It is to
// be called once for each step, in their order, and what it adds is valid until the
// next call: no more than the fields of one step are in memory so.
type EncodeFunc func(r Result, complete func(step int, r *StepResult)) (write func() error)

// A Captured is one result out of a capture file: a connection of somebody
// else's, or all connections of a run of our own.
type Captured struct {
	// Result is empty where [CaptureOptions.Encode] was set: Write writes it then.
	Result      Result
	Write       func() error
	Connections []CapturedConnection
}

// A CapturedConnection says where a connection stands in its file.
type CapturedConnection struct {
	Number         int
	Transport      outcome.Transport
	Client, Server netip.AddrPort
	Start          time.Time
	Packets        int
	Bytes          int64
	// ServerName is the name that the client asks for, escaped.
	ServerName string
	// TLS is the version, empty if it is not known.
	TLS   string
	Notes []string
}

// OpenCapture reads a capture file once, as a stream, and calls each with one
// result after the other, in the order of the file. Nothing is expected of them:
// their status is none. What a live run would have made of a connection is made
// of it here; only what both sides say of themselves is unknown, unless the file
// is one of our own.
//
// Results are made on all processors, and only so far ahead of each that memory
// stays bounded. The errors are those of [capture.Read], and each's own.
func OpenCapture(ctx context.Context, from io.Reader, o CaptureOptions, each func(Captured) error) (*capture.Summary, error) {
	return openCapture(ctx, from, o, func(g *capturedRun) error { return each(g.captured(o.Encode)) })
}

// lookAhead is how many connections are dissected, or wait for it, before the
// one that is handed out next, for each that can be dissected at a time. What waits
// takes memory that is soon in no processor's cache.
const lookAhead = 4

// maxHeld is how many connections wait for others of their run.
const maxHeld = 1000

// A captureJob is a recording on its way to becoming a connection.
type captureJob struct {
	recording  *capture.Recording
	connection *Connection
	shown      ConnectionResult
	// alone is its run where it is the only one of it, else nil. That is empty where
	// results are encoded and this one is not wanted.
	alone *capturedRun
	err   error
	made  chan struct{}
}

func openCapture(ctx context.Context, from io.Reader, o CaptureOptions, each func(*capturedRun) error) (*capture.Summary, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	if o.Keys == nil {
		o.Keys = new(capture.Keys)
	}
	parallel := cmp.Or(max(o.Parallel, 0), runtime.GOMAXPROCS(0))
	order := make(chan *captureJob, lookAhead*parallel)
	// A worker that is done finds its next job waiting: no other goroutine has to be
	// woken for it.
	todo := make(chan *captureJob, cap(order))
	lab := &laboratory{also: o.Also, fields: o.Fields, cell: o.Cell, encode: o.Encode, signatures: new(diagnose.Signatures), memory: new(crossref.Memory)}
	var workers sync.WaitGroup
	defer func() {
		cancel(nil) // also where each panics: the reader waits for whoever listens
		workers.Wait()
	}()
	for range parallel {
		workers.Go(func() {
			on := new(worktop)
			for j := range todo {
				lab.examine(j, on)
				close(j.made)
				runtime.Gosched() // whoever waits for it takes it while it is in the cache
			}
		})
	}
	var summary *capture.Summary
	var failed error
	workers.Go(func() {
		defer close(order)
		defer close(todo)
		summary, failed = capture.Read(ctx, from, capture.Options{Keys: o.Keys, All: o.All, Progress: o.Progress}, func(rec *capture.Recording) error {
			if o.Only != nil && !o.Only(rec.Number) {
				return nil
			}
			j := &captureJob{recording: rec, made: make(chan struct{})}
			for _, to := range []chan *captureJob{order, todo} {
				select {
				case to <- j:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			return nil
		})
	})
	err := lab.collect(ctx, order, each)
	cancel(err)
	for range order {
		// The reader ends when it sees that nobody listens.
	}
	if err != nil {
		return nil, err
	}
	return summary, failed
}

// collect puts the connections of our own runs together and hands out each
// result when it is complete.
func (lab *laboratory) collect(ctx context.Context, order <-chan *captureJob, each func(*capturedRun) error) error {
	var runs []*capturedRun
	held := 0 // connections that wait for others of their run
	hand := func(g *capturedRun) error {
		if g.encoded == nil && (len(g.recordings) == 0 || !lab.wants(g)) {
			return nil
		}
		lab.complete(g)
		return each(g)
	}
	for j := range order {
		select {
		case <-j.made:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if j.err != nil {
			return j.err
		}
		if j.alone != nil {
			if err := hand(j.alone); err != nil {
				return err
			}
			continue
		}
		note := j.recording.Note
		at := slices.IndexFunc(runs, func(g *capturedRun) bool { return g.recordings[0].Note.Run.Number == note.Run.Number })
		if at < 0 {
			at = len(runs)
			runs = append(runs, new(capturedRun))
		}
		runs[at].add(j)
		held++
		if len(runs[at].recordings) < note.Run.Connections {
			if held <= maxHeld {
				continue
			}
			at = 0 // a file that promises more than it holds
		}
		g := runs[at]
		held -= len(g.recordings)
		runs = slices.Delete(runs, at, at+1)
		if err := hand(g); err != nil {
			return err
		}
	}
	for _, g := range runs {
		if err := hand(g); err != nil {
			return err
		}
	}
	return nil
}

// A capturedRun is what becomes one result.
type capturedRun struct {
	recordings  []*capture.Recording
	connections []*Connection
	shown       []ConnectionResult
	// encoded is its result where it was encoded. What that was made of is gone.
	encoded *Captured
}

// add puts a connection into its place among those of its run.
func (g *capturedRun) add(j *captureJob) {
	at := len(g.recordings)
	if note := j.recording.Note; note != nil {
		for at > 0 && g.recordings[at-1].Note.Run.Connection > note.Run.Connection {
			at--
		}
	}
	g.recordings = slices.Insert(g.recordings, at, j.recording)
	g.connections = slices.Insert(g.connections, at, j.connection)
	g.shown = slices.Insert(g.shown, at, j.shown)
}

// captured returns the result, encoded where encode is not nil.
func (g *capturedRun) captured(encode EncodeFunc) Captured {
	if g.encoded != nil {
		return *g.encoded
	}
	c := g.result()
	if encode != nil {
		c.Write, c.Result = encode(c.Result, nil), Result{}
	}
	return c
}

// result writes a result as the JSON contract has it.
func (g *capturedRun) result() Captured {
	out := Captured{Result: Result{
		Status: NoCheck, Mismatches: []Mismatch{}, Connections: []ConnectionResult{}, ConnectionResult: emptyConnection(),
	}}
	r := &out.Result
	for i, rec := range g.recordings {
		place := placeOf(rec, g.connections[i].Timeline)
		out.Connections = append(out.Connections, place)
		r.Connections = append(r.Connections, g.shown[i])
		r.ConnectionResult = g.shown[i]
		r.Transport = string(rec.Transport)
		if note := rec.Note; note != nil {
			run := note.Run
			r.Scenario, r.Title, r.File, r.TLS, r.DurationUS = run.Scenario, run.Title, run.File, run.TLS, run.DurationUS
			continue
		}
		r.Scenario, r.TLS = "capture", place.TLS
		r.Title = fmt.Sprintf("%s → %s", place.Client, place.Server)
		if place.ServerName != "" {
			r.Title += " (" + place.ServerName + ")"
		}
		r.DurationUS = rec.Last.Sub(rec.First).Microseconds()
	}
	return out
}

// maxServerName bounds what is shown of a name that a client asks for.
const maxServerName = 80

// placeOf says where a connection stands in its file.
func placeOf(rec *capture.Recording, t *dissect.Timeline) CapturedConnection {
	p := CapturedConnection{
		Number: rec.Number, Transport: rec.Transport, Client: rec.Client, Server: rec.Server,
		Start: rec.First, Packets: rec.Packets, Bytes: rec.Bytes, Notes: rec.Notes,
	}
	if t.Version != 0 {
		p.TLS = strings.TrimPrefix(tlswire.VersionName(t.Version), "TLS ")
	} else if rec.Transport == outcome.QUIC {
		p.TLS = "1.3" // RFC 9001 4.2
	}
	for _, s := range t.Steps {
		if hello, ok := s.Message.(*tlswire.ClientHello); ok {
			p.ServerName = field.Shorten(hello.ServerName, maxServerName)
			break
		}
	}
	return p
}
