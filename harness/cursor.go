package harness

import (
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
)

// newest returns the index of the step that matters most now: the one at the
// gate; after the end the alert or close that refused; else the last. The
// connection is nil as long as it has not ended.
func newest(steps []*dissect.Step, ended *Connection) int {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Held || ended != nil && refuses(ended.Diagnosis, steps[i].N) {
			return i
		}
	}
	return len(steps) - 1
}

// refuses says that the step with that number is the one that ended a
// handshake that did not succeed.
func refuses(d diagnose.Diagnosis, n int) bool {
	if d.Outcome == diagnose.Established {
		return false
	}
	return d.Alert != nil && d.Alert.Step == n || d.Alert == nil && d.Close != nil && d.Close.Step == n
}

// onward returns where step or next leads to from a recorded step that is not
// the last: to the one behind it, or to the first of the next flight.
func onward(c Command, steps []*dissect.Step, at int) int {
	flight := -1
	if at >= 0 {
		flight = steps[at].Flight
	}
	at++
	for c == CommandNext && at < len(steps)-1 && steps[at].Flight == flight {
		at++
	}
	return at
}

// show fills in what is known of a connection that has ended.
func (c *Connection) show(state *State) {
	state.Phase = PhaseEnded
	state.Timeline, state.Book = c.Timeline, c.references()
	state.Client, state.Server = c.Transcript.Client, c.Transcript.Server
	state.Diagnosis = &c.Diagnosis
}
