package scenario

import (
	"fmt"
	"strings"
)

// Validate returns warnings: what a scenario that [Parse] accepts leaves open,
// although it could say it. A fault states its outcome, the side that refused,
// the message, the alert, the cause and both errors in every cell; what it does
// not state, nobody checks.
func Validate(sc *Scenario) Errors {
	var warnings Errors
	for i, e := range sc.Expect {
		open := map[string][]string{} // key to the cells in which it is open
		for _, cell := range sc.Cells {
			for _, key := range unstated(e.In(cell)) {
				open[key] = append(open[key], cell.String())
			}
		}
		if len(open) > 0 {
			warnings = append(warnings, sc.warning(i, openMessage(open, len(sc.Cells))))
		}
	}
	return warnings
}

// unstated returns the keys that a result ought to state and does not. A healthy
// result owes nothing.
func unstated(r Result) []string {
	fault := r.Outcome != nil && *r.Outcome != "established" || r.Cause != nil && *r.Cause != ""
	if !fault {
		return nil
	}
	owed := map[string]bool{"alert": r.Alert == nil, "cause": r.Cause == nil, "client_error": r.ClientError == nil, "server_error": r.ServerError == nil}
	if r.Outcome == nil {
		owed["outcome"] = true
		return sortedKeys(owed)
	}
	switch *r.Outcome {
	case "refused":
		owed["refused_by"], owed["at"] = r.RefusedBy == nil, r.At == nil
	case "unloadable":
		owed["side"], owed["alert"] = r.Side == nil, false
	}
	return sortedKeys(owed)
}

// sortedKeys returns the keys that are set, in the order of the vocabulary.
func sortedKeys(set map[string]bool) []string {
	var keys []string
	for _, k := range resultKeys {
		if set[k.name] {
			keys = append(keys, k.name)
		}
	}
	return keys
}

func openMessage(open map[string][]string, cells int) string {
	var parts []string
	for _, k := range resultKeys {
		switch in := open[k.name]; {
		case len(in) == 0:
		case len(in) == cells:
			parts = append(parts, k.name)
		default:
			parts = append(parts, k.name+" (in "+strings.Join(in, ", ")+")")
		}
	}
	return "the fault's expectation does not state " + strings.Join(parts, ", ")
}

// warning places a message at the i-th expectation, if the file has one.
func (sc *Scenario) warning(i int, message string) *Error {
	if sc.source != nil && i < len(sc.source.expect) {
		return sc.errorAt(sc.source.expect[i].at, message)
	}
	if len(sc.Expect) > 1 {
		message = fmt.Sprintf("connect %d: %s", i+1, message)
	}
	return &Error{File: sc.ID, Message: message}
}

// errorAt says something of a place in the scenario's text; of the scenario as a
// whole where there is no such place.
func (sc *Scenario) errorAt(at position, message string) *Error {
	e := &Error{File: sc.ID, Message: message}
	if s := sc.source; s != nil && at.line > 0 {
		e.File, e.Line, e.Column = s.file, at.line, at.column
		if line := e.Line - 1; line < len(s.lines) {
			e.Source = strings.TrimSuffix(s.lines[line], "\r")
		}
	}
	return e
}
