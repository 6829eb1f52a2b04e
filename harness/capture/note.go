package capture

import (
	"net/netip"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// NoteVersion is the version of the [Note] that this program writes.
const NoteVersion = 1

// A Note is what the wire cannot say of one recorded connection. It travels
// where other tools skip it ([pcapng.Writer.Note]). It repeats nothing that packets
// and secrets show: steps are always read from those, so that a packet that was
// changed is seen to be.
type Note struct {
	Version int `json:"version"`
	// Transport, Client and Server say whose packets it is about.
	Transport outcome.Transport `json:"transport"`
	Client    netip.AddrPort    `json:"client"`
	Server    netip.AddrPort    `json:"server"`

	// Start is when the connection began: every offset counts from it.
	Start    time.Time `json:"start"`
	OneSided bool      `json:"one_sided,omitempty"`
	// Units are those of the recording, in its order. Where their senders, kinds
	// and lengths are not those of the packets, they are of no use.
	Units []UnitNote        `json:"units"`
	Facts []transcript.Fact `json:"facts"`
	// ClientSide and ServerSide are what each end was configured with and what
	// it says became of it.
	ClientSide transcript.Side `json:"client_side"`
	ServerSide transcript.Side `json:"server_side"`

	Run Run `json:"run"`
	// Known are certificates that the person knows of, for the diagnosis.
	Known []KnownCertificate `json:"known,omitempty"`
}

// A UnitNote is what became of one unit on its way.
type UnitNote struct {
	From  outcome.Role        `json:"from"`
	Kind  transcript.UnitKind `json:"kind"`
	Bytes int                 `json:"bytes"`
	// At is when it was sent. Of bytes that are no TLS nobody else knows where a
	// write has ended.
	At  time.Duration `json:"at"`
	Seq uint64        `json:"seq"`
	// Absent says that it is no packet of its own: the end of a stream whose
	// sender goes on.
	Absent bool `json:"absent,omitempty"`
	// Deliveries have Bytes only where they differ from what was sent.
	Deliveries []transcript.Delivery `json:"deliveries,omitempty"`
	Marks      []transcript.Mark     `json:"marks,omitempty"`
}

// A Run says which run the connection was part of. The connections of one run
// are one result.
type Run struct {
	// Number tells the runs of one file apart, from 1; Connection counts the
	// connections of a run, from 1, and Connections is how many it made.
	Number      int `json:"number"`
	Connection  int `json:"connection"`
	Connections int `json:"connections"`
	// Scenario is the scenario's id, or the command's name.
	Scenario   string `json:"scenario"`
	Title      string `json:"title,omitempty"`
	File       string `json:"file,omitempty"`
	TLS        string `json:"tls"`
	DurationUS int64  `json:"duration_us"`
}

// A KnownCertificate is a DER certificate and where it was found.
type KnownCertificate struct {
	Raw    []byte `json:"raw"`
	Source string `json:"source"`
}
