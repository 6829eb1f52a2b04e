package harness

import (
	"slices"

	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
)

// newest returns the index of the step that matters most now: the one at the
// gate; after the end the one that ended it; else the last. The connection is
// nil as long as it has not ended.
func newest(steps []*dissect.Step, ended *Connection) int {
	end := 0
	if ended != nil {
		end = ended.end()
	}
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Held || steps[i].N == end {
			return i
		}
	}
	return len(steps) - 1
}

// end returns the number of the step that ended a handshake which did not
// succeed: the alert or the close that refused; where no key opens that, what is
// probably one. It is 0 where there is none.
func (c *Connection) end() int {
	d := c.Diagnosis
	switch {
	case d.Outcome == diagnose.Established:
		return 0
	case d.Alert != nil:
		return d.Alert.Step
	case d.Close != nil:
		return d.Close.Step
	}
	for _, kind := range []dissect.InferenceKind{dissect.ServerRefuses, dissect.ClientRefuses} {
		if i := c.Timeline.Inferred(kind); i != nil {
			return i.Steps[len(i.Steps)-1]
		}
	}
	return 0
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
	state.Notes = slices.Concat(state.Notes, c.Notes)
}
