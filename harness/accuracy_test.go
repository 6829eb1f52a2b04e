package harness

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// An accuracyView is what a person may have of a connection when they ask what
// is wrong with it.
type accuracyView struct {
	name string
	// side is the side whose evidence it is, empty for both.
	side outcome.Role
	// wire says that the bytes are part of it, and not the errors alone.
	wire bool
}

// The views, by their places in accuracyViews.
const (
	ofBoth = iota
	ofClient
	ofServer
	ofClientErrors
	ofServerErrors
)

var accuracyViews = []accuracyView{
	ofBoth:         {"both sides", "", true},
	ofClient:       {"the client and its wire", outcome.Client, true},
	ofServer:       {"the server and its wire", outcome.Server, true},
	ofClientErrors: {"the client's errors", outcome.Client, false},
	ofServerErrors: {"the server's errors", outcome.Server, false},
}

// A judged connection is what its scenario says was wrong with it, and what each
// view was told.
type judged struct {
	scenario   string
	cell       outcome.Cell
	connection int
	// cause is what the scenario expects, empty where nothing is wrong.
	cause string
	// told are the diagnoses, and silent says that the view has nothing to ask
	// about, each in the order of accuracyViews.
	told   []diagnose.Diagnosis
	silent []bool
	// noCertificate says that the server refused and says that no certificate came.
	noCertificate bool
	// quiet says that the view's side reports no error, though it has a recording.
	quiet []bool
	// looks is what the view has of the connection message by message and word by
	// word, without what only a reader of the values in it sees.
	looks []string
}

func (j *judged) String() string {
	return fmt.Sprintf("%s %s, connection %d", j.scenario, j.cell, j.connection)
}

// judgeAll plays scenarios in every cell, the wire's faults and resumption
// included, and lets every view judge every connection.
func judgeAll(t *testing.T, list []*scenario.Scenario) []judged {
	t.Helper()
	var all []judged
	for _, sc := range list {
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			connections := playedAsExpected(t, ready, cell)
			first := len(all)
			for i, c := range connections {
				want := sc.Expect[i].In(cell).Cause
				if want == nil {
					t.Fatalf("%s %s: connection %d: no cause is expected, not even none", sc.ID, cell, i+1)
				}
				j := judged{scenario: sc.ID, cell: cell, connection: i + 1, cause: *want}
				if f := c.Transcript.Server.Outcome.Failure(); f != nil && f.Verify != nil {
					j.noCertificate = f.Verify.Kind == outcome.NoCertificate
				}
				if j.cause == "none" {
					j.cause = ""
				}
				all = append(all, j)
			}
			for _, v := range accuracyViews {
				var before []*Connection
				for i, c := range connections {
					seen, silent := v.judge(c, ready, before)
					if seen.Timeline != nil {
						before = append(before, seen)
					}
					j := &all[first+i]
					j.told, j.silent = append(j.told, seen.Diagnosis), append(j.silent, silent)
					j.quiet, j.looks = append(j.quiet, !silent && v.quiet(c)), append(j.looks, v.looks(seen, c))
				}
			}
		}
	}
	return all
}

// playedAsExpected plays a cell, again where something else happened than the
// scenario says, whatever it is called: on a busy machine a deadline can come
// first, and that is another run.
func playedAsExpected(t *testing.T, s *stage, cell outcome.Cell) []*Connection {
	t.Helper()
	var connections []*Connection
	for range 4 {
		var err error
		connections, err = newPlay(s, cell, Options{Carrier: Memory}).run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		other := false
		for i, c := range connections {
			other = other || slices.ContainsFunc(compare(s.scenario.Expect[i].In(cell), c, i+1), func(m Mismatch) bool { return m.Field != "cause" && m.Field != "further" })
		}
		if !other {
			break
		}
	}
	return connections
}

