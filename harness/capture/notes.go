package capture

import (
	"net/netip"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// notes are what our own files say of connections, by whose they are. A note
// stands before the packets.
type notes struct {
	of   map[noteKey][]*Note
	left int
}

type noteKey struct {
	transport      outcome.Transport
	client, server netip.AddrPort
}

// noted keeps a note until its connection has ended.
func (r *reader) noted(n *Note) {
	if n.Version != NoteVersion {
		r.summary.Notes = append(r.summary.Notes, "a note of another version of shakedown was left out: the two sides' own words are missing")
		return
	}
	if len(n.Units) == 0 {
		r.never(n)
		return
	}
	if r.notes.of == nil {
		r.notes.of = make(map[noteKey][]*Note)
	}
	key := noteKey{n.Transport, n.Client, n.Server}
	r.notes.of[key] = append(r.notes.of[key], n)
	r.notes.left++
}

// apply adds what the notes say of a connection. Connections between the same
// addresses come in the order of their notes.
func (n *notes) apply(rec *Recording) {
	key := noteKey{rec.Transport, rec.Client, rec.Server}
	list := n.of[key]
	if len(list) == 0 {
		return
	}
	note := list[0]
	if n.of[key] = list[1:]; len(list) == 1 {
		delete(n.of, key)
	}
	n.left--
	rec.Note = note
	note.apply(rec)
}

// never makes the recording of a connection that never began, because a side's
// files did not load, and whose note is all there is.
func (r *reader) never(n *Note) {
	t := newTape(r, n.Transport, n.Start)
	t.number = r.number()
	rec := t.recording()
	rec.Client, rec.Server, rec.Note = n.Client, n.Server, n
	n.apply(rec)
	r.wait(rec)
}

// rest counts the notes that no packet belongs to.
func (n *notes) rest(r *reader) {
	for range n.left {
		r.count("connection that shakedown recorded and whose packets are not here", "connections that shakedown recorded and whose packets are not here")
	}
}

// apply adds to a recording what the wire cannot say. The bytes stay those of
// the packets. Where they are not cut as the note says, it is of a recording
// that was changed since: then nobody knows any more what arrived and when.
func (n *Note) apply(rec *Recording) {
	t := rec.Transcript
	t.OneSided = n.OneSided
	t.Client, t.Server = n.ClientSide, n.ServerSide
	shift := t.Start.Sub(n.Start)
	t.Start = n.Start
	for i := range t.Units {
		u := &t.Units[i]
		u.At += shift
		for d := range u.Deliveries {
			u.Deliveries[d].At += shift
		}
	}
	if whole := n.restore(slices.Clone(t.Units)); n.fits(whole) && rec.followed == nil {
		t.Units = whole
		for i := range t.Units {
			u, said := &t.Units[i], &n.Units[i]
			u.At, u.Seq, u.Deliveries, u.Marks = said.At, said.Seq, slices.Clone(said.Deliveries), slices.Clone(said.Marks)
		}
		t.Facts = slices.Clone(n.Facts)
		return
	}
	if rec.followed == nil {
		rec.note("the packets are not those that shakedown recorded: what it noted of their arrival is left out")
	}
	for _, f := range n.Facts {
		f.After = n.nearest(f.After, t.Units)
		t.Facts = append(t.Facts, f)
	}
}

// fits says that units are cut as the note has them.
func (n *Note) fits(units []transcript.Unit) bool {
	return slices.EqualFunc(units, n.Units, func(u transcript.Unit, said UnitNote) bool {
		return u.From == said.From && u.Kind == said.Kind && len(u.Sent) == said.Bytes
	})
}

// nearest returns the sequence number, among those of other units, of what the
// note numbers seq.
func (n *Note) nearest(seq uint64, units []transcript.Unit) uint64 {
	for i, u := range n.Units {
		if i >= len(units) {
			break
		}
		if u.Seq == seq {
			return units[i].Seq
		}
		if slices.ContainsFunc(u.Deliveries, func(d transcript.Delivery) bool { return d.Seq == seq }) {
			return units[i].Seq + 1
		}
	}
	if seq == 0 || len(units) == 0 {
		return 0
	}
	return units[len(units)-1].Seq + 1
}
