package harness

// Step moves over one recorded step, else releases one unit.
func (s *Session) Step() { s.command(CommandStep) }

// Next moves over the rest of the recorded flight, else releases the rest of
// the flight at the gate.
func (s *Session) Next() { s.command(CommandNext) }

// Continue releases units until one holds a message with a breakpoint, or to
// the end of the connection.
func (s *Session) Continue() { s.command(CommandContinue) }

// Finish releases everything to the end, over all connections of a script.
func (s *Session) Finish() { s.command(CommandFinish) }

// command moves over what is recorded; where that ends it puts the command in
// force.
func (s *Session) command(c Command) {
	s.mu.Lock()
	r := s.run
	if s.disabled(r)[c] != "" || s.moves(r, c) {
		s.mu.Unlock()
		s.signal()
		return
	}
	r.follow = true
	if r.ended != nil && r.result == nil {
		if c != CommandFinish {
			c = "" // going on to the next connection is the step
		}
		wake(r.resume)
	}
	r.driver.command(c)
	s.mu.Unlock()
	wake(r.wake)
	s.signal()
}

// moves moves the cursor where step and next find recorded steps ahead of it.
func (s *Session) moves(r *sessionRun, c Command) bool {
	if c != CommandStep && c != CommandNext || r.follow && r.result == nil {
		return false
	}
	if r.follow {
		r.cursor = s.newest(r)
	}
	steps := s.visible(r).Steps
	if r.cursor >= len(steps)-1 {
		return false
	}
	r.cursor = onward(c, steps, r.cursor)
	r.follow = r.cursor == s.newest(r)
	return true
}

// Back moves one step back over what is recorded.
func (s *Session) Back() { s.move(-1) }

// Forward moves one step forward over what is recorded.
func (s *Session) Forward() { s.move(+1) }

func (s *Session) move(by int) {
	s.mu.Lock()
	r := s.run
	last := len(s.visible(r).Steps) - 1
	at := r.cursor
	if r.follow {
		at = s.newest(r)
	}
	r.cursor = min(max(at+by, 0), last)
	r.follow = r.cursor == s.newest(r)
	s.mu.Unlock()
	s.signal()
}
