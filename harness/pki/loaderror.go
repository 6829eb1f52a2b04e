package pki

import "shakedown/harness/outcome"

// A LoadError says why a file does not load: what a Go program says of it, what
// it really is, and the command that makes of it what the program needs.
type LoadError struct {
	// File is the file at fault, as the person named it.
	File string
	// Role is what the file was given as: "certificate", "key" or "trust".
	Role string
	// Go is the text of the error that a Go program gets, empty where it gets
	// none: AppendCertsFromPEM says only false, and a pipe is waited for.
	Go string
	// CauseID is the catalogue's id. Where Sided is set, the id begins with
	// the side whose file it is: use [LoadError.Cause].
	CauseID string
	Sided   bool
	// Detail says what the file really is.
	Detail string
	// Command makes a file that loads, beside the person's own. It is empty
	// where no command can.
	Command string
	err     error
}

// Cause returns the catalogue's id for the file of that side.
func (e *LoadError) Cause(side outcome.Role) string {
	if e.Sided {
		return string(side) + "-" + e.CauseID
	}
	return e.CauseID
}

func (e *LoadError) Error() string {
	text := e.Role + " file " + quoteFile(e.File)
	if e.Go != "" {
		text += ": " + e.Go
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap returns the error of the system or of crypto/tls, nil if there is none.
func (e *LoadError) Unwrap() error { return e.err }