// judge returns a connection as the view has it, diagnosed, and whether the view
// has nothing to ask about. before are those before it.
func (v accuracyView) judge(c *Connection, s *stage, before []*Connection) (seen *Connection, silent bool) {
	if v.side == "" {
		return c, false
	}
	if !v.wire {
		in := errorsOf(c, v.side)
		o := in.Client.Outcome
		if v.side == outcome.Server {
			o = in.Server.Outcome
		}
		return &Connection{Diagnosis: diagnose.Diagnose(in)}, o.Failure() == nil && o.Unloadable == nil
	}
	rec := c.Transcript.OnlyFrom(v.side)
	if o := rec.Side(v.side).Outcome; len(rec.Units) == 0 && o.Unloadable == nil && (v.side == outcome.Server || o.Failure() == nil) {
		return new(Connection), true // nobody came, or nobody was there
	}
	rec.Client.Settings.Address = addressOf(c)  // its packets say where they go
	rec.Start = rec.Side(v.side).Settings.Clock // it is recorded on that side's machine
	seen = &Connection{Transcript: rec, Timeline: dissect.Transcript(rec)}
	seen.Book = crossref.New(crossref.Input{Timeline: seen.Timeline, Transcript: rec, Before: books(before), Memory: s.memory, Signatures: s.signatures})
	seen.Diagnosis = diagnose.Diagnose(diagnose.Input{
		Timeline: seen.Timeline, Client: rec.Client, Server: rec.Server, Recorded: rec.Start, Signatures: s.signatures, Book: seen.Book, Before: timelines(before),
	})
	return seen, false
}

// quiet says that the view has a recording, and its side no error to ask about.
func (v accuracyView) quiet(c *Connection) bool {
	if !v.wire || v.side == "" {
		return false
	}
	o := c.Transcript.Side(v.side).Outcome
	return o.Failure() == nil && o.Unloadable == nil
}

// changing is what differs in an error text from run to run, and from scenario to
// scenario: dates, numbers, names.
var changing = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:]+Z|[a-z0-9-]+\.test|\d+`)

// looks writes what one side with a recording has of a connection: each side's
// messages, alerts and ends in their order, and its own words. Acknowledgments and
// the like are left out, which fall differently from run to run.
func (v accuracyView) looks(seen, c *Connection) string {
	if !v.wire || v.side == "" || seen.Timeline == nil {
		return ""
	}
	var w strings.Builder
	for _, from := range []outcome.Role{outcome.Client, outcome.Server} {
		for _, s := range seen.Timeline.Steps {
			if s.From == from && s.Kind != dissect.KindLocal && (s.Kind != dissect.KindQUICFrame || s.Close != nil) {
				fmt.Fprintf(&w, "%s %s\n", s.From, s.Name)
			}
		}
	}
	o := c.Transcript.Side(v.side).Outcome
	for _, f := range []*outcome.Failure{o.Handshake, o.Late} {
		if f != nil {
			w.WriteString(changing.ReplaceAllString(f.Text, "…") + "\n")
		}
	}
	return w.String()
}

// errorsOf is a side's log: its errors, and what it was configured with.
func errorsOf(c *Connection, side outcome.Role) diagnose.Input {
	in := diagnose.Input{}
	from, to := c.Transcript.Side(side), &in.Client
	if side == outcome.Server {
		to = &in.Server
	}
	to.Settings = from.Settings
	to.Outcome = outcome.Outcome{
		Role: side, Known: true, Complete: from.Outcome.Complete,
		Handshake: from.Outcome.Handshake, Late: from.Outcome.Late, Unloadable: from.Outcome.Unloadable,
	}
	return in
}

// standsAt is the place of the true cause among those that were named, from 0; -1 if
// it is not among them.
func standsAt(d diagnose.Diagnosis, id string) int {
	return slices.IndexFunc(d.Causes, func(c diagnose.Cause) bool { return c.ID == id })
}

// addressOf is where a client's packets go: to the address that it verifies the
// server for, where that is one. On the memory carrier there is no address.
func addressOf(c *Connection) string {
	host := c.Transcript.Client.Settings.ServerName
	if net.ParseIP(host) == nil {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, "8443")
}
