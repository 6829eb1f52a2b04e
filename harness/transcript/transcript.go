// Package transcript holds the recording of one connection: every unit that
// crossed the wire, each side's key log, and what each side said and when.
//
// A [Transcript] is written by a link while the connection lives and read by
// everything else. Units are appended in the order of their sequence numbers.
// The type is not safe for concurrent use; a link guards it with its own lock
// and hands out copies.
package transcript

import (
	"slices"
	"strings"
	"time"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
)

// A Transcript is one connection, recorded.
type Transcript struct {
	Transport outcome.Transport
	// Start is when the connection began; all offsets count from it.
	Start time.Time
	// OneSided says that only one end was ours: the other's key log, settings
	// and outcome are unknown.
	OneSided bool
	Units    []Unit
	Facts    []Fact
	// ClientKeys and ServerKeys are kept apart: two ends can log different
	// secrets for one client random when the path was tampered with.
	ClientKeys, ServerKeys keylog.Log
	Client, Server         Side
}

// A Side is what one end was configured with and what became of it.
type Side struct {
	Settings outcome.Settings
	Outcome  outcome.Outcome
}

// Side returns the side of that role.
func (t *Transcript) Side(r outcome.Role) *Side {
	if r == outcome.Client {
		return &t.Client
	}
	return &t.Server
}

// Keys returns the key log of that role.
func (t *Transcript) Keys(r outcome.Role) *keylog.Log {
	if r == outcome.Client {
		return &t.ClientKeys
	}
	return &t.ServerKeys
}

// A UnitKind is what a unit is.
type UnitKind uint8

// The kinds of unit.
const (
	Data UnitKind = iota // a TLS record (or a piece of what is not TLS), or a UDP datagram
	FIN                  // the sender closed its direction (TCP)
	RST                  // the sender reset the connection (TCP)
	// Gap stands for bytes that a capture lacks (TCP). Its Sent are bytes behind
	// them that belong to a record whose beginning is among what is missing.
	Gap
)

// A Unit is what the gate holds: a TLS record or a UDP datagram, or the end of
// a TCP direction. Only captures have gaps.
type Unit struct {
	// Index is the unit's place in Transcript.Units, from 0.
	Index int
	Kind  UnitKind
	From  outcome.Role
	// Sent are the bytes as the sender wrote them. Nobody may change them.
	Sent []byte
	// Missing is how many bytes a Gap stands for, 0 where nobody knows.
	Missing int
	// Seq is the sequence number taken when the unit was sent, At its time
	// since Transcript.Start.
	Seq uint64
	At  time.Duration
	// Deliveries are what reached the other side: none if the unit was dropped
	// or is still held, several if it was duplicated.
	Deliveries []Delivery
	// Marks say what the link did with the unit.
	Marks []Mark
}

// A Delivery is one arrival of a unit at the other side.
type Delivery struct {
	// Bytes are what was delivered; nil means exactly what was sent.
	Bytes []byte
	// Seq is the sequence number taken when it was delivered, At its time
	// since Transcript.Start.
	Seq uint64
	At  time.Duration
	// Why says in what ways it is unlike an ordinary arrival: why Bytes differ from
	// what was sent, or that it was late, or came in pieces.
	Why string
	// Rewrites are the handshake messages in the unit that arrive as others.
	Rewrites []Rewrite `json:",omitempty"`
}

// A Rewrite says of a handshake message, by its name, how it was changed on its way.
type Rewrite struct {
	Message string
	Why     string
}

// Says joins all that is to be said of the delivery, empty for nothing.
func (d *Delivery) Says() string {
	var says []string
	for _, r := range d.Rewrites {
		if !slices.Contains(says, r.Why) {
			says = append(says, r.Why)
		}
	}
	if d.Why != "" {
		says = append(says, d.Why)
	}
	return strings.Join(says, "; ")
}

// A Mark is what the link did with a unit, or what it found out about it.
type Mark string

// The marks.
const (
	Held           Mark = "held"
	Dropped        Mark = "dropped"
	Duplicated     Mark = "duplicated"
	Retransmission Mark = "retransmission"
	Injected       Mark = "injected"
	Rewritten      Mark = "rewritten"
	Reordered      Mark = "reordered"
)

// A Fact is something that happened inside one side, which the wire cannot show.
type Fact struct {
	Side outcome.Role
	Kind FactKind
	// Text is the side's own words, without its name ("handshake complete").
	// It can hold text from the peer: escape it before it is shown.
	Text string
	// After is the sequence number of the last unit that the side had sent or
	// received when this happened, 0 if there was none.
	After uint64
	At    time.Duration
}

// A FactKind is a class of local fact.
type FactKind = outcome.FactKind

// The kinds of fact.
const (
	HandshakeComplete = outcome.HandshakeComplete
	HandshakeFailed   = outcome.HandshakeFailed
	ChainVerified     = outcome.ChainVerified
	CertificateSent   = outcome.CertificateChoice
	LateError         = outcome.LateError
	Accepted          = outcome.Accepted
	Waiting           = outcome.Waiting
	Unreachable       = outcome.Unreachable
	Note              = outcome.Note
)
