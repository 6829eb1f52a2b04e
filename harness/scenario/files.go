package scenario

import (
	"errors"
	"io/fs"
	"maps"
	"slices"

	"shakedown/harness/field"
)

// Unreadable returns warnings of the files that a scenario names and that
// cannot be opened here and now. They make no file invalid: that a side does
// not load is an outcome, and a scenario that expects it is not warned of.
func Unreadable(sc *Scenario) Errors {
	for _, e := range sc.Expect {
		for _, cell := range sc.Cells {
			if r := e.In(cell); r.Outcome != nil && *r.Outcome == "unloadable" {
				return nil
			}
		}
	}
	var warnings Errors
	for _, name := range slices.Sorted(maps.Keys(sc.PKI)) {
		entity := sc.PKI[name]
		for _, file := range []string{entity.Cert, entity.KeyFile, entity.Bundle} {
			if file == "" {
				continue
			}
			if why := unreadable(file); why != "" {
				warnings = append(warnings, &Error{File: sc.ID, Message: "pki." + name + ": " + why})
			}
		}
	}
	return warnings
}

// unreadable says why a file cannot be opened, empty if it can.
func unreadable(name string) string {
	f, err := open(name)
	if err == nil {
		_ = f.Close()
		return ""
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return field.Printable(name) + ": " + err.Error()
}
