package dissect

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// lose puts a gap in the place of the units from..to of one side.
func lose(rec *transcript.Transcript, from outcome.Role, at, n int) *transcript.Transcript {
	c := *rec
	c.Facts = nil
	c.Units = nil
	missing := 0
	for i, u := range rec.Units {
		if u.From == from && i >= at && i < at+n && u.Kind == transcript.Data {
			missing += len(u.Sent)
			if i < at+n-1 {
				continue
			}
			u.Kind, u.Sent, u.Missing = transcript.Gap, nil, missing
		}
		u.Index = len(c.Units)
		c.Units = append(c.Units, u)
	}
	return &c
}

// Whatever single record is missing, those behind it are read, as long as what
// makes keys of secrets is there: both hellos, and in TLS 1.2 the
// ChangeCipherSpec that says that protection begins.
func TestBehindAGap(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		rec := healthy(version).record(t)
		rec.Facts = nil
		whole := Transcript(rec)
		for i, u := range rec.Units {
			if u.Kind != transcript.Data {
				continue
			}
			lost := map[string]bool{}
			for _, s := range whole.Steps {
				if slices.Contains(s.Units, i) {
					lost[fmt.Sprint(s.From, " ", s.Name)] = true
				}
			}
			if lost["client ClientHello"] || lost["server ServerHello"] {
				continue
			}
			if version == tls.VersionTLS12 && (lost["client ChangeCipherSpec"] || lost["server ChangeCipherSpec"]) {
				continue
			}
			tl := Transcript(lose(rec, u.From, i, 1))
			var want, got []string
			for _, s := range whole.Steps {
				if !slices.Contains(s.Units, i) {
					want = append(want, fmt.Sprint(s.From, " ", s.Name))
				}
			}
			gaps := 0
			for _, s := range tl.Steps {
				if s.Name == stepGap {
					gaps++
					continue
				}
				got = append(got, fmt.Sprint(s.From, " ", s.Name))
			}
			if g, w := strings.Join(got, ", "), strings.Join(want, ", "); g != w || gaps != 1 {
				t.Errorf("%s without %v: %d gaps\ngot  %s\nwant %s", tlswire.VersionName(version), lost, gaps, g, w)
			}
		}
	}
}

// The whole of a server's flight behind its hello is missing, with the Finished
// that moves it on to its application keys.
func TestBehindALostFlight(t *testing.T) {
	rec := healthy(tls.VersionTLS13).record(t)
	first, last := -1, 0
	for _, s := range Transcript(rec).Steps {
		if s.From == outcome.Server && s.Level == Handshake {
			if first < 0 {
				first = s.Unit
			}
			last = s.Unit
		}
	}
	tl := Transcript(lose(rec, outcome.Server, first, last-first+1))
	for _, s := range tl.Steps {
		if s.unread {
			t.Errorf("%s stays closed: %s", s.Name, s.Summary)
		}
	}
}

func TestGapSaysWhatIsMissing(t *testing.T) {
	s := newScript().sends(outcome.Server, plain(tlswire.Handshake, []byte{2, 0, 0, 9, 3, 3})[:8])
	s.sends(outcome.Server, []byte("tail"))
	s.Units[1].Kind, s.Units[1].Missing = transcript.Gap, 1460
	s.sends(outcome.Server, alertUnit(2, 40))
	s.sends(outcome.Client, nil)
	s.Units[3].Kind = transcript.Gap
	got := names(Transcript(s.Transcript))
	want := []string{
		"server: incomplete record: incomplete: 8 of 11 bytes of a record so far",
		"server: gap: 1,460 bytes of the server are not in the capture; 4 bytes behind that belong to a record that began there",
		"server: alert handshake_failure: fatal handshake_failure (40)",
		"client: gap: the capture starts in the middle",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
