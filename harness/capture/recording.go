package capture

import (
	"fmt"
	"net/netip"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A Recording is one connection out of a capture file, as a live run would have
// recorded it: each unit is delivered as it is sent, and neither side has said
// anything, unless a [Note] tells otherwise.
type Recording struct {
	// Number counts the connections of a file, from 1, in the order in which
	// they turn out to be TLS or QUIC.
	Number         int
	Transport      outcome.Transport
	Client, Server netip.AddrPort
	Transcript     *transcript.Transcript
	First, Last    time.Time
	// Packets and Bytes count what was captured of it, whether it was kept or not.
	Packets int
	Bytes   int64
	// Notes are sentences about how it was captured.
	Notes []string
	// Note is what our own files say of it beside, nil in all others.
	Note *Note

	followed *dissect.Dissector
	derived  dissect.Derived
	charge   int
}

// Timeline dissects the recording. It is called once.
func (r *Recording) Timeline() *dissect.Timeline { return r.TimelineIn(new(dissect.Room)) }

// TimelineIn dissects the recording in a room, for as long as that says. It is
// called once.
func (r *Recording) TimelineIn(room *dissect.Room) *dissect.Timeline {
	if r.followed == nil {
		return dissect.TranscriptIn(room, r.derived, r.Transcript)
	}
	for _, f := range r.Transcript.Facts {
		r.followed.AddFact(f)
	}
	return r.followed.Timeline()
}

// Known are the certificates that whoever made the recording knew of.
func (r *Recording) Known() []KnownCertificate {
	if r.Note == nil {
		return nil
	}
	return r.Note.Known
}

func (r *Recording) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}
