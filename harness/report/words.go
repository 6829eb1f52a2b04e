package report

import (
	"fmt"
	"strconv"
	"strings"

	"shakedown/harness"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
)

// longest is how many characters of one text a person is shown. What a
// stranger's server sends can be as long as it likes.
const longest = 1000

// clean makes one line of foreign text safe to show.
func clean(s string) string { return field.Shorten(s, longest) }

// cleanLines makes text of several lines safe to show, line by line.
func cleanLines(s string) []string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return lines
}

// cell names a result's cell: "quic 1.3".
func cell(r harness.Result) string { return strings.TrimSpace(r.Transport + " " + r.TLS) }

// name names a result: "trust/unknown-server-ca (quic 1.3)".
func name(r harness.Result) string {
	if c := cell(r); c != "" {
		return fmt.Sprintf("%s (%s)", clean(r.Scenario), clean(c))
	}
	return clean(r.Scenario)
}

// Line tells a result in one line: what it is of, what happened, and why.
func Line(r harness.Result) string {
	s := name(r) + ": " + storyStatus(r)
	if r.Status == harness.Errored && r.Reason != "" {
		s += ": " + strings.Join(cleanLines(r.Reason), " ")
	}
	if len(r.Causes) > 0 {
		s += ". Cause: " + title(r.Causes[0])
	}
	return s
}

// Happened says in one line what became of a connection of a list, whose steps
// were left out.
func Happened(c harness.ConnectionResult) string {
	if c.Outcome == "" {
		return clean(undecided(c))
	}
	return happened(c)
}

// happened says in one line what became of a connection.
func happened(c harness.ConnectionResult) string {
	switch c.Outcome {
	case "established":
		return established(c)
	case "refused":
		s := "refused"
		if c.RefusedBy != "" {
			s += " by the " + c.RefusedBy
		}
		if c.At != "" {
			s += " at " + c.At
		}
		return clean(s + ", " + alert(c))
	case "broken":
		return clean("broken: the transport ended and no side decided, " + alert(c))
	case "timeout":
		return "timeout: the deadline came"
	case "unloadable":
		if c.Side != "" {
			return clean("unloadable: the " + c.Side + "'s configuration failed before any byte was sent")
		}
		return "unloadable: a configuration failed before any byte was sent"
	case "":
		return clean(unknown(c))
	}
	return clean(c.Outcome)
}

// unknown is for a recording that does not show the outcome.
func unknown(c harness.ConnectionResult) string {
	if len(c.Steps) == 0 {
		return "nothing was recorded"
	}
	return undecided(c)
}

func undecided(c harness.ConnectionResult) string {
	s := "the recording does not show what became of it"
	if l := c.Likely; l != nil {
		s += ", probably " + l.Outcome
		if l.RefusedBy != "" {
			s += " by the " + l.RefusedBy
		}
		if l.At != "" {
			s += " at " + l.At
		}
	}
	return s
}

func established(c harness.ConnectionResult) string {
	parts := []string{"established"}
	for _, p := range []string{c.Negotiated.Version, c.Negotiated.CipherSuite, c.Negotiated.Group} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if c.Negotiated.ALPN != "" {
		parts = append(parts, "ALPN "+c.Negotiated.ALPN)
	}
	if c.Negotiated.Resumed {
		parts = append(parts, "resumed")
	}
	return clean(strings.Join(parts, ", "))
}

func alert(c harness.ConnectionResult) string {
	if c.Alert == nil {
		return "no alert"
	}
	return fmt.Sprintf("alert %s (%d)", c.Alert.Name, c.Alert.Code)
}

// verdict is happened in the few words of a list: "refused by the client, server-untrusted-ca".
func verdict(c harness.ConnectionResult) string {
	s := c.Outcome
	switch {
	case c.Outcome == "" && c.Likely != nil:
		s = "unknown, probably " + c.Likely.Outcome
		if c.Likely.RefusedBy != "" {
			s += " by the " + c.Likely.RefusedBy
		}
	case c.Outcome == "" && len(c.Steps) > 0:
		s = "unknown"
	case c.Outcome == "refused" && c.RefusedBy != "":
		s += " by the " + c.RefusedBy
	case c.Outcome == "unloadable" && c.Side != "":
		s += ", " + c.Side
	}
	if c.Cause != "" {
		s += ", " + c.Cause
	}
	return clean(s)
}

