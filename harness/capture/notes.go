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
	of map[noteKey][]keptNote
	// kept is how many were kept so far, queue the order in which they came, and
	// size about what those take that have no connection yet.
	kept  int
	queue []queued
	size  int
	// left are those that were not applied.
	left int
}

// A keptNote is a note, which one it was, and how long its text is.
type keptNote struct {
	*Note
	nth, size int
}

type queued struct {
	key noteKey
	nth int
}

// maxNotes is how much text the notes may have whose connection has not ended.
// Each stands right before its packets, so that there are few unless the packets
// are gone; those of some thousand connections over QUIC without secrets, whose
// end is not seen, have room.
const maxNotes = 32 << 20

type noteKey struct {
	transport      outcome.Transport
	client, server netip.AddrPort
}

// noted keeps a note until its connection has ended.
func (r *reader) noted(n *Note, size int) {
	if n.Version != NoteVersion {
		r.summary.Notes = append(r.summary.Notes, "a note of another version of shakedown was left out: the two sides' own words are missing")
		return
	}
	if len(n.Units) == 0 {
		r.never(n)
		return
	}
	r.notes.keep(n, size)
}

// keep keeps a note, and gives the oldest up where there are too many.
func (n *notes) keep(note *Note, size int) {
	if n.of == nil {
		n.of = make(map[noteKey][]keptNote)
	}
	key := noteKey{note.Transport, note.Client, note.Server}
	n.of[key] = append(n.of[key], keptNote{note, n.kept, size})
	n.queue = append(n.queue, queued{key, n.kept})
	n.kept++
	n.left++
	n.size += size
	for len(n.queue) > 0 {
		oldest := n.queue[0]
		list := n.of[oldest.key]
		waits := len(list) > 0 && list[0].nth == oldest.nth
		if waits && (n.size <= maxNotes || len(n.queue) == 1) {
			return
		}
		n.queue = n.queue[1:]
		if waits {
			n.take(oldest.key)
		}
	}
}

// next returns the note of the next connection between two addresses that ends,
// nil if there is none.
func (n *notes) next(key noteKey) *Note {
	if list := n.of[key]; len(list) > 0 {
		return list[0].Note
	}
	return nil
}

// take returns the oldest note of two addresses, and keeps it no more.
func (n *notes) take(key noteKey) *Note {
	list := n.of[key]
	first := list[0]
	if n.of[key] = list[1:]; len(list) == 1 {
		delete(n.of, key)
	}
	n.size -= first.size
	return first.Note
}

// apply adds what the notes say of a connection. Connections between the same
// addresses come in the order of their notes.
func (n *notes) apply(rec *Recording) {
	key := noteKey{rec.Transport, rec.Client, rec.Server}
	if len(n.of[key]) == 0 {
		return
	}
	note := n.take(key)
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

// packets returns how many packets the note's connection has.
func (n *Note) packets() int {
	packets := 0
	for i := range n.Units {
		if !n.Units[i].Absent {
			packets++
		}
	}
	return packets
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
