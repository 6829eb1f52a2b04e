package harness

import (
	"crypto/tls"
	"slices"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/link"
	"shakedown/harness/transcript"
)

// State returns a snapshot of the session.
func (s *Session) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.run
	state := State{
		Cell: r.cell, Phase: PhaseStarting, Connection: max(r.number, 1), Connections: s.subject.connects(),
		Timeline: &dissect.Timeline{Transport: r.cell.Transport}, Cursor: -1,
		Breakpoints: slices.Clone(s.breakpoints), StoppedBy: r.driver.stoppedBy,
		Result: r.result, Err: r.err, Disabled: s.disabled(r),
	}
	s.subject.describe(&state)
	_, live := s.subject.(*connector)
	switch {
	case live:
		state.Disabled[CommandSwitch] = "a live server is met in one way: start again with --transport or --tls"
	case len(state.Cells) == 1:
		state.Disabled[CommandSwitch] = "this runs in " + state.Cells[0].String() + " alone"
	}
	s.showWire(r, &state)
	if live && state.Timeline.Version == tls.VersionTLS12 {
		state.Cell.TLS = "1.2" // the server chose
	}
	state.Cursor = r.cursor
	if r.follow {
		state.Cursor = s.newest(r)
	}
	return state
}

// showWire fills in what is known of the connection under way, or of the one
// that has just ended.
func (s *Session) showWire(r *sessionRun, state *State) {
	if r.ended != nil {
		r.ended.show(state)
		return
	}
	if r.result != nil {
		state.Phase = PhaseEnded
	}
	if r.link == nil {
		return
	}
	view := r.link.View()
	state.Timeline = visible(view)
	state.Book = s.book(r, state.Timeline)
	state.Client, state.Server = view.Client, view.Server
	if r.result != nil {
		return
	}
	state.Phase = PhaseRunning
	if len(view.Queue) == 0 {
		return
	}
	state.Phase, state.Queued = PhaseHeld, len(view.Queue)-1
	for _, step := range state.Timeline.Steps {
		if step.Unit == view.Queue[0] {
			state.HeldSteps, state.HeldFrom = append(state.HeldSteps, step), step.From
		}
	}
}

// book returns what the story so far tells. The recording grows on, so that the
// Book has a copy of what it needs.
func (s *Session) book(r *sessionRun, t *dissect.Timeline) *crossref.Book {
	in := crossref.Input{Timeline: t, Before: books(r.earlier)}
	switch of := s.subject.(type) {
	case *stage:
		in.Memory, in.Signatures = of.memory, of.signatures
	case *connector:
		in.Memory, in.Signatures = of.stage.memory, of.stage.signatures
	}
	r.link.Transcript(func(live *transcript.Transcript) {
		recording := *live
		recording.Units, recording.Facts = slices.Clone(live.Units), slices.Clone(live.Facts)
		recording.ClientKeys, recording.ServerKeys = live.ClientKeys.Clone(), live.ServerKeys.Clone()
		in.Transcript = &recording
	})
	return crossref.New(in)
}

// visible returns the steps that a person may see: all but those of the units
// that wait behind the one at the gate.
func (s *Session) visible(r *sessionRun) *dissect.Timeline {
	switch {
	case r.ended != nil:
		return r.ended.Timeline
	case r.link != nil:
		return visible(r.link.View())
	}
	return &dissect.Timeline{}
}

func visible(v link.View) *dissect.Timeline {
	if len(v.Queue) < 2 {
		return v.Timeline
	}
	hidden := v.Queue[1:]
	shown := *v.Timeline
	shown.Steps = nil
	for _, step := range v.Timeline.Steps {
		if step.Unit >= 0 && slices.Contains(hidden, step.Unit) {
			continue
		}
		if step.N != len(shown.Steps)+1 { // a fact stands behind what is not shown yet
			c := *step
			c.N = len(shown.Steps) + 1
			step = &c
		}
		shown.Steps = append(shown.Steps, step)
	}
	return &shown
}

// newest returns the index of the step that matters most now.
func (s *Session) newest(r *sessionRun) int { return newest(s.visible(r).Steps, r.ended) }

// disabled says, for each command that cannot be used now, why not.
func (s *Session) disabled(r *sessionRun) map[Command]string {
	why := map[Command]string{}
	over := r.ended != nil && r.result != nil || r.err != nil
	steps := s.visible(r).Steps
	at := r.cursor
	if r.follow {
		at = s.newest(r)
	}
	if at <= 0 {
		why[CommandBack] = "this is the first step"
	}
	if at >= len(steps)-1 {
		why[CommandForward] = "this is the last step so far"
	}
	if !over {
		return why
	}
	for _, c := range []Command{CommandContinue, CommandFinish} {
		why[c] = "the connection has ended; restart it"
	}
	if at >= len(steps)-1 {
		why[CommandStep], why[CommandNext] = "the connection has ended; restart it", "the connection has ended; restart it"
	}
	return why
}
