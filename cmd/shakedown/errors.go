package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"shakedown/harness"
	"shakedown/harness/field"
	"shakedown/harness/pcapng"
)

// The exit codes.
const (
	exitOK          = 0
	exitDifferent   = 1   // a scenario or a check differed
	exitUsage       = 2   // wrong usage, or an invalid scenario file
	exitFailed      = 3   // it could not run
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// errDifferent says that a scenario or a check differed. The report has said
// everything there is to say about it.
var errDifferent = errors.New("not as expected")

// A usageError is a mistake in what was typed or written, with what to do
// about it.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usage returns a usageError.
func usage(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// exit says what is to be said of an error and returns the exit code for it.
func exit(ctx context.Context, stderr io.Writer, err error) int {
	var wrong *usageError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		complain(stderr, "interrupted", "")
		return exitInterrupted
	case errors.Is(err, errDifferent):
		return exitDifferent
	case errors.As(err, &wrong):
		each := single(wrong.err)
		for _, one := range each[:len(each)-1] {
			complain(stderr, one.Error(), "")
		}
		complain(stderr, each[len(each)-1].Error(), wrong.hint)
		return exitUsage
	}
	complain(stderr, err.Error(), failureHint(err))
	return exitFailed
}

// failureHint is the next move where nothing could be run.
func failureHint(err error) string {
	var dial *harness.DialError
	var format *pcapng.FormatError
	switch {
	case errors.As(err, &format):
		return format.Next
	case errors.As(err, &dial) && errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: look with ss -ltn on the server's machine, or check the port"
	case errors.As(err, &dial):
		return "check the name, the port and the way there"
	case errors.Is(err, fs.ErrNotExist):
		return "check the path: it is looked for from the directory where shakedown runs"
	case errors.Is(err, fs.ErrPermission):
		return "let the user who runs shakedown have it, or name another path"
	case errors.Is(err, syscall.ENOSPC):
		return "make room on that disk, or name a file on another"
	}
	return ""
}

// single returns the errors that err is made of: a file's errors are told one
// by one.
func single(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, single(e)...)
	}
	if len(all) == 0 {
		return []error{err}
	}
	return all
}

// complain writes an error and a hint, each line safe to show. What follows
// the first line of an error is indented, so that it cannot pass for another.
func complain(w io.Writer, message, hint string) {
	for i, line := range strings.Split(strings.TrimRight(message, "\n"), "\n") {
		prefix := "error: "
		if i > 0 {
			prefix = indent(line)
		}
		fmt.Fprintf(w, "%s%s\n", prefix, printableLine(line))
	}
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", printableLine(hint))
	}
}

// indent is what stands before a line that goes on with what the line before
// began: a source line that is quoted is indented already.
func indent(line string) string {
	if strings.HasPrefix(line, "  ") {
		return ""
	}
	return "  "
}

// printableLine is field.Printable that keeps tabs as blanks: source lines of
// scenario files are quoted with a mark under the place that is wrong.
func printableLine(s string) string {
	return field.Printable(strings.ReplaceAll(s, "\t", " "))
}
