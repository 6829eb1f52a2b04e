package capture

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/transcript"
)

// A Writer writes recorded connections to one capture file, one after another.
// It is not safe for concurrent use.
type Writer struct {
	file    *pcapng.Writer
	frames  pcapng.Frames
	options WriterOptions
	written int
}

// WriterOptions say what goes into a file.
type WriterOptions struct {
	// NoSecrets leaves the key logs out: nobody can decrypt the file.
	NoSecrets bool
}

// An Entry is one recorded connection, to be written.
type Entry struct {
	Transcript *transcript.Transcript
	// Timeline is what was made of it, for the packets' comments.
	Timeline *dissect.Timeline
	Run      Run
	// Known are certificates that the person knows of, for the diagnosis.
	Known []KnownCertificate
}

// NewWriter begins a file. It is complete when [Writer.Flush] has returned
// without an error.
func NewWriter(w io.Writer, o WriterOptions) *Writer {
	comment := "Handshakes recorded by shakedown. What is decrypted here, and what each side said of it: shakedown open FILE"
	if o.NoSecrets {
		comment = "Handshakes recorded by shakedown, without their secrets. What each side said of it: shakedown open FILE"
	}
	return &Writer{options: o, file: pcapng.NewWriter(w, pcapng.About{
		Application: "shakedown",
		Comment:     comment,
		Interface:   "frames made from what the client and the server wrote; addresses and ports are not the real ones",
	})}
}

// Write writes a connection: the key logs, since other tools want them before
// the packets, the [Note], and the packets in the order in which the units were
// sent, each at its time. A connection that never had a wire is its note alone.
func (w *Writer) Write(e Entry) error {
	client, server := addresses(w.written)
	w.written++
	if !w.options.NoSecrets {
		if err := w.keyLogs(e.Transcript); err != nil {
			return err
		}
	}
	if err := w.note(NoteOf(e, client, server)); err != nil {
		return err
	}
	if len(e.Transcript.Units) == 0 {
		return nil
	}
	emit := func(at time.Duration, s pcapng.Segment, comments ...string) error {
		frame, err := w.frames.Frame(s)
		if err != nil {
			return fmt.Errorf("write a packet of %s: %w", e.Run.Scenario, err)
		}
		return w.file.Packet(e.Transcript.Start.Add(at), frame, comments...)
	}
	says := newComments(e)
	if e.Transcript.Transport == outcome.QUIC {
		says.first = 0
		return datagrams(e.Transcript, client, server, says, emit)
	}
	return segments(e.Transcript, client, server, says, emit)
}

// Flush writes what is still in memory.
func (w *Writer) Flush() error { return w.file.Flush() }

// keyLogs writes the two key logs apart: where the path was tampered with, two
// ends can log different secrets for one client random.
func (w *Writer) keyLogs(t *transcript.Transcript) error {
	client, server := t.ClientKeys.String(), t.ServerKeys.String()
	if client == server {
		return w.keyLog(client, bothKeyLog)
	}
	if err := w.keyLog(client, clientKeyLog); err != nil {
		return err
	}
	return w.keyLog(server, serverKeyLog)
}

func (w *Writer) keyLog(text, comment string) error {
	if text == "" {
		return nil
	}
	return w.file.Secrets([]byte(text), comment)
}

func (w *Writer) note(n Note) error {
	data, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("write the note of %s: %w", n.Run.Scenario, err)
	}
	return w.file.Note(n.Start, data)
}

// NoteOf returns what is to be kept of a connection beside its packets.
func NoteOf(e Entry, client, server netip.AddrPort) Note {
	t := e.Transcript
	n := Note{
		Version: NoteVersion, Transport: t.Transport, Client: client, Server: server,
		Start: t.Start, OneSided: t.OneSided, Units: make([]UnitNote, len(t.Units)), Facts: t.Facts,
		ClientSide: t.Client, ServerSide: t.Server, Run: e.Run, Known: e.Known,
	}
	for i := range t.Units {
		u := &t.Units[i]
		n.Units[i] = UnitNote{From: u.From, Kind: u.Kind, Bytes: len(u.Sent), At: u.At, Absent: absent(t, i), Seq: u.Seq, Deliveries: u.Deliveries, Marks: u.Marks}
	}
	return n
}
