package catalogue

import (
	"regexp"
	"slices"

	"shakedown/harness/scenario"
)

// unsteady are the parts of a text that differ from run to run, and what stands
// for them: N for a number, an ellipsis for anything else.
var unsteady = []struct {
	part *regexp.Regexp
	text string
}{
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+`), "127.0.0.1:…"},
	{regexp.MustCompile(`\b[0-9a-f]{20,}\b`), "…"}, // a serial number
	{regexp.MustCompile(`\b[0-9a-f]{8}…`), "…"},    // a key identifier
	{regexp.MustCompile(`sha256/[A-Za-z0-9+/=]{44}`), "sha256/…"},
	// Which reserved version a server offers, and where, is drawn by lot (RFC 9000 6.3).
	{regexp.MustCompile(`server offered \[[^]]*\]`), "server offered […]"},
	{regexp.MustCompile(`invalid offset [0-9]+`), "invalid offset N"},
	// How long a message is moves with the length of a signature.
	{regexp.MustCompile(`\b(message of length|has|of|up to) [0-9]{2,} bytes`), "$1 N bytes"},
	{regexp.MustCompile(`message of length [0-9]+`), "message of length N"},
}

// steady returns text with an ellipsis for what differs from run to run.
func steady(text string) string {
	for _, u := range unsteady {
		text = u.part.ReplaceAllString(text, u.text)
	}
	return text
}

// deadlines are the errors of quic-go's two deadlines, of an idle connection and
// of a handshake. Where nothing answers any more, which of them comes first
// depends on when the last packet came.
var deadlines = []string{"timeout: no recent network activity", "timeout: handshake did not complete in time"}

// alternatives returns the texts that an error can be: itself, made steady, or
// both deadlines where the scenario takes either.
func alternatives(text string, expected *string) []string {
	takes := func(t string) bool { return expected != nil && scenario.MatchText(*expected, t) }
	if slices.Contains(deadlines, text) && takes(deadlines[0]) && takes(deadlines[1]) {
		return deadlines
	}
	return []string{steady(text)}
}

// wrappings are what a stack or a transport puts around the words of TLS.
var wrappings = regexp.MustCompile(`^(remote error: |local error: |[A-Z_]+ 0x[0-9a-f]+ \((local|remote)\): )+`)

// core returns a text without what the transport puts around it: the words that
// TCP and QUIC have in common.
func core(text string) string { return wrappings.ReplaceAllString(text, "") }

// numbered is what evidence begins with where it stands on a step of one timeline.
var numbered = regexp.MustCompile(`^steps? [0-9, ]+(and [0-9]+)?: `)

// quotes says that a piece of evidence only repeats what a side says.
var quotes = regexp.MustCompile(`^the (client|server) (says|does not start:) "`)
