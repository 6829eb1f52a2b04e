package harness

import (
	"shakedown/harness/dissect"
	"shakedown/harness/field"
)

// A Result is one cell of one scenario, as the JSON contract writes it: fields
// are added, never renamed. Every list is present, empty rather than null.
type Result struct {
	Scenario string `json:"scenario"`
	// Title is the scenario's title, and File the file it was read from, empty for a built-in one.
	Title     string `json:"title"`
	File      string `json:"file"`
	Transport string `json:"transport"`
	TLS       string `json:"tls"`
	// Status is passed, failed (an expectation differed), error, skipped, or none.
	Status     Status     `json:"status"`
	Reason     string     `json:"reason"`
	Mismatches []Mismatch `json:"mismatches"`
	// ConnectionResult repeats the first connection that differs from its expectation, else the last.
	ConnectionResult
	Connections []ConnectionResult `json:"connections"`
	DurationUS  int64              `json:"duration_us"`
}

// A Status is how a result compares with what was expected.
type Status string

// The statuses.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Errored Status = "error"
	Skipped Status = "skipped"
	NoCheck Status = "none"
)

// A Mismatch is one expectation that differed.
type Mismatch struct {
	// Connection counts from 1.
	Connection int    `json:"connection"`
	Field      string `json:"field"`
	Want       string `json:"want"`
	Got        string `json:"got"`
	// Steps are the numbers of the steps that show it.
	Steps []int `json:"steps"`
	// Line is the line of the scenario's file that states it, 0 if none does.
	Line int `json:"-"`
}

// A ConnectionResult is what came of one connect. The outcome is empty where
// the recording does not show it.
type ConnectionResult struct {
	// Mode is what the diagnosis had to go by: "both-sides" and the wire between
	// them; "one-side" and its wire; a "wire" of which no side's own words are known;
	// one side's "errors" alone. Empty where there was no connection.
	Mode      string          `json:"mode"`
	Outcome   string          `json:"outcome"`
	Likely    *LikelyResult   `json:"likely"`
	Side      string          `json:"side"`
	RefusedBy string          `json:"refused_by"`
	At        string          `json:"at"`
	Alert     *AlertResult    `json:"alert"`
	Close     *CloseResult    `json:"close"`
	Cause     string          `json:"cause"`
	Causes    []CauseResult   `json:"causes"`
	Further   []CauseResult   `json:"further"`
	Missing   []MissingResult `json:"missing"`
	// Unexplained are the facts of an end that no rule accounts for, or that
	// contradict each other; then there is no cause.
	Unexplained []string         `json:"unexplained"`
	Client      SideResult       `json:"client"`
	Server      SideResult       `json:"server"`
	Negotiated  NegotiatedResult `json:"negotiated"`
	Chains      ChainsResult     `json:"chains"`
	Steps       []StepResult     `json:"steps"`
	// Notes are sentences about how a connection was captured, and about files
	// that do not load either.
	Notes []string `json:"notes,omitempty"`
}

// An AlertResult is the TLS alert on the wire.
type AlertResult struct {
	From string `json:"from"`
	Code uint8  `json:"code"`
	Name string `json:"name"`
}

