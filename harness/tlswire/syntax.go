package tlswire

import (
	"fmt"
	"strings"
)

// A SyntaxError says where in a handshake message reading stopped, and why.
type SyntaxError struct {
	// Message is the RFC's name of the message ("ClientHello").
	Message string
	// Extension is the name of the extension that was being read, empty
	// outside extensions.
	Extension string
	// Field is the name of the field that could not be read.
	Field string
	// Offset is where the field starts, counted from the start of the message
	// (its header included).
	Offset int
	// Reason says what is wrong with it.
	Reason string
}

// Error returns the whole story on one line.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "parse %s: ", e.Message)
	if e.Extension != "" {
		fmt.Fprintf(&b, "extension %s: ", e.Extension)
	}
	fmt.Fprintf(&b, "%s at offset %d: %s", e.Field, e.Offset, e.Reason)
	return b.String()
}
