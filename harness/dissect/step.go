// Package dissect turns a recording into a timeline of steps.
//
// For most uses, call [Transcript]. To follow a live connection, feed a
// [Dissector] unit by unit. The package never sees a connection: the gate, a
// live session and a saved capture use the same code.
//
// What is protected is read with the key logs of the transcript; a step whose
// key is missing says so in its Err. Not read are the record protection of TLS
// 1.1 and older, cipher suites with CCM, and 0-RTT data without a
// CLIENT_EARLY_TRAFFIC_SECRET, which Go does not log. Where a capture lacks
// bytes of a TCP direction, what is behind them is read from the next record on;
// a KeyUpdate that is among them makes what follows unreadable.
package dissect

import (
	"cmp"
	"time"

	"shakedown/harness/field"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A Level is the encryption level that a step travelled under.
type Level string

// The levels, named as in the JSON result.
const (
	Plaintext   Level = "plaintext"
	Initial     Level = "initial" // QUIC Initial keys: anybody on the path can read it
	Early       Level = "early"
	Handshake   Level = "handshake"
	Application Level = "application"
)

// A Kind is what a step is.
type Kind string

// The kinds, named as in the JSON result.
const (
	KindHandshake        Kind = "handshake"
	KindAlert            Kind = "alert"
	KindChangeCipherSpec Kind = "change_cipher_spec"
	KindApplicationData  Kind = "application_data"
	KindQUICFrame        Kind = "quic_frame" // CONNECTION_CLOSE, HANDSHAKE_DONE, Retry, Version Negotiation, …
	KindTransport        Kind = "transport"  // FIN, RST, bytes that are no TLS
	KindLocal            Kind = "local"
)

// A Step is one thing that happened: a handshake message, an alert, the end of
// a connection, or a fact inside one side. Steps are shared and must not be
// changed by readers.
type Step struct {
	// N is the step's number in its timeline, from 1.
	N int
	// At is when it was sent, since the start of the connection.
	At time.Duration
	// From is the side that sent it, or the side that a local fact belongs to.
	From outcome.Role
	// Level is empty for a local fact. TLS 1.2 protects all that follows a
	// ChangeCipherSpec, Finished included, with the keys of the application data.
	Level Level
	// Flight counts runs of units in one direction, from 1. A local fact and a
	// step of a direction's end belong to the flight they stand in.
	Flight int
	Kind   Kind
	// Name is the RFC's name: "ClientHello", "alert certificate_required",
	// "CONNECTION_CLOSE", "FIN". For a local fact it is the fact's kind.
	Name string
	// Bytes is the size of the message itself: handshake header and body for a
	// handshake message, 2 for an alert, the frame for a QUIC frame.
	Bytes int
	// WireBytes is the size of the record or datagram it came in.
	WireBytes int
	// Summary is one line for a person, with control characters escaped.
	Summary string
	Marks   []transcript.Mark

	// Unit is the index of the unit that completed it, -1 for a local fact;
	// Units are all units that it was spread over.
	Unit  int
	Units []int
	// Held says that some of it has neither been delivered nor dropped yet.
	Held bool

	// Message is the parsed handshake message (a pointer to one of tlswire's
	// message types), nil for other steps and where parsing failed. That of a
	// CompressedCertificate is the [tlswire.Certificate] in it.
	Message any
	// Raw is the whole handshake message as it was sent, header included, also
	// where parsing failed; nil for other steps, and for a message of which a
	// part is missing. It is what the transcript hash runs over. Nobody may
	// change it.
	Raw []byte
	// Alert is set on alert steps and on a CONNECTION_CLOSE that carries a TLS alert.
	Alert *Alert
	// Close is set on CONNECTION_CLOSE steps.
	Close *Close
	// Fact is set on local steps.
	Fact *transcript.Fact
	// Err says why the bytes could not be read to their end.
	Err error

	order key
	// tree makes the field tree, in a room that may be nil.
	tree func(*field.Room) field.Tree
	// pieces say where in QUIC packets a message came from, frame is the packet that
	// a step is a frame of. One of them is set for what came in QUIC packets; tree
	// makes only the message then.
	pieces []piece
	frame  place
	// unread says that the bytes stayed protected: no key, or not the right one.
	unread bool
	// bare is the summary of a step that stays protected, without what is
	// inferred from its place among the others.
	bare string
	// superseded says that its bytes could be read after all, and that other
	// steps stand for them now.
	superseded bool
	// published says that somebody outside the Dissector has seen the step, so
	// that it must not change any more. shown is the copy that they see since.
	published bool
	shown     *Step
}

// Tree returns the step's field tree, which is built at each call. It is the
// caller's own but for the parts of fields that are [field.Field.Shared].
func (s *Step) Tree() field.Tree {
	switch {
	case s.inPackets():
		return s.over(nil)
	case s.tree != nil:
		return s.tree(nil)
	}
	return field.Tree{}
}

// An Alert is a TLS alert (RFC 8446 6).
type Alert struct {
	Level uint8
	Code  uint8
	// Cleartext says that the alert came unprotected where protection was due
	// (faults of OpenSSL clients over TLS 1.3).
	Cleartext bool
}

// A Close is a CONNECTION_CLOSE frame (RFC 9000 19.19).
type Close struct {
	Application bool
	Code        uint64
	FrameType   uint64
	Reason      string
}

// A key sorts steps causally: by the sequence number of the unit, then by
// place in it, then, for local facts that stand at the same place, by when
// they happened.
type key struct {
	seq   uint64
	place int
	fact  int
}

// compare is negative if k stands before other, and positive if after.
func (k key) compare(other key) int {
	return cmp.Or(
		cmp.Compare(k.seq, other.seq),
		cmp.Compare(k.place, other.place),
		cmp.Compare(k.fact, other.fact),
	)
}

// A Timeline is the steps of one connection in causal order.
type Timeline struct {
	Transport outcome.Transport
	// Version, CipherSuite, Group and ALPN are what the ServerHello (and, in
	// TLS 1.3, EncryptedExtensions) settled, 0 and "" until then.
	Version     uint16
	CipherSuite uint16
	Group       uint16
	ALPN        string
	Steps       []*Step
	// Unread counts protected units for which no key was known. Inferences are
	// what their sizes and order make probable, in the order of the story.
	Unread     int
	Inferences []Inference

	resumed *Resumed
}

// A Resumed is the master secret of a session of TLS 1.2 that a connection has
// resumed, under that connection's own ClientHello.random. No stack logs it so:
// "the client and server [...] use the existing master secret" (RFC 5246 7.3).
type Resumed struct {
	Random keylog.Random
	Master []byte
}

// Resumed returns the secret that opened a resumed connection of TLS 1.2 and that
// the key logs have under another connection alone, nil for any other.
func (t *Timeline) Resumed() *Resumed { return t.resumed }
