package tuitest

import (
	"fmt"
	"strconv"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui"
)

// RecordingName is the file that [Connections] are of.
const RecordingName = "failing.pcapng"

// hostile is a name that a stranger put on the wire.
const hostile = "\x1b]0;owned\x07\x1b[2J\u202eevil.test"

// Connections returns a list of recorded connections; each can be opened by
// [OpenConnection].
func Connections() []tui.Connection {
	at := func(n int) string { return fmt.Sprintf("12:00:%02d.%03d", n/2, n*137%1000) }
	client := func(n int) string { return fmt.Sprintf("192.0.2.%d:%d", 10+n%3, 49152+n) }
	list := []tui.Connection{
		{Cell: tcp13, ServerName: "server.test", Outcome: diagnose.Established, Packets: 14, Bytes: 5120},
		{Cell: tcp13, ServerName: "server.test", Outcome: diagnose.Refused, RefusedBy: outcome.Server, Alert: "certificate_required", Causes: []string{"client-no-cert"}, Packets: 16, Bytes: 4410},
		{Cell: tcp12, ServerName: "server.test", Outcome: diagnose.Refused, RefusedBy: outcome.Server, Alert: "bad_certificate", Causes: []string{"client-no-cert"}, Packets: 12, Bytes: 2930},
		{Cell: tcp13, ServerName: "server.test", Outcome: "", Packets: 13, Bytes: 53_481_120, Notes: []string{"1,460 bytes of the server are missing", "there is no key log: what is protected stays closed"}},
		{Cell: quic13, ServerName: hostile, Outcome: diagnose.Refused, RefusedBy: outcome.Server, Alert: "certificate_required", Causes: []string{"client-no-cert"}, Packets: 9, Bytes: 6200},
		{Cell: outcome.Cell{Transport: outcome.TCP}, Outcome: diagnose.Broken, Packets: 4, Bytes: 1600},
	}
	for i := range list {
		c := &list[i]
		c.Number, c.Time, c.Client, c.Server = i+1, at(i), client(i), "192.0.2.1:8443"
	}
	return list
}

// RecordingOptions are those of a UI on [Connections].
func RecordingOptions() tui.Options {
	o := tui.Options{Listing: tui.Connections(RecordingName, "the key log has no secrets of 1 of these connections"), Open: OpenConnection, Tree: Tree}
	for _, c := range Connections() {
		o.Catalogue = append(o.Catalogue, c.Entry())
	}
	o.Command = func(s harness.State) string {
		return fmt.Sprintf("shakedown open %s --connection %d", RecordingName, s.Recording.Number)
	}
	return o
}

// OpenConnection replays one of [Connections].
func OpenConnection(id string, _ outcome.Cell) (tui.Debugger, error) {
	n, err := strconv.Atoi(id)
	list := Connections()
	if err != nil || n < 1 || n > len(list) {
		return nil, fmt.Errorf("there is no connection %s", id)
	}
	of := list[n-1]
	r := harness.Recording{
		ID: RecordingName, Title: of.Client + " → " + of.Server + " · " + of.ServerName,
		Numbers: []int{n}, Of: len(list), Notes: of.Notes,
	}
	p := map[int]func() *Play{
		1: func() *Play { return healthy(false) }, 2: func() *Play { return refused(false) },
		3: refused12, 4: sealed, 5: func() *Play { return refused(true) },
	}[n]
	if p == nil {
		p = func() *Play { return &Play{} }
	}
	r.Connections = append(r.Connections, p().connection(of.Cell))
	return harness.NewReplay(r), nil
}

// connection returns the play as a recording has it: a capture does not hold
// what a side was configured with.
func (p *Play) connection(cell outcome.Cell) *harness.Connection {
	t := &transcript.Transcript{Transport: cell.Transport, Client: p.Client, Server: p.Server}
	t.Client.Settings, t.Server.Settings = outcome.Settings{Role: outcome.Client}, outcome.Settings{Role: outcome.Server}
	return &harness.Connection{
		Transcript: t, Diagnosis: p.Diagnosis,
		Timeline: &dissect.Timeline{Transport: cell.Transport, Version: p.Version, Steps: p.Steps},
	}
}

// sealed is what a capture without keys shows of a long connection.
func sealed() *Play {
	w := &writer{}
	c, s := outcome.Client, outcome.Server
	w.send(c, dissect.Plaintext, "ClientHello", 1512, "server.test · X25519MLKEM768", clientHello(false))
	w.send(s, dissect.Plaintext, "ServerHello", 1210, "TLS_AES_128_GCM_SHA256 · X25519MLKEM768", serverHello())
	closed := func(from outcome.Role, level dissect.Level, n int, says string) *dissect.Step {
		step := w.add(from, level, dissect.KindApplicationData, "encrypted record", n, "encrypted, no key"+says, opaque("encrypted", 23, n+5, "RFC 8446 5.2"), true)
		step.Err = dissect.ErrNoKey
		return step
	}
	for _, n := range []int{23, 160, 1051, 96, 53} {
		closed(s, dissect.Handshake, n, "")
	}
	gap := w.add(s, dissect.Plaintext, dissect.KindTransport, "gap", 0, "1,460 bytes of the server are not in the capture", opaque("gap", 0, 4, ""), true)
	gap.Err = fmt.Errorf("1,460 bytes of the server are not in the capture")
	closed(c, dissect.Handshake, 25, "; probably Certificate, empty: the only message of this size")
	closed(c, dissect.Handshake, 53, "; probably Finished")
	bulk := closed(s, dissect.Application, 51_234_567, "")
	bulk.Summary = "3,210 records, 51 MB; encrypted, no key"
	w.add(s, dissect.Plaintext, dissect.KindTransport, "FIN", 0, "", opaque("FIN", 0, 4, ""), true)
	return &Play{Steps: w.steps, Version: 0x0304}
}

// OneRun replays two connections that were made one after the other: the second
// is refused.
func OneRun() *harness.Replay {
	return harness.NewReplay(harness.Recording{
		ID: "run.pcapng", Title: "A connection that works, and one that does not",
		Connections: []*harness.Connection{healthy(false).connection(tcp13), refused(false).connection(tcp13)},
	})
}
