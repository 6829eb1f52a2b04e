package harness

import (
	"fmt"
	"runtime/debug"

	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// A laboratory makes connections of recordings. It is safe for concurrent use.
type laboratory struct {
	also       []diagnose.Known
	fields     bool
	cell       outcome.Cell
	encode     EncodeFunc
	signatures *diagnose.Signatures
	memory     *crossref.Memory
}

// A worktop is the memory of one who works in the laboratory. What was made on it
// lasts until the next recording.
type worktop struct {
	timeline dissect.Room
	pages    crossref.Room
	steps    []StepResult
	fields   field.Room
}

// mostSteps is how many steps a worktop holds on to: those of dozens of handshakes.
const mostSteps = 1 << 10

// examine makes a connection of a recording, and its result where it is the only
// one of its run. A panic is an error, so that it never takes the screen with it.
func (lab *laboratory) examine(j *captureJob, on *worktop) {
	defer func() {
		if r := recover(); r != nil {
			j.err = fmt.Errorf("connection %d of the capture: reading it panicked: %v\n%s", j.recording.Number, r, debug.Stack())
		}
	}()
	alone := j.recording.Note == nil || j.recording.Note.Run.Connections == 1
	room, pages := new(dissect.Room), (*crossref.Room)(nil)
	if alone && lab.encode != nil {
		room, pages = &on.timeline, &on.pages // what is encoded is not kept
		room.Reset()
	}
	rec, t := j.recording, j.recording.Transcript
	c := &Connection{Transcript: t, Timeline: rec.TimelineIn(room)}
	for _, k := range rec.Known() {
		c.Also = append(c.Also, diagnose.Known{Raw: k.Raw, Source: k.Source})
	}
	c.Also = append(c.Also, lab.also...)
	if alone {
		lab.book(c, nil, pages)
	}
	c.Diagnosis = diagnose.Diagnose(diagnose.Input{
		Timeline: c.Timeline, Client: t.Client, Server: t.Server, Recorded: t.Start, Also: c.Also, Signatures: lab.signatures, Book: c.Book,
	})
	j.connection = c
	if !alone {
		return
	}
	if lab.encode == nil {
		j.shown = present(c, lab.fields)
	} else {
		j.shown = presentIn(on.steps, c, false)
		if cap(j.shown.Steps) <= mostSteps {
			on.steps = j.shown.Steps
		}
	}
	j.shown.Notes = rec.Notes
	j.alone = new(capturedRun)
	j.alone.add(j)
	if lab.encode != nil {
		lab.encodeAlone(j, on)
	}
}

// encodeAlone encodes the result of a connection that is the only one of its run,
// if it is wanted, and lets go of all that it was made of: what waits for its turn
// is text.
func (lab *laboratory) encodeAlone(j *captureJob, on *worktop) {
	g := j.alone
	j.connection, j.shown, j.alone = nil, ConnectionResult{}, new(capturedRun)
	if !lab.wants(g) {
		return
	}
	var complete func(int, *StepResult)
	if lab.fields {
		complete = newTelling(g.connections[0], &on.fields).complete
	}
	c := g.result()
	c.Write, c.Result = lab.encode(c.Result, complete), Result{}
	j.alone.encoded = &c
}

// wants says whether a run is in the cell that was asked for.
func (lab *laboratory) wants(g *capturedRun) bool {
	rec := g.recordings[0]
	version := placeOf(rec, g.connections[0].Timeline).TLS
	if rec.Note != nil {
		version = rec.Note.Run.TLS
	}
	return (lab.cell.Transport == "" || lab.cell.Transport == rec.Transport) && (lab.cell.TLS == "" || lab.cell.TLS == version)
}

// complete makes the results of a run of several connections: what is told of
// one can come from those before it.
func (lab *laboratory) complete(g *capturedRun) {
	for i, c := range g.connections {
		if c.Book == nil {
			lab.book(c, g.connections[:i], nil)
			g.shown[i] = present(c, lab.fields)
			g.shown[i].Notes = g.recordings[i].Notes
		}
	}
}

func (lab *laboratory) book(c *Connection, before []*Connection, room *crossref.Room) {
	c.Book = crossref.New(crossref.Input{
		Timeline: c.Timeline, Transcript: c.Transcript, Before: books(before), Memory: lab.memory, Signatures: lab.signatures, Room: room,
	})
}