// A CloseResult is the QUIC CONNECTION_CLOSE on the wire.
type CloseResult struct {
	From   string `json:"from"`
	Code   uint64 `json:"code"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// A LikelyResult is what is probable where the recording does not show the outcome.
type LikelyResult struct {
	Outcome   string   `json:"outcome"`
	RefusedBy string   `json:"refused_by"`
	At        string   `json:"at"`
	Evidence  []string `json:"evidence"`
}

// A MissingResult is evidence that the recording does not have: what it is, what
// it would settle, and how to get it (may be empty).
type MissingResult struct {
	What    string `json:"what"`
	Settles string `json:"settles"`
	Try     string `json:"try"`
}

// A CauseResult is one candidate cause.
type CauseResult struct {
	ID       string   `json:"id"`
	Certain  bool     `json:"certain"`
	Evidence []string `json:"evidence"`
	Remedy   string   `json:"remedy"`
	// Title is the cause in a sentence, Try the one command to run next, and
	// Scenario the built-in scenario that shows it; each may be empty.
	Title    string `json:"title"`
	Try      string `json:"try"`
	Scenario string `json:"scenario"`
}

// A SideResult is what one side reports.
type SideResult struct {
	HandshakeError   string `json:"handshake_error"`
	LateError        string `json:"late_error"`
	VerifiedChains   int    `json:"verified_chains"`
	PeerCertificates int    `json:"peer_certificates"`
	// Known is false for a foreign peer, whose view nobody recorded.
	Known bool `json:"known"`
}

// A NegotiatedResult is what both sides settled on, in the registries' names.
type NegotiatedResult struct {
	Version     string `json:"version"`
	CipherSuite string `json:"cipher_suite"`
	Group       string `json:"group"`
	ALPN        string `json:"alpn"`
	Resumed     bool   `json:"resumed"`
}

// ChainsResult are both sides' chains with their problems.
type ChainsResult struct {
	Server []CertificateResult `json:"server"`
	Client []CertificateResult `json:"client"`
	// ServerPaths and ClientPaths are the ways from each side's own certificate
	// towards a trust anchor of the other side, the one that was used first. They
	// are left out where there is only one.
	ServerPaths []PathResult `json:"server_paths,omitempty"`
	ClientPaths []PathResult `json:"client_paths,omitempty"`
}

// A PathResult is one way through the certificates that are known.
type PathResult struct {
	// Subjects are those of its certificates, the end entity's first.
	Subjects []string `json:"subjects"`
	// Anchored says that it ends in a trust anchor of the verifier.
	Anchored bool `json:"anchored"`
	// Fails says why the verifier does not take it, empty if it does.
	Fails string `json:"fails"`
}

// A CertificateResult is one certificate of a chain.
type CertificateResult struct {
	Subject  string          `json:"subject"`
	Issuer   string          `json:"issuer"`
	Role     string          `json:"role"`
	Problems []ProblemResult `json:"problems"`
}

// A ProblemResult is one problem of a certificate.
type ProblemResult struct {
	ID     string `json:"id"`
	Detail string `json:"detail"`
}

// A StepResult is one step of the timeline.
type StepResult struct {
	N       int           `json:"n"`
	TimeUS  int64         `json:"time_us"`
	From    string        `json:"from"`
	Level   dissect.Level `json:"level"`
	Flight  int           `json:"flight"`
	Kind    dissect.Kind  `json:"kind"`
	Name    string        `json:"name"`
	Bytes   int           `json:"bytes"`
	Summary string        `json:"summary"`
	Marks   []string      `json:"marks"`
	Fields  []field.Field `json:"fields,omitempty"`
	// FieldsIn are the numbers of the earlier steps that came in the same QUIC
	// datagrams and packets and have their fields, which are not repeated here.
	FieldsIn []int `json:"fields_in,omitempty"`
	// Says are sentences on what the step has to do with the others, Checks what
	// was proven of it. Both come with Fields.
	Says   []string      `json:"says,omitempty"`
	Checks []CheckResult `json:"checks,omitempty"`
}

// A CheckResult is one signature or MAC of a step, and whether it holds.
type CheckResult struct {
	// Of is what was checked: "CertificateVerify", "Finished", "certificate 1".
	Of string `json:"of"`
	// Result is "verified", "failed" or "not-checked".
	Result string `json:"result"`
	Text   string `json:"text"`
	// Key is the step whose certificate holds the key, absent where the key is
	// a secret or a trust anchor's.
	Key int `json:"key,omitempty"`
}

// A Summary counts results.
type Summary struct {
	Total      int   `json:"total"`
	Passed     int   `json:"passed"`
	Failed     int   `json:"failed"`
	Errors     int   `json:"errors"`
	Skipped    int   `json:"skipped"`
	DurationMS int64 `json:"duration_ms"`
}

// A Report is the whole of a run: version, results in catalogue order, summary.
type Report struct {
	Version int      `json:"version"`
	Results []Result `json:"results"`
	Summary Summary  `json:"summary"`
}
