package pane

import (
	"strings"

	"shakedown/harness"
	"shakedown/harness/diagnose"
)

// Decision returns how the connection ends, as soon as that is settled: when it
// has ended, or when a side has refused and its peer does not know of it yet.
// In TLS 1.3 that is the moment in which the client is complete and refused.
func Decision(s harness.State) (h diagnose.Happening, settled bool) {
	if s.Diagnosis != nil {
		return s.Diagnosis.Happening, true
	}
	if s.Timeline == nil || s.Err != nil {
		return h, false
	}
	h = diagnose.Happened(diagnose.Input{Timeline: s.Timeline, Client: s.Client, Server: s.Server})
	return h, h.Outcome == diagnose.Refused
}

// Differs says whether it ended otherwise than the scenario expects, and that
// this is worth a word: a session of the person's own files or of a live peer,
// which is no scenario of a group, expects no more than that it works, and
// "refused" says already that it does not.
func Differs(s harness.State) bool {
	if s.Result == nil || s.Result.Status != harness.Failed {
		return false
	}
	if strings.Contains(s.ID, "/") || len(s.Result.Mismatches) != 1 {
		return true
	}
	m := s.Result.Mismatches[0]
	return m.Field != "outcome" || m.Want != string(diagnose.Established)
}