// said returns what a side reports, one line each: "handshake: ok".
func said(c harness.ConnectionResult, s harness.SideResult, side string) []string {
	switch {
	case c.Outcome == "unloadable" && s.HandshakeError == "" && c.Side != side && !s.Known:
		return []string{"not contacted"}
	case c.Outcome == "unloadable" && s.HandshakeError == "" && c.Side != side:
		return []string{"was not started"}
	case !s.Known && !c.Client.Known && !c.Server.Known && s.HandshakeError == "":
		return []string{"nobody recorded its own words"}
	case !s.Known && s.HandshakeError == "" && s.LateError == "":
		return []string{"not ours: its own words are unknown"}
	}
	lines := make([]string, 0, 2)
	switch {
	case s.HandshakeError == "":
		lines = append(lines, "handshake: ok")
	case c.Outcome == "unloadable":
		lines = append(lines, "configuration: "+clean(abridged(s.HandshakeError)))
	default:
		lines = append(lines, "handshake: "+clean(abridged(s.HandshakeError)))
	}
	if s.LateError != "" {
		lines = append(lines, "later: "+clean(abridged(s.LateError)))
	}
	return lines
}

// stepLine says a step in one plain line without its number:
// "client to server: Certificate, 1,412 bytes: 2 certificates".
func stepLine(s harness.StepResult) string {
	var b strings.Builder
	b.WriteString(s.From)
	if s.Kind == dissect.KindLocal {
		b.WriteString(": ")
		if s.Summary != "" {
			b.WriteString(abridged(s.Summary))
		} else {
			b.WriteString(s.Name)
		}
	} else {
		fmt.Fprintf(&b, " to %s: %s", peer(s.From), s.Name)
		if s.Bytes > 0 {
			fmt.Fprintf(&b, ", %s", size(s.Bytes))
		}
		// Of application data the summary is its size, and more only at times.
		said := s.Summary
		if rest, ok := strings.CutPrefix(said, field.Count(s.Bytes, "byte")); ok {
			said = strings.TrimPrefix(rest, ": ")
		}
		if said != "" && said != s.Name {
			b.WriteString(": " + said)
		}
	}
	if len(s.Marks) > 0 {
		b.WriteString(" [" + strings.Join(s.Marks, ", ") + "]")
	}
	return clean(b.String())
}

func peer(role string) string {
	if role == "client" {
		return "server"
	}
	return "client"
}

// size writes a number of bytes in words.
func size(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return field.Thousands(n) + " bytes"
}

// wanted says a mismatch in one line:
// "alert: wanted unknown_ca, got bad_certificate (steps 9, 10)".
func wanted(m harness.Mismatch, connections int) string {
	s := fmt.Sprintf("%s: wanted %s, got %s", m.Field, value(m.Want), value(m.Got))
	if connections > 1 {
		s = fmt.Sprintf("connection %d: %s", m.Connection, s)
	}
	if n := len(m.Steps); n == 1 {
		s += fmt.Sprintf(" (step %d)", m.Steps[0])
	} else if n > 1 {
		s += " (steps " + numbers(m.Steps) + ")"
	}
	return s
}

// value shows an expected or actual value; nothing is a word too.
func value(s string) string {
	if s == "" {
		return "nothing"
	}
	return clean(s)
}

func numbers(steps []int) string {
	words := make([]string, 0, len(steps))
	for _, n := range steps {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ", ")
}

// differing returns the connection that a mismatch is about.
func differing(r harness.Result, m harness.Mismatch) harness.ConnectionResult {
	if m.Connection >= 1 && m.Connection <= len(r.Connections) {
		return r.Connections[m.Connection-1]
	}
	return r.ConnectionResult
}

// shows returns the steps that show a mismatch.
func shows(r harness.Result, m harness.Mismatch) []harness.StepResult {
	var steps []harness.StepResult
	for _, s := range differing(r, m).Steps {
		for _, n := range m.Steps {
			if s.N == n {
				steps = append(steps, s)
				break
			}
		}
	}
	return steps
}

// connections returns what to tell of a result: every connection of a script,
// or the one there is.
func connections(r harness.Result) []harness.ConnectionResult {
	if len(r.Connections) > 0 {
		return r.Connections
	}
	return []harness.ConnectionResult{r.ConnectionResult}
}

// title is a cause in a sentence, or its id where it has none.
func title(c harness.CauseResult) string {
	if c.Title == "" {
		return clean(c.ID)
	}
	return clean(c.ID + ": " + c.Title)
}

// counted says a summary: "3 passed, 1 failed, 1 error, 2 skipped".
func counted(s harness.Summary) string {
	errors := "errors"
	if s.Errors == 1 {
		errors = "error"
	}
	if checked := s.Passed + s.Failed + s.Errors + s.Skipped; checked == 0 && s.Total > 0 {
		return fmt.Sprintf("%d results without expectations", s.Total)
	}
	text := fmt.Sprintf("%d passed, %d failed, %d %s, %d skipped", s.Passed, s.Failed, s.Errors, errors, s.Skipped)
	if unchecked := s.Total - s.Passed - s.Failed - s.Errors - s.Skipped; unchecked > 0 {
		text += fmt.Sprintf(", %d unchecked", unchecked)
	}
	return text
}
