package dissect

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// storyOf is a timeline as the names of its steps, facts in parentheses.
func storyOf(tl *Timeline) string {
	var words []string
	for _, s := range tl.Steps {
		word := string(s.From) + " " + s.Name
		if s.Kind == KindLocal {
			word = fmt.Sprintf("(%s %s)", s.From, s.Name)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// alertUnit is an alert in the clear.
func alertUnit(level, code byte) []byte { return plain(tlswire.AlertType, []byte{level, code}) }

func TestFactsStandAfterTheirUnit(t *testing.T) {
	// Unit n is sent under 2n+1 and delivered under 2n+2.
	base := func() *transcript.Transcript {
		return newScript().
			sends(outcome.Client, alertUnit(1, 90)).
			sends(outcome.Server, alertUnit(1, 90)).
			sends(outcome.Client, alertUnit(1, 0)).
			Transcript
	}
	note := func(side outcome.Role, after uint64) transcript.Fact {
		return transcript.Fact{Side: side, Kind: transcript.Note, After: after}
	}
	const user, closing = "alert user_canceled", "alert close_notify"
	tests := []struct {
		name  string
		facts []transcript.Fact
		want  string
	}{
		{
			"before anything",
			[]transcript.Fact{note(outcome.Server, 0)},
			"(server note), client " + user + ", server " + user + ", client " + closing,
		},
		{
			"after a sent unit",
			[]transcript.Fact{note(outcome.Client, 1)},
			"client " + user + ", (client note), server " + user + ", client " + closing,
		},
		{
			"after a delivered unit",
			[]transcript.Fact{note(outcome.Client, 4)},
			"client " + user + ", server " + user + ", (client note), client " + closing,
		},
		{
			"the one that was sent before the one that was delivered",
			[]transcript.Fact{note(outcome.Server, 2), note(outcome.Client, 1)},
			"client " + user + ", (client note), (server note), server " + user + ", client " + closing,
		},
		{
			"at the same place as they were added",
			[]transcript.Fact{note(outcome.Server, 2), {Side: outcome.Server, Kind: transcript.Waiting, After: 2}},
			"client " + user + ", (server note), (server waiting), server " + user + ", client " + closing,
		},
		{
			"after a unit that nobody knows",
			[]transcript.Fact{note(outcome.Client, 99)},
			"client " + user + ", server " + user + ", client " + closing + ", (client note)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := base()
			rec.Facts = tt.facts
			if got := storyOf(Transcript(rec)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestClientIsCompleteAtItsFinished records the client's completion only after
// the server's refusal has reached it, as happens when goroutines are slow.
func TestClientIsCompleteAtItsFinished(t *testing.T) {
	rec := noCertificate(tls.VersionTLS13).record(t)
	late := slices.IndexFunc(rec.Facts, func(f transcript.Fact) bool { return f.Kind == transcript.LateError })
	complete := slices.IndexFunc(rec.Facts, func(f transcript.Fact) bool { return f.Kind == transcript.HandshakeComplete })
	want := storyOf(Transcript(rec))
	if !strings.Contains(want, "client Finished, (client handshake-complete), (server handshake-failed), server alert certificate_required, (client late-error)") {
		t.Fatalf("the story is %s", want)
	}
	rec.Facts[complete].After = rec.Facts[late].After
	if diff := cmp.Diff(want, storyOf(Transcript(rec))); diff != "" {
		t.Errorf("recorded after the alert (-in time +late):\n%s", diff)
	}

	// In TLS 1.2 the client is done when it has read the server's Finished.
	rec = healthy(tls.VersionTLS12).record(t)
	tl := Transcript(rec)
	done := slices.IndexFunc(tl.Steps, func(s *Step) bool { return s.From == outcome.Client && s.Name == string(transcript.HandshakeComplete) })
	if before := tl.Steps[:done]; !slices.ContainsFunc(before, func(s *Step) bool { return s.From == outcome.Server && s.Name == "Finished" }) {
		t.Errorf("the TLS 1.2 client is complete before the server's Finished:\n%s", format(tl))
	}
}

func TestDecisionPrecedesItsAlert(t *testing.T) {
	failed := func(side outcome.Role, after uint64) transcript.Fact {
		return transcript.Fact{Side: side, Kind: transcript.HandshakeFailed, After: after}
	}
	tests := []struct {
		name string
		rec  *transcript.Transcript
		want string
	}{
		{
			"the side that sent it",
			newScript().sends(outcome.Client, alertUnit(2, 40)).Transcript,
			"(client handshake-failed), client alert handshake_failure",
		},
		{
			"a close_notify decides nothing",
			newScript().sends(outcome.Client, alertUnit(1, 0)).Transcript,
			"client alert close_notify, (client handshake-failed)",
		},
		{
			"a warning of TLS 1.2 decides nothing",
			newScript().sends(outcome.Client, alertUnit(1, 112)).Transcript,
			"client alert unrecognized_name, (client handshake-failed)",
		},
		{
			"the other side's alert is not its decision",
			newScript().sends(outcome.Client, alertUnit(1, 90)).sends(outcome.Server, alertUnit(2, 40)).Transcript,
			"client alert user_canceled, (client handshake-failed), server alert handshake_failure",
		},
		{
			"a ChangeCipherSpec of TLS 1.2 is a step of its own",
			newScript().sends(outcome.Client, plain(tlswire.ChangeCipherSpec, []byte{1})).sends(outcome.Server, alertUnit(2, 40)).Transcript,
			"client ChangeCipherSpec, (client handshake-failed), server alert handshake_failure",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.rec.Facts = []transcript.Fact{failed(outcome.Client, 1)}
			if got := storyOf(Transcript(tt.rec)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}

	// What the link forged is no decision of the side that it is forged for.
	rec := newScript().sends(outcome.Client, alertUnit(2, 40)).Transcript
	rec.Units[0].Marks = []transcript.Mark{transcript.Injected}
	rec.Facts = []transcript.Fact{failed(outcome.Client, 1)}
	if got, want := storyOf(Transcript(rec)), "client alert handshake_failure, (client handshake-failed)"; got != want {
		t.Errorf("a forged alert: got %s, want %s", got, want)
	}
}

func TestFactTextIsEscaped(t *testing.T) {
	rec := newScript().sends(outcome.Client, alertUnit(2, 40)).Transcript
	rec.Facts = []transcript.Fact{{Side: outcome.Server, Kind: transcript.Note, Text: "\x1b[31m" + strings.Repeat("x", 1000), After: 2}}
	s := Transcript(rec).Steps[1]
	if strings.ContainsRune(s.Summary, 0x1b) || len(s.Summary) > maxFactText+3 {
		t.Errorf("the summary is %q", s.Summary)
	}
	if s.Fact == nil || s.Fact.Text != rec.Facts[0].Text || s.Unit != -1 {
		t.Errorf("the step of the fact is %+v", s)
	}
}
