// Package scenario reads scenario files: one YAML file says what is different
// from a healthy pair, and what is expected of it.
//
// For most uses, call [Load] with a path or [Parse] with text. Decoding is
// strict: an unknown key, a wrong type or an undefined name is an error with
// file, line, column and a suggestion.
package scenario

import (
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// A Scenario is one scenario file, decoded, with every default filled in.
type Scenario struct {
	// ID is the file's path below scenarios/ without its ending
	// ("trust/unknown-server-ca"); for other files, the path as given.
	ID string
	// Path is the file it was read from, empty for text.
	Path string
	// Group is the first element of the ID, empty for other files.
	Group string
	Title string
	About string
	See   []string

	PKI            pki.Spec
	Server, Client Endpoint
	Cells          []outcome.Cell
	// Wire is what happens on the wire; see [Scenario.Faults].
	Wire []Fault
	// Seed decides what is left to chance; nil means that each run draws one.
	Seed *uint64
	// Timeout is how long each side waits for the other; 0 leaves that to the run.
	Timeout time.Duration
	// Clock is the scenario's clock; unset means the wall clock at start.
	Clock  pki.When
	Script []Action
	// Expect has one entry per connect of the script.
	Expect []Expectation
	// Requires names programs that must be there.
	Requires []string

	source *source // of the text it was parsed from, nil if there was none
}

// A source is what is needed of the text to say where something is.
type source struct {
	file   string
	lines  []string
	pki    *node      // of the entities that it names, nil if it names none
	expect []*node    // each entry of Expect
	wire   []position // of what each entry of Wire does
}

// FromDisk says that some certificate of the scenario is taken from files, be
// they on disk or written for it in some form.
func (s *Scenario) FromDisk() bool {
	if s.Server.Files != (Files{}) || s.Client.Files != (Files{}) {
		return true
	}
	for _, e := range s.PKI {
		if e.FromDisk() {
			return true
		}
	}
	return false
}

// An Endpoint is what a scenario says of one side.
type Endpoint struct {
	// Present names the entities whose certificates are sent, the one with the key first.
	Present []string
	// Trust names the entities that this side takes as trust anchors.
	Trust      []string
	ClientAuth outcome.ClientAuth // server only
	ServerName string             // client only
	// MinVersion and MaxVersion are TLS versions (0x0303, 0x0304). Where both are 0 the cell
	// pins this side; where one is 0 that limit is the stack's own.
	MinVersion, MaxVersion uint16
	Suites, Groups         []uint16
	// ALPN are the application protocols: nil leaves the choice to the harness, an empty list means none.
	ALPN []string
	// Tickets turns session tickets on.
	Tickets bool
	// Clock is this side's clock, relative to the scenario's, or absolute.
	Clock pki.When
	// SendForced presents the certificate even where Go would filter it (client only).
	SendForced bool
	// VerifyNone switches verification of the peer off.
	VerifyNone bool
	Behaviour
}

// An Action is one entry of a script; exactly one field is set.
type Action struct {
	Connect *Connect
	// Advance moves the scenario's clock on both sides.
	Advance time.Duration
	Reload  *Reload
}

// A Connect makes one connection.
type Connect struct {
	// Resume offers the session that the connection before left.
	Resume bool
}

// A Reload replaces what a side presents, trusts or demands, from now on. What
// is nil or empty stays as it was.
type Reload struct {
	Server, Client ReloadSide
}

// A ReloadSide is what one side reloads.
type ReloadSide struct {
	Present, Trust []string
	Policy         *Policy
	ClientAuth     outcome.ClientAuth // server only
	NewTicketKey   bool               // server only
}

// An Expectation is what one connect should come to, before cells override it.
type Expectation struct {
	Result
	Cells []CellExpectation
}

// A CellExpectation overrides, key by key, where When matches the cell. Empty
// strings in When match every cell.
type CellExpectation struct {
	When outcome.Cell
	Result
}

// A Result is what is expected. A nil field is not checked.
type Result struct {
	Outcome     *string
	Side        *string
	RefusedBy   *string
	At          *string
	Alert       *string // "none" where no alert is expected
	Cause       *string // "" (or none) where nothing is wrong
	Further     *[]string
	ClientError *string // a substring; /…/ is a regular expression; "" means no error (see MatchText)
	ServerError *string
	Resumed     *bool
}

// In returns what is expected in that cell: the first entry of Cells that
// matches overrides key by key.
func (e Expectation) In(cell outcome.Cell) Result {
	r := e.Result
	for _, c := range e.Cells {
		if matches(c.When, cell) {
			return r.override(c.Result)
		}
	}
	return r
}

func (r Result) override(by Result) Result {
	set(&r.Outcome, by.Outcome)
	set(&r.Side, by.Side)
	set(&r.RefusedBy, by.RefusedBy)
	set(&r.At, by.At)
	set(&r.Alert, by.Alert)
	set(&r.Cause, by.Cause)
	set(&r.Further, by.Further)
	set(&r.ClientError, by.ClientError)
	set(&r.ServerError, by.ServerError)
	set(&r.Resumed, by.Resumed)
	return r
}

func set[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}
