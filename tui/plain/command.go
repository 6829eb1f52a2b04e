package plain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"shakedown/harness"
	"shakedown/harness/outcome"
)

// A command is a word that can be typed.
type command struct {
	names []string
	args  string
	help  string
	// verb is the session's command, empty for one that the stepper does itself.
	verb harness.Command
	do   func(s *stepper, args []string)
}

// commands returns the table, in the order of the help.
func commands() []command {
	return []command{
		{[]string{"step", "s"}, "", "release the held unit, or move over one recorded step", harness.CommandStep, func(s *stepper, _ []string) { s.dbg.Step() }},
		{[]string{"next", "n"}, "", "go on to the end of the flight", harness.CommandNext, func(s *stepper, _ []string) { s.dbg.Next() }},
		{[]string{"continue", "c"}, "", "go on to a breakpoint or to the end", harness.CommandContinue, func(s *stepper, _ []string) { s.dbg.Continue() }},
		{[]string{"finish", "f"}, "", "go to the end, whatever breakpoints there are", harness.CommandFinish, func(s *stepper, _ []string) { s.dbg.Finish() }},
		{[]string{"back", "p"}, "", "one step back over what is recorded", harness.CommandBack, func(s *stepper, _ []string) { s.dbg.Back() }},
		{[]string{"forward"}, "", "one step forward over what is recorded", harness.CommandForward, func(s *stepper, _ []string) { s.dbg.Forward() }},
		{[]string{"restart", "r"}, "[tcp|quic] [1.2|1.3]", "run again from the start, in another cell if one is given", harness.CommandRestart, (*stepper).restart},
		{[]string{"break", "b"}, "[client|server] [MESSAGE|alert]", "stop continue before a message; alone, list what is set", "", (*stepper).setBreak},
		{[]string{"clear"}, "[client|server] MESSAGE|alert", "clear a breakpoint", "", (*stepper).clearBreak},
		{[]string{"inspect", "i"}, "[STEP]", "the fields of a step, of the current one if no number is given", "", (*stepper).inspect},
		{[]string{"hex", "x"}, "[STEP]", "the bytes of a step, buffer by buffer, and what each was made of", "", (*stepper).hex},
		{[]string{"list", "l"}, "", "every step so far", "", (*stepper).list},
		{[]string{"chain"}, "", "both sides' certificates and their problems", "", func(s *stepper, _ []string) { s.chains() }},
		{[]string{"verdict"}, "", "what both sides report, and why", "", func(s *stepper, _ []string) { s.verdict() }},
		{[]string{"connection"}, "NUMBER", "open another connection of the recording", "", nil},
		{[]string{"connections"}, "[WORD]", "list the recording's connections, of many those that failed; a word narrows it", "", func(s *stepper, args []string) { s.connections(args) }},
		{[]string{"help", "h", "?"}, "", "this list", "", func(s *stepper, _ []string) { s.help() }},
		{[]string{"quit", "q", "exit"}, "", "leave", "", nil},
	}
}

// available says whether there is any use for a command: of a recording's
// connections one is opened, before any other.
func (s *stepper) available(c command) bool {
	switch c.names[0] {
	case "connection", "connections":
		return s.file != nil
	case "help", "quit":
		return true
	}
	return s.dbg != nil
}

// command carries out one line.
func (s *stepper) command(ctx context.Context, line string) (quit bool, err error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return false, nil
	}
	for _, c := range commands() {
		if !slices.Contains(c.names, words[0]) {
			continue
		}
		switch {
		case !s.available(c) && s.file != nil:
			s.say("%s: no connection is open; connection and a number opens one", c.names[0])
			return false, nil
		case !s.available(c):
			s.say("%s: there is one connection, which is open", c.names[0])
			return false, nil
		case c.names[0] == "connection":
			return false, s.connection(ctx, words[1:])
		case c.do == nil:
			return true, nil
		case c.verb == "":
			if s.dbg != nil {
				s.state = s.dbg.State()
			}
			s.commanded = true
			c.do(s, words[1:])
			return false, nil
		}
		s.commanded = true
		return false, s.session(ctx, c, words[1:])
	}
	if n := words[0]; s.file != nil && len(words) == 1 && strings.Trim(n, "0123456789") == "" {
		return false, s.connection(ctx, words) // the number alone
	}
	s.say("unknown command %q: help lists the commands", words[0])
	return false, nil
}

