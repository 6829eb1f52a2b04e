package dissect

import (
	"crypto/tls"
	"slices"
	"sync"
	"testing"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

func TestHeldAndMarks(t *testing.T) {
	rec := newScript().sends(outcome.Client, alertUnit(1, 90)).sends(outcome.Server, alertUnit(1, 90)).Transcript
	held := rec.Units[0].Deliveries
	rec.Units[0].Deliveries = nil
	d := New(rec)
	for i := range rec.Units {
		d.Add(&rec.Units[i])
	}
	first := d.Timeline()
	if !first.Steps[0].Held || first.Steps[1].Held {
		t.Errorf("held: %t and %t, want the first alone", first.Steps[0].Held, first.Steps[1].Held)
	}
	rec.Units[0].Marks = []transcript.Mark{transcript.Dropped}
	dropped := d.Timeline()
	if s := dropped.Steps[0]; s.Held || !slices.Equal(s.Marks, []transcript.Mark{transcript.Dropped}) {
		t.Errorf("a dropped unit's step is held: %t, marked %v", s.Held, s.Marks)
	}
	rec.Units[0].Deliveries = held
	rec.Units[0].Marks = nil
	delivered := d.Timeline()
	if s := delivered.Steps[0]; s.Held || len(s.Marks) != 0 {
		t.Errorf("a delivered unit's step is held: %t, marked %v", s.Held, s.Marks)
	}
	// What was handed out before is as it was.
	if !first.Steps[0].Held || len(dropped.Steps[0].Marks) != 1 {
		t.Error("a timeline has changed after it was handed out")
	}
	// What has not changed is not copied.
	if first.Steps[1] != delivered.Steps[1] {
		t.Error("a step was copied that has not changed")
	}
}

// TestUnitsMayMove lets the transcript's units move in memory, as they do when
// a link appends to them, and has their deliveries noticed all the same.
func TestUnitsMayMove(t *testing.T) {
	source := newScript().sends(outcome.Client, alertUnit(1, 90)).sends(outcome.Server, alertUnit(1, 90)).Transcript
	rec := &transcript.Transcript{Transport: outcome.TCP}
	d := New(rec)
	for _, u := range source.Units {
		deliveries := u.Deliveries
		u.Deliveries = nil
		rec.Units = append(rec.Units[:len(rec.Units):len(rec.Units)], u)
		d.Add(&rec.Units[len(rec.Units)-1])
		if tl := d.Timeline(); !tl.Steps[len(tl.Steps)-1].Held {
			t.Error("the unit that was just sent is not held")
		}
		rec.Units[len(rec.Units)-1].Deliveries = deliveries
	}
	for _, s := range d.Timeline().Steps {
		if s.Held {
			t.Errorf("step %d is held, but was delivered", s.N)
		}
	}
}

// TestUnitsOutsideTheTranscript feeds units that the transcript does not have.
func TestUnitsOutsideTheTranscript(t *testing.T) {
	rec := healthy(tls.VersionTLS13).record(t)
	want := format(Transcript(rec))
	units := rec.Units
	rec.Units = nil
	d := New(rec)
	for i := range units {
		d.Add(&units[i])
	}
	for _, f := range rec.Facts {
		d.AddFact(f)
	}
	if got := format(d.Timeline()); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestFlightsCountRuns has ends of directions and facts between flights.
func TestFlightsCountRuns(t *testing.T) {
	s := newScript().
		sends(outcome.Client, alertUnit(1, 90)).sends(outcome.Client, alertUnit(1, 90)).
		sends(outcome.Server, alertUnit(1, 90)).sends(outcome.Client, nil).sends(outcome.Server, alertUnit(1, 90)).
		sends(outcome.Client, alertUnit(1, 90)).sends(outcome.Server, nil)
	s.Units[3].Kind, s.Units[6].Kind = transcript.FIN, transcript.RST
	s.Facts = []transcript.Fact{{Side: outcome.Server, Kind: transcript.Note}, {Side: outcome.Server, Kind: transcript.Note, After: 11}}
	var flights []int
	for i, step := range Transcript(s.Transcript).Steps {
		flights = append(flights, step.Flight)
		if step.N != i+1 {
			t.Errorf("step %d has number %d", i+1, step.N)
		}
	}
	if want := []int{1, 1, 1, 2, 2, 2, 3, 3, 3}; !slices.Equal(flights, want) {
		t.Errorf("flights are %v, want %v", flights, want)
	}
}

// TestSnapshotsNeedNoLock reads timelines while the connection goes on; the
// race detector judges.
func TestSnapshotsNeedNoLock(t *testing.T) {
	rec := healthy(tls.VersionTLS13).record(t)
	client, server := rec.ClientKeys, rec.ServerKeys
	rec.ClientKeys, rec.ServerKeys = keylog.Log{}, keylog.Log{}
	d := New(rec)
	var readers sync.WaitGroup
	read := func(steps []*Step) {
		readers.Go(func() {
			for _, s := range steps {
				_ = format(&Timeline{Steps: []*Step{s}})
				s.Tree()
			}
		})
	}
	for i := range rec.Units {
		if i == len(rec.Units)/2 {
			rec.ClientKeys, rec.ServerKeys = client, server
		}
		deliveries := rec.Units[i].Deliveries
		rec.Units[i].Deliveries = nil
		read(d.Add(&rec.Units[i]))
		read(d.Timeline().Steps)
		rec.Units[i].Deliveries = deliveries
		read(d.Timeline().Steps)
	}
	for _, f := range rec.Facts {
		d.AddFact(f)
		read(d.Timeline().Steps)
	}
	readers.Wait()
}
