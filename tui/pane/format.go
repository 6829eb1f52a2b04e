package pane

import (
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// Thousands returns n with commas: "1,512".
func Thousands(n int) string { return field.Thousands(n) }

// Bytes returns a size in words: "1 byte", "1,512 bytes".
func Bytes(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return Thousands(n) + " bytes"
}

// Cell returns a cell as the screen shows it: "tcp · TLS 1.3". A recording need
// not tell the version.
func Cell(c outcome.Cell) string {
	if c.TLS == "" {
		return string(c.Transport)
	}
	return string(c.Transport) + " · TLS " + c.TLS
}

// LevelWords says under which keys something travelled.
func LevelWords(l dissect.Level) string {
	switch l {
	case dissect.Initial:
		return "Initial keys, which anybody can derive"
	case dissect.Early:
		return "early-data keys"
	case dissect.Handshake:
		return "handshake keys"
	case dissect.Application:
		return "application keys"
	}
	return "in the clear"
}