// session gives the session a command and tells what came of it.
func (s *stepper) session(ctx context.Context, c command, args []string) error {
	before := s.dbg.State()
	if why, off := before.Disabled[c.verb]; off {
		s.say("%s: %s", c.verb, why)
		return nil
	}
	select { // what changed before the command is known
	case <-s.dbg.Changed():
	default:
	}
	s.state = before
	if why, off := before.Disabled[harness.CommandSwitch]; off && len(args) > 0 && c.verb == harness.CommandRestart {
		s.say("restart: %s", why)
		return nil
	}
	if c.verb == harness.CommandRestart {
		if _, err := s.cell(args); err != nil {
			s.say("restart: %v", err)
			return nil
		}
	}
	done := func(now harness.State) bool { return differs(before, now) }
	if before.Recording != nil {
		c.do(s, args)
		s.state = s.dbg.State()
		s.passed(before)
		return nil
	}
	switch c.verb {
	case harness.CommandFinish:
		return s.toTheEnd(ctx)
	case harness.CommandRestart:
		s.told, s.ended, s.settled, s.last = 0, false, false, 0
		done = func(now harness.State) bool { return now.Phase == harness.PhaseHeld || now.Err != nil }
	case harness.CommandContinue:
		done = func(now harness.State) bool { return over(now) || now.StoppedBy != "" }
	}
	c.do(s, args)
	if err := s.settle(ctx, done); err != nil {
		return err
	}
	recorded := c.verb == harness.CommandBack || c.verb == harness.CommandForward ||
		c.verb == harness.CommandStep && len(steps(s.state)) == len(steps(before)) && s.state.Phase == before.Phase
	if at := s.state.Cursor; recorded && at >= 0 && at < len(steps(s.state)) {
		s.say("at %s", sentence(steps(s.state)[at]))
		return nil
	}
	s.tell()
	return nil
}

func (s *stepper) restart(args []string) {
	if cell, err := s.cell(args); err == nil {
		s.dbg.Restart(cell)
	}
}

// cell reads where to restart: "quic", "tcp 1.2", or nothing for where it is.
func (s *stepper) cell(args []string) (outcome.Cell, error) {
	cell := s.state.Cell
	for _, a := range args {
		switch a {
		case "tcp":
			cell.Transport = outcome.TCP
		case "quic":
			cell.Transport, cell.TLS = outcome.QUIC, "1.3" // QUIC has no TLS 1.2 (RFC 9001 4.2)
		case "1.2", "1.3":
			cell.TLS = a
		default:
			return cell, fmt.Errorf("%q is neither tcp nor quic, 1.2 nor 1.3", a)
		}
	}
	if !slices.Contains(s.state.Cells, cell) {
		var cells []string
		for _, c := range s.state.Cells {
			cells = append(cells, c.String())
		}
		return cell, fmt.Errorf("this does not run in %s, but in %s", cell, strings.Join(cells, ", "))
	}
	return cell, nil
}

// point reads a breakpoint: "Certificate", "server Certificate", "alert".
func point(args []string) (harness.Breakpoint, error) {
	var b harness.Breakpoint
	for _, a := range args {
		switch {
		case a == "client" || a == "server":
			b.From = outcome.Role(a)
		case b.Message != "":
			return b, fmt.Errorf("one message at a time: %q and %q", b.Message, a)
		default:
			b.Message = a
		}
	}
	if b.Message == "" {
		return b, fmt.Errorf("which message? for example: break server Certificate, break alert")
	}
	return b, nil
}

func (s *stepper) setBreak(args []string) {
	if len(args) == 0 {
		if len(s.state.Breakpoints) == 0 {
			s.say("no breakpoints are set")
		}
		for _, b := range s.state.Breakpoints {
			s.say("breakpoint: %s", b)
		}
		return
	}
	b, err := point(args)
	if err != nil {
		s.say("break: %v", err)
		return
	}
	s.dbg.SetBreakpoint(b, true)
	s.say("continue stops before %s", b)
}

func (s *stepper) clearBreak(args []string) {
	b, err := point(args)
	switch {
	case err != nil:
		s.say("clear: %v", err)
	case !slices.Contains(s.state.Breakpoints, b):
		s.say("clear: there is no breakpoint %s", b)
	default:
		s.dbg.SetBreakpoint(b, false)
		s.say("cleared %s", b)
	}
}

func (s *stepper) help() {
	for _, c := range commands() {
		if !s.available(c) {
			continue
		}
		usage := strings.Join(c.names, ", ")
		if c.args != "" {
			usage += " " + c.args
		}
		s.say("%s: %s", usage, c.help)
	}
	s.say("An empty line repeats the last command.")
}
