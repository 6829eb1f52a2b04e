// Package diagnose says why a handshake ended as it did.
//
// Call [Diagnose] with a timeline and what the two sides said. The package sees
// only bytes, certificates, settings and the endpoints' words: never a
// scenario, its name or its expectations. It works the same on a capture.
package diagnose

import (
	"time"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// An Input is everything that a diagnosis may look at.
type Input struct {
	Timeline       *dissect.Timeline
	Client, Server transcript.Side
	// Also are certificates that the person knows of, beside those that were
	// sent or are trusted.
	Also []Known
	// Before are the connections before this one between the same two, the oldest
	// first, as whoever recorded this one has them.
	Before []*dissect.Timeline
	// Recorded is when the recording began, by the clock of whoever made it.
	// What a side has judged whose own clock is not known is judged by it.
	Recorded time.Time
	// Signatures remembers which signatures were checked; nil means none are remembered.
	Signatures *Signatures
	// Book checks what the recording itself can prove: that a signature holds
	// with the key that was shown, and over which of the two sides' messages. It
	// is asked only where a side has refused such a proof; nil proves nothing.
	Book *crossref.Book
}

// A Known certificate is one that somebody named, with where it came from.
type Known struct {
	Raw    []byte
	Source string
}

// Kind is what became of a connection as a whole.
type Kind string

// The outcomes, named as in the scenario file. Unknown is for a recording that
// does not show what became of the connection.
const (
	Unknown     Kind = ""
	Established Kind = "established"
	Refused     Kind = "refused"    // a side decided to end, with an alert or without
	Broken      Kind = "broken"     // the transport ended and no side decided
	TimedOut    Kind = "timeout"    // the deadline came
	Unloadable  Kind = "unloadable" // a side's configuration failed before any byte
)

// A Happening is what the recording and the typed errors say, before any
// reasoning about why.
type Happening struct {
	Outcome Kind
	// Side is the side whose configuration failed (Unloadable).
	Side outcome.Role
	// RefusedBy is the side that decided.
	RefusedBy outcome.Role
	// At is the handshake message whose content it rejected.
	At string
	// Alert is the alert on the wire, nil for none. Step is its step.
	Alert *AlertSeen
	// Close is the CONNECTION_CLOSE on the wire, nil for none.
	Close *CloseSeen
	// Likely is what is probable where Outcome is Unknown, nil if that is nothing.
	Likely *Likely
}

// An AlertSeen is the alert on the wire, by name and number.
type AlertSeen struct {
	From outcome.Role
	Code uint8
	Name string
	Step int
}

// A CloseSeen is the CONNECTION_CLOSE on the wire.
type CloseSeen struct {
	From   outcome.Role
	Code   uint64
	Name   string
	Reason string
	Step   int
}

// A Diagnosis is the answer.
type Diagnosis struct {
	// Mode is what it had to go by.
	Mode Mode
	Happening
	// Causes are the ranked candidates for this failure; empty if nothing is
	// wrong. Further is what would bite next.
	Causes, Further []Cause
	// Unexplained are the facts of an end that no rule accounts for, or of one
	// whose facts contradict each other; then there are no causes.
	Unexplained []Evidence
	// Missing is the evidence that the recording does not have and that would
	// settle what it leaves open, the most telling first.
	Missing []Missing
	// ServerChain and ClientChain are the certificates that each side has
	// presented or would have, with every problem found.
	ServerChain, ClientChain []ChainCertificate
	// ServerPaths and ClientPaths are the ways from each side's end entity towards
	// a trust anchor of the other side, the one that was used first.
	ServerPaths, ClientPaths []ChainPath
}

// A Cause is one candidate.
type Cause struct {
	// ID is from the catalogue (package causes).
	ID string
	// Certain is false where the evidence leaves several.
	Certain  bool
	Evidence []Evidence
	// Remedy says what to change and where.
	Remedy string
	// Try is the one command to run next, empty if there is none.
	Try string
}

// Evidence is one observation, and the step that shows it (0 if none does).
type Evidence struct {
	Text string
	Step int
}

// A ChainCertificate is one certificate of a side's chain.
type ChainCertificate struct {
	Raw             []byte
	Subject, Issuer string
	// Role is "end-entity", "intermediate", "root" (a self-signed CA), or "extra".
	Role     string
	Problems []Problem
}

// A ChainPath is one way from an end entity upwards.
type ChainPath struct {
	// Certificates are DER, the end entity's first; Subjects are theirs.
	Certificates [][]byte
	Subjects     []string
	// Anchored says that it ends in a trust anchor of the verifier.
	Anchored bool
	// Fails says why the verifier does not take it, empty if it does.
	Fails string
}

// A Problem is something wrong with one certificate.
type Problem struct {
	ID     string
	Detail string
	// Tolerated says that Go's verifier does not mind.
	Tolerated bool
}
