package diagnose

import (
	"slices"
	"testing"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// witnessTwins are about what the Finished says that stands behind what was refused.
// The look-alike of a changed message is a server that signs with another key: the
// client's words are the same.
func witnessTwins() []twin {
	badSignature := refuses(outcome.BadSignature, "tls: invalid signature by the server certificate: ECDSA verification failure", nil)
	swapped := func(keys string) string { return swapHex(keys, "SERVER_HANDSHAKE_TRAFFIC_SECRET") }
	return []twin{
		{
			"witness", "altered-on-path",
			func(d *desk) Input {
				return seenByClient(serversFlight(newSetup(d.t, tcp13), badSignature), func(t *dissect.Timeline) { alterRaw(t, "EncryptedExtensions") })
			},
			func(d *desk) Input {
				s := newSetup(d.t, tcp13)
				s.sign(outcome.Server, issue(d.t, nil, serverLeaf()))
				return seenByClient(serversFlight(s, badSignature), nil)
			},
		},
		{
			"witness", "altered-on-path", // the keys differ
			func(d *desk) Input {
				return seenByClient(withKeys(d.t, serversFlight(newSetup(d.t, tcp13), decides(alertBadRecordMAC, "local error: tls: bad record MAC")), swapped), nil)
			},
			func(d *desk) Input {
				return seenByClient(withKeys(d.t, serversFlight(newSetup(d.t, tcp13), decides(alertInternalError, "out of memory")), swapped), nil)
			},
		},
	}
}

// serversFlight is a recording as the client has it, up to the end of the server's
// flight, which the client refuses in those words.
func serversFlight(s *setup, said *outcome.Failure) *transcript.Transcript {
	rec := s.record().OnlyFrom(outcome.Client)
	end := 0
	for i, u := range rec.Units {
		if u.From == outcome.Client && end > 0 {
			break
		}
		if u.From == outcome.Server {
			end = i + 1
		}
	}
	rec.Units, rec.Facts = rec.Units[:end], nil
	rec.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true, Handshake: said}
	return rec
}

// seenByClient is what a client has of a recording, with what the change makes of
// the messages as they arrive.
func seenByClient(rec *transcript.Transcript, change func(*dissect.Timeline)) Input {
	t := dissect.Transcript(rec)
	if change != nil {
		change(t)
	}
	return Input{Timeline: t, Client: rec.Client, Recorded: testClock, Book: crossref.New(crossref.Input{Timeline: t, Transcript: rec})}
}

// alterRaw changes the last bit of a message, as it counts for what covers it.
func alterRaw(t *dissect.Timeline, name string) {
	for i, s := range t.Steps {
		if s.Name == name {
			c := *s
			c.Raw = slices.Clone(s.Raw)
			c.Raw[len(c.Raw)-1] ^= 1
			t.Steps[i] = &c
		}
	}
}

// withKeys is a recording with what the change makes of the client's key log.
func withKeys(t *testing.T, rec *transcript.Transcript, change func(keys string) string) *transcript.Transcript {
	t.Helper()
	keys := change(rec.ClientKeys.String())
	rec.ClientKeys = keylog.Log{}
	if err := rec.ClientKeys.Parse([]byte(keys)); err != nil {
		t.Fatal(err)
	}
	return rec
}
